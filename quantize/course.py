"""A whole training by one command: ``python -m quantize course NAME --plan night --out DIR ...``.

The section ``[plans.PLAN]`` of the recipe names the minutes of each stage, and the ``processes``,
or ``device`` and ``workers``, for ``quantize train``. Options that are not listed here go there as
they are (``--data``, ``--renders``...); rendered sets may still be being drawn. The same command
again goes on where the last one was cut off: finished stages are left alone, the one that was cut
off goes on from its last checkpoint with the minutes that are left.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task
from rich.text import Text

from quantize.console import tell_error
from quantize.curves import draw, read_curve, runs_of
from quantize.recipe import read_recipe

STAGES = ("small", "float", "qat")
"""Stages of a plan in their order; each starts from the weights of the one before."""

CONTROL = "control"
"""The float stage once more from what ``qat`` starts from; it has a folder of its own."""

_TOLD = ("samples", "loss", "validation_pck_02", "validation_subject_found")


class Course:
    """The parts of one training, which of them are finished, and what ``quantize train`` gets.

    Raises ValueError when the recipe has no such plan, or ``--out`` holds another training.
    """

    def __init__(self, args: argparse.Namespace, rest: list[str]) -> None:
        self.args, self.rest = args, rest
        self.recipe = read_recipe(args.name, args.variant)
        plans = self.recipe.get("plans", {})
        if args.plan not in plans:
            raise ValueError(f"{args.name} has no plan {args.plan}, only {list(plans)}")
        self.plan: dict[str, Any] = {**plans[args.plan], CONTROL: plans[args.plan]["qat"]}
        # Who starts from trained weights needs no crops of half the size.
        stages = [s for s in STAGES if s in self.plan and not (s == "small" and args.init)]
        self.parts = [*stages, CONTROL] if args.control else stages
        self.state = args.out / "course.json"
        mine = {"name": args.name, "plan": args.plan, "init": args.init, "finished": []}
        self.held = json.loads(self.state.read_text("utf-8")) if self.state.exists() else mine
        other = {**self.held, "finished": []} != mine
        if other or (self.held is mine and self.curve("qat").exists()):
            raise ValueError(f"{args.out} holds another training; choose another --out")

    def note(self, *finished: str) -> None:
        """Write down that the course has begun, and what is finished."""
        self.held["finished"] += finished
        fresh = self.state.with_suffix(".new")
        fresh.write_text(json.dumps(self.held) + "\n", encoding="utf-8")
        fresh.replace(self.state)

    def curve(self, part: str) -> Path:
        """File of the lines that a part writes."""
        folder: Path = self.args.out
        return (folder / CONTROL if part == CONTROL else folder) / "curve.jsonl"

    def last(self, part: str) -> dict[str, Any]:
        """What a part wrote last; empty before its first checkpoint."""
        curve, stage = self.curve(part), "float" if part == CONTROL else part
        lines = read_curve(curve) if curve.exists() else []
        return next((line for line in reversed(lines) if line["stage"] == stage), {})

    def told(self, part: str) -> str:
        """Part and its last scores."""
        last = self.last(part)
        return ", ".join([part, *(f"{key} {last[key]}" for key in _TOLD if key in last)])

    def words(self, part: str) -> list[str]:
        """Command line of ``quantize train`` for a part that begins or goes on now."""
        place, control = self.parts.index(part), part == CONTROL
        before = "float" if control else self.parts[place - 1]
        init = self.args.out / f"{before}.safetensors" if place else self.args.init
        options = {k: v for k, v in self.plan.items() if k not in (*STAGES, CONTROL)}
        words = [w for key, value in options.items() for w in (f"--{key}", value)] + self.rest
        words += ["--stage", "float" if control else part, "--out", self.curve(part).parent]
        words += ["--variant", self.args.variant] if self.args.variant else []
        words += ["--init", init] if init else []
        words += ["--guide", init] if part == "qat" and self.recipe["qat"].get("guide") else []
        if control and self.args.control == "pictures":
            words += ["--pictures", self.last("qat")["samples"]]
        return [str(w) for w in (self.args.name, *words, "--minutes", self.plan[part])]


class _Standing(ProgressColumn):
    """Minutes of a part, those before a break included, and its last scores."""

    max_refresh = 2.0

    def __init__(self, course: Course, part: str) -> None:
        super().__init__()
        self.course, self.part = course, part
        self.before = course.last(part).get("minutes", 0.0)

    def render(self, task: Task) -> Text:
        minutes = self.before + (task.elapsed or 0) / 60
        length = self.course.plan[self.part]
        return Text(f"{minutes:.1f} of {length:g} min: {self.course.told(self.part)}")


def run(course: Course, console: Console) -> None:
    """Train what is not finished, draw the curves, tell the scores and how to export."""
    import matplotlib  # noqa: F401  (where it is missing, that is told before a night)

    from quantize import train  # late: --help and a wrong plan need no torch

    course.args.out.mkdir(parents=True, exist_ok=True)
    course.note()
    for part in course.parts:
        if part not in course.held["finished"]:
            console.print(f"{part}: {course.plan[part]:g} min, scores in {course.curve(part)}")
            with Progress(SpinnerColumn(), _Standing(course, part), console=console) as progress:
                progress.add_task(part, total=None)
                train.main([*course.words(part), "--resume"])
            course.note(part)
        curve = course.curve(part)
        draw(course.args.name, runs_of(read_curve(curve)), curve.with_suffix(".svg"))
        console.print(f"Done: {course.told(part)}", soft_wrap=True)
    out = course.args.out
    console.print(
        f"Curves: {out}/curve.svg. To release it: python -m quantize export {course.args.name} "
        f"--checkpoint {out}/qat.safetensors --version X.Y.Z --curve {out}/curve.jsonl "
        "--renders SET", soft_wrap=True,
    )  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """Options of ``python -m quantize course``; all others are those of ``quantize train``."""
    prog = "python -m quantize course"
    p = argparse.ArgumentParser(prog=prog, description=__doc__, allow_abbrev=False)
    p.add_argument("name", help="recipe, such as gait-pose-m")
    p.add_argument("--plan", required=True, help="of the recipe: night (CPU) or hour (GPU)")
    p.add_argument("--out", type=Path, required=True, help="for weights, curves and course.json")
    p.add_argument("--init", help="trained weights to start from; the stage small is left out then")
    p.add_argument("--variant", type=Path, help="TOML file of recipe sections that differ")
    p.add_argument(
        "--control", choices=("time", "pictures"),
        help="train float as long as qat, or on as many pictures, from the same weights",
    )  # fmt: skip
    return p


def main(argv: list[str] | None = None) -> int:
    """Run a course, or what is left of it; returns 0, or 2 when something named is not there."""
    args, rest = parser().parse_known_args(argv)
    try:
        run(Course(args, rest), Console())
    except (FileNotFoundError, ValueError) as error:
        return tell_error(error)
    return 0
