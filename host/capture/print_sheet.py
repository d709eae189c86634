"""Printing floor sheets at their true size, as SVG or PDF, without any library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host.capture.floor_sheets import PAPER_M, Sheet
from host.durable import write_atomically

_MM = 1000.0
_POINTS = 72 / 0.0254  # PDF's unit per metre
_RULER_M = 0.1
_TEXT_MM = 4.0

Box = tuple[float, float, float, float]
"""x, y, width and height from the paper's upper left corner, metres."""


def dark_boxes(sheet: Sheet) -> list[Box]:
    """Dark parts of the sheet on its paper, rows of cells joined."""
    cells, (wide, long), (left, top) = sheet.cells(), sheet.size_m, _corner(sheet)
    rows, columns = cells.shape
    boxes: list[Box] = []
    for row in range(rows):
        for start, stop in _dark_runs(cells[row]):
            x, y = left + wide * start / columns, top + long * row / rows
            boxes.append((x, y, wide * (stop - start) / columns, long / rows))
    return boxes


def write_sheet(sheet: Sheet, path: Path, caption: str) -> None:
    """Write a sheet; the file's name says how (``.svg`` or ``.pdf``).

    Parameters
    ----------
    sheet
        What to print.
    path
        File to write.
    caption
        One line below the pattern, beside a ruler of 100 mm.

    Raises
    ------
    KeyError
        For another kind of file: see :data:`WRITERS`.
    """
    write_atomically(path, WRITERS[path.suffix.lower()](sheet, caption))


def _svg(sheet: Sheet, caption: str) -> bytes:
    paper = PAPER_M[sheet.paper]
    wide, long = (v * _MM for v in paper)
    shapes = "".join(
        f'<path d="M{x * _MM:.3f} {y * _MM:.3f}h{w * _MM:.3f}v{h * _MM:.3f}h{-w * _MM:.3f}z"/>'
        for x, y, w, h in (*dark_boxes(sheet), *_ruler(sheet))
    )
    x, y = (v * _MM for v in _caption_at(sheet))
    text = f'<text x="{x:.1f}" y="{y:.1f}" font-family="sans-serif" font-size="{_TEXT_MM}">'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:g}mm" height="{long:g}mm" '
        f'viewBox="0 0 {wide:g} {long:g}"><rect width="{wide:g}" height="{long:g}" fill="#fff"/>'
        f"{shapes}{text}{caption}</text></svg>\n"
    ).encode()


def _pdf(sheet: Sheet, caption: str) -> bytes:
    wide, long = PAPER_M[sheet.paper]
    drawn = [
        f"{x * _POINTS:.3f} {(long - y - h) * _POINTS:.3f} {w * _POINTS:.3f} {h * _POINTS:.3f} re"
        for x, y, w, h in (*dark_boxes(sheet), *_ruler(sheet))
    ]
    x, y = _caption_at(sheet)
    size = _TEXT_MM / _MM * _POINTS
    escaped = caption.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    text = f"BT /F1 {size:.2f} Tf {x * _POINTS:.2f} {(long - y) * _POINTS:.2f} Td ({escaped}) Tj ET"
    content = "\n".join((*drawn, "f", text)).encode("latin-1", "replace")
    page = (
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {wide * _POINTS:.3f} {long * _POINTS:.3f}]"
        "/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>"
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/ViewerPreferences<</PrintScaling/None>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page.encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


WRITERS: dict[str, Callable[[Sheet, str], bytes]] = {".svg": _svg, ".pdf": _pdf}
"""Kinds of file by the name's ending."""


def _corner(sheet: Sheet) -> tuple[float, float]:
    """Where the pattern's upper left corner lies on the paper."""
    (paper_wide, paper_long), (wide, long) = PAPER_M[sheet.paper], sheet.size_m
    return (paper_wide - wide) / 2, (paper_long - long) / 2


def _caption_at(sheet: Sheet) -> tuple[float, float]:
    left, top = _corner(sheet)
    return left + _RULER_M + 0.004, top + sheet.size_m[1] + 0.016


def _ruler(sheet: Sheet) -> list[Box]:
    """A line of exactly 100 mm with two ends: whoever prints can check the size."""
    left, top = _corner(sheet)
    y = top + sheet.size_m[1] + 0.014
    ends: list[Box] = [(left + x, y - 0.002, 0.0003, 0.004) for x in (0.0, _RULER_M - 0.0003)]
    return [(left, y, _RULER_M, 0.0003), *ends]


def _dark_runs(row: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([True], row, [True])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
