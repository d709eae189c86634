"""``footfall doctor`` and ``footfall models``: what this machine has and can."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from host.doctor import Check, examine
from host.errors import MachineError
from host.service.folders import default_data_dir
from host.text import number, sentence, sentences
from model_zoo.package import Metric

FAILED = MachineError.exit_code
STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def doctor(
    data_dir: Annotated[Path | None, typer.Option(help="Where recordings are kept.")] = None,
    settings: Annotated[Path | None, typer.Option(help="Settings file, for a board.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Look what of this machine works, and say what to do about the rest."""
    from host.settings import load_settings  # late: it needs numpy, of which the doctor tells

    table = load_settings(settings).accelerator if settings else None
    checks = list(examine(data_dir or default_data_dir(), table))
    failed = sum(check.state == "fail" for check in checks)
    if as_json:
        found = [{**asdict(check), "code": check.code.value} for check in checks]
        typer.echo(json.dumps({"ok": not failed, "checks": found}, indent=1, ensure_ascii=False))
    else:
        _print_checks(checks, failed)
    raise typer.Exit(FAILED if failed else 0)


def models(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the released networks with the numbers of their cards."""
    from host.accelerator import load_model
    from model_zoo.package import released_names

    released = [load_model(name) for name in released_names()]
    if as_json:
        tables = [json.loads(model.to_json()) for model in released]
        typer.echo(json.dumps(tables, indent=1, ensure_ascii=False))
        return
    console = Console()
    if not released:
        console.print(sentence("table.no_models"))
        return
    for model in released:
        bits = "/".join(str(bits) for bits in sorted({x.weight_bits for x in model.layers}))
        size = sentence(
            "table.model_size", mmac=model.macs / 1e6, weights=model.weights / 1e3, bits=bits
        )
        console.print(f"[bold]{model.name} {model.version}[/] · {model.role} · {size}")
        console.print(_measured(model.metrics))


def _measured(metrics: tuple[Metric, ...]) -> Table:
    """One line a set, one column a figure that has a heading; the card and --json have all."""
    given = {f"metric.{name}" for metric in metrics for name in metric.values}
    names = [key.removeprefix("metric.") for key in sentences() if key in given]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(sentence("table.set"), overflow="fold")
    values = [[metric.values.get(name) for name in names] for metric in metrics]
    figures = [["–" if v is None else number(v) for v in row] for row in values]
    for name, column in zip(names, zip(*figures, strict=True), strict=True):
        widest = max(len(figure) for figure in column)  # headings may break, figures may not
        table.add_column(sentence(f"metric.{name}"), justify="right", min_width=widest)
    for metric, row in zip(metrics, figures, strict=True):
        table.add_row(metric.dataset, *row)
    return table


def _print_checks(checks: list[Check], failed: int) -> None:
    table = _table("part", "state", "found", "todo")
    for check in checks:
        state = Text(sentence(f"table.{check.state}"), style=STYLES[check.state])
        table.add_row(check.name, state, Text(check.found), Text(check.advice or ""))
    console = Console()
    console.print(table)
    words = sentence("table.not_well", count=failed) if failed else sentence("table.all_well")
    console.print(words, style=STYLES["fail" if failed else "ok"])


def _table(*columns: str) -> Table:
    table = Table(show_lines=True)
    for column in columns:
        table.add_column(sentence(f"table.{column}"), overflow="fold")
    return table
