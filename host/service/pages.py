"""The pages of the box: recordings with an upload form, and the description of the interface.

Everything they load comes from the box itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from host.codes import RunState
from host.service.problems import STATUS
from host.text import sentence, sentences

SITE = Path(__file__).parent / "site"


def install(app: FastAPI) -> None:
    """Add ``/``, ``/docs`` and ``/site`` (style and script) to ``app``."""
    environment = Environment(
        loader=FileSystemLoader(SITE), autoescape=True, undefined=StrictUndefined
    )
    environment.globals["text"] = lambda name, **values: sentence(f"page.{name}", **values)
    app.mount("/site", StaticFiles(directory=SITE), name="site")

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> FileResponse:
        return FileResponse(SITE / "icon.svg")

    @app.get("/", include_in_schema=False)
    def start() -> HTMLResponse:
        page = environment.get_template("start.html")
        return HTMLResponse(page.render(version=app.version, texts=_script_texts()))

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        page = environment.get_template("docs.html")
        description = app.openapi()
        return HTMLResponse(
            page.render(
                version=app.version,
                requests=_requests(description),
                types=description["components"]["schemas"],
                problems=_problems(),
            )
        )


def _script_texts() -> dict[str, str]:
    """Sentences that the script fills in: those of the page, and the names of states and grades."""
    states = {f"state.{state.value}": sentences()[f"state.{state.value}"] for state in RunState}
    page = {k: text for k, text in sentences().items() if k.startswith(("page.", "grade."))}
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
