"""Legs: the shape of the soles, and the two-bone inverse kinematics of thigh and shank.

All places are in the walk's own axes: x to the walker's left, y backwards, z up (the body at rest
faces -y), so a walk forward runs towards -y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d
from scipy.spatial.transform import Rotation

from model_zoo.skeleton import Side
from quantize.render.body import BodyModel, Shape

Array = NDArray[np.float64]
_SOLE_M = 0.03
_CHAINS = 5
LEAST_KNEE_DEG = 1.5


def about_x(angle_deg: Array) -> Array:
    """Rotation matrices (..., 3, 3) that lift what lies in front (-y) by ``angle_deg``."""
    a = -np.deg2rad(angle_deg)
    out = np.zeros((*np.shape(angle_deg), 3, 3))
    out[..., 0, 0] = 1
    out[..., 1, 1] = out[..., 2, 2] = np.cos(a)
    out[..., 1, 2], out[..., 2, 1] = -np.sin(a), np.sin(a)
    return out


def about_z(angle_deg: Array) -> Array:
    """Rotation matrices (..., 3, 3) that turn what lies in front (-y) to the left (+x)."""
    out: Array = Rotation.from_euler("z", np.reshape(angle_deg, (-1, 1)), degrees=True).as_matrix()
    return out.reshape(*np.shape(angle_deg), 3, 3)


class Sole:
    """The sole of one foot, moved exactly as the body's skinning moves it.

    The foot turns stiffly about the ankle; all toes turn together about their five joints. The sole
    is weighted to these bones only, so its vertices follow from two pitches.

    Attributes
    ----------
    vertices
        int[N], the sole's vertices in the body mesh.
    heel, toe
        Which of ``vertices`` the heel rocker and the toe rocker turn about.
    """

    def __init__(self, model: BodyModel, shape: Shape, side: Side) -> None:
        letter = "L" if side is Side.LEFT else "R"
        ankle = shape.heads[model.index[f"foot.{letter}"]]
        joints = [shape.heads[model.index[f"toe{k}-1.{letter}"]] for k in range(1, _CHAINS + 1)]
        weight = np.stack(
            [
                model.weight_of(
                    [b for b in model.bones if b.startswith(f"toe{k}-") and b.endswith(letter)]
                )
                for k in range(1, _CHAINS + 1)
            ]
        )
        foot = model.weight_of([f"foot.{letter}"])
        v, low = shape.vertices, shape.vertices[:, 2].min()
        self._joints = np.array(joints) - ankle
        near = np.flatnonzero((v[:, 2] < low + _SOLE_M) & (foot + weight.sum(0) > 0.999))
        self._take(near, foot, weight, v - ankle)
        self._take(near[self._bearing()], foot, weight, v - ankle)
        self.heel = self._lowest(15.0, 15.0, np.ones(len(self._rest), bool))
        big = self._toes[0] > 0.99
        self.toe = self._lowest(-50.0, -25.0, big)

    def _take(self, vertices: NDArray[np.intp], foot: Array, toes: Array, rest: Array) -> None:
        self.vertices = vertices
        whole = (foot + toes.sum(0))[vertices]
        self._foot, self._toes = foot[vertices] / whole, toes[:, vertices] / whole
        self._rest = rest[vertices]

    def _bearing(self) -> NDArray[np.intp]:
        """Vertices that are among the lowest at some pitch of foot and toes, and the big toe's."""
        foot, toe = (
            a.ravel() for a in np.meshgrid(np.arange(-80.0, 41, 4), np.arange(-60.0, 41, 5))
        )
        near = (np.abs(toe) < 1) | (np.abs(toe - foot) < 5) | (toe > foot)
        order = np.argsort(self.place(foot[near], toe[near])[..., 2], axis=1)[:, :3]
        big = np.flatnonzero(self._toes[0] > 0.99)
        return np.union1d(order.ravel(), big[:: max(1, len(big) // 20)])

    def _lowest(self, foot_deg: float, toe_deg: float, among: NDArray[np.bool_]) -> int:
        z = self.place(np.array([foot_deg]), np.array([toe_deg]))[0, :, 2]
        return int(np.flatnonzero(among)[np.argmin(z[among])])

    def place(self, foot_deg: Array, toe_deg: Array) -> Array:
        """Vertices relative to the ankle, float[T, N, 3], for pitches float[T] of foot and toes."""
        foot, toe = about_x(foot_deg), about_x(toe_deg)
        to_foot, to_toe = foot.transpose(0, 2, 1), toe.transpose(0, 2, 1)
        out: Array = self._foot[:, None] * (self._rest @ to_foot)
        for joint, weight in zip(self._joints, self._toes, strict=True):
            out += weight[:, None] * ((self._rest - joint) @ to_toe + (foot @ joint)[:, None])
        return out


@dataclass(frozen=True)
class Leg:
    """Geometry of one leg at rest: bone vectors in metres."""

    hip: Array
    thigh: Array
    shank: Array

    @staticmethod
    def of(model: BodyModel, shape: Shape, side: Side) -> Leg:
        """The leg of a body; ``hip`` is relative to the root's head."""
        letter = "L" if side is Side.LEFT else "R"
        root, hip, knee, ankle = (
            shape.heads[model.index[name]]
            for name in ("root", f"upperleg01.{letter}", f"lowerleg01.{letter}", f"foot.{letter}")
        )
        return Leg(hip - root, knee - hip, ankle - knee)

    @property
    def lengths_m(self) -> tuple[float, float]:
        """Length of thigh and shank."""
        return float(np.linalg.norm(self.thigh)), float(np.linalg.norm(self.shank))

    def reach_m(self, knee_deg: Array) -> Array:
        """Distance of hip and ankle at a knee flexion."""
        a, b = self.lengths_m
        return np.sqrt(a * a + b * b + 2 * a * b * np.cos(np.deg2rad(knee_deg)))

    def knee_deg(self, distance_m: Array) -> Array:
        """Knee flexion at a distance of hip and ankle (the inverse of :meth:`reach_m`)."""
        a, b = self.lengths_m
        cosine = (distance_m**2 - a * a - b * b) / (2 * a * b)
        return np.asarray(np.rad2deg(np.arccos(np.clip(cosine, -1, 1))))

    def highest(self, hip: Array, ankle: Array, knee_deg: Array | float = LEAST_KNEE_DEG) -> Array:
        """How far, float[T], the hip may rise until the knee is as straight as ``knee_deg``."""
        flat2 = ((ankle - hip)[:, :2] ** 2).sum(1)
        reach = self.reach_m(np.asarray(knee_deg))
        return ankle[:, 2] - hip[:, 2] + np.sqrt(np.maximum(reach**2 - flat2, 0.01))

    def fit(self, hip: Array, ankle: Array, out_deg: Array) -> tuple[Array, Array]:
        """Turns of thigh and shank away from rest that lay the ankle where it belongs.

        Parameters
        ----------
        hip, ankle
            float[T, 3]; a leg that is too short is stretched straight towards the ankle.
        out_deg
            float[T], turn of the knee's hinge to the left.

        Returns
        -------
        float[T, 3, 3] twice.
        """
        a, b = self.lengths_m
        way = ankle - hip
        far = np.linalg.norm(way, axis=1)
        down = way / far[:, None]
        far = np.clip(far, abs(a - b) + 1e-6, a + b - 1e-9)
        hinge = about_z(out_deg)[:, :, 0]
        hinge = hinge - np.sum(hinge * down, 1, keepdims=True) * down
        hinge /= np.linalg.norm(hinge, axis=1, keepdims=True)
        front = np.cross(down, hinge)
        cosine = (a * a + far * far - b * b) / (2 * a * far)
        sine = np.sqrt(np.maximum(1 - cosine**2, 0))
        thigh = cosine[:, None] * down + sine[:, None] * front
        shank = (down * far[:, None] - a * thigh) / b
        return _onto(self.thigh, thigh, hinge), _onto(self.shank, shank, hinge)


def _onto(rest: Array, direction: Array, hinge: Array) -> Array:
    """Turn that lays a bone at rest into ``direction`` with its left-right axis along ``hinge``."""
    d = rest / np.linalg.norm(rest)
    side = np.array([1.0, 0.0, 0.0]) - d[0] * d
    side /= np.linalg.norm(side)
    before = np.stack([side, d, np.cross(side, d)], -1)
    after = np.stack([hinge, direction, np.cross(hinge, direction)], -1)
    return after @ before.T


def set_bones(
    model: BodyModel, turn: Array, prefixes: tuple[str, ...], value: Array, ending: str = ""
) -> None:
    """Give all bones whose names begin and end so the same turn float[T, 3, 3], in place."""
    for i, bone in enumerate(model.bones):
        if bone.startswith(prefixes) and bone.endswith(ending):
            turn[:, i] = value


def lower_smoothly(height: Array, limit: Array, rate_hz: float) -> Array:
    """A height lowered, gently before and after, wherever it exceeds ``limit``."""
    excess = maximum_filter1d(np.maximum(height - limit, 0), int(0.12 * rate_hz))
    return np.asarray(height - gaussian_filter1d(excess, 0.03 * rate_hz) - 0.001)
