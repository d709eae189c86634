"""What the diagnosis room says about one recording."""

from __future__ import annotations

from dataclasses import dataclass, field

from host.codes import Abstention
from host.diagnosis.scales.suggest import ScaleSuggestion


@dataclass(frozen=True)
class Span:
    """Part of a recording, half-open in time: [start_s, end_s)."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class Finding:
    """A pattern that a validated model sees in the measurements; never the name of a disease."""

    code: str
    """Neutral name such as ``pattern.short_steps_stooped``."""
    probability: float
    """0..1, calibrated."""
    evidence: tuple[Span, ...]
    """Parts of the recording that carry the finding."""
    contributions: dict[str, float]
    """How much each measurement, by parameter name, moved the probability (log odds)."""


@dataclass(frozen=True)
class Diagnosis:
    """Findings with their evidence, or an abstention with its reason."""

    findings: tuple[Finding, ...] = field(default_factory=tuple)
    abstained: bool = False
    reason: Abstention | None = None
    scales: tuple[ScaleSuggestion, ...] = ()
    """Suggestions for items of clinical scales; they are measurements and stand without a model."""

    def __post_init__(self) -> None:
        if self.abstained != (self.reason is not None):
            raise ValueError("an abstention has a reason, and only an abstention has one")
        if self.abstained and self.findings:
            raise ValueError("who abstains has no findings")
