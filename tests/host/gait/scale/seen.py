"""Walkers of formulas, walking over a floor under a known camera."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from host.gait.scale.camera import FloorCamera
from host.gait.scale.types import SheetSighting, Walkway
from host.gait.types import CaptureFacts, Trajectories
from model_zoo.skeleton import MIRROR
from tests.host.gait.walker import Walker, facts, regular

Array = NDArray[np.float64]
STATURE_M = 1.70
PICTURE_PX = (1280, 720)
WALKER = Walker(start_s=0.4, step_length=(0.42, 0.38), step_width=0.06, n_steps=8)


@dataclass(frozen=True)
class Stage:
    """A camera and the walk past it: 0 degrees goes to the right, 90 straight away from it."""

    yaw_deg: float = 0.0
    distance_m: float = 5.0
    field_deg: float = 62.0
    height_m: float = 1.2
    tilt_deg: float = 4.0
    walker: Walker = WALKER

    @property
    def camera(self) -> FloorCamera:
        focal_px = PICTURE_PX[0] / 2 / np.tan(np.radians(self.field_deg) / 2)
        centre = (PICTURE_PX[0] / 2, PICTURE_PX[1] / 2)
        return FloorCamera(
            float(focal_px), centre, float(np.radians(self.tilt_deg)), 0.0, self.height_m
        )

    def on_path(self, along_m: Array, left_m: Array, up_m: Array) -> Array:
        """Points of the floor's frame from the middle of the path."""
        yaw = np.radians(self.yaw_deg)
        ahead, left = np.array([np.cos(yaw), np.sin(yaw)]), np.array([-np.sin(yaw), np.cos(yaw)])
        floor = (0.0, self.distance_m) + along_m[..., None] * ahead + left_m[..., None] * left
        return np.concatenate((floor, up_m[..., None]), axis=-1)

    def walk(self, source: str = "synthetic") -> tuple[Trajectories, CaptureFacts]:
        """What a perfect network sees."""
        time_s = regular(self.walker.end_s() + 0.3, 50.0)
        points = STATURE_M * self.walker.points(time_s)
        middle = STATURE_M * self.walker.places()[-1] / 2
        seen = self.camera.project(
            self.on_path(points[..., 0] - middle, points[..., 1], points[..., 2])
        )
        xyz = np.full((len(time_s), 23, 3), np.nan)
        xyz[..., 0], xyz[..., 2] = seen[..., 0], -seen[..., 1]
        inside = np.isfinite(xyz[..., 0]).astype(float)
        told = replace(facts(time_s), picture_px=PICTURE_PX)
        return Trajectories(time_s, xyz, "px", inside, source), told

    def sheet(
        self, size_m: tuple[float, float] = (0.34, 0.51), at_m: tuple[float, float] = (0.3, -0.7)
    ) -> SheetSighting:
        """A sheet beside the path, as the camera sees it."""
        signs = np.array([(-1, 1), (1, 1), (1, -1), (-1, -1)], dtype=np.float64)
        corners_m = signs * np.array(size_m) / 2
        places = self.on_path(corners_m[:, 0] + at_m[0], corners_m[:, 1] + at_m[1], np.zeros(4))
        return SheetSighting("A2-20", self.camera.project(places), corners_m, 0.3)

    def walkway(self, length_m: float = 3.0) -> Walkway:
        """Two marks on the line of the walk."""
        ends = np.array([-length_m / 2, length_m / 2])
        marks = self.camera.project(self.on_path(ends, np.zeros(2), np.zeros(2)))
        return Walkway(*(tuple(mark) for mark in marks), length_m)  # type: ignore[arg-type]

    @property
    def step_m(self) -> tuple[float, float]:
        """True step length of the left and of the right foot."""
        left, right = self.walker.step_length
        return STATURE_M * left, STATURE_M * right

    @property
    def speed_m_s(self) -> float:
        return sum(self.step_m) / sum(self.walker.step_time_s)


def mirrored_picture(points: Trajectories) -> Trajectories:
    """The recording in a mirror: x turned round, sides exchanged."""
    xyz = points.xyz[:, MIRROR] * np.array([-1.0, 1.0, 1.0]) + np.array([PICTURE_PX[0], 0.0, 0.0])
    return replace(points, xyz=xyz, score=points.score[:, MIRROR])


def larger_picture(points: Trajectories, factor: float) -> Trajectories:
    """The same recording with more pixels."""
    return replace(points, xyz=points.xyz * factor)
