"""``footfall``: the command line. Commands of other rooms are imported when they are asked for."""

from __future__ import annotations

import gc
import importlib
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from host.codes import ErrorCode
from host.errors import FootfallError, InputError
from host.text import number, sentence

if TYPE_CHECKING:
    from rich.table import Table

    from host.pipeline import Progress
    from host.report.assessment import Assessment, ParameterResult
    from host.settings import Settings

# Command: where it is, imported only when it is called (or listed by --help).
COMMANDS = {
    "analyze": "host.cli:analyze",
    "compare": "host.compare_cli:compare",
    "demo": "host.demo.cli:demo",
    "marker": "host.capture.cli:marker",
    "serve": "host.service.cli:serve",
    "guide": "host.report.guide.cli:guide",
    "models": "host.machine_cli:models",
    "doctor": "host.machine_cli:doctor",
}
SHOWN = (
    "cadence",
    "walking_speed",
    "step_time",
    "step_length",
    "stride_time",
    "stride_length",
    "stance_percent",
    "double_support_percent",
)
_PATIENCE_S = 2.0  # what takes longer shows a bar
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_HEIGHT_M, _AGE_YEARS = (0.4, 2.6), (0.0, 120.0)
_SEXES = ("f", "m")


def build(words: Sequence[str]) -> typer.Typer:
    """Make the command line with the one command that ``words`` ask for, or with all (for help)."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="A walking video goes in, a gait report comes out. Research use, not for diagnosis.",
    )
    app.callback()(_group)
    asked = [word for word in words[:1] if word in COMMANDS]
    for name in asked or COMMANDS:
        module, _, function = COMMANDS[name].partition(":")
        app.command(name)(getattr(importlib.import_module(module), function))
    return app


def _group() -> None:
    """Typer makes a group of commands, even of one, when there is a callback."""


def analyze(
    source: Annotated[Path, typer.Argument(help="A video, or keypoints.npz of an analysis.")],
    out: Annotated[Path, typer.Option(help="New folder for the results.")],
    height_m: Annotated[float | None, typer.Option(help="Body height, for metres.")] = None,
    age: Annotated[float | None, typer.Option(help="Years, for the norms.")] = None,
    sex: Annotated[str | None, typer.Option(help="f or m, for the norms.")] = None,
    backend: Annotated[str | None, typer.Option(help="emulation, rtl or pynq.")] = None,
    model: Annotated[str | None, typer.Option(help="Released network, name or folder.")] = None,
    walkway: Annotated[
        str | None, typer.Option(help="Two floor marks and metres: x0,y0,x1,y1,metres.")
    ] = None,
    scale: Annotated[
        str | None, typer.Option(help="Metres by: auto, height, walkway or sheet.")
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="Settings file (TOML).")] = None,
    overlay: Annotated[bool, typer.Option(help="Write overlay.mp4.")] = True,
    report: Annotated[bool, typer.Option(help="Write report, CSV and TRC.")] = True,
    openpose: Annotated[bool, typer.Option("--openpose", help="Write openpose.zip.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print assessment.json.")] = False,
) -> None:
    """Analyse one recording and write a gait report."""
    with _kept_for_good():
        from host.gait.types import Person
        from host.pipeline import analyze_file
        from host.settings import load_settings

    _check_person(height_m, age, sex)
    chosen = load_settings(settings)
    if backend is not None:
        chosen = replace(chosen, accelerator=replace(chosen.accelerator, backend=backend))
    if model is not None:
        chosen = replace(chosen, pose=replace(chosen.pose, model=model))
    chosen = _scaled(chosen, scale, walkway)
    chosen = _outputs(chosen, overlay=overlay, report=report, openpose=openpose)
    with at_work() as progress:
        assessment = analyze_file(source, out, chosen, Person(height_m, age, sex), progress)
    if as_json:
        typer.echo(assessment.to_json())
    else:
        print_results(assessment, out, Console())


def _scaled(settings: Settings, scale: str | None, walkway: str | None) -> Settings:
    """The settings with the scale's options."""
    from host.gait.scale.find import SOURCES
    from host.gait.scale.types import WALKWAY_FORM, parse_walkway

    kept = settings.scale
    if scale is not None:
        if scale not in SOURCES:
            raise _invalid("--scale", scale, ", ".join(SOURCES))
        kept = replace(kept, source=scale)
    if walkway is not None:
        try:
            parse_walkway(walkway)
        except ValueError as error:
            raise _invalid("--walkway", walkway, WALKWAY_FORM) from error
        kept = replace(kept, walkway=walkway)
    return replace(settings, scale=kept)


def _invalid(option: str, value: object, reason: str) -> InputError:
    return InputError(ErrorCode.OPTION_INVALID, option=option, value=value, reason=reason)


