"""What speaks about the floor and the scale: one class per source, each a list of residuals.

Every source compares what it knows with what a camera above the floor would show, in standard
deviations, so that all of them can be weighed together (:class:`~host.gait.scale.fit.FloorFit`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from host.codes import ScaleSource
from host.gait.body import EYE, GAIT_DROP, HEEL, BodySize
from host.gait.scale.camera import FloorCamera
from host.gait.scale.types import Array, SheetSighting, Walkway
from host.gait.signals import RATE_HZ, running_median
from host.gait.track import Track
from host.gait.types import Bout
from model_zoo.skeleton import Side

_TOP = EYE - GAIT_DROP
TOLD_HEIGHT_SD_M = 0.027
"""How far a height that somebody tells lies from the measured one: Yong and Saito (2012, Geriatr
Gerontol Int 12:247), 1634 people of 70 years and older, SD 2.5 cm (men) and 2.8 cm (women)."""
_SHARE_SD = 0.015
STATURE_SD = 0.022
"""Relative SD of a length in the picture against a told height: that of a height of 1.7 m (1.6 %)
and of the eyes' share of it (1.5 %)."""
_HALF_STEP = 0.25  # a leg's reach ahead of the pelvis, statures
_UNSEEN = 1e3  # standard deviations of a point that the camera could not show


@dataclass(frozen=True)
class Guess:
    """One candidate: camera, stature, height of the heel in statures, a source's own needs."""

    camera: FloorCamera
    stature: float
    heel: float
    unknowns: Array


class Evidence(ABC):
    """One source of the floor's geometry."""

    unknowns = 0
    """Number of further values that it needs beside camera and stature."""
    gives: ScaleSource | None = None
    """Name, where it gives metres."""

    def start(self, camera: FloorCamera) -> Array:
        """First values of the unknowns through a first camera, float64[unknowns]: zeros."""
        del camera
        return np.zeros(self.unknowns)

    @abstractmethod
    def residuals(self, guess: Guess) -> Array:
        """Differences to what is seen, float64[n], in standard deviations."""


class UprightBody(Evidence):
    """The walking person is a pole of one height that stands now here, now there on the floor.

    The farther the place, the smaller the pole and the higher its foot in the picture: this gives
    the horizon, the camera's height and the slant of the walk (Lv, Zhao and Nevatia 2006, IEEE
    TPAMI 28:1513, from head and feet of walking people; here with a lens that is known roughly).
    It needs the stature to give metres.

    Parameters
    ----------
    every_s
        Time between two looks at the person: about a step, so that their errors are independent.
    look_sd
        Relative SD of one look (rendered walkers through the network: 0.6 to 1.4 %).
    share_sd
        Relative SD of the eyes' share of stature between people and postures, common to all looks
        (rendered walkers of 60 to 90 years: 1.0 %).
    drift_sd
        SD of the drift of the seen height with the distance, per natural logarithm: networks see
        who is far away a little too tall or too short, all along the walk (10 walkers of
        ``oblique-calibration`` through gait-pose-s: 0.024). Without it a long walk past the camera
        seems to tell the lens better than it does.
    """

    unknowns = 2

    def __init__(
        self,
        *,
        every_s: float = 0.5,
        look_sd: float = 0.012,
        share_sd: float = _SHARE_SD,
        drift_sd: float = 0.025,
    ) -> None:
        self.every_s = every_s
        self.look_sd = look_sd
        self.share_sd = share_sd
        self.drift_sd = drift_sd
        self.foot_px: Array = np.zeros((0, 2))
        self.tall_px: Array = np.zeros(0)

    def look(
        self, track: Track, body: BodySize, bouts: tuple[Bout, ...], picture_px: tuple[int, int]
    ) -> UprightBody:
        """Collect the looks within bouts (anywhere without a bout); y down.

        Who is at the picture's edge is left out: networks squeeze into the picture what is cut off.
        """
        heels = np.fmin(*(track.xyz[:, track.foot("heel", side), 2] for side in Side))
        foot = np.stack((track.middle("hip", 0), -running_median(heels, 1.5)), axis=1)
        inside = np.full(len(track.time_s), not bouts)
        for bout in bouts:
            inside |= (track.time_s >= bout.start_s) & (track.time_s < bout.end_s)
        reach = _HALF_STEP * body.height
        inside &= (foot[:, 0] > reach) & (foot[:, 0] < picture_px[0] - reach)
        good = np.flatnonzero(
            inside & np.isfinite(foot).all(axis=1) & np.isfinite(body.height) & body.upright
        )
        keep = good[:: max(1, round(self.every_s * RATE_HZ))]
        self.foot_px, self.tall_px = foot[keep], body.height[keep]
        return self

    def residuals(self, guess: Guess) -> Array:
        """Logarithms of seen by expected height, and the errors of the share and the drift."""
        camera, stature = guess.camera, guess.stature
        place = camera.on_floor(self.foot_px, guess.heel * stature)
        high = guess.heel + _TOP - HEEL  # what moves the heel's point does not make the body longer
        top = np.concatenate((place, np.full((len(place), 1), high * stature)), axis=1)
        expected = (self.foot_px[:, 1] - camera.project(top)[:, 1]) / (_TOP - HEEL)
        with np.errstate(invalid="ignore", divide="ignore"):
            far = np.log(np.median(self.tall_px) / expected)
            share, drift = guess.unknowns
            off = (np.log(self.tall_px / expected) - share - drift * far) / self.look_sd
        off = np.where(np.isfinite(off), off, _UNSEEN)
        return np.concatenate((off, guess.unknowns / (self.share_sd, self.drift_sd)))


