"""``footfall compare``: what a second walk of the same person adds."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from host.codes import ErrorCode
from host.errors import InputError
from host.text import number, quantity, sentence, unit_text

if TYPE_CHECKING:
    from host.diagnosis.change import Change
    from host.diagnosis.conditions import Difference
    from host.report.assessment import Assessment


class Second(str, Enum):
    """How the person walked in the second recording."""

    DUAL_TASK = "dual_task"
    FAST = "fast"
    LATER_VISIT = "later_visit"


def compare(
    usual: Annotated[Path, typer.Argument(help="Results of the usual walk (folder).")],
    second: Annotated[Path, typer.Argument(help="Results of the other walk (folder).")],
    condition: Annotated[Second, typer.Option(help="How the other walk was walked.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Compare two walks of one person: a second task, a fast walk, or a later visit."""
    from host.diagnosis.change import changes
    from host.diagnosis.conditions import dual_task, speed_reserve

    assessed = [_read(folder) for folder in (usual, second)]
    if _unlike([usual, second], assessed):
        Console(stderr=True).print(sentence("compare.unlike"), style="yellow", soft_wrap=True)
    if not assessed[0].measured_like(assessed[1]):
        words = sentence("compare.measured_otherwise")
        Console(stderr=True).print(words, style="yellow", soft_wrap=True)
    both = [assessment.parameters for assessment in assessed]
    if condition is Second.LATER_VISIT:
        _tell_changes(changes(both[0], both[1]), as_json)
        return
    compared = dual_task if condition is Second.DUAL_TASK else speed_reserve
    found = compared(both[0], both[1])
    if as_json:
        typer.echo(json.dumps([_plain(entry) for entry in found], indent=1))
    else:
        Console().print(_table(found))


def _read(folder: Path) -> Assessment:
    """The assessment of a results folder, or of its file."""
    from pydantic import ValidationError

    from host.report import write
    from host.report.assessment import Assessment

    path = folder / write.ASSESSMENT if folder.is_dir() else folder
    if not path.is_file():
        raise InputError(ErrorCode.FILE_MISSING, file=path)
    try:
        return Assessment.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise InputError(ErrorCode.NOT_AN_ASSESSMENT, file=path) from error


def _unlike(folders: list[Path], assessed: list[Assessment]) -> bool:
    """Whether the people of two results do not look alike, where the settings kept their shapes."""
    from host.pose.recording import load_recording
    from host.report import write
    from host.subject.likeness import LikenessDoubt, walking_spans

    paths = [folder / write.KEYPOINTS for folder in folders]
    if not all(path.is_file() for path in paths):
        return False
    walks = []
    for path, assessment in zip(paths, assessed, strict=True):
        recording = load_recording(path)
        events = [(event.bout, event.time_s) for event in assessment.events]
        walks.append((recording, walking_spans(recording, events)))
    return LikenessDoubt().judge(walks[0], walks[1]) is True


def _plain(entry: Difference | Change) -> dict[str, object]:
    """The entry with null for what is not known."""
    return {name: None if value != value else value for name, value in asdict(entry).items()}


def _tell_changes(found: tuple[Change, ...], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([_plain(entry) for entry in found], indent=1))
        return
    table = Table()
    for column in ("parameter", "before", "after", "difference", "interval", "meaning"):
        table.add_column(sentence(f"compare.{column}"))
    for entry in found:
        table.add_row(
            sentence(f"parameter.{entry.parameter}"),
            *(quantity(v, entry.unit) for v in (entry.before, entry.after, entry.difference)),
            _interval(entry.interval_95, entry.unit),
            _meaning(entry),
        )
    console = Console()
    console.print(table)
    console.print(sentence("compare.visits_note"))


def _interval(interval: tuple[float, float] | None, unit: str) -> str:
    if interval is None:
        return ""
    low, high = (number(end, unit) for end in interval)
    return sentence("compare.from_to", low=low, high=high)


def _meaning(entry: Change) -> str:
    limit = "" if entry.limit is None else quantity(entry.limit, entry.unit)
    words = sentence(entry.code.value, limit=limit)
    if entry.better is None:
        return words
    direction = sentence(f"change_direction.{'better' if entry.better else 'worse'}")
    return f"{direction}: {words}"


def _table(found: tuple[Difference, ...]) -> Table:
    table = Table()
    for column in ("index", "parameter", "first", "second", "value", "interval"):
        table.add_column(sentence(f"compare.{column}"))
    for entry in found:
        if entry.absent_reason is not None:
            shown = sentence(entry.absent_reason.value)
        else:
            shown = quantity(entry.value, entry.unit)
        unit = unit_text(entry.measured_in)
        table.add_row(
            sentence(f"compare.{entry.name}"),
            sentence(f"parameter.{entry.parameter}") + (f" ({unit})" if unit else ""),
            number(entry.first, entry.measured_in),
            number(entry.second, entry.measured_in),
            shown,
            _interval(entry.interval_95, entry.unit),
        )
    return table
