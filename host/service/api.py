"""The HTTP interface ``/api/v1``: recordings go in, diagnoses come out.

Routes only translate between HTTP and :mod:`host.service.records`; refusals become problem
documents in :mod:`host.service.problems`. The service never opens a connection of its own.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import metadata
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.concurrency import run_in_threadpool

from host.codes import ErrorCode, RunState
from host.errors import InputError
from host.service import pages, problems, resources, upload
from host.service.comparisons import comparisons
from host.service.guard import Guard
from host.service.languages import Languages
from host.service.records import Diagnosis, Recording, Records
from host.service.reports import report_html
from host.service.resources import API
from host.service.scales import scales
from host.service.supervisor import Supervisor
from host.text import sentence

VERSION = metadata.version("footfall")
PAGE_LIMIT = 100
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' data:; font-src data:"
)
"""A report is one file: it brings its own style and may load nothing from elsewhere."""

FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        **upload.SubjectFields.form_fields(),
                    },
                }
            }
        },
    }
}

After = Annotated[str | None, Query(pattern="^[0-9a-f-]{36}$", description="next of the last page")]
Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT)]
Stored = TypeVar("Stored", Recording, Diagnosis)


@dataclass(frozen=True)
class Service:
    """What the routes work with."""

    records: Records
    supervisor: Supervisor
    limits: upload.Limits


def create_app(service: Service, hosts: frozenset[str] | None) -> FastAPI:
    """Make the application; the supervisor lives as long as it is served.

    Parameters
    ----------
    service
        Storage, supervisor (not yet started) and limits.
    hosts
        Host names that are answered to; None for all (see :class:`host.service.guard.Guard`).
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.supervisor.start()
        yield
        await run_in_threadpool(service.supervisor.stop)
        service.records.close()

    app = FastAPI(
        title="Footfall",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses={
            422: {
                "model": resources.Problem,
                "description": ErrorCode.REQUEST_INVALID.value,
                "content": {problems.MEDIA_TYPE: {}},
            }
        },
    )
    problems.install(app)
    app.include_router(recordings(service), prefix=API)
    app.include_router(diagnoses(service), prefix=API)
    app.include_router(scales(service.records), prefix=API)
    app.include_router(comparisons(service.records), prefix=API)
    app.include_router(health(service))
    pages.install(app, service.records)
    app.add_middleware(Languages)
    app.add_middleware(Guard, hosts=hosts)
    return app


def recordings(service: Service) -> APIRouter:
    """Routes of what came in."""
    router = APIRouter(prefix="/recordings", tags=["recordings"])
    records = service.records

    @router.post(
        "",
        status_code=201,
        openapi_extra=FORM,
        responses=problems.responses(
            ErrorCode.UPLOAD_TOO_LARGE,
            ErrorCode.NOT_A_VIDEO,
            ErrorCode.NOT_A_FORM,
            ErrorCode.REQUEST_INVALID,
            ErrorCode.UPLOAD_INCOMPLETE,
            ErrorCode.DISK_RESERVE,
            ErrorCode.DISK_FULL,
        ),
    )
    async def hand_in(request: Request, response: Response) -> resources.RecordingResource:
        """Hand in a video. The answer means: it is on the disk, and its analysis is queued."""
        arrived, subject = await upload.receive(request, records.incoming, service.limits)
        recording = await run_in_threadpool(records.put, arrived, subject)
        service.supervisor.wake()
        response.headers["Location"] = f"{API}/recordings/{recording.id}"
        return resources.recording_resource(recording)

    @router.get("")
    def list_recordings(after: After = None, limit: Limit = 20) -> resources.RecordingPage:
        """All recordings, newest first."""
        found, more = _page(records.list_recordings, after, limit)
        items = [resources.recording_resource(recording) for recording in found]
        return resources.RecordingPage(items=items, next=more)

    @router.get("/{recording_id}", responses=problems.responses(ErrorCode.RECORDING_UNKNOWN))
    def get_recording(recording_id: str) -> resources.RecordingResource:
        """One recording with its analysis runs."""
        return resources.recording_resource(records.get(recording_id))

    @router.post(
        "/{recording_id}/diagnoses",
        status_code=201,
        responses=problems.responses(ErrorCode.RECORDING_UNKNOWN, ErrorCode.ANALYSIS_WAITING),
    )
    def analyse_again(recording_id: str, response: Response) -> resources.DiagnosisResource:
        """Queue another analysis run; earlier ones stay."""
        run = records.add(recording_id)
        service.supervisor.wake()
        response.headers["Location"] = f"{API}/diagnoses/{run.id}"
        return resources.diagnosis_resource(run)

    return router


