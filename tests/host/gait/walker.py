"""A walker made of formulas: feet stand still between contact and foot off, known exactly.

The pelvis glides, a swinging foot follows a cycloid, knees come from two-link inverse kinematics.
Everything is a function of continuous time, so that events lie between frames at any frame rate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from host.gait.types import CaptureFacts, Trajectories
from model_zoo.skeleton import INDEX, MIRROR, N_KEYPOINTS, Side

Array = NDArray[np.float64]

HIP, ANKLE, SHOULDER, EYE, HEEL, FOOT = 0.515, 0.039, 0.803, 0.921, 0.025, 0.13
THIGH = SHANK = 0.245
SEEN_BREADTH = {"hip": 0.9 * 0.191, "shoulder": 0.9 * 0.259}
SEEN_FOOT = 0.8 * 0.152


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
    trunk_lean_deg: float = 0.0
    trunk_sway_deg: float = 0.0
    """Largest less smallest lean within a stride."""
    arm_swing_deg: tuple[float, float] = (0.0, 0.0)
    """Largest less smallest angle of the arm against the trunk."""
    toe_dip: float = 0.0
    """From 0.5 on the toe has a lowest point of 0.05 (1 - dip) heights in mid-swing."""
    step_width: float = float("nan")
    """Distance of the feet across the walk; given, all points have a lateral coordinate."""
    circumduction: tuple[float, float] = (0.0, 0.0)
    """How far each ankle goes outwards in mid-swing."""

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

    def airborne(self, side: int, time_s: Array) -> Array:
        """float64[T]: share of the swing that is over; 0 on the floor."""
        out = np.zeros_like(time_s)
        for (off, _), (on, s) in zip(self.offs(), self.contacts(), strict=True):
            if s == side:
                out += np.where((time_s > off) & (time_s < on), (time_s - off) / (on - off), 0.0)
        return out

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

        lean_deg = self.trunk_lean_deg + self.trunk_sway_deg / 2 * np.sin(
            4 * np.pi * time_s / sum(self.step_time_s)
        )
        lean = np.radians(lean_deg)
        reach = (SHOULDER - HIP) * np.tan(lean)
        for side, name in enumerate(("left", "right")):
            across = self.breadth * (0.5 if side == 0 else -0.5)
            heel = self.foot(side, time_s)
            hip, ankle = pelvis + across, np.stack((heel[:, 0] + 0.03, heel[:, 1] + ANKLE))
            knee = _knee(hip, np.full_like(hip, HIP), ankle)
            put(f"{name}_hip", hip, HIP)
            put(f"{name}_knee", *knee)
            put(f"{name}_ankle", *ankle)
            put(f"{name}_heel", heel[:, 0], heel[:, 1] + HEEL)
            lift = heel[:, 1] * (1 - self.toe_dip * heel[:, 1] / 0.05)
            put(f"{name}_big_toe", heel[:, 0] + FOOT, lift + HEEL)
            put(f"{name}_small_toe", heel[:, 0] + FOOT - 0.01, heel[:, 1] + HEEL)
            put(f"{name}_shoulder", pelvis + across + reach, SHOULDER)
            put(f"{name}_eye", pelvis + 0.05, EYE)
            put(f"{name}_ear", pelvis, EYE)
            beat = np.cos(2 * np.pi * time_s / sum(self.step_time_s) + np.pi * side)
            arm = lean + np.radians(self.arm_swing_deg[side] / 2) * beat
            for point, length in (("elbow", 0.17), ("wrist", 0.31)):
                x, z = -length * np.sin(arm), -length * np.cos(arm)
                put(f"{name}_{point}", pelvis + across + reach + x, SHOULDER + z)
        put("nose", pelvis + 0.06, 0.92)
        if np.isfinite(self.step_width):
            out[..., 1] = 0.0
            for side, name in enumerate(("left", "right")):
                outwards = 1 if side == 0 else -1
                swung = np.sin(np.pi * self.airborne(side, time_s)) ** 2
                feet = self.step_width / 2 + self.circumduction[side] * swung
                for point in ("ankle", "heel", "big_toe", "small_toe"):
                    out[:, INDEX[f"{name}_{point}"], 1] = outwards * feet
                for point, half in (("hip", 0.05), ("shoulder", 0.1), ("knee", 0.05)):
                    out[:, INDEX[f"{name}_{point}"], 1] = outwards * half
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


def oblique_walk(angle_deg: float, distance: float = 4.0) -> Trajectories:
    """The walk seen by a camera turned by the angle, with growth and breadths.

    Each leg hangs on its own hip: obliquely one is in front of the other in the picture.
    """
    angle = np.radians(angle_deg)
    walker = Walker(start_s=0.3, n_steps=8)
    time_s = regular(walker.end_s(), 30)
    xyz, pelvis = walker.points(time_s), walker.pelvis(time_s)
    xyz[..., 0] *= np.cos(angle)
    for side in Side:
        half = (0.5 if side is Side.RIGHT else -0.5) * np.sin(angle)
        for part, breadth in SEEN_BREADTH.items():
            across = pelvis * np.cos(angle) + breadth * half
            xyz[:, INDEX[f"{side.value}_{part}"], 0] = across
        for part in ("knee", "ankle", "heel", "small_toe"):
            xyz[:, INDEX[f"{side.value}_{part}"], 0] += SEEN_BREADTH["hip"] * half
        heel = xyz[:, INDEX[f"{side.value}_heel"], 0]
        xyz[:, INDEX[f"{side.value}_big_toe"], 0] = heel + SEEN_FOOT * np.cos(angle)
    nearer = distance / (distance - (pelvis - pelvis[0]) * np.sin(angle) * 0.7)
    xyz = 300 * xyz * nearer[:, None, None]
    return Trajectories(time_s, xyz, "px", np.isfinite(xyz[..., 0]) * 1.0, "synthetic")


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


def backwards(points: Trajectories) -> Trajectories:
    """The same walk with time running backwards."""
    return replace(
        points,
        time_s=points.time_s[-1] - points.time_s[::-1],
        xyz=points.xyz[::-1],
        score=points.score[::-1],
    )


def regular(end_s: float, rate_hz: float, start_s: float = 0.0) -> Array:
    """Even time stamps."""
    return np.arange(start_s, end_s, 1 / rate_hz)


def facts(time_s: Array) -> CaptureFacts:
    """Facts of a good recording with these time stamps."""
    rate_hz = float((len(time_s) - 1) / (time_s[-1] - time_s[0]))
    return CaptureFacts(rate_hz, dropped_frames=0, variable_frame_rate=False)
