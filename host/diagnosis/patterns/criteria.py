"""Published criteria beside the model: each is a measurement against a limit of a paper.

The limits stand in the table of cut-offs with their sources: a stiff knee is told best by its peak
in swing or by the difference of the sides (50 people after stroke); swing over stance of one leg
over the same of the other in 95 % of healthy people (Patterson et al. 2008).

They are told with a finding, met or not. None of them decides alone: the limits come from other
instruments and other groups of people.
"""

from __future__ import annotations

import math

from host.codes import PatternCode
from host.diagnosis.types import Criterion
from host.gait.norms import cutoff
from host.gait.types import GaitResult, SideValue
from model_zoo.skeleton import Side


def criteria_for(code: PatternCode, gait: GaitResult, side: Side | None) -> tuple[Criterion, ...]:
    """Published criteria about the affected side; what is not measured is left out.

    Parameters
    ----------
    code
        The pattern.
    gait
        The measurements.
    side
        The affected side; None where the pattern has none.
    """
    found: list[Criterion | None] = []
    if side is not None and code is PatternCode.STIFF_KNEE_ONE_SIDE:
        found += [_knee_peak(gait, side), _knee_difference(gait, side), _symmetry(gait)]
    if code is PatternCode.SHORT_STANCE_ONE_SIDE:
        found.append(_symmetry(gait))
    return tuple(c for c in found if c is not None and math.isfinite(c.value))


def _side(gait: GaitResult, name: str, side: Side) -> float:
    found = gait.parameters[name]
    own: SideValue | None = found.left if side is Side.LEFT else found.right
    return float("nan") if own is None else own.value


def _knee_peak(gait: GaitResult, side: Side) -> Criterion:
    value = _side(gait, "knee_swing_peak", side)
    limit = cutoff("knee_swing_peak", "stiff_below").value
    return Criterion("criterion.knee_peak", value, limit, "deg", value < limit)


def _knee_difference(gait: GaitResult, side: Side) -> Criterion:
    value = _side(gait, "knee_swing_peak", side.other) - _side(gait, "knee_swing_peak", side)
    limit = cutoff("knee_swing_peak_difference", "stiff_above").value
    return Criterion("criterion.knee_difference", value, limit, "deg", value > limit)


def _symmetry(gait: GaitResult) -> Criterion:
    value = gait.parameters["temporal_symmetry"].value
    lowest, highest = (
        cutoff("temporal_symmetry", kind).value for kind in ("healthy_from", "healthy_to")
    )
    limit = lowest if value < 1 else highest
    met = not lowest <= value <= highest
    return Criterion("criterion.temporal_symmetry", value, limit, "ratio", met)