def diagnoses(service: Service) -> APIRouter:
    """Routes of what came out."""
    router = APIRouter(prefix="/diagnoses", tags=["diagnoses"])
    records = service.records
    unknown = problems.responses(ErrorCode.DIAGNOSIS_UNKNOWN)
    not_done = problems.responses(ErrorCode.DIAGNOSIS_UNKNOWN, ErrorCode.DIAGNOSIS_NOT_DONE)

    @router.get("")
    def list_diagnoses(after: After = None, limit: Limit = 20) -> resources.DiagnosisPage:
        """All analysis runs, newest first."""
        found, more = _page(records.list, after, limit)
        items = [resources.diagnosis_resource(run) for run in found]
        return resources.DiagnosisPage(items=items, next=more)

    @router.get("/{diagnosis_id}", responses=unknown)
    def get_diagnosis(diagnosis_id: str) -> resources.DiagnosisDocument:
        """One analysis run, with the assessment once it is done."""
        run = records.get_diagnosis(diagnosis_id)
        assessment: dict[str, Any] | None = None
        if run.state is RunState.DONE:
            path = records.results(run.id) / "assessment.json"
            assessment = json.loads(path.read_text(encoding="utf-8"))
        return resources.diagnosis_document(run, assessment)

    @router.get(
        "/{diagnosis_id}/report",
        response_class=HTMLResponse,
        responses={200: {"content": {"text/html": {}}}, **not_done},
    )
    def get_report(diagnosis_id: str) -> Response:
        """The report as one HTML page, with the confirmed items, in the language of the reader."""
        made = report_html(records, diagnosis_id)
        if made is None:
            return _file(records, diagnosis_id, "report.html")
        return HTMLResponse(made, headers={"Content-Security-Policy": REPORT_POLICY})

    @router.get(
        "/{diagnosis_id}/files/{name}",
        response_class=FileResponse,
        responses={200: {"content": {"application/octet-stream": {}}}, **not_done},
    )
    def get_file(diagnosis_id: str, name: str) -> FileResponse:
        """One file of the results: ``overlay.mp4``, ``parameters.csv``, ``keypoints.npz`` ..."""
        return _file(records, diagnosis_id, name)

    return router


def health(service: Service) -> APIRouter:
    """Route of the box's own state."""
    router = APIRouter(tags=["health"])

    @router.get("/health")
    def get_health() -> resources.Health:
        """Whether the box does its work, and why not."""
        records, limits = service.records, service.limits
        free = shutil.disk_usage(records.incoming).free
        sizes = {"free_mb": free / upload.MB, "reserve_mb": limits.reserve_bytes / upload.MB}
        reasons = []
        if not service.supervisor.is_alive():
            reasons.append(sentence("health.supervisor"))
        if free < limits.reserve_bytes:
            reasons.append(sentence("health.disk", **sizes))
        if records.damaged:
            names = ", ".join(records.damaged)
            reasons.append(sentence("health.damaged", count=len(records.damaged), names=names))
        counts = records.counts()
        return resources.Health(
            state="degraded" if reasons else "ok",
            reasons=reasons,
            version=VERSION,
            queued=counts[RunState.QUEUED],
            running=counts[RunState.RUNNING],
            free_bytes=free,
            reserve_bytes=limits.reserve_bytes,
        )

    return router


def _page(
    listed: Callable[..., Sequence[Stored]], after: str | None, limit: int
) -> tuple[Sequence[Stored], str | None]:
    """One page of a list, and the ``after`` of the next one; None at the end."""
    found = listed(after=after, limit=limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _file(records: Records, diagnosis_id: str, name: str) -> FileResponse:
    folder = records.results(diagnosis_id)
    if name not in records.get_diagnosis(diagnosis_id).files:
        raise InputError(ErrorCode.NOT_FOUND, path=name)
    response = FileResponse(folder / name)
    if name.endswith(".html"):
        response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response
