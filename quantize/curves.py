"""Learning curves as a picture: ``python -m quantize curves NAME``.

``recipes/curves/NAME.jsonl`` holds the lines that the trainings of a released network wrote, one
stage after the other; ``--add`` appends those of a new one. The picture goes to ``docs/images``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quantize.console import tell_error

CURVES = Path(__file__).parent / "recipes" / "curves"
IMAGES = Path(__file__).parent.parent / "docs" / "images"
PANELS = (
    ("loss", "loss", ("loss",)),
    ("validation, PCK@0.2", "%", ("validation_pck_02", "validation_either_side")),
    ("validation, exchanged pairs", "%", ("validation_swap_rate",)),
    (
        "validation, found at 0.05 false boxes a frame",
        "%",
        ("validation_subject_found", "validation_people_found"),
    ),
)
"""Title, unit and keys of the panels, top down; a panel that no line has is left out."""

_NAMES = {
    "validation_pck_02": "as it is",
    "validation_either_side": "persons exchanged where that fits better",
    "validation_subject_found": "the patient",
    "validation_people_found": "everybody",
}
_COLOURS = ("#1f5fa8", "#c8641e")


@dataclass(frozen=True)
class Run:
    """The lines of one training without a break.

    Attributes
    ----------
    stage
        ``small``, ``float`` or ``qat``.
    first
        Pictures that the network had seen before.
    lines
        As written by the training; their ``samples`` count from 0.
    """

    stage: str
    first: int
    lines: tuple[dict[str, Any], ...]

    def pictures(self) -> list[int]:
        """Pictures seen at each line, those of earlier runs included."""
        return [self.first + int(line["samples"]) for line in self.lines]


def runs_of(lines: Sequence[dict[str, Any]]) -> list[Run]:
    """Lines parted into runs: a new one begins with another stage or a smaller count."""
    runs: list[Run] = []
    for line in lines:
        last = runs[-1] if runs else None
        if last and line["stage"] == last.stage and line["samples"] >= last.lines[-1]["samples"]:
            runs[-1] = Run(last.stage, last.first, (*last.lines, line))
        else:
            runs.append(Run(line["stage"], last.pictures()[-1] if last else 0, (line,)))
    return runs


def read_curve(path: Path) -> list[dict[str, Any]]:
    """Lines of a ``curve.jsonl``."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def draw(name: str, runs: Sequence[Run], path: Path) -> None:
    """Write the panels as SVG (or as the format that the ending of ``path`` names)."""
    import matplotlib as mpl

    mpl.use("agg")
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": name, "font.size": 9})
    import matplotlib.pyplot as plt

    known = {key for run in runs for line in run.lines for key in line}
    panels = [p for p in PANELS if known & set(p[2])]
    figure, axes = plt.subplots(
        len(panels), 1, sharex=True, figsize=(7, 2 * len(panels)), squeeze=False
    )
    for (title, unit, keys), axis in zip(panels, axes[:, 0], strict=True):
        for key, colour in zip(keys, _COLOURS, strict=False):
            _plot(axis, runs, key, colour)
        for run in runs:
            axis.axvline(run.first / 1000, color="#999999", linewidth=0.6)
        axis.set_title(title, loc="left", fontsize=9)
        axis.set_ylabel(unit)
        if len(keys) > 1:
            axis.legend(frameon=False, fontsize=8, loc="lower right")
    for run in runs:
        axes[0, 0].annotate(
            run.stage, (run.first / 1000, 1.0), xycoords=("data", "axes fraction"),
            xytext=(1, -3), textcoords="offset points", fontsize=7, color="#666666",
            rotation=90, va="top",  # short runs stand close together
        )  # fmt: skip
    axes[-1, 0].set_xlabel("thousand pictures")
    figure.suptitle(f"{name}: how it learned", fontsize=10)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)


def _plot(axis: Any, runs: Sequence[Run], key: str, colour: str) -> None:
    label = _NAMES.get(key)
    for run in runs:
        pairs = zip(run.pictures(), run.lines, strict=True)
        points = [(x / 1000, line[key]) for x, line in pairs if line.get(key) is not None]
        if points:
            axis.plot(*zip(*points, strict=True), color=colour, marker=".", ms=3, label=label)
            label = None


def parser() -> argparse.ArgumentParser:
    """Options of ``python -m quantize curves``."""
    p = argparse.ArgumentParser(prog="python -m quantize curves", description=__doc__)
    p.add_argument("name", help="network, such as gait-pose-s")
    p.add_argument("--add", type=Path, nargs="*", default=[], help="curve.jsonl of new trainings")
    p.add_argument("--curve", type=Path, help="draw this file instead (nothing is added)")
    p.add_argument("--out", type=Path, help="picture (default: docs/images/curve-NAME.svg)")
    return p


def main(argv: list[str] | None = None) -> int:
    """Draw; returns 0, or 2 when there is no such curve."""
    args = parser().parse_args(argv)
    source = args.curve or CURVES / f"{args.name}.jsonl"
    try:
        added = [path.read_text(encoding="utf-8").rstrip("\n") + "\n" for path in args.add]
        kept = [] if args.curve else [line for path in args.add for line in read_curve(path)]
        old = [] if kept and not source.exists() else read_curve(source)
        runs = runs_of([*old, *kept])
    except FileNotFoundError as error:
        return tell_error(error)
    draw(args.name, runs, args.out or IMAGES / f"curve-{args.name}.svg")
    if kept:  # last: a picture that cannot be drawn must not enter the lines
        with source.open("a", encoding="utf-8") as stream:
            stream.writelines(added)
    return 0
