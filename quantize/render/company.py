"""Other people in the picture: a helper who holds an arm, somebody who crosses, in true depth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import INDEX, Side
from quantize.render.arms import ArmHold
from quantize.render.body import Shape
from quantize.render.camera import Camera
from quantize.render.clothes import Outfit
from quantize.render.legs import about_z
from quantize.render.mesh import Thing
from quantize.render.picture import Painter

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Companion:
    """A dressed person in a few poses.

    ``vertices_m`` float[N, V, 3], ``keypoints_m`` float[N, 23, 3], ``heading_rad`` float[N].
    """

    shape: Shape
    outfit: Outfit
    vertices_m: Array
    keypoints_m: Array
    heading_rad: Array

    def way(self, k: int, heading_rad: float) -> tuple[Place, Array]:
        """Where pose ``k`` stands, and the turn (3, 3) that makes it walk elsewhere."""
        here = Place.of(self.keypoints_m[k], float(self.heading_rad[k]))
        return here, about_z(np.rad2deg(np.array(heading_rad - here.heading_rad)))

    def at(self, k: int, heading_rad: float, spot: Array) -> tuple[Array, Array]:
        """Vertices float[V, 3] and keypoints float[23, 3] of pose ``k``, walking elsewhere."""
        here, spin = self.way(k, heading_rad)
        vertices, keypoints = (
            (points[k] - here.spot) @ spin.T + spot
            for points in (self.vertices_m, self.keypoints_m)
        )
        return vertices, keypoints


def helper_hold(rng: np.random.Generator, side: Side) -> tuple[ArmHold, ...]:
    """The helper walks on the patient's ``side``; the near arm reaches for the patient's."""
    near = side.other
    towards = -1.0 if side is Side.LEFT else 1.0
    upper = np.array([towards * rng.uniform(0.05, 0.4), -rng.uniform(0.0, 0.4), -1.0])
    fore = np.array([towards * rng.uniform(0.4, 1.2), -rng.uniform(0.1, 0.9), -rng.uniform(0, 0.6)])
    return (ArmHold(near, upper, fore),)


def beside(
    rng: np.random.Generator, painter: Painter, who: Companion, side: Side, patient: Place
) -> Thing:
    """The companion walking beside the patient, close enough to hold the arm."""
    spot = helper_spot(rng, side, patient)
    return _placed(painter, who, int(rng.integers(len(who.vertices_m))), patient.heading_rad, spot)


def helper_spot(rng: np.random.Generator, side: Side, patient: Place) -> Array:
    """Where a helper walks: at the patient's ``side``, a little behind rather than ahead."""
    out = patient.left * (1.0 if side is Side.LEFT else -1.0)
    aside = out * rng.uniform(0.36, 0.6)
    return np.asarray(patient.spot + aside + patient.ahead * rng.uniform(-0.3, 0.12))


def crossing(
    rng: np.random.Generator, painter: Painter, who: Companion, patient: Place, camera: Camera
) -> Thing:
    """The companion anywhere near, in any direction: mostly behind, sometimes in front."""
    away = (patient.spot - camera.eye_m) * [1, 1, 0]
    distance = float(np.linalg.norm(away))
    away /= distance
    across = np.array([-away[1], away[0], 0.0])
    sign = rng.choice([-1.0, 1.0])
    if rng.random() < 0.25 and distance > 2.6:
        depth, aside = -rng.uniform(0.4, min(1.2, distance - 2.0)), rng.uniform(0.3, 0.8)
    else:
        depth, aside = rng.uniform(0.5, 4.0), rng.uniform(0.0, 0.9)
    spot = patient.spot + away * depth + across * sign * aside
    heading = float(rng.uniform(-np.pi, np.pi))
    return _placed(painter, who, int(rng.integers(len(who.vertices_m))), heading, spot)


@dataclass(frozen=True)
class Place:
    """Where a person stands (``spot`` float[3] on the floor) and where the walk goes."""

    spot: Array
    heading_rad: float

    @property
    def ahead(self) -> Array:
        """Unit vector of the walk."""
        return np.array([np.sin(self.heading_rad), -np.cos(self.heading_rad), 0.0])

    @property
    def left(self) -> Array:
        """Unit vector to the person's left."""
        return np.array([np.cos(self.heading_rad), np.sin(self.heading_rad), 0.0])

    @staticmethod
    def of(keypoints_m: Array, heading_rad: float) -> Place:
        """The place below the middle of the hips."""
        hips = keypoints_m[[INDEX["left_hip"], INDEX["right_hip"]]].mean(0)
        return Place(hips * [1, 1, 0], heading_rad)


def _placed(painter: Painter, who: Companion, k: int, heading_rad: float, spot: Array) -> Thing:
    """Pose ``k`` dressed first and moved then: cloth hangs as it did where the pose was made."""
    here, spin = who.way(k, heading_rad)
    thing = painter.dressed(who.vertices_m[k], who.shape, who.outfit)
    return replace(
        thing, points=(thing.points - here.spot) @ spin.T + spot, normals=thing.normals @ spin.T
    )
