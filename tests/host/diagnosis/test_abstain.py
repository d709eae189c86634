"""The diagnosis room says nothing that nobody validated."""

from __future__ import annotations

import pytest

from host.codes import Abstention, ViewKind
from host.diagnosis.abstain import abstain
from host.diagnosis.types import Diagnosis, Finding, Span
from host.gait.types import GaitResult, View


def result(grade: str) -> GaitResult:
    return GaitResult(View(ViewKind.SIDE, 0.0), (), (), (), {}, (), grade, ())


@pytest.mark.parametrize(
    ("grade", "reason"),
    [
        ("good", Abstention.NO_MODEL),
        ("limited", Abstention.NO_MODEL),
        ("unusable", Abstention.QUALITY_UNUSABLE),
    ],
)
def test_abstains_with_its_reason(grade: str, reason: Abstention) -> None:
    diagnosis = abstain(result(grade))
    assert diagnosis == Diagnosis(findings=(), abstained=True, reason=reason)


def test_silence_without_reason_and_findings_with_silence_are_refused() -> None:
    finding = Finding("pattern.short_steps_stooped", 0.8, (Span(1.0, 2.0),), {"step_length": 1.2})
    with pytest.raises(ValueError, match="has a reason"):
        Diagnosis(abstained=True)
    with pytest.raises(ValueError, match="has a reason"):
        Diagnosis(reason=Abstention.NO_MODEL)
    with pytest.raises(ValueError, match="no findings"):
        Diagnosis(findings=(finding,), abstained=True, reason=Abstention.NO_MODEL)
