"""What an assessment makes of its measurements: findings, deviations and scales."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from host.codes import Absence, Abstention, DeviationCode, PatternCode, Place, ScaleGap
from host.report.part import Count, Fraction, Part
from model_zoo.skeleton import Side


class EvidenceSpan(Part):
    """Part of the recording that carries a finding."""

    start_s: float
    end_s: float


class CriterionResult(Part):
    """A measurement against a published limit; ``code`` is the key of its words."""

    code: str
    value: float
    limit: float
    unit: str
    met: bool


class FindingResult(Part):
    """A neutral pattern with its probability and evidence.

    ``contributions``: what each feature adds to the log odds of the pattern against none;
    ``measurements``: the features behind it.
    """

    code: PatternCode
    probability: Fraction
    evidence: list[EvidenceSpan]
    contributions: dict[str, float]
    side: Side | None = None
    measurements: dict[str, float] = Field(default_factory=dict)
    criteria: list[CriterionResult] = Field(default_factory=list)


class ScaleMeasurement(Part):
    """A measurement behind a suggestion."""

    parameter: str
    side: Side | None
    value: float
    unit: str
    n: Count


class ScaleItemResult(Part):
    """What the measurements suggest for one item, or why nothing; never a score.

    ``possible``: points of all levels that the interval of the measurement touches; empty also in
    assessments of versions that did not tell it.
    """

    code: str
    side: Side | None
    lowest: float | None
    highest: float | None
    points: float | None
    confidence: Fraction | None
    measurements: list[ScaleMeasurement]
    gap: ScaleGap | None
    absent_reason: Absence | None
    basis: str | None
    possible: list[float] = Field(default_factory=list)

    @model_validator(mode="after")
    def _points_or_gap(self) -> ScaleItemResult:
        if (self.points is None) == (self.gap is None):
            raise ValueError("an item has either suggested points or the reason why it has none")
        return self


class ScaleResult(Part):
    """A clinical scale; a total is made of confirmed items only and so is not here."""

    scale: str
    kind: Literal["items", "number", "related"]
    higher_is: Literal["worse", "better", ""]
    lowest: float | None
    highest: float | None
    items: list[ScaleItemResult]
    source: str
    rights: str


class DeviationResult(Part):
    """A measurement against a published reference; ``lowest`` or ``highest`` is null where open.

    ``side``: the side that is meant where the measurement lies outside.
    """

    code: DeviationCode
    parameter: str
    value: float | None
    unit: str
    interval_95: tuple[float, float] | None
    place: Place
    lowest: float | None
    highest: float | None
    population: str
    source: str
    side: Side | None
    absent_reason: Absence | None


class DiagnosisResult(Part):
    """Findings, or the reason for silence; suggestions for scales, to be confirmed.

    ``not_observable``: patterns that this view can neither show nor exclude; null: not recorded.
    ``deviations``: all measurements that are held against a reference, with findings or without;
    null: not recorded.
    """

    findings: list[FindingResult]
    abstained: bool
    reason: Abstention | None
    not_observable: list[PatternCode] | None = None
    deviations: list[DeviationResult] | None = None
    scales: list[ScaleResult]
