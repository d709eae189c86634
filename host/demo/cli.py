"""``footfall demo``: the whole way on the shipped walk, beside what is true of it."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from host.cli import at_work
from host.demo.run import Demonstration, run_demo
from host.report.write import REPORT
from host.text import number, sentence


def demo(
    out: Annotated[Path, typer.Option(help="New folder for the results.")] = Path("footfall-demo"),
) -> None:
    """Analyse a short rendered walk and print the results beside the truth."""
    console, began_s = Console(), time.monotonic()
    console.print(sentence("demo.what"), soft_wrap=True)
    with at_work() as progress:
        shown = run_demo(out, progress)
    console.print(_table(shown))
    match = shown.contacts
    values = {"found": match.n_found, "true": match.n_true, "extra": match.n_extra}
    error_ms = match.mean_abs_error_s * 1000
    console.print(sentence("demo.contacts", error_ms=error_ms, **values), soft_wrap=True)
    grade = shown.assessment.quality.grade
    told = {"grade": sentence(f"grade.{grade}"), "meaning": sentence(f"grade_meaning.{grade}")}
    console.print(sentence("analyze.grade", **told), style="bold", soft_wrap=True)
    seconds = time.monotonic() - began_s
    console.print(sentence("demo.written", file=out / REPORT, seconds=seconds), soft_wrap=True)


def _table(shown: Demonstration) -> Table:
    table = Table()
    for column in ("parameter", "measured", "truth", "error", "unit"):
        table.add_column(sentence(f"demo.{column}"))
    for row in shown.rows:
        name, _, side = row.key.partition(".")
        label = sentence(f"parameter.{name}")
        if side:
            label = f"{label}, {sentence(f'foot.{side}').lower()}"
        # One digit more than a report shows: the point here is the difference.
        digits = 1 if row.truth >= 20 else 3
        values = (row.measured, row.truth, row.error)
        cells = [_digits(v, digits, s) for v, s in zip(values, ("", "", "+"), strict=True)]
        table.add_row(label, *cells, row.unit)
    return table


def _digits(value: float, digits: int, sign: str) -> str:
    return f"{value:{sign}.{digits}f}" if math.isfinite(value) else number(value)