class ToldHeight(Evidence):
    """The person's height as told.

    Parameters
    ----------
    height_m
        Metres.
    sd_m
        Its standard deviation.
    """

    gives = ScaleSource.HEIGHT

    def __init__(self, height_m: float, sd_m: float = TOLD_HEIGHT_SD_M) -> None:
        self.height_m = height_m
        self.sd_m = sd_m

    def residuals(self, guess: Guess) -> Array:
        """Stature less the told one."""
        return np.array([(guess.stature - self.height_m) / self.sd_m])


class MeasuredWalkway(Evidence):
    """Two marks on the floor at a measured distance, pointed at in the picture.

    Parameters
    ----------
    walkway
        The marks (pixels of the upright picture, y down) and their distance.
    point_sd_px
        How well somebody points at a mark.
    tape_sd
        Relative SD of the measured distance.
    """

    gives = ScaleSource.WALKWAY

    def __init__(self, walkway: Walkway, point_sd_px: float = 2.0, tape_sd: float = 0.005) -> None:
        self.ends_px = np.array([walkway.start_px, walkway.end_px], dtype=np.float64)
        self.length_m = walkway.length_m
        apart_px = float(np.hypot(*(self.ends_px[1] - self.ends_px[0])))
        self.sd = float(np.hypot(tape_sd, np.sqrt(2) * point_sd_px / max(apart_px, 1.0)))

    def residuals(self, guess: Guess) -> Array:
        """Logarithm of the distance on the floor by the measured one."""
        ends = guess.camera.on_floor(self.ends_px)
        apart = float(np.hypot(*(ends[1] - ends[0])))
        if not np.isfinite(apart) or apart <= 0:
            return np.array([_UNSEEN])
        return np.array([np.log(apart / self.length_m) / self.sd])


class FloorSheet(Evidence):
    """A printed marker or board of known size that lies flat on the floor, anywhere.

    Its place and how it is turned are found with the camera; its size gives metres, and the shape
    of its picture the camera's tilt and focal length.
    """

    unknowns = 3
    gives = ScaleSource.SHEET

    def __init__(self, sighting: SheetSighting) -> None:
        self.sighting = sighting
        middle = sighting.corners_m.mean(axis=0)
        self.corners_m = sighting.corners_m - middle

    def start(self, camera: FloorCamera) -> Array:
        """Place of the middle and turn, from the corners through this camera."""
        seen = camera.on_floor(self.sighting.corners_px)
        if not np.isfinite(seen).all():
            return np.array([0.0, 4.0, 0.0])
        middle = seen.mean(axis=0)
        spin = ((seen - middle) @ (1, 1j)) @ np.conj(self.corners_m @ (1, 1j))
        return np.array([*middle, np.angle(spin)])

    def residuals(self, guess: Guess) -> Array:
        """Distances in the picture between the corners and where they should be."""
        x, y, turn = guess.unknowns
        c, s = np.cos(turn), np.sin(turn)
        floor = self.corners_m @ np.array([[c, s], [-s, c]]) + (x, y)
        points = np.concatenate((floor, np.zeros((len(floor), 1))), axis=1)
        off = (guess.camera.project(points) - self.sighting.corners_px) / self.sighting.sd_px
        return np.asarray(np.nan_to_num(off, nan=_UNSEEN).ravel())


@dataclass(frozen=True)
class UsualCamera:
    """What is known of a camera before it has shown anything.

    Attributes
    ----------
    field_deg, field_log_sd
        Angle of view along the longer side; SD of the logarithm of the focal length. Lenses of
        telephones, tablets and network cameras show 50 to 78 degrees while filming (26 mm
        equivalent is 69 degrees, less what a steadied picture cuts away).
    tilt_sd_rad, roll_sd_rad
        How level it stands.
    height_log_sd
        SD of the logarithm of its height, about 0.65 of the stature.
    """

    field_deg: float = 62.0
    field_log_sd: float = 0.17
    tilt_sd_rad: float = 0.17
    roll_sd_rad: float = 0.03
    height_log_sd: float = 0.5

    def focal_px(self, longer_px: float) -> float:
        """Focal length of the usual lens."""
        return float(longer_px / 2 / np.tan(np.radians(self.field_deg) / 2))

    def residuals(self, camera: FloorCamera, stature: float, longer_px: float) -> Array:
        """float64[4]: lens, tilt, roll and height against the usual."""
        return np.array(
            [
                np.log(camera.focal_px / self.focal_px(longer_px)) / self.field_log_sd,
                camera.tilt_rad / self.tilt_sd_rad,
                camera.roll_rad / self.roll_sd_rad,
                np.log(camera.height / (0.65 * stature)) / self.height_log_sd,
            ]
        )
