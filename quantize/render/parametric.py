"""A walker from numbers alone: cadence, speed and asymmetry in, a moving body and its truth out.

The schedule of contacts is given. Feet keep it exactly (``feet``); in swing they follow published
joint curves (``curves``). The pelvis runs midway between the feet; its height is the one at which
the standing leg shows the published knee flexion, lowered where a leg would not reach. Pelvis,
trunk and arms swing as sinusoids of the cycle (amplitudes: Perry, Gait Analysis, 1992).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator
from scipy.ndimage import gaussian_filter1d

from model_zoo.skeleton import Side
from quantize.render.body import BodyModel, Shape
from quantize.render.contacts import Contact, Schedule
from quantize.render.curves import FOOT_OFF_PERCENT, JointCurves, at_speed
from quantize.render.feet import FootPath, FootPose
from quantize.render.legs import Leg, Sole, about_x, about_z, lower_smoothly, set_bones
from quantize.render.mocap import smallest_rotation

Array = NDArray[np.float64]
_GRAVITY = 9.81
_GRID_HZ = 200.0
_HIPS_AHEAD_M = 0.02


@dataclass(frozen=True)
class SideGait:
    """What one side does: factors of the symmetric walk, and pitches of its foot."""

    step_time: float = 1.0
    step_length: float = 1.0
    stance: float = 1.0
    swing_knee: float = 1.0
    arm_swing: float = 1.0
    landing_deg: float = 16.0
    leaving_deg: float = -57.0
    toe_out_deg: float = 7.0


@dataclass(frozen=True)
class Gait:
    """A walk on a straight line.

    ``spread``: standard deviation of step times and lengths from step to step, as a part of them.
    """

    cadence_per_min: float
    speed_m_s: float
    step_width_m: float = 0.09
    trunk_lean_deg: float = 4.0
    head_nod_deg: float = 0.0
    arm_swing_deg: float = 18.0
    elbow_deg: float = 20.0
    spread: float = 0.0
    left: SideGait = field(default_factory=SideGait)
    right: SideGait = field(default_factory=SideGait)

    def side(self, side: Side) -> SideGait:
        """The numbers of one side."""
        return self.left if side is Side.LEFT else self.right


def plan(
    gait: Gait, dimensionless_speed: float, duration_s: float, first: Side, seed: int
) -> Schedule:
    """Contacts from time 0 on, until ``duration_s`` and one stride more.

    Double support is what the two stances leave; a factor that would leave none is refused.
    """
    rng = np.random.default_rng(seed)
    base_s, base_m = 60 / gait.cadence_per_min, gait.speed_m_s * 60 / gait.cadence_per_min
    sides, times, places = [first], [0.0], [0.0]
    while times[-1] < duration_s + 4 * base_s:
        side = sides[-1].other
        own = gait.side(side)
        noise = 1 + gait.spread * rng.normal(size=2)
        sides.append(side)
        times.append(times[-1] + base_s * own.step_time * noise[0])
        places.append(places[-1] + base_m * own.step_length * noise[1])
    stance = at_speed(FOOT_OFF_PERCENT, dimensionless_speed) / 100
    contacts = []
    for k, side in enumerate(sides[:-2]):
        own = gait.side(side)
        stride = times[k + 2] - times[k]
        off = times[k] + min(stance * own.stance, 0.85) * stride
        if off <= times[k + 1]:
            raise ValueError(
                "this gait has no double support: a foot leaves before the other lands"
            )
        out = 1.0 if side is Side.LEFT else -1.0
        contacts.append(
            Contact(
                side,
                times[k],
                times[k] + 0.08 * stride,
                times[k] + (0.60 if stance * own.stance < 0.65 else 0.66) * (off - times[k]),
                off,
                places[k],
                out * gait.step_width_m / 2,
                own.toe_out_deg,
                own.landing_deg,
                own.leaving_deg,
            )
        )
    return Schedule(tuple(contacts))


class _Cycle:
    """Percent of the gait cycle of one foot, continuous in time, stance and swing mapped apart."""

    def __init__(self, contacts: tuple[Contact, ...], foot_off_percent: float) -> None:
        knots = [
            (at, 100.0 * i + part)
            for i, c in enumerate(contacts)
            for at, part in ((c.contact_s, 0.0), (c.foot_off_s, foot_off_percent))
        ]
        time, percent = np.array(knots).T
        self._map = PchipInterpolator(time, percent)
        self._ends = time[0], time[-1]

    def __call__(self, time_s: Array) -> Array:
        return np.asarray(self._map(np.clip(time_s, *self._ends)))


class ParametricWalk:
    """A person who walks straight ahead by a :class:`Gait`.

    Attributes
    ----------
    schedule
        The truth: all contacts.
    soles
        The sole of each side.
    """

    def __init__(
        self,
        model: BodyModel,
        shape: Shape,
        gait: Gait,
        duration_s: float,
        first: Side = Side.LEFT,
        seed: int = 0,
    ) -> None:
        self._model, self._shape, self.gait = model, shape, gait
        self._legs = {side: Leg.of(model, shape, side) for side in Side}
        self.soles = {side: Sole(model, shape, side) for side in Side}
        leg_m = sum(self._legs[Side.LEFT].lengths_m) + 0.09
        speed = gait.speed_m_s / np.sqrt(_GRAVITY * leg_m)
        self.schedule = plan(gait, speed, duration_s, first, seed)
        self._curves = {side: JointCurves(speed, gait.side(side).swing_knee) for side in Side}
        self._cycle = {
            side: _Cycle(self.schedule.of(side), self._curves[side].foot_off_percent)
            for side in Side
        }
        self._swing_part = min(gait.speed_m_s / 1.3, 1.3)
        self._forward, self._left = self._way()
        self._up = self._first_height()
        for _ in range(2):
            self._feet = {side: self._foot(side) for side in Side}
            self._up = self._height()
        self._feet = {side: self._foot(side) for side in Side}

    @property
    def span_s(self) -> tuple[float, float]:
        """From when to when :meth:`pose` knows both feet."""
        ends = [self._feet[side].span_s for side in Side]
        return max(a for a, _ in ends), min(b for _, b in ends)

    def _way(self) -> tuple[CubicSpline, CubicSpline]:
        """Forward way of the pelvis, and its sway towards the standing foot."""
        contacts = self.schedule.contacts
        pairs = list(itertools.pairwise(contacts))
        middle = [(a.forward_m + b.forward_m) / 2 for a, b in pairs]
        ankle = -float(self._ankle_behind_heel())
        time = [b.contact_s for _, b in pairs]
        sway = [0.35 * a.left_m for a in contacts[1:-1]]
        when = [(b.contact_s + c.contact_s) / 2 for (_, b), (_, c) in itertools.pairwise(pairs)]
        forward = CubicSpline(time, np.array(middle) + ankle + _HIPS_AHEAD_M)
        return forward, CubicSpline(when, sway)

    def _ankle_behind_heel(self) -> float:
        flat = self.soles[Side.LEFT].place(np.zeros(1), np.zeros(1))[0]
        return float(-flat[self.soles[Side.LEFT].heel, 1])

    def _first_height(self) -> CubicSpline:
        standing = float(-self._shape.vertices[:, 2].min() + self._shape.heads[0, 2])
        ends = self.schedule.contacts[0].contact_s, self.schedule.contacts[-1].foot_off_s
        return CubicSpline(ends, [standing - 0.03] * 2)

    def _pelvis(self, time_s: Array) -> tuple[Array, Array]:
        """Root place float[T, 3] and turn float[T, 3, 3]."""
        root = np.stack([self._left(time_s), -self._forward(time_s), self._up(time_s)], 1)
        phase = 2 * np.pi * self._cycle[Side.LEFT](time_s) / 100
        # The pelvis turns forward on the side that lands, and drops on the side that swings.
        yaw = -4.0 * self._swing_part * np.cos(phase)
        drop = np.deg2rad(3.0 * self._swing_part * np.sin(phase))
        lean = about_x(np.full(len(time_s), -1.0))
        tilt = np.zeros((len(time_s), 3, 3))
        tilt[:, 1, 1] = 1
        tilt[:, 0, 0] = tilt[:, 2, 2] = np.cos(drop)
        tilt[:, 0, 2], tilt[:, 2, 0] = np.sin(drop), -np.sin(drop)
        return root, about_z(yaw) @ tilt @ lean

    def _hip(self, side: Side, time_s: Array) -> Array:
        root, turn = self._pelvis(time_s)
        return np.asarray(root + turn @ self._legs[side].hip)

    def _foot(self, side: Side) -> FootPath:
        leg, curves, cycle = self._legs[side], self._curves[side], self._cycle[side]
        thigh_m, shank_m = leg.lengths_m

        def guide(time_s: Array) -> Array:
            percent = cycle(time_s)
            thigh = np.deg2rad(curves.thigh_deg(percent))
            shank = thigh - np.deg2rad(curves.knee_deg(percent))
            ankle = self._hip(side, time_s)
            ankle[:, 1] -= thigh_m * np.sin(thigh) + shank_m * np.sin(shank)
            ankle[:, 2] -= thigh_m * np.cos(thigh) + shank_m * np.cos(shank)
            # The swinging foot is held at a right angle to the shank.
            return np.concatenate([ankle, np.rad2deg(shank)[:, None]], 1)

        return FootPath(self.soles[side], self.schedule, side, guide, self.gait.speed_m_s)

    def _height(self) -> CubicSpline:
        """Height of the root: the standing knee bends as published, within both legs' reach."""
        first, last = self.span_s
        time = np.arange(first, last, 1 / _GRID_HZ)
        wanted = np.full(len(time), np.inf)
        limit = np.full(len(time), np.inf)
        alone = np.zeros(len(time), bool)
        for side in Side:
            ankle, hip = self._feet[side].at(time).ankle, self._hip(side, time)
            up = self._up(time)
            limit = np.minimum(limit, up + self._legs[side].highest(hip, ankle))
            knee = np.maximum(self._curves[side].knee_deg(self._cycle[side](time)), 3.0)
            only = self._stands(side, time) & ~self._stands(side.other, time)
            wanted[only] = (up + self._legs[side].highest(hip, ankle, knee))[only]
            alone |= only
        wanted[~alone] = np.interp(time[~alone], time[alone], wanted[alone])
        smooth = gaussian_filter1d(np.minimum(wanted, limit), 0.05 * _GRID_HZ)
        return CubicSpline(time, lower_smoothly(smooth, limit, _GRID_HZ))

    def _stands(self, side: Side, time_s: Array) -> NDArray[np.bool_]:
        out = np.zeros(len(time_s), bool)
        for c in self.schedule.of(side):
            out |= (time_s >= c.contact_s) & (time_s <= c.foot_off_s)
        return out

    def pose(self, time_s: Array) -> tuple[Array, Array]:
        """Bones at times float[T]: turns float[T, B, 3, 3] and root float[T, 3], facing -y."""
        root, pelvis = self._pelvis(time_s)
        turn = np.tile(np.eye(3), (len(time_s), len(self._model.bones), 1, 1))
        set_bones(self._model, turn, ("root", "pelvis"), pelvis)
        for side in Side:
            letter = ".L" if side is Side.LEFT else ".R"
            foot = self._feet[side].at(time_s)
            thigh, shank = self._legs[side].fit(
                root + pelvis @ self._legs[side].hip, foot.ankle, foot.turn_deg
            )
            set_bones(self._model, turn, ("upperleg",), thigh, letter)
            set_bones(self._model, turn, ("lowerleg",), shank, letter)
            yaw = about_z(foot.turn_deg)
            set_bones(self._model, turn, ("foot",), yaw @ about_x(foot.foot_deg), letter)
            set_bones(self._model, turn, ("toe",), yaw @ about_x(foot.toe_deg), letter)
        self._upper_body(turn, time_s)
        return turn, root

    def foot(self, side: Side, time_s: Array) -> FootPose:
        """One foot at times float[T]."""
        return self._feet[side].at(time_s)

    def _upper_body(self, turn: Array, time_s: Array) -> None:
        gait, n = self.gait, len(time_s)
        phase = 2 * np.pi * self._cycle[Side.LEFT](time_s) / 100
        chest_yaw = 3.0 * self._swing_part * np.cos(phase)
        for bone, part in (("spine05", 0.2), ("spine04", 0.4), ("spine03", 0.7)):
            lean = about_x(np.full(n, -gait.trunk_lean_deg * part))
            set_bones(self._model, turn, (bone,), about_z(chest_yaw * part) @ lean)
        chest = about_z(chest_yaw) @ about_x(np.full(n, -gait.trunk_lean_deg))
        set_bones(self._model, turn, ("spine02", "spine01", "clavicle", "shoulder"), chest)
        set_bones(self._model, turn, ("neck",), about_x(np.full(n, -0.7 * gait.trunk_lean_deg)))
        set_bones(self._model, turn, ("head", "eye"), about_x(np.full(n, -gait.head_nod_deg)))
        for side in Side:
            self._arm(turn, side, chest, phase)

    def _arm(self, turn: Array, side: Side, chest: Array, phase: Array) -> None:
        """An arm swings against the leg of its side; the elbow bends more in front."""
        gait, letter = self.gait, ".L" if side is Side.LEFT else ".R"
        out = 1.0 if side is Side.LEFT else -1.0
        reach = gait.arm_swing_deg * gait.side(side).arm_swing * self._swing_part
        swing = -out * np.cos(phase)
        upper_deg = reach * (swing - 0.2)
        fore_deg = upper_deg + gait.elbow_deg + 0.5 * reach * (swing + 1)
        heads = self._shape.heads
        index = self._model.index
        joints = [heads[index[b + letter]] for b in ("upperarm01", "lowerarm01", "wrist")]
        for bones, a, b, deg, side_deg in (
            (("upperarm",), joints[0], joints[1], upper_deg, 9.0),
            (("lowerarm", "wrist", "finger", "metacarpal"), joints[1], joints[2], fore_deg, 2.0),
        ):
            hang = np.array([out * np.sin(np.deg2rad(side_deg)), 0, -np.cos(np.deg2rad(side_deg))])
            down = smallest_rotation(b - a, hang)
            set_bones(self._model, turn, bones, chest @ about_x(deg) @ down, letter)
