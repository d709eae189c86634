"""``footfall guide``: the capture guide as a page to print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from host.codes import ErrorCode
from host.durable import told_as_input, write_atomically
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
    with told_as_input(out):
        write_atomically(out, page.encode())
    Console().print(written, highlight=False)
