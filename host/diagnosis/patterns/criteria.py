"""Published criteria beside the model: each is a measurement against a limit of a paper.

They are told with a finding, met or not. None of them decides alone: the limits come from other
instruments and other groups of people.
"""

from __future__ import annotations

import math

from host.codes import PatternCode
from host.diagnosis.types import Criterion
from host.gait.types import GaitResult, SideValue
from model_zoo.skeleton import Side

KNEE_PEAK_DEG = 44.3
KNEE_DIFFERENCE_DEG = 17.0
"""A stiff knee is told best by its swing peak below the one or a side difference above the other
(cross-sectional study of 50 people after stroke, 24 of them stiff-kneed, own walking speed)."""
SYMMETRIC = (0.9, 1.1)
"""Swing over stance of one leg over the same of the other: 95 % of 24 healthy people (Patterson et
al. 2008, Arch Phys Med Rehabil 89:304)."""


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
    return Criterion("criterion.knee_peak", value, KNEE_PEAK_DEG, "deg", value < KNEE_PEAK_DEG)


def _knee_difference(gait: GaitResult, side: Side) -> Criterion:
    value = _side(gait, "knee_swing_peak", side.other) - _side(gait, "knee_swing_peak", side)
    limit = KNEE_DIFFERENCE_DEG
    return Criterion("criterion.knee_difference", value, limit, "deg", value > limit)


def _symmetry(gait: GaitResult) -> Criterion:
    value = gait.parameters["temporal_symmetry"].value
    limit = SYMMETRIC[0] if value < 1 else SYMMETRIC[1]
    met = not SYMMETRIC[0] <= value <= SYMMETRIC[1]
    return Criterion("criterion.temporal_symmetry", value, limit, "ratio", met)
