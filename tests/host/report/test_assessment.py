"""assessment.json says what the rooms said, no more and no less."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from host.codes import Abstention, Exclusion
from host.diagnosis.types import Diagnosis
from host.gait.types import GaitResult, Person
from host.report.assess import assess
from host.report.assessment import Assessment

SILENT = Diagnosis(abstained=True, reason=Abstention.TOO_FEW_STRIDES)


def test_round_trip_through_text(assessment: Assessment) -> None:
    assert Assessment.model_validate_json(assessment.to_json()) == assessment


def test_top_level_is_the_contract(assessment: Assessment) -> None:
    assert list(json.loads(assessment.to_json())) == [
        "schema_version", "software", "models", "backend", "alerts", "source", "subject", "view",
        "quality", "activities", "events", "strides", "parameters", "curves", "diagnosis",
    ]  # fmt: skip


def test_values_arrive_unchanged(assessment: Assessment, gait: GaitResult) -> None:
    for name, entry in gait.parameters.items():
        told = assessment.parameters[name]
        if math.isnan(entry.value):
            assert told.value is None
            assert told.absent_reason is entry.absent_reason
        else:
            assert (told.value, told.n, told.unit) == (entry.value, entry.n, entry.unit)
            assert told.interval_95 == entry.interval_95
    assert [event.time_s for event in assessment.events] == [e.time_s for e in gait.events]
    assert assessment.curves[0].mean_deg == gait.curves[0].mean_deg.tolist()
    assert assessment.view.bouts[1].direction == -1
    assert assessment.subject.height_m == 1.65


def test_nan_is_null(assessment: Assessment) -> None:
    text = assessment.to_json()
    assert "NaN" not in text
    assert "Infinity" not in text
    hidden = [s for s in assessment.strides if s.reason is Exclusion.POINTS_MISSING]
    assert hidden[0].foot_off_s is None
    assert '"foot_off_s": null' in text


def test_definitions_and_advices_are_sentences(assessment: Assessment) -> None:
    assert assessment.parameters["cadence"].definition.startswith("Steps per minute")
    for check in assessment.quality.checks:
        assert (check.advice is None) == check.passed


def test_unknown_fields_and_nan_are_refused(assessment: Assessment) -> None:
    table = json.loads(assessment.to_json())
    with pytest.raises(ValidationError, match="surprise"):
        Assessment.model_validate({**table, "surprise": 1})
    table["parameters"]["cadence"]["sd"] = float("nan")
    with pytest.raises(ValidationError, match="finite"):
        Assessment.model_validate(table)


def test_a_missing_number_without_reason_is_refused(
    gait: GaitResult, meta: dict[str, Any], person: Person
) -> None:
    bare = replace(gait.parameters["cadence"], value=float("nan"))
    broken = replace(gait, parameters={"cadence": bare})
    with pytest.raises(ValidationError, match="either a value or the reason"):
        assess(broken, meta, person, SILENT)


def test_an_unusable_recording_cannot_carry_numbers(
    gait: GaitResult, meta: dict[str, Any], person: Person
) -> None:
    broken = replace(gait, quality_grade="unusable")
    with pytest.raises(ValidationError, match="unusable recording has no numbers"):
        assess(broken, meta, person, SILENT)


def test_other_schema_versions_are_refused(assessment: Assessment) -> None:
    table = {**json.loads(assessment.to_json()), "schema_version": 2}
    with pytest.raises(ValidationError, match="schema_version"):
        Assessment.model_validate(table)


def test_json_schema_lists_every_code_and_forbids_the_rest() -> None:
    schema = Assessment.model_json_schema()
    assert schema["additionalProperties"] is False
    assert "stride.turning" in schema["$defs"]["Exclusion"]["enum"]
    later = {"alerts", "activities"}  # assessments that were stored before these stay readable
    assert schema["required"] == [name for name in Assessment.model_fields if name not in later]
    for name, part in schema["$defs"].items():
        if part["type"] == "object":
            assert part["additionalProperties"] is False, name
