"""What the HTTP interface shows of records, and the problem documents (RFC 9457)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from host.diagnosis.scales.confirm import Confirmation
from host.service.records import Diagnosis, Recording
from host.text import sentence

API = "/api/v1"

State = Literal["queued", "running", "done", "failed"]
Walked = Literal["comfortable", "fast", "dual_task"]
Leg = Literal["left", "right"]


class SubjectResource(BaseModel):
    """What the sender said of the person; null where nothing was said."""

    height_m: float | None
    age: float | None = Field(description="years")
    sex: Literal["f", "m"] | None
    condition: Walked | None = Field(description="how the person was asked to walk")


class DiagnosisResource(BaseModel):
    """One analysis run of one recording."""

    id: str = Field(description="UUIDv7")
    recording_id: str
    state: State
    tries: int = Field(description="how often a worker has begun this run; at most 3")
    code: str | None = Field(description="why it failed, for programs")
    detail: str | None = Field(description="why it failed, for people")
    created_at: str = Field(description="RFC 3339, UTC; also the next two")
    started_at: str | None
    finished_at: str | None
    software: Any = Field(description="what computed it, from the assessment; null before")
    models: Any = Field(description="networks that took part, from the assessment; null before")
    grade: Literal["good", "limited", "unusable"] | None = Field(
        description="quality of the recording, from the assessment; null before"
    )
    files: list[str] = Field(description="names of the result files once the run is done")
    report: str | None = Field(description="path of the report once the run is done")


class DiagnosisDocument(DiagnosisResource):
    """One analysis run with its result."""

    assessment: dict[str, Any] | None = Field(
        description="content of assessment.json (see its schema_version) once the run is done"
    )


class RecordingResource(BaseModel):
    """One video as it came in, and its analysis runs in the order of their creation."""

    id: str = Field(description="UUIDv7")
    state: State = Field(description="state of the newest run")
    created_at: str = Field(description="RFC 3339, UTC")
    file_name: str
    size_bytes: int
    sha256: str
    subject: SubjectResource
    diagnoses: list[DiagnosisResource]


class ConfirmationRequest(BaseModel):
    """A clinician's word about one item of a scale."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    scale: str = Field(max_length=64)
    item: str = Field(max_length=64)
    side: Leg | None = Field(None, description="where each leg is rated")
    points: float | None = Field(description="null takes an earlier confirmation back")
    who: str = Field(min_length=1, max_length=80, description="signature; it is not checked")
    seen: int = Field(
        0, ge=0, description="number of the last word about this item that was seen; 0 for none"
    )


class ConfirmationResource(BaseModel):
    """A clinician's word about one item, as it was kept; it is never changed."""

    number: int = Field(description="counts the words about one analysis run, from 1")
    scale: str
    item: str
    side: Leg | None
    points: float | None = Field(description="null took an earlier confirmation back")
    suggested: float | None = Field(description="what the measurements suggested; null for nothing")
    who: str
    at: str = Field(description="RFC 3339, UTC")


class ConfirmationPage(BaseModel):
    """All words about one analysis run, oldest first."""

    items: list[ConfirmationResource]


class ScaleItemResource(BaseModel):
    """One item: what is suggested and what stands confirmed."""

    code: str
    side: Leg | None
    name: str
    lowest: float | None
    highest: float | None
    suggested: float | None
    confidence: float | None = Field(description="0..1, of the suggestion")
    gap: str | None = Field(description="why nothing is suggested, for programs")
    measurements: list[dict[str, Any]] = Field(description="evidence, as in assessment.json")
    confirmed: float | None
    last: ConfirmationResource | None = Field(description="the last word about it")


class ScaleTotal(BaseModel):
    """Sum of the confirmed items; null while one is missing."""

    side: Leg | None
    total: float | None
    confirmed: int
    items: int


class ScaleResource(BaseModel):
    """One clinical scale of one analysis run."""

    scale: str
    name: str
    kind: Literal["items", "number", "related"]
    items: list[ScaleItemResource]
    totals: list[ScaleTotal]
    source: str
    rights: str


class ScalePage(BaseModel):
    """The clinical scales of one analysis run; empty where the recording was not usable."""

    items: list[ScaleResource]


class DiagnosisPage(BaseModel):
    """Runs, newest first; ``next`` is the value of ``after`` for the next page, null at the end."""

    items: list[DiagnosisResource]
    next: str | None


class RecordingPage(BaseModel):
    """Recordings, newest first; ``next`` is the value of ``after`` for the next page."""

    items: list[RecordingResource]
    next: str | None


class Health(BaseModel):
    """Whether the box does its work."""

    state: Literal["ok", "degraded"]
    reasons: list[str] = Field(description="what is wrong, as sentences; empty when ok")
    version: str
    queued: int
    running: int
    free_bytes: int
    reserve_bytes: int


class Problem(BaseModel):
    """Why a request was refused (RFC 9457, application/problem+json)."""

    type: str = Field(description="path of the description of this kind of problem")
    title: str
    status: int
    detail: str = Field(description="what is wrong and what to do, for people")
    code: str = Field(description="kind of problem, for programs")


def diagnosis_resource(run: Diagnosis) -> DiagnosisResource:
    """Show a run."""
    return DiagnosisResource(**_run_fields(run))


def diagnosis_document(run: Diagnosis, assessment: dict[str, Any] | None) -> DiagnosisDocument:
    """Show a run with its result."""
    return DiagnosisDocument(**_run_fields(run), assessment=assessment)


def recording_resource(recording: Recording) -> RecordingResource:
    """Show a recording."""
    subject = recording.subject
    return RecordingResource(
        id=recording.id,
        state=recording.state.value,
        created_at=recording.created_at,
        file_name=recording.file_name,
        size_bytes=recording.size_bytes,
        sha256=recording.sha256,
        subject=SubjectResource.model_validate(subject, from_attributes=True),
        diagnoses=[diagnosis_resource(run) for run in recording.diagnoses],
    )


def confirmation_resource(word: Confirmation) -> ConfirmationResource:
    """Show a clinician's word."""
    return ConfirmationResource.model_validate(word, from_attributes=True)


def _run_fields(run: Diagnosis) -> dict[str, Any]:
    return {
        "id": run.id,
        "recording_id": run.recording_id,
        "state": run.state.value,
        "tries": run.tries,
        "code": None if run.code is None else run.code.value,
        "detail": None if run.code is None else sentence(run.code.value, **run.values),
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "software": run.software,
        "models": run.models,
        "grade": run.grade,
        "files": list(run.files),
        "report": f"{API}/diagnoses/{run.id}/report" if run.state.value == "done" else None,
    }
