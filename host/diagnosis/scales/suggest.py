"""From measurements to suggested items, each with its evidence, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

from host.codes import Absence, ScaleGap
from host.diagnosis.scales.definition import Rule, Scale, ScaleItem, known_scales
from host.diagnosis.scales.measures import (
    MEASURES,
    Evidence,
    Value,
    affected_side,
    measure,
)
from host.gait.parameters.catalogue import BY_NAME
from host.gait.types import GaitResult
from model_zoo.skeleton import Side


@dataclass(frozen=True)
class ItemSuggestion:
    """What the measurements say about one item; either ``points`` or ``gap`` is None.

    Attributes
    ----------
    points
        Suggested points, to be confirmed or changed by a clinician.
    confidence
        0..1: share of the sampling distribution of the measured mean that falls into the suggested
        level; None where the spread is not known. The error of the method is in it where it is in
        the interval of the measurement.
    possible
        Points of all levels that the 95 % interval of the measurement touches, ascending; the
        suggested points alone where it lies within one level or the spread is not known.
    gap, absent_reason
        Why nothing is suggested; for a measurement that is absent, why it is.
    """

    code: str
    side: Side | None
    lowest: float | None
    highest: float | None
    points: float | None
    confidence: float | None
    measurements: tuple[Evidence, ...]
    gap: ScaleGap | None
    absent_reason: Absence | None
    basis: str | None
    possible: tuple[float, ...] = ()


@dataclass(frozen=True)
class ScaleSuggestion:
    """One scale: its items, suggested or not. It has no total before its items are confirmed."""

    scale: str
    kind: str
    higher_is: str
    lowest: float | None
    highest: float | None
    items: tuple[ItemSuggestion, ...]
    source: str
    rights: str


def suggest(gait: GaitResult) -> tuple[ScaleSuggestion, ...]:
    """All scales for one recording; none where the recording is not usable."""
    if gait.quality_grade == "unusable":
        return ()
    return tuple(_suggested(scale, gait) for scale in known_scales())


def _suggested(scale: Scale, gait: GaitResult) -> ScaleSuggestion:
    items = [_item(scale, item, side, gait) for item in scale.items for side in item.sides]
    return ScaleSuggestion(
        scale.name,
        scale.kind,
        scale.higher_is,
        scale.lowest,
        scale.highest,
        tuple(items),
        scale.source,
        scale.rights,
    )


def _item(scale: Scale, item: ScaleItem, side: Side | None, gait: GaitResult) -> ItemSuggestion:
    beside = [_related(gait, name, side) for name in item.related]
    related = tuple(e for value in beside if isinstance(value, Value) for e in value.evidence)
    blank = ItemSuggestion(
        item.code, side, item.lowest, item.highest, None, None, related, item.gap, None, None
    )
    if item.gap is ScaleGap.NO_LIMIT and not related:
        absent = next((value for value in beside if isinstance(value, Absence)), None)
        return replace(blank, gap=ScaleGap.NOT_MEASURED, absent_reason=absent)
    if item.gap is ScaleGap.NOT_RECORDED and _recorded(item, beside):
        return replace(blank, gap=ScaleGap.NUMBER_ONLY)
    if item.rule is None:
        return blank
    sides = _sides(item.rule, side, gait)
    if not sides:
        return replace(blank, gap=ScaleGap.NO_SIDE)
    values = [measure(item.rule.measure, gait, s) for s in sides]
    absent = next((v for v in values if isinstance(v, Absence)), None)
    if absent is not None:
        return replace(blank, gap=ScaleGap.NOT_MEASURED, absent_reason=absent)
    rated = [(_level(item.rule, v.value), v) for v in values if isinstance(v, Value)]
    level, value = _worst(rated, item.rule, scale)
    evidence = (*value.evidence, *related)
    if item.rule.points[level] is None:
        return replace(blank, gap=ScaleGap.NO_LIMIT, measurements=evidence)
    return replace(
        blank,
        points=item.rule.points[level],
        confidence=_confidence(item.rule, level, value),
        measurements=evidence,
        basis=item.rule.basis,
        possible=_possible(item.rule, level, value),
    )


def _recorded(item: ScaleItem, beside: list[Value | Absence]) -> bool:
    """Whether the test itself was found: a measure of its own, no parameter of the walk."""
    return item.related[0] in MEASURES and isinstance(beside[0], Value)


def _related(gait: GaitResult, name: str, side: Side | None) -> Value | Absence:
    sided = name in BY_NAME and BY_NAME[name].sided
    return measure(name, gait, side if sided else None)


def _sides(rule: Rule, side: Side | None, gait: GaitResult) -> tuple[Side | None, ...]:
    """Whose measure counts; nothing when it is the affected leg's and none is to be seen."""
    if rule.side == "none":
        return (None,)
    if rule.side == "own":
        return (side,)
    if rule.side == "worst":
        return tuple(Side)
    affected = affected_side(gait)
    if affected is None:
        return ()
    return (affected if rule.side == "affected" else affected.other,)


def _level(rule: Rule, value: float) -> int:
    return int(np.searchsorted(rule.limits, value, side="right"))


def _worst(rated: list[tuple[int, Value]], rule: Rule, scale: Scale) -> tuple[int, Value]:
    """The level with the points furthest towards worse, an open one first; then the less sure."""
    sign = -1.0 if scale.higher_is == "better" else 1.0

    def badness(entry: tuple[int, Value]) -> tuple[float, float]:
        points = rule.points[entry[0]]
        doubt = 1 - (_confidence(rule, *entry) or 0.0)
        return float("inf") if points is None else sign * points, doubt

    return max(rated, key=badness)


def _possible(rule: Rule, level: int, value: Value) -> tuple[float, ...]:
    """Points of the levels within 1.96 standard errors; an open level has none."""
    lowest = highest = level
    if np.isfinite(value.error):
        lowest, highest = (_level(rule, value.value + z * value.error) for z in (-1.96, 1.96))
    return tuple(sorted({p for p in rule.points[lowest : highest + 1] if p is not None}))


def _confidence(rule: Rule, level: int, value: Value) -> float | None:
    """Share of a normal distribution around the value that falls between the level's limits."""
    if not np.isfinite(value.error):
        return None
    edges = (-np.inf, *rule.limits, np.inf)
    if value.error == 0:
        return 1.0
    low, high = ((edge - value.value) / value.error for edge in edges[level : level + 2])
    return float(norm.cdf(high) - norm.cdf(low))
