"""``footfall marker``: a sheet for the floor, to print at its true size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from host.codes import ErrorCode
from host.durable import told_as_input
from host.errors import InputError
from host.text import sentence


def marker(
    out: Annotated[Path, typer.Option(help="File to write, .svg or .pdf.")] = Path(
        "floor-marker.pdf"
    ),
    paper: Annotated[str, typer.Option(help="A4, A3, A2, A1 or A0; larger is surer.")] = "A3",
    copy: Annotated[int, typer.Option(help="0 to 9: sheets on one floor need their own.")] = 0,
    board: Annotated[bool, typer.Option("--board", help="A ChArUco board instead.")] = False,
) -> None:
    """Write a floor sheet whose size Footfall knows."""
    from host.capture.floor_sheets import COPIES, PAPER_M, board_sheet, boards, marker_sheet
    from host.capture.print_sheet import WRITERS, write_sheet

    _known("--paper", paper, boards() if board else tuple(PAPER_M))
    _known("--out", out.suffix.lower(), tuple(WRITERS))
    if not 0 <= copy < COPIES:
        _known("--copy", str(copy), (f"0 – {COPIES - 1}",))
    sheet = board_sheet(paper) if board else marker_sheet(paper, copy)
    size = {"wide_mm": 1000 * sheet.size_m[0], "long_mm": 1000 * sheet.size_m[1]}
    with told_as_input(out):
        write_sheet(sheet, out, sentence("marker.caption", name=sheet.name, **size))
    told = sentence("marker.written", file=out, paper=paper, **size)
    Console().print(told, soft_wrap=True, markup=False)


def _known(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(
            ErrorCode.OPTION_INVALID, option=option, value=value, reason=", ".join(known)
        )
