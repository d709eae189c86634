"""What is said about one gait: findings or silence, deviations, suggestions for scales."""

from __future__ import annotations

from host.codes import PatternCode
from host.diagnosis.deviations import deviations
from host.diagnosis.patterns.find import NOT_OBSERVABLE, PatternFinder
from host.diagnosis.patterns.rules import slow_findings
from host.diagnosis.scales import suggest
from host.diagnosis.types import Diagnosis
from host.gait.types import GaitResult


def diagnose(gait: GaitResult) -> Diagnosis:
    """Everything that the diagnosis room says about ``gait``.

    Slow walking against age and sex is told beside a pattern. Caution is what is left of slowness
    when no pattern was found. Who is silent about patterns is silent about slowness too: the speed
    and its norm stand among the parameters. Measurements outside a reference are told in any case.
    """
    patterns = PatternFinder().find(gait)
    outside, scales = deviations(gait), suggest(gait)
    if patterns.reason is not None:
        return Diagnosis(abstained=True, reason=patterns.reason, deviations=outside, scales=scales)
    slow = slow_findings(gait)
    if patterns.findings:
        slow = tuple(f for f in slow if f.code is not PatternCode.SLOW_AND_CAUTIOUS)
    return Diagnosis(
        (*patterns.findings, *slow),
        not_observable=NOT_OBSERVABLE,
        deviations=outside,
        scales=scales,
    )
