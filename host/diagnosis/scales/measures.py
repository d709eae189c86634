"""What the rules of the scales measure: a value with its error and what it was made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from host.codes import Absence, Activity, Exclusion
from host.gait.types import GaitResult, Parameter
from model_zoo.skeleton import Side

# Stops that interrupt the walk, as strides are excluded for them.
_INTERRUPTIONS = (Exclusion.PAUSE, Exclusion.STANDING)
_EQUAL = (0.9, 1.1)
"""Temporal symmetry of 24 healthy people lies within (Patterson et al. 2008)."""
_SWING = slice(50, 101)
_UP_AND_GO = ("rising", "way_out", "turn", "way_back", "sitting_down")
"""Phases of the Timed Up and Go."""
_LEAST = 2
"""One stride alone suggests nothing."""


@dataclass(frozen=True)
class Evidence:
    """One measurement behind a suggestion."""

    parameter: str
    side: Side | None
    value: float
    unit: str
    n: int


@dataclass(frozen=True)
class Value:
    """A measure: its value, its standard error (NaN when unknown) and the evidence."""

    value: float
    error: float
    evidence: tuple[Evidence, ...]


Measure = Callable[[GaitResult, "Side | None"], "Value | Absence"]


def affected_side(gait: GaitResult) -> Side | None:
    """Leg with the shorter single support; None where both are alike or it is not measured."""
    symmetry = gait.parameters["temporal_symmetry"]
    support = gait.parameters["single_support_percent"]
    if symmetry.absent_reason is not None or support.left is None or support.right is None:
        return None
    if _EQUAL[0] <= symmetry.value <= _EQUAL[1]:
        return None
    return Side.LEFT if support.left.value < support.right.value else Side.RIGHT


def measure(name: str, gait: GaitResult, side: Side | None) -> Value | Absence:
    """A measure by name, of one side or of both together, or why there is none.

    Parameters
    ----------
    name
        One of the special measures below, or any parameter.
    gait
        What was measured.
    side
        The side, or None for both.
    """
    special = _SPECIAL.get(name)
    return special(gait, side) if special is not None else parameter_value(gait, name, side)


def parameter_value(gait: GaitResult, name: str, side: Side | None) -> Value | Absence:
    """A parameter of one side, or of both together."""
    found = gait.parameters[name]
    if found.absent_reason is not None:
        return found.absent_reason
    if side is None:
        return Value(found.value, _error(found), (_evidence(found, None),))
    own = found.left if side is Side.LEFT else found.right
    if own is None:
        return Absence.ONE_SIDE_ONLY
    if own.n < _LEAST:
        return Absence.TOO_FEW_STRIDES
    return Value(own.value, float(own.sd / np.sqrt(own.n)), (_evidence(found, side),))


def _evidence(found: Parameter, side: Side | None) -> Evidence:
    own = {None: None, Side.LEFT: found.left, Side.RIGHT: found.right}[side]
    if own is None:
        return Evidence(found.name, None, found.value, found.unit, found.n)
    return Evidence(found.name, side, own.value, found.unit, own.n)


def _error(found: Parameter) -> float:
    if found.interval_95 is None:
        return float("nan")
    return (found.interval_95[1] - found.interval_95[0]) / (2 * 1.96)


def _both_legs(gait: GaitResult, name: str, side: Side | None) -> tuple[Value, Value] | Absence:
    """A parameter of this leg and of the other, or why one of them is absent."""
    if side is None:
        return Absence.ONE_SIDE_ONLY
    own, other = (parameter_value(gait, name, s) for s in (side, side.other))
    if isinstance(own, Absence):
        return own
    if isinstance(other, Absence):
        return other
    return own, other


def _single_support_ratio(gait: GaitResult, side: Side | None) -> Value | Absence:
    """Single support of this leg over that of the other."""
    both = _both_legs(gait, "single_support_percent", side)
    if isinstance(both, Absence):
        return both
    own, other = both
    ratio = own.value / other.value
    error = ratio * float(np.hypot(own.error / own.value, other.error / other.value))
    return Value(ratio, error, (*own.evidence, *other.evidence))


def _knee_deficit(gait: GaitResult, side: Side | None) -> Value | Absence:
    """How much less the knee of this leg bends in swing than the other, degrees."""
    both = _both_legs(gait, "knee_swing_peak", side)
    if isinstance(both, Absence):
        return both
    own, other = both
    error = float(np.hypot(own.error, other.error))
    return Value(other.value - own.value, error, (*other.evidence, *own.evidence))


def _knee_swing_deviation(gait: GaitResult, side: Side | None) -> Value | Absence:
    """Distance of the swing peak of the knee from its reference, SD of the reference."""
    curve = next((c for c in gait.curves if c.joint == "knee" and c.side is side), None)
    if curve is None:
        return Absence.ONE_SIDE_ONLY
    if curve.reference is None:
        return curve.reference_absent_reason or Absence.NO_NORM
    own = parameter_value(gait, "knee_swing_peak", side)
    if isinstance(own, Absence):
        return own
    peak = _SWING.start + int(np.argmax(curve.reference.mean_deg[_SWING]))
    mean, sd = (float(v[peak]) for v in (curve.reference.mean_deg, curve.reference.sd_deg))
    return Value(abs(own.value - mean) / sd, own.error / sd, own.evidence)


def _interruptions(gait: GaitResult, _side: Side | None) -> Value | Absence:
    """Strides in which the person paused or stood, within the stretches of walking."""
    if not gait.strides:
        return Absence.NO_WALKING
    count = sum(s.reason in _INTERRUPTIONS for s in gait.strides if s.excluded)
    evidence = Evidence("interruptions", None, float(count), "strides", len(gait.strides))
    return Value(float(count), 0.0, (evidence,))


def _timed_up_and_go(gait: GaitResult, _side: Side | None) -> Value | Absence:
    """Seconds from the first move on the chair to sitting on it again, with a turn between.

    Its phases stand beside it and add up to it; a turn before the chair is part of the way back.
    """
    rising = [s for s in gait.activities if s.kind is Activity.RISING]
    for start in rising:
        seated = (
            s
            for s in gait.activities
            if s.kind is Activity.SITTING_DOWN and s.start_s >= start.end_s
        )
        end = next(seated, None)
        turns = (
            s
            for s in gait.activities
            if end is not None
            and s.kind is Activity.TURNING
            and start.end_s <= s.start_s
            and s.end_s <= end.start_s
        )
        turn = next(turns, None)
        if end is not None and turn is not None:
            marks = (start.start_s, start.end_s, turn.start_s, turn.end_s, end.start_s, end.end_s)
            whole = _seconds("timed_up_and_go", end.end_s - start.start_s)
            phases = (
                Evidence(f"timed_up_and_go_{name}", None, after - before, "s", 1)
                for name, (before, after) in zip(_UP_AND_GO, pairwise(marks), strict=True)
            )
            return replace(whole, evidence=(*whole.evidence, *phases))
    return Absence.NOT_OBSERVABLE


def _ten_metre_time(gait: GaitResult, _side: Side | None) -> Value | Absence:
    """Seconds for 10 m at the measured speed, where one steady stretch is that long."""
    speed = gait.parameters["walking_speed"]
    if speed.absent_reason is not None:
        return speed.absent_reason
    time_s = _TEN_M / speed.value
    return (
        _seconds("ten_metre_time", time_s) if _steady_s(gait) >= time_s else Absence.WALK_TOO_SHORT
    )


def _four_metre_time(gait: GaitResult, _side: Side | None) -> Value | Absence:
    """Seconds for 4 m at the measured speed, with the error of the speed.

    One steady stretch must be 3 m long, the shorter of the two published courses: its limits (3.62,
    4.65, 6.52 s) are the same speeds as those of 4 m.
    """
    speed = parameter_value(gait, "walking_speed", None)
    if isinstance(speed, Absence):
        return speed
    if not speed.value > 0 or _steady_s(gait) < _SHORTER_COURSE_M / speed.value:
        return Absence.WALK_TOO_SHORT
    time_s = _FOUR_M / speed.value
    return replace(_seconds("four_metre_time", time_s), error=time_s * speed.error / speed.value)


def _steady_s(gait: GaitResult) -> float:
    """Length of the longest steady stretch."""
    walking = (s.end_s - s.start_s for s in gait.activities if s.kind is Activity.WALKING)
    return max(walking, default=0.0)


def _seconds(name: str, time_s: float) -> Value:
    return Value(time_s, float("nan"), (Evidence(name, None, time_s, "s", 1),))


_TEN_M = 10.0
_FOUR_M = 4.0
_SHORTER_COURSE_M = 3.0
_SPECIAL: dict[str, Measure] = {
    "single_support_ratio": _single_support_ratio,
    "knee_deficit": _knee_deficit,
    "knee_swing_deviation": _knee_swing_deviation,
    "interruptions": _interruptions,
    "timed_up_and_go": _timed_up_and_go,
    "ten_metre_time": _ten_metre_time,
    "four_metre_time": _four_metre_time,
}
MEASURES: tuple[str, ...] = tuple(_SPECIAL)
"""Measures beside the parameters."""
