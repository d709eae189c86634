"""The only diagnosis of this version: none, with the reason."""

from __future__ import annotations

from host.codes import Abstention
from host.diagnosis.types import Diagnosis
from host.gait.types import GaitResult


def abstain(gait: GaitResult) -> Diagnosis:
    """Say nothing about ``gait`` and why: the recording is unusable, or there is no model yet."""
    unusable = gait.quality_grade == "unusable"
    reason = Abstention.QUALITY_UNUSABLE if unusable else Abstention.NO_MODEL
    return Diagnosis(abstained=True, reason=reason)
