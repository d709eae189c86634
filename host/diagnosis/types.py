"""What the diagnosis room says about one recording."""

from __future__ import annotations

from dataclasses import dataclass, field

from host.codes import Absence, Abstention, DeviationCode, PatternCode, Place
from host.diagnosis.scales.suggest import ScaleSuggestion
from model_zoo.skeleton import Side


@dataclass(frozen=True)
class Span:
    """Part of a recording, half-open in time: [start_s, end_s)."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class Criterion:
    """A measurement against a published limit."""

    code: str
    """Key of its words in ``host/text``, such as ``criterion.knee_peak``."""
    value: float
    limit: float
    unit: str
    met: bool


@dataclass(frozen=True)
class Finding:
    """A pattern that a validated model or rule sees in the measurements; never a disease."""

    code: PatternCode
    """Neutral name such as ``pattern.short_steps_stooped``."""
    probability: float
    """0..1: calibrated; of a rule, that the true value lies beyond the limit."""
    evidence: tuple[Span, ...]
    """Parts of the recording that carry the finding."""
    contributions: dict[str, float] = field(default_factory=dict)
    """What each feature adds to the log odds of the pattern against none, largest first."""
    side: Side | None = None
    """The affected side; None where the pattern has none."""
    measurements: dict[str, float] = field(default_factory=dict)
    """The features behind it, by name, in their own units."""
    criteria: tuple[Criterion, ...] = ()
    """What published criteria say."""


@dataclass(frozen=True)
class Deviation:
    """One measurement held against a published reference; no pattern and no probability.

    Attributes
    ----------
    code
        What it shows where it lies outside.
    parameter, value, unit, interval_95
        The measurement; value NaN and interval None where there is none.
    place
        ``outside`` only when the whole interval, the error of the method in it, lies outside.
    lowest, highest
        The reference; None where it is open.
    population, source
        Who was measured, and the citation.
    side
        The side that the words name; None where the measurement has none or does not lie outside.
    absent_reason
        Why it is not compared; None where it is.
    """

    code: DeviationCode
    parameter: str
    value: float
    unit: str
    interval_95: tuple[float, float] | None
    place: Place
    lowest: float | None
    highest: float | None
    population: str
    source: str
    side: Side | None = None
    absent_reason: Absence | None = None

    def __post_init__(self) -> None:
        if (self.place is Place.NOT_COMPARED) != (self.absent_reason is not None):
            raise ValueError("what is not compared has a reason, and only that has one")


@dataclass(frozen=True)
class Diagnosis:
    """Findings with their evidence, or an abstention with its reason.

    ``deviations`` are measurements: they stand whether or not anything is said of patterns.
    """

    findings: tuple[Finding, ...] = field(default_factory=tuple)
    abstained: bool = False
    reason: Abstention | None = None
    not_observable: tuple[PatternCode, ...] = ()
    """Patterns that this view can neither show nor exclude."""
    deviations: tuple[Deviation, ...] = ()
    """Measurements against references, all of them, outside or not."""
    scales: tuple[ScaleSuggestion, ...] = ()
    """Suggestions for items of clinical scales; they are measurements and stand without a model."""

    def __post_init__(self) -> None:
        if self.abstained != (self.reason is not None):
            raise ValueError("an abstention has a reason, and only an abstention has one")
        if self.abstained and self.findings:
            raise ValueError("who abstains has no findings")
