"""``footfall guide``: the capture guide as a page to print."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from host.codes import ErrorCode
from host.errors import InputError
from host.text import ENGLISH, LANGUAGES, sentence, speaking


def guide(
    out: Annotated[Path, typer.Option(help="HTML file to write.")] = Path("capture-guide.html"),
    language: Annotated[str, typer.Option(help="en or zh.")] = ENGLISH,
) -> None:
    """Write the one-page capture guide, to be printed and hung beside the camera."""
    from host.report.guide.page import render_guide

    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise InputError(
            ErrorCode.OPTION_INVALID, option="--language", value=language, reason=known
        )
    with speaking(language):
        page = render_guide()
        written = sentence("guide.written", file=out)
    _replace(out, page)
    Console().print(written, highlight=False)


def _replace(out: Path, page: str) -> None:
    """Write the whole file or none."""
    try:
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=".", suffix=".partial")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page)
        Path(name).replace(out)
    except OSError as error:
        raise InputError(
            ErrorCode.OUTPUT_NOT_WRITABLE, folder=out.parent, reason=error.strerror
        ) from error
