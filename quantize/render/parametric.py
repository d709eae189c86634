"""A walker from numbers alone: cadence, speed and asymmetry in, a moving body and its truth out.

The schedule of contacts is given. Feet keep it exactly (``feet``); in swing they follow published
joint curves (``curves``). The pelvis runs midway between the feet; its height is the one at which
the standing leg shows the published knee flexion, lowered where a leg would not reach. Pelvis,
trunk and arms swing as sinusoids of the cycle (amplitudes: Perry, Gait Analysis, 1992).
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator
from scipy.ndimage import gaussian_filter1d

from model_zoo.skeleton import Side
from quantize.render.body import BodyModel, Shape
from quantize.render.contacts import Contact
from quantize.render.curves import JointCurves, swing_knee_deg
from quantize.render.feet import FootPath, FootPose
from quantize.render.legs import Leg, Sole, about_x, about_z, lower_smoothly, set_bones
from quantize.render.mocap import smallest_rotation
from quantize.render.plan import Changes, Gait, plan

Array = NDArray[np.float64]
_GRAVITY = 9.81
_GRID_HZ = 200.0
_HIPS_AHEAD_M = 0.02
_KNEE_TRIES = 3
_TURNED_ON = 0.25


# Walks without changes roll as the first recipes' walks do: 3 degrees, the standing side down. The
# measured roll has the other sign; theirs stays so that their labels stay.
_FIRST_ROLL_DEG = -3.0
_UNCHANGED = Changes(roll_deg=_FIRST_ROLL_DEG)


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
        self._foot_off = foot_off_percent

    def __call__(self, time_s: Array) -> Array:
        return np.asarray(self._map(np.clip(time_s, *self._ends)))

    def swing(self, time_s: Array) -> Array:
        """A soft bump, 0..1, over the swing: 1 in its middle, 0 in stance."""
        off = self._foot_off
        part = np.clip((np.mod(self(time_s), 100) - off) / (100 - off), 0, 1)
        return np.asarray(np.sin(np.pi * part) ** 2)


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
        self._published_deg = swing_knee_deg(speed)
        self._curves = {side: JointCurves(speed, gait.side(side).swing_knee) for side in Side}
        self._cycle = {
            side: _Cycle(self.schedule.of(side), self._curves[side].foot_off_percent)
            for side in Side
        }
        self._swing_part = min(gait.speed_m_s / 1.3, 1.3)
        self._changes = gait.changes or _UNCHANGED
        self._forward, self._left = self._way()
        # Before its first and after its last step the sway is not known; walks without changes
        # keep the curve that the first recipes' labels were made with.
        ends = self._left.x[0], self._left.x[-1]
        self._sway_span = ends if gait.changes is not None else (-np.inf, np.inf)
        self._up = self._first_height()
        self._fit()
        if gait.changes is not None:
            self._meet_swing_knees(speed)

    def _fit(self) -> None:
        """Feet and pelvis height that suit each other."""
        for _ in range(2):
            self._feet = {side: self._foot(side) for side in Side}
            self._up = self._height()
        self._feet = {side: self._foot(side) for side in Side}

    def _meet_swing_knees(self, speed: float) -> None:
        """Change the curves until the knees' peaks in swing are the published ones by their factor.

        The joins of swing and stance and the clearance of the foot bend the knee further than the
        curve says. A knee that must bend more to clear the floor stays above its factor.
        """
        scale = {side: self.gait.side(side).swing_knee for side in Side}
        for _ in range(_KNEE_TRIES):
            for side in Side:
                wanted = self._published_deg * self.gait.side(side).swing_knee
                missed = wanted - self.swing_knee_peak_deg(side)
                low, high = 0.6 * self.gait.side(side).swing_knee, 1.5
                scale[side] = float(np.clip(scale[side] + missed / self._published_deg, low, high))
                self._curves[side] = JointCurves(speed, scale[side])
            self._fit()

    def swing_knee_peak_deg(self, side: Side) -> float:
        """Median over the swings of the largest knee flexion."""
        peaks = []
        for a, b in itertools.pairwise(self.schedule.of(side)):
            first, last = self.span_s
            if first <= a.foot_off_s and b.contact_s <= last:
                time = np.linspace(a.foot_off_s, b.contact_s, 41)
                far = np.linalg.norm(
                    self._feet[side].at(time).ankle - self._hip(side, time), axis=1
                )
                peaks.append(float(self._legs[side].knee_deg(far).max()))
        return float(np.median(peaks))

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
        inside = np.clip(time_s, *self._sway_span)
        root = np.stack([self._left(inside), -self._forward(time_s), self._up(time_s)], 1)
        phase = 2 * np.pi * self._cycle[Side.LEFT](time_s) / 100
        # The pelvis turns forward on the side that lands, and drops on the side that swings.
        yaw = -4.0 * self._swing_part * np.cos(phase)
        roll = -self._changes.roll_deg * self._swing_part * np.sin(phase)
        for side, sign in ((Side.LEFT, -1.0), (Side.RIGHT, 1.0)):
            own = self._changes.side(side)
            if own.hip_hike_deg or own.drop_deg:
                roll += sign * own.hip_hike_deg * self._cycle[side].swing(time_s)
                roll += sign * own.drop_deg * self._cycle[side.other].swing(time_s)
        lean = about_x(np.full(len(time_s), -1.0))
        return root, about_z(yaw) @ _about_y(roll) @ lean

    def _hip(self, side: Side, time_s: Array) -> Array:
        root, turn = self._pelvis(time_s)
        return np.asarray(root + turn @ self._legs[side].hip)

    def _foot(self, side: Side) -> FootPath:
        leg, curves, cycle = self._legs[side], self._curves[side], self._cycle[side]
        thigh_m, shank_m = leg.lengths_m
        own, out = self._changes.side(side), 1.0 if side is Side.LEFT else -1.0

        def guide(time_s: Array) -> Array:
            percent, swing = cycle(time_s), cycle.swing(time_s)
            # A knee that stays bent in stance takes half of it from the hip, as the foot stays
            # below the body; at the peak of its swing it bends hardly more.
            thigh = curves.thigh_deg(percent) + own.swing_hip_deg * swing
            thigh = np.deg2rad(thigh + own.stance_knee_deg / 2)
            bend = curves.knee_deg(percent) + own.stance_knee_deg * (1 - 0.8 * swing)
            shank = thigh - np.deg2rad(bend)
            ankle = self._hip(side, time_s)
            ankle[:, 0] += out * own.circumduction_m * swing
            ankle[:, 1] -= thigh_m * np.sin(thigh) + shank_m * np.sin(shank)
            ankle[:, 2] -= thigh_m * np.cos(thigh) + shank_m * np.cos(shank)
            # The swinging foot is held at a right angle to the shank.
            pitch = np.rad2deg(shank) + own.swing_foot_deg * swing
            return np.concatenate([ankle, pitch[:, None]], 1)

        kept = 1.0 if self.gait.changes is None else _TURNED_ON
        speed = self.gait.speed_m_s
        return FootPath(self.soles[side], self.schedule, side, guide, speed, turned_on=kept)

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
            knee = knee + self._changes.side(side).stance_knee_deg
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
        over = np.zeros(n)
        for side, sign in ((Side.LEFT, 1.0), (Side.RIGHT, -1.0)):
            alone = self._cycle[side.other].swing(time_s)
            over += sign * self._changes.side(side).lean_over_deg * alone
        for bone, part in (("spine05", 0.2), ("spine04", 0.4), ("spine03", 0.7)):
            lean = about_x(np.full(n, -gait.trunk_lean_deg * part))
            twist = about_z(chest_yaw * part) @ _about_y(over * part)
            set_bones(self._model, turn, (bone,), twist @ lean)
        chest = about_z(chest_yaw) @ _about_y(over) @ about_x(np.full(n, -gait.trunk_lean_deg))
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
        bend = gait.elbow_deg + self._changes.side(side).arm_bend_deg
        fore_deg = upper_deg + bend + 0.5 * reach * (swing + 1)
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


def _about_y(angle_deg: Array) -> Array:
    """Rotation matrices (T, 3, 3) that lean what points up to the left (+x)."""
    a = np.deg2rad(angle_deg)
    out = np.zeros((len(a), 3, 3))
    out[:, 1, 1] = 1
    out[:, 0, 0] = out[:, 2, 2] = np.cos(a)
    out[:, 0, 2], out[:, 2, 0] = np.sin(a), -np.sin(a)
    return out