def print_results(assessment: Assessment, out: Path, console: Console) -> None:
    """Main results as a table, the failed checks, and where the report lies."""
    grade = assessment.quality.grade
    told = sentence(
        "analyze.grade",
        grade=sentence(f"grade.{grade}"),
        meaning=sentence(f"grade_meaning.{grade}"),
    )
    console.print(told, style="bold", soft_wrap=True)
    for alert in assessment.alerts or ():
        console.print(f"  {alert.message}", style="yellow", soft_wrap=True, markup=False)
    for check in assessment.quality.checks:
        if not check.passed and check.advice:
            name = sentence(check.code.value.replace("quality.", "quality_name.", 1))
            console.print(f"  {name}: {check.advice}", soft_wrap=True)
    if grade != "unusable":
        console.print(_table(assessment))
    console.print(sentence("analyze.written", folder=out), soft_wrap=True, markup=False)


def _table(assessment: Assessment) -> Table:
    from rich.table import Table

    table = Table()
    for column in ("parameter", "value", "spread", "count", "norm"):
        table.add_column(sentence(f"analyze.{column}"))
    for name in SHOWN:
        table.add_row(sentence(f"parameter.{name}"), *_cells(assessment.parameters[name]))
    return table


def main() -> None:
    """Entry of the console script: errors of the input or the machine are one line, no trace."""
    try:
        build(sys.argv[1:])(prog_name="footfall")
    except FootfallError as error:
        _end_with(error)
    except PermissionError as error:  # a folder on the way that this account must not look into
        _end_with(InputError(ErrorCode.FILE_UNREADABLE, file=error.filename or error))


def _end_with(error: FootfallError) -> NoReturn:
    console = Console(stderr=True, markup=False, highlight=False)
    console.print(str(error), style="red", soft_wrap=True)
    sys.exit(error.exit_code)


def _cells(entry: ParameterResult) -> tuple[str, str, str, str]:
    if entry.value is None:
        reason = sentence(entry.absent_reason.value) if entry.absent_reason else ""
        return reason, "", "", ""
    mean_sd = () if entry.norm is None else (entry.norm.mean, entry.norm.sd)
    norm = " ± ".join(number(value, entry.unit) for value in mean_sd)
    spread = "" if entry.sd is None else f"± {number(entry.sd, entry.unit)}"
    return f"{number(entry.value, entry.unit)} {entry.unit}", spread, str(entry.n), norm


def _outputs(settings: Settings, *, overlay: bool, report: bool, openpose: bool) -> Settings:
    """Options of the command line can leave outputs out; the settings file may have done so."""
    given = settings.output
    wanted = replace(
        given,
        overlay=given.overlay and overlay,
        report=given.report and report,
        openpose=given.openpose or openpose,
    )
    return replace(settings, output=wanted)


def _check_person(height_m: float | None, age: float | None, sex: str | None) -> None:
    for option, value, (low, high) in (
        ("--height-m", height_m, _HEIGHT_M),
        ("--age", age, _AGE_YEARS),
    ):
        if value is not None and not low <= value <= high:
            raise _invalid(option, value, f"{low:g} – {high:g}")
    if sex is not None and sex not in _SEXES:
        raise _invalid("--sex", sex, ", ".join(_SEXES))


@contextmanager
def at_work() -> Iterator[Progress]:
    """Long work of a command: a bar on the error stream, and nothing left when it is ended.

    The bar comes once the work takes longer than a moment. Ctrl-C, a terminal that is closed and a
    machine that is shut down end the work at its next picture, so that half-written results are
    removed; an exception at any moment could be lost inside a library's callback. Ctrl-C a second
    time ends it at once. What was ignored, as under ``nohup``, stays ignored.
    """
    ending: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and number in ending:
            raise KeyboardInterrupt
        ending.append(number)

    heard = [n for n in _ENDING if signal.getsignal(n) is not signal.SIG_IGN]
    before = {n: signal.signal(n, end) for n in heard}

    try:
        with _bar() as shown:

            def tell(stage: str, done: int, total: int) -> None:
                if ending:
                    sys.exit(128 + ending[0])  # as a shell tells that a signal ended a process
                shown(stage, done, total)

            yield tell
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _kept_for_good() -> Iterator[None]:
    """Import here what stays: a collector of garbage would look through it again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, TaskID] = {}
    began_s = time.monotonic()

    def tell(stage: str, done: int, total: int) -> None:
        if time.monotonic() - began_s < _PATIENCE_S:
            return
        bar.start()
        if stage not in tasks:
            tasks[stage] = bar.add_task(sentence(f"progress.{stage}"), total=total or None)
        bar.update(tasks[stage], completed=done)

    try:
        yield tell
    finally:
        if bar.live.is_started:  # stopping a bar that was never shown prints an empty line
            bar.stop()


if __name__ == "__main__":
    main()
