"""A walker made of formulas: feet stand still between contact and foot off, known exactly.

The pelvis glides, a swinging foot follows a cycloid, knees come from two-link inverse kinematics.
Everything is a function of continuous time, so that events lie between frames at any frame rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from host.gait.types import CaptureFacts, Trajectories
from model_zoo.skeleton import INDEX, MIRROR, N_KEYPOINTS

Array = NDArray[np.float64]

HIP, ANKLE, SHOULDER, EYE, HEEL, FOOT = 0.515, 0.039, 0.803, 0.921, 0.025, 0.13
THIGH = SHANK = 0.245


@dataclass(frozen=True)
class Walker:
    """Walks along x from ``start_s`` with alternating steps; stands before and after.

    Lengths in body heights, times in seconds; (left, right) pairs belong to the foot that lands.
    """

    step_time_s: tuple[float, float] = (0.55, 0.55)
    step_length: tuple[float, float] = (0.40, 0.40)
    stance_share: float = 0.62
    n_steps: int = 12
    start_s: float = 0.0
    direction: int = 1
    breadth: float = 0.0
    """Signed distance of left and right hip and shoulder in the picture: an oblique view."""

    def contacts(self) -> list[tuple[float, int]]:
        """(time, side) of the steps; side 0 = left, 1 = right. The right foot steps first."""
        times, now = [], self.start_s
        for k in range(self.n_steps):
            side = (k + 1) % 2
            now += self.step_time_s[side]
            times.append((now, side))
        return times

    def offs(self) -> list[tuple[float, int]]:
        """(time, side) of the foot offs that lead to each contact."""
        swing = (1 - self.stance_share) * sum(self.step_time_s)
        return [(t - swing, side) for t, side in self.contacts()]

    def end_s(self) -> float:
        """Time of the last contact."""
        return self.contacts()[-1][0]

    def places(self) -> list[float]:
        """Where the foot of each step lands."""
        out, x = [], 0.0
        for _, side in self.contacts():
            x += self.step_length[side]
            out.append(x)
        return out

    def foot(self, side: int, time_s: Array) -> Array:
        """float64[T, 2]: forward and height of the heel."""
        own = [
            (off, on, x)
            for (off, _), (on, s), x in zip(
                self.offs(), self.contacts(), self.places(), strict=True
            )
            if s == side
        ]
        forward, up, at = np.zeros_like(time_s), np.zeros_like(time_s), 0.0
        for off, on, x in own:
            share = np.clip((time_s - off) / (on - off), 0, 1)
            forward = forward + (x - at) * (share - np.sin(2 * np.pi * share) / (2 * np.pi))
            up = up + 0.05 * np.sin(np.pi * share) ** 2
            at = x
        return np.stack((forward, up), axis=1)

    def pelvis(self, time_s: Array) -> Array:
        """Forward position: half-way between the feet at each contact, linear between."""
        places = [0.0, *self.places()]
        middle = [0.0, *((a + b) / 2 for a, b in pairwise(places))]
        times = [self.start_s, *(t for t, _ in self.contacts())]
        return np.interp(time_s, times, middle)

    def points(self, time_s: Array) -> Array:
        """float64[T, 23, 3] in body heights, z up, lateral missing; walking towards +x."""
        out = np.full((len(time_s), N_KEYPOINTS, 3), np.nan)
        pelvis = self.pelvis(time_s)

        def put(name: str, x: Array, z: Array | float) -> None:
            out[:, INDEX[name], 0] = x
            out[:, INDEX[name], 2] = z

        for side, name in enumerate(("left", "right")):
            across = self.breadth * (0.5 if side == 0 else -0.5)
            heel = self.foot(side, time_s)
            hip, ankle = pelvis + across, np.stack((heel[:, 0] + 0.03, heel[:, 1] + ANKLE))
            knee = _knee(hip, np.full_like(hip, HIP), ankle)
            put(f"{name}_hip", hip, HIP)
            put(f"{name}_knee", *knee)
            put(f"{name}_ankle", *ankle)
            put(f"{name}_heel", heel[:, 0], heel[:, 1] + HEEL)
            put(f"{name}_big_toe", heel[:, 0] + FOOT, heel[:, 1] + HEEL)
            put(f"{name}_small_toe", heel[:, 0] + FOOT - 0.01, heel[:, 1] + HEEL)
            put(f"{name}_shoulder", pelvis + across, SHOULDER)
            put(f"{name}_eye", pelvis + 0.05, EYE)
            put(f"{name}_ear", pelvis, EYE)
            put(f"{name}_elbow", pelvis + across, 0.63)
            put(f"{name}_wrist", pelvis + across, 0.49)
        put("nose", pelvis + 0.06, 0.92)
        return out

    def trajectories(
        self, time_s: Array, *, height: float = 300.0, unit: str = "px", source: str = "synthetic"
    ) -> Trajectories:
        """The walk as one camera sees it; ``height`` is the stature in the unit."""
        xyz = height * self.points(time_s)
        if self.direction < 0:
            xyz = mirrored(xyz)
        score = np.isfinite(xyz[..., 0]).astype(float)
        return Trajectories(time_s, xyz, unit, score, source)


def _knee(hip_x: Array, hip_z: Array, ankle: Array) -> tuple[Array, Array]:
    """Knee in front of the line hip-ankle."""
    dx, dz = ankle[0] - hip_x, ankle[1] - hip_z
    reach = np.minimum(np.hypot(dx, dz), THIGH + SHANK - 1e-6)
    bend = np.sqrt(THIGH**2 - (reach / 2) ** 2)
    norm = np.hypot(dx, dz)
    return hip_x + dx / 2 - bend * dz / norm, hip_z + dz / 2 + bend * dx / norm


def mirrored(xyz: Array) -> Array:
    """x -> -x with left and right exchanged."""
    return xyz[:, MIRROR] * np.array([-1.0, 1.0, 1.0])


def regular(end_s: float, rate_hz: float, start_s: float = 0.0) -> Array:
    """Even time stamps."""
    return np.arange(start_s, end_s, 1 / rate_hz)


def facts(time_s: Array) -> CaptureFacts:
    """Facts of a good recording with these time stamps."""
    rate_hz = float((len(time_s) - 1) / (time_s[-1] - time_s[0]))
    return CaptureFacts(rate_hz, dropped_frames=0, variable_frame_rate=False)
