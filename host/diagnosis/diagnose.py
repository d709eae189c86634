"""What is said about one gait: findings or silence, and suggestions for the items of scales."""

from __future__ import annotations

from dataclasses import replace

from host.diagnosis.abstain import abstain
from host.diagnosis.scales import suggest
from host.diagnosis.types import Diagnosis
from host.gait.types import GaitResult


def diagnose(gait: GaitResult) -> Diagnosis:
    """Everything that the diagnosis room says about ``gait``."""
    return replace(abstain(gait), scales=suggest(gait))
