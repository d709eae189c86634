"""Measurements outside a published reference, told as such: neither patterns nor probabilities.

Few comparisons are declared beforehand, because of twenty measures of a healthy person about one
lies outside its 95 % band. Each is told only when the whole 95 % interval of the measurement lies
outside the reference, and only where the interval is known to hold the error of the method; so a
network that errs by 8 degrees at the knee tells no knee that is 5 degrees off. Limits and their
sources stand in ``host/gait/norms/cutoffs.csv``. What cannot be compared is listed with its reason.

No limit of arm swing is here: 17 healthy recorded people swing their arms by 12 to 69 degrees, so
that still arms do not stand out against them by their size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from host.codes import Absence, DeviationCode, Place
from host.diagnosis.types import Deviation
from host.gait.norms import Cutoff, cutoff
from host.gait.types import GaitResult, Parameter
from model_zoo.skeleton import Side


@dataclass(frozen=True)
class Reference:
    """One declared comparison.

    Attributes
    ----------
    code
        What it shows.
    parameter
        What is compared.
    lowest, highest
        Kinds of limits in the table; None where the reference is open.
    above
        The side that is named when the value lies above the reference; the other one below.
    """

    code: DeviationCode
    parameter: str
    lowest: str | None = None
    highest: str | None = None
    above: Side | None = None


REFERENCES: tuple[Reference, ...] = (
    # Swing over stance, right over left: above 1 the right leg stands for the shorter part.
    Reference(
        DeviationCode.UNEVEN_STANCE, "temporal_symmetry", "healthy_from", "healthy_to", Side.RIGHT
    ),
    # Right less left: above 0 the step that ends on the right foot takes longer.
    Reference(
        DeviationCode.UNEVEN_STEP_TIMES,
        "step_time_asymmetry",
        "recorded_from",
        "recorded_to",
        Side.RIGHT,
    ),
    # Right less left: above 0 the left foot is set down less far ahead.
    Reference(
        DeviationCode.UNEVEN_STEP_LENGTHS,
        "step_length_difference",
        "recorded_from",
        "recorded_to",
        Side.LEFT,
    ),
    Reference(DeviationCode.SLOW, "relative_speed", "comfortable_from"),
    Reference(DeviationCode.LOW_SPEED, "walking_speed", "low_performance_europe_below"),
    Reference(DeviationCode.LEANS_FORWARD, "trunk_lean", None, "recorded_to"),
    Reference(DeviationCode.KNEES_BEND_LITTLE, "knee_swing_peak", "stiff_below"),
)


def deviations(gait: GaitResult) -> tuple[Deviation, ...]:
    """All declared comparisons of one walk, in the order of :data:`REFERENCES`."""
    return tuple(_compared(reference, gait) for reference in REFERENCES)


def _compared(reference: Reference, gait: GaitResult) -> Deviation:
    found = gait.parameters[reference.parameter]
    low, high = (_limit(reference, kind) for kind in (reference.lowest, reference.highest))
    told = low or high
    if told is None:
        raise ValueError(f"{reference.code} has no limit")
    reason = _not_compared(found, gait)
    place, side = Place.NOT_COMPARED, None
    if reason is None and found.interval_95 is not None:
        place, above = _place(found.interval_95, low, high)
        if place is Place.OUTSIDE and reference.above is not None:
            side = reference.above if above else reference.above.other
    return Deviation(
        code=reference.code,
        parameter=reference.parameter,
        value=found.value,
        unit=found.unit,
        interval_95=found.interval_95,
        place=place,
        lowest=None if low is None else low.value,
        highest=None if high is None else high.value,
        population=told.population,
        source=told.source,
        side=side,
        absent_reason=reason,
    )


def _limit(reference: Reference, kind: str | None) -> Cutoff | None:
    return None if kind is None else cutoff(reference.parameter, kind)


def _not_compared(found: Parameter, gait: GaitResult) -> Absence | None:
    if found.absent_reason is not None:
        return found.absent_reason
    if found.interval_95 is None:
        return Absence.TOO_FEW_STRIDES
    if found.name not in gait.error_measured:
        return Absence.ERROR_NOT_MEASURED
    return None


def _place(
    interval: tuple[float, float], low: Cutoff | None, high: Cutoff | None
) -> tuple[Place, bool]:
    """Where the interval lies, and whether it is above the reference."""
    lowest = -math.inf if low is None else low.value
    highest = math.inf if high is None else high.value
    if interval[0] > highest:
        return Place.OUTSIDE, True
    if interval[1] < lowest:
        return Place.OUTSIDE, False
    inside = lowest <= interval[0] and interval[1] <= highest
    return (Place.WITHIN if inside else Place.UNDECIDED), False
