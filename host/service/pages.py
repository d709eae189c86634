"""The pages of the box: recordings with an upload form, one recording, and the interface.

Everything they load comes from the box itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response

from host.codes import Condition, ErrorCode, RunState
from host.diagnosis.conditions import Difference
from host.errors import FootfallError, InputError
from host.report import write
from host.report.page.scales import item_name, scale_views
from host.report.templates import templates
from host.service.comparisons import USUAL, compared
from host.service.problems import STATUS
from host.service.records import Diagnosis, Recording, Records
from host.service.scales import suggested_scales
from host.text import LANGUAGES, sentence, sentences

SITE = Path(__file__).parent / "site"
MOST = 50
"""Recordings among which a walk to compare with is looked for, newest first."""
Usual = Annotated[str | None, Query(description="run of a usual walk to compare with")]
Run = Annotated[str | None, Query(description="one of the recording's runs; the newest finished")]


def install(app: FastAPI, records: Records) -> None:
    """Add ``/``, ``/recordings/{id}``, ``/docs`` and ``/site`` (style and script) to ``app``."""
    site = templates(
        SITE,
        text=lambda name, **values: sentence(f"page.{name}", **values),
        item_name=item_name,
        languages=LANGUAGES,
        version=app.version,
    )
    app.mount("/site", StaticFiles(directory=SITE), name="site")

    def page(name: str, status: int = 200, **values: Any) -> HTMLResponse:
        """``kept``: what else the address says, so that another language shows the same."""
        return HTMLResponse(site.get_template(name).render({"kept": {}} | values), status)

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> FileResponse:
        return FileResponse(SITE / "icon.svg")

    @app.get("/", include_in_schema=False)
    def start() -> HTMLResponse:
        return page("start.html", texts=_script_texts(), conditions=list(Condition))

    @app.get("/recordings/{recording_id}", include_in_schema=False)
    def recording(recording_id: str, run: Run = None, usual: Usual = None) -> Response:
        try:
            shown = _recording(records, recording_id, run)
            kept = {name: id for name, id in (("run", run), ("usual", usual)) if id is not None}
            beside = _compared(records, shown, usual)
            return page("recording.html", kept=kept, **shown, **beside)
        except FootfallError as error:
            status = STATUS.get(error.code, 500)
            return page("refused.html", int(status), words=str(error))

    @app.get("/docs", include_in_schema=False)
    def docs(_: Request) -> HTMLResponse:
        description = app.openapi()
        return page(
            "docs.html",
            requests=_requests(description),
            types=description["components"]["schemas"],
            problems=_problems(),
        )


def _recording(records: Records, recording_id: str, run_id: str | None) -> dict[str, Any]:
    """What the page of one recording shows."""
    recording = records.get(recording_id)
    run = _chosen(recording, run_id)
    if run.state is not RunState.DONE:
        return {"recording": recording, "run": run, "scales": [], "words": [], "video": False}
    words = records.confirmations(run.id)
    return {
        "recording": recording,
        "run": run,
        "scales": scale_views(suggested_scales(records, run.id), words),
        "words": list(reversed(words)),
        "video": write.OVERLAY in run.files,
    }


def _compared(records: Records, shown: dict[str, Any], usual: str | None) -> dict[str, Any]:
    """Usual walks that this one can be compared with, and the comparison once one is chosen."""
    recording, run = shown["recording"], shown["run"]
    candidates: list[tuple[Recording, Diagnosis]] = []
    differences: tuple[Difference, ...] = ()
    alike = True
    if recording.subject.condition not in USUAL and run.state is RunState.DONE:
        others = (one for one in records.list_recordings(limit=MOST) if one.id != recording.id)
        usual_walks = (one for one in others if one.subject.condition in USUAL)
        pairs = ((one, _chosen(one, None)) for one in usual_walks)
        candidates = [(one, run) for one, run in pairs if _usable(run)]
        if usual is not None:
            _, alike, differences = compared(records, usual, run.id)
    return {"candidates": candidates, "usual": usual, "differences": differences, "alike": alike}


def _usable(run: Diagnosis) -> bool:
    """Whether a run has numbers that another walk can be compared with."""
    return run.state is RunState.DONE and run.grade != "unusable"


def _chosen(recording: Recording, run_id: str | None) -> Diagnosis:
    """The run asked for, or the newest finished one, or the newest."""
    runs = recording.diagnoses
    if run_id is not None:
        found = next((run for run in runs if run.id == run_id), None)
        if found is None:
            raise InputError(ErrorCode.DIAGNOSIS_UNKNOWN, id=run_id)
        return found
    return next((run for run in reversed(runs) if run.state is RunState.DONE), runs[-1])


def _script_texts() -> dict[str, str]:
    """Sentences that the script fills in: those of the page, and names of states and the like."""
    wanted = ("page.", "mark.", "grade.", "condition.", "sex.")
    page = {key: text for key, text in sentences().items() if key.startswith(wanted)}
    states = {f"state.{state.value}": sentences()[f"state.{state.value}"] for state in RunState}
    return page | states


def _requests(description: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"method": method.upper(), "path": path, **entry}
        for path, methods in description["paths"].items()
        for method, entry in methods.items()
    ]


def _problems() -> list[dict[str, Any]]:
    return [
        {"code": code.value, "status": status, "detail": sentences()[code.value]}
        for code, status in STATUS.items()
    ]
