"""Feet that keep a contact schedule: still on the floor in stance, clear of it in swing.

In stance the foot turns about its heel until it lies flat (about its toes where these land first),
about the ball once the heel rises, and at last about the tip of the big toe: heel, forefoot and toe
rocker (Perry, Gait Analysis, 1992).
In swing the ankle and the foot's pitch follow a guide (published joint curves, or recorded motion)
plus cubics that join it, in place and speed, to the two stances.

How briskly the foot lands and leaves was set by hand after three laboratory walks on force plates:
the heel's forward maximum against the pelvis comes 37 to 53 ms before the contact (27 to 62 there),
the ankle's minimum 2 to 44 ms before the foot off (9 to 29 there).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import Side
from quantize.render.contacts import Contact, Schedule
from quantize.render.legs import Sole, about_z

Array = NDArray[np.float64]
Guide = Callable[[Array], Array]
"""At times float[T]: ankle of one side and pitch of its foot in degrees, float[T, 4]."""

_STEP_S = 1e-4
_CLEAR_M = 0.012
_EDGE = 0.12
_TOES_BACK = 0.6
# The toes roll over their tip to this pitch from this part of the push-off on.
_TIP_DEG, _TIP_FROM = -25.0, 0.45
# How the ankle leaves and meets the stance, as parts of the walking speed: the heel still moves
# forward and down when it lands, the toes are pulled forward and up when they leave.
_LANDING = np.array([0.0, -0.10, -0.12, 0.0])
_LEAVING = np.array([0.0, -0.45, 0.05, 0.0])
# Each end of the swing is joined to the guide within this part of it.
_JOIN = 0.65


@dataclass(frozen=True)
class FootPose:
    """A foot over time: ``ankle`` float[T, 3]; pitches and turn to the left float[T], degrees."""

    ankle: Array
    foot_deg: Array
    toe_deg: Array
    turn_deg: Array


@dataclass(frozen=True)
class _Swing:
    """A swing between two stances: what the guide misses at both ends, float[2, 4], and lifts."""

    before: Contact
    after: Contact
    error: Array
    speed_error: Array
    lift_m: float
    late_lift_m: float

    @property
    def length_s(self) -> float:
        return self.after.contact_s - self.before.foot_off_s

    def part(self, time_s: Array) -> Array:
        return (time_s - self.before.foot_off_s) / self.length_s


class FootPath:
    """The path of one foot through all its contacts.

    Parameters
    ----------
    speed_m_s
        Mean walking speed: sets how briskly the foot lands and leaves.
    turned_on
        Part of its upward and turning speed that the foot keeps when it leaves the floor. All of
        it lets the toes hang by 15 degrees more, which the knee has to make up for.
    """

    def __init__(
        self,
        sole: Sole,
        schedule: Schedule,
        side: Side,
        guide: Guide,
        speed_m_s: float,
        *,
        turned_on: float = 1.0,
    ) -> None:
        self._turned_on = turned_on
        self._sole = sole
        self._out = 1.0 if side is Side.LEFT else -1.0
        self._guide = guide
        self._contacts = schedule.of(side)
        self._landing, self._leaving = _LANDING * speed_m_s, _LEAVING * speed_m_s
        self._swings = [
            self._swing(a, b) for a, b in zip(self._contacts, self._contacts[1:], strict=False)
        ]

    @property
    def span_s(self) -> tuple[float, float]:
        """First landing and last leaving: between them the foot is known."""
        return self._contacts[0].contact_s, self._contacts[-1].foot_off_s

    def at(self, time_s: Array) -> FootPose:
        """The foot at times float[T] inside :attr:`span_s`."""
        first, last = self.span_s
        if (time_s < first).any() or (time_s > last).any():
            raise ValueError(f"the foot is known from {first:.2f} to {last:.2f} s only")
        n = len(time_s)
        out = FootPose(np.full((n, 3), np.nan), *(np.full(n, np.nan) for _ in range(3)))
        for contact in self._contacts:
            now = (time_s >= contact.contact_s) & (time_s <= contact.foot_off_s)
            _put(out, now, self._stand(contact, time_s[now]))
        for swing in self._swings:
            now = (time_s > swing.before.foot_off_s) & (time_s < swing.after.contact_s)
            _put(out, now, self._fly(swing, time_s[now]))
        return out

    def _stand(self, c: Contact, time_s: Array) -> FootPose:
        landing = 1 - np.clip((time_s - c.contact_s) / (c.flat_s - c.contact_s), 0, 1)
        leaving = np.clip((time_s - c.heel_off_s) / (c.foot_off_s - c.heel_off_s), 0, 1)
        foot = c.landing_deg * landing**2 + c.leaving_deg * leaving**2
        # The toes come down with the foot, stay flat when the heel rises, and roll off at last.
        tip = np.clip((leaving - _TIP_FROM) / (1 - _TIP_FROM), 0, 1)
        toe = np.where(foot > 0, foot, _TIP_DEG * tip**2)
        turn = np.full(len(time_s), self._out * c.toe_out_deg)
        spread = self._sole.place(foot, toe)
        flat = self._sole.place(np.zeros(1), np.zeros(1))[0]
        # A foot that lands toes first (landing_deg below 0) turns about them until it lies flat.
        toes_first = (landing > 0) & (c.landing_deg < 0)
        pivot = np.where((leaving > 0) | toes_first, self._sole.toe, self._sole.heel)
        held = spread[np.arange(len(time_s)), pivot]
        rotate = about_z(turn)
        rotate_flat = about_z(np.array(self._out * c.toe_out_deg))
        heel = np.array([c.left_m, -c.forward_m, 0.0])
        rest = flat[pivot] - flat[self._sole.heel]
        ankle = heel + rest @ rotate_flat.T - np.einsum("tij,tj->ti", rotate, held)
        ankle[:, 2] = -spread[..., 2].min(1) if len(time_s) else 0.0
        return FootPose(ankle, foot, toe, turn)

    def _swing(self, before: Contact, after: Contact) -> _Swing:
        ends = np.array([before.foot_off_s, after.contact_s])
        inward = np.array([before.foot_off_s - _STEP_S, after.contact_s + _STEP_S])
        stands = [
            np.concatenate([_row(self._stand(before, t[:1])), _row(self._stand(after, t[1:]))])
            for t in (ends, inward)
        ]
        speed = np.abs(inward - ends)[:, None] ** -1 * (stands[0] - stands[1])
        speed[1] *= -1
        speed += [self._leaving, self._landing]
        guide_speed = (self._guide(ends + _STEP_S) - self._guide(ends - _STEP_S)) / (2 * _STEP_S)
        if after.landing_deg < 0:
            speed[1, 3] = 0.0  # It lies flat by turning about the toes, after these have landed.
        missed = speed - guide_speed
        missed[0, 2:] *= self._turned_on
        swing = _Swing(before, after, stands[0] - self._guide(ends), missed, 0.0, 0.0)
        # The last part of the swing is the heel's own way down; the arch lifts what hangs before.
        swing = replace(swing, lift_m=self._missing(swing, np.linspace(0.02, 0.82, 81), _arch))
        if after.landing_deg < 0:
            late = self._missing(swing, np.linspace(0.5, 0.965, 80), _late_arch)
            swing = replace(swing, late_lift_m=late)
        return swing

    def _missing(self, swing: _Swing, part: Array, arch: Callable[[Array], Array]) -> float:
        """By how much an arch must be lifted for the foot to clear the floor at these parts."""
        pose = self._fly(swing, swing.before.foot_off_s + part * swing.length_s)
        low = pose.ankle[:, 2] + self._sole.place(pose.foot_deg, pose.toe_deg)[..., 2].min(1)
        wanted = _CLEAR_M * np.minimum(1, np.minimum(part, 1 - part) / _EDGE)
        return max(float(np.max((wanted - low) / arch(part))), 0.0)

    def _fly(self, swing: _Swing, time_s: Array) -> FootPose:
        s = swing.part(time_s)
        row = self._guide(time_s) + _join(s, swing.length_s, swing.error, swing.speed_error)
        row[:, 2] += swing.lift_m * _arch(s) + swing.late_lift_m * _late_arch(s)
        bent = (_TIP_DEG - swing.before.leaving_deg) * (1 - _smooth(s / _TOES_BACK))
        a, b = swing.before.toe_out_deg, swing.after.toe_out_deg
        turn = self._out * (a + (b - a) * _smooth(s))
        # Toes that land first lie flat when they do.
        flat = max(-swing.after.landing_deg, 0.0) * _smooth((s - _TOES_BACK) / (1 - _TOES_BACK))
        return FootPose(row[:, :3], row[:, 3], row[:, 3] + bent + flat, turn)


def _row(pose: FootPose) -> Array:
    return np.concatenate([pose.ankle, pose.foot_deg[:, None]], 1)


def _arch(s: Array) -> Array:
    """A bump over the swing, 1 at its first third, where the foot hangs lowest."""
    return 6.75 * s * (1 - s) ** 2


def _late_arch(s: Array) -> Array:
    """The same bump mirrored in time: 1 at the last third, for toes that hang before they land."""
    return _arch(1 - s)


def _put(out: FootPose, now: NDArray[np.bool_], part: FootPose) -> None:
    for name in ("ankle", "foot_deg", "toe_deg", "turn_deg"):
        getattr(out, name)[now] = getattr(part, name)


def _smooth(s: Array) -> Array:
    s = np.clip(s, 0, 1)
    return s * s * (3 - 2 * s)


def _join(s: Array, length_s: float, value: Array, speed: Array) -> Array:
    """Cubics float[T, D] that take ``value`` and ``speed`` [2, D] at the ends and fade inwards."""
    out = np.zeros((len(s), value.shape[1]))
    for end, u, way in ((0, s / _JOIN, 1.0), (1, (1 - s) / _JOIN, -1.0)):
        u = np.clip(u, 0, 1)[:, None]
        out += (2 * u**3 - 3 * u**2 + 1) * value[end]
        out += way * _JOIN * length_s * (u**3 - 2 * u**2 + u) * speed[end]
    return out
