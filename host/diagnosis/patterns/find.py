"""From the measurements of a walk to patterns with a probability, or to silence with a reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.codes import Abstention, PatternCode, ViewKind
from host.diagnosis.patterns.criteria import criteria_for
from host.diagnosis.patterns.features import FEATURES, measure
from host.diagnosis.patterns.model import NONE, PatternModel, shipped_model
from host.diagnosis.types import Finding, Span
from host.gait.types import GaitResult
from model_zoo.skeleton import Side

Array = NDArray[np.float64]
LEAST_STRIDES = 4
"""Clean strides of both feet together; two of a foot make a mean, one makes an accident."""
_DEFINED_FROM = 0.5
"""Share of the usual range, about its middle, that a defining feature must leave."""
MOST_MISSING = 1 / 3
"""Share of the features that may be missing: those of the stance phase are when events are late."""

CODES: dict[str, PatternCode] = {
    "hemiparetic": PatternCode.STIFF_KNEE_ONE_SIDE,
    "parkinsonian": PatternCode.SHORT_STEPS_STOOPED,
    "ataxic": PatternCode.UNEVEN_STEPS,
    "antalgic": PatternCode.SHORT_STANCE_ONE_SIDE,
    "foot_drop": PatternCode.FOOT_HANGS_IN_SWING,
    "crouch": PatternCode.KNEES_BENT_IN_STANCE,
}
"""The field's term, as the renders name it, and the neutral code of the record."""

DEFINING: dict[str, tuple[str, ...]] = {
    "hemiparetic": ("knee_swing_peak_difference", "knee_range_difference", "knee_curves"),
    "parkinsonian": ("relative_step_length", "trunk_lean", "arm_swing"),
    "ataxic": ("stride_time_spread", "speed_spread"),
    "antalgic": ("stance_percent_difference", "step_time_difference"),
    "foot_drop": (
        "foot_landing_difference",
        "foot_angle_at_contact_difference",
        "ankle_swing_difference",
    ),
    "crouch": ("knee_stance_minimum",),
}
"""The features that a pattern's own words name: without one of them there is no such pattern."""

NOT_OBSERVABLE: tuple[PatternCode, ...] = (PatternCode.WIDE_BASE, PatternCode.PELVIS_DROPS)
"""What lies across the picture of a camera at the side and so is neither found nor denied."""


@dataclass(frozen=True)
class Patterns:
    """Either findings (none of them: no pattern was found) or a reason for silence."""

    findings: tuple[Finding, ...] = ()
    reason: Abstention | None = None


def assessable(gait: GaitResult) -> Abstention | None:
    """Why a walk is not judged at all; None when it is."""
    if gait.quality_grade == "unusable":
        return Abstention.QUALITY_UNUSABLE
    if gait.view.kind is not ViewKind.SIDE:
        return Abstention.VIEW_NOT_SIDE
    if sum(not s.excluded for s in gait.strides) < LEAST_STRIDES:
        return Abstention.TOO_FEW_STRIDES
    if np.isnan(measure(gait)).mean() > MOST_MISSING:
        return Abstention.NOT_MEASURED
    return None


class PatternFinder:
    """Judges a walk by the model, held against what healthy walks of the fit show.

    A pattern, or that there is none, is told when its probability (of both sides together) reaches
    the model's threshold. A pattern needs more: at least one feature that speaks for it lies
    outside the middle 95 % of the walks without a pattern, and at least one of its defining
    features speaks for it in the outer half of that range or beyond (about one SD). A walker who
    differs from the rendered ones in many small ways adds up to a pattern otherwise. Nothing is
    told of a walk that is unlike all walks of the fit, or between two answers.

    Parameters
    ----------
    model
        The fitted model; the shipped one when None.
    """

    def __init__(self, model: PatternModel | None = None) -> None:
        self.model = model if model is not None else shipped_model()

    def find(self, gait: GaitResult) -> Patterns:
        """Findings of one walk, or why nothing is said."""
        reason = assessable(gait)
        if reason is not None:
            return Patterns(reason=reason)
        features = measure(gait)
        if self.model.distance(features) > self.model.farthest:
            return Patterns(reason=Abstention.OUTSIDE_KNOWN)
        by_class = self.model.probabilities(features)
        by_pattern = together(by_class)
        best = max(by_pattern, key=lambda name: by_pattern[name])
        if by_pattern[best] < self.model.threshold:
            return Patterns(reason=Abstention.UNDECIDED)
        if best == NONE:
            return Patterns()
        named = max((c for c in by_class if c.partition("/")[0] == best), key=by_class.__getitem__)
        speaking = self.model.contributions(features, named)
        for known, share in ((speaking, 1.0), (DEFINING[best], _DEFINED_FROM)):
            beyond = set(self.model.outside(features, share)).intersection(known)
            if not any(speaking.get(name, 0.0) > 0 for name in beyond):
                return Patterns(reason=Abstention.CRITERIA_DISAGREE)
        return Patterns((_finding(gait, named, by_pattern[best], speaking),))


def together(by_class: dict[str, float]) -> dict[str, float]:
    """Probability of each pattern, whichever its side."""
    out: dict[str, float] = {}
    for name, probability in by_class.items():
        pattern = name.partition("/")[0]
        out[pattern] = out.get(pattern, 0.0) + probability
    return out


def _finding(
    gait: GaitResult, named: str, probability: float, contributions: dict[str, float]
) -> Finding:
    pattern, _, side = named.partition("/")
    affected = Side(side) if side else None
    order = sorted(contributions, key=lambda name: -abs(contributions[name]))
    return Finding(
        code=CODES[pattern],
        probability=probability,
        evidence=spans(gait),
        contributions={name: contributions[name] for name in order},
        side=affected,
        measurements={f.name: v for f in FEATURES if np.isfinite(v := f.of(gait))},
        criteria=criteria_for(CODES[pattern], gait, affected),
    )


def spans(gait: GaitResult) -> tuple[Span, ...]:
    """The stretches of clean strides: what the measurements were taken from."""
    out: list[Span] = []
    for stride in sorted((s for s in gait.strides if not s.excluded), key=lambda s: s.start_s):
        if out and stride.start_s <= out[-1].end_s:
            out[-1] = Span(out[-1].start_s, max(out[-1].end_s, stride.end_s))
        else:
            out.append(Span(stride.start_s, stride.end_s))
    return tuple(out)
