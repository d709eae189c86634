"""Requests that compare two walks of one person: effect of a second task, reserve of speed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, ValidationError

from host.codes import Condition, ErrorCode
from host.diagnosis.conditions import Difference, dual_task, speed_reserve
from host.errors import InputError
from host.report import write
from host.report.assessment import Assessment
from host.service import problems
from host.service.records import Diagnosis, Records
from host.text import sentence

USUAL = (None, Condition.COMFORTABLE.value)
"""Conditions of a walk that others are compared with; walks that say nothing count as usual."""
_COMPARED = {Condition.DUAL_TASK.value: dual_task, Condition.FAST.value: speed_reserve}

First = Annotated[str, Query(description="analysis run of the usual walk")]
Second = Annotated[str, Query(description="analysis run of the walk at another condition")]


class DifferenceResource(BaseModel):
    """One number from two walks; null where a walk does not tell it."""

    name: Literal["dual_task_effect", "speed_reserve", "speed_ratio"]
    parameter: str
    measured_in: str = Field(description="unit of first and second")
    first: float | None
    second: float | None
    value: float | None
    unit: str
    interval_95: tuple[float, float] | None
    absent_reason: str | None


class Comparison(BaseModel):
    """What the second walk adds to the first."""

    first: str
    second: str
    condition: Literal["dual_task", "fast"] = Field(description="of the second walk")
    measured_alike: bool = Field(description="whether the same version and networks made both")
    items: list[DifferenceResource]


def comparisons(records: Records) -> APIRouter:
    """Route of the comparison of two runs."""
    router = APIRouter(prefix="/comparisons", tags=["comparisons"])

    @router.get(
        "",
        responses=problems.responses(
            ErrorCode.DIAGNOSIS_UNKNOWN,
            ErrorCode.DIAGNOSIS_NOT_DONE,
            ErrorCode.REQUEST_INVALID,
        ),
    )
    def compare(first: First, second: Second) -> Comparison:
        """Effect of a second task, or reserve of speed, by the condition of the second walk."""
        condition, alike, found = compared(records, first, second)
        return Comparison(
            first=first,
            second=second,
            condition=condition,
            measured_alike=alike,
            items=[DifferenceResource(**_shown(entry)) for entry in found],
        )

    return router


def compared(
    records: Records, first: str, second: str
) -> tuple[Literal["dual_task", "fast"], bool, tuple[Difference, ...]]:
    """Compare two finished runs; the conditions are those of their recordings.

    Also tells whether both were measured alike (:meth:`Assessment.measured_like`).

    Raises
    ------
    InputError
        ``DIAGNOSIS_UNKNOWN``, ``DIAGNOSIS_NOT_DONE``; ``REQUEST_INVALID`` for conditions that are
        not compared, and for an assessment of another version.
    """
    runs = [records.get_diagnosis(run_id) for run_id in (first, second)]
    usual, other = (records.get(run.recording_id).subject.condition for run in runs)
    if usual not in USUAL:
        raise InputError(ErrorCode.REQUEST_INVALID, reason=sentence("request.not_usual"))
    compare = _COMPARED.get(other or "")
    if compare is None:
        raise InputError(ErrorCode.REQUEST_INVALID, reason=sentence("request.not_compared"))
    before, after = (_assessment(records, run) for run in runs)
    condition: Literal["dual_task", "fast"] = (
        "dual_task" if other == Condition.DUAL_TASK.value else "fast"
    )
    return condition, before.measured_like(after), compare(before.parameters, after.parameters)


def _assessment(records: Records, run: Diagnosis) -> Assessment:
    path = records.results(run.id) / write.ASSESSMENT
    try:
        return Assessment.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        reason = sentence("request.other_version", id=run.id)
        raise InputError(ErrorCode.REQUEST_INVALID, reason=reason) from error


def _shown(entry: Difference) -> dict[str, Any]:
    """Fields with null for what is not known."""
    numbers = {"first": entry.first, "second": entry.second, "value": entry.value}
    told = {name: value if value == value else None for name, value in numbers.items()}
    return {
        "name": entry.name,
        "parameter": entry.parameter,
        "measured_in": entry.measured_in,
        "unit": entry.unit,
        "interval_95": entry.interval_95,
        "absent_reason": None if entry.absent_reason is None else entry.absent_reason.value,
        **told,
    }
