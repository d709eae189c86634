"""Comparisons at equal numbers of pictures: ``python -m quantize experiment NAME ...``.

An experiment is a file ``recipes/experiments/<name>.toml``: what it asks, network, stage, pictures,
what it starts from, and the sections of the recipe that differ. Each result is appended to
``results.jsonl`` there, scored on the validation split and on held-out renders, never on a test
set. ``--table FILE`` writes the page from that file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import time
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from quantize.console import tell_error
from quantize.experiment_table import RESULTS, page
from quantize.pose_metric import PoseMetric

EXPERIMENTS = RESULTS.parent
HELD_OUT_RENDERS = 400
"""Rendered persons that an experiment is scored on, evenly spaced over their set."""


@dataclass(frozen=True)
class Experiment:
    """The section ``[experiment]`` of a file.

    Attributes
    ----------
    asks
        The question, one sentence.
    against
        Name of the experiment that it is compared with; empty for a control.
    network, stage
        As for ``quantize train``.
    pictures
        Length of the stage.
    start
        ``given`` (the weights of ``--init``), ``nothing``, or the experiment whose result is
        trained on.
    guided
        Whether the maps of what it starts from are learned beside the labels (``train --guide``).
    """

    asks: str
    network: str
    stage: str
    pictures: int
    start: str = "given"
    against: str = ""
    guided: bool = False


def read_experiment(name: str) -> Experiment:
    """The experiment ``name``."""
    return Experiment(**tomllib.loads(experiment_file(name).read_text())["experiment"])


def experiment_file(name: str) -> Path:
    """File of the experiment ``name``."""
    return EXPERIMENTS / f"{name}.toml"


def run(name: str, args: argparse.Namespace) -> dict[str, Any]:
    """Train and score one experiment; the line of ``results.jsonl``."""
    plan = read_experiment(name)
    out = args.out / name
    init = _start(plan, args)

    from quantize import train  # late: the table needs no torch
    from quantize.stage import load_weights

    words = [plan.network, "--stage", plan.stage, "--data", str(args.data), "--out", str(out)]
    words += ["--variant", str(experiment_file(name)), "--pictures", str(plan.pictures)]
    words += ["--every", "4", "--renders", *map(str, args.renders)]
    words += ["--init", str(init)] if init else []
    words += ["--guide", str(init)] if plan.guided else []
    began = time.monotonic()
    trainer = train.Trainer(train.parser().parse_args(words), 0)
    trainer.run(math.inf, trainer.args.every, plan.pictures)
    minutes = (time.monotonic() - began) / 60
    load_weights(trainer.net, out / f"{plan.stage}.safetensors")
    trainer.net.eval()
    content = tomllib.loads(experiment_file(name).read_text())
    return {
        "name": name,
        **asdict(plan),
        "differs": {k: v for k, v in content.items() if k != "experiment"},
        "renders": [p.name for p in args.renders],
        "start_sha256": hashlib.sha256(init.read_bytes()).hexdigest()[:16] if init else None,
        "minutes": round(minutes, 1),
        "loss": round(trainer.loss, 3),
        "scores": score(trainer, args.watch_renders),
    }


def score(trainer: Any, watch_renders: Path) -> dict[str, dict[str, float | None]]:
    """Figures on the validation photographs and on held-out renders."""
    from quantize.data.pictures import read_set
    from quantize.watch import labels_of, read_people

    renders = read_set(watch_renders)
    renders = renders[:: max(1, len(renders) // HELD_OUT_RENDERS)][:HELD_OUT_RENDERS]
    result = {}
    for kind, people in (("photographs", trainer.validation), ("renders", renders)):
        labels = labels_of(people)
        plain = read_people(trainer.predict, people, trainer.size)
        turned = read_people(trainer.predict, people, trainer.size, mirrored=True)
        metric = PoseMetric(resamples=1)
        found = metric.score(labels, plain)
        figures = {
            "persons": found.persons,
            "pck_02": found.pck_02,
            "pck_02_feet": found.pck_02_feet,
            "either_side": found.pck_02_either_side,
            "swap_rate": found.swap_rate,
            "mirror_consistency": metric.mirror_consistency(labels, plain, turned),
        }
        result[kind] = {k: None if v is None else round(v, 2) for k, v in figures.items()}
    return result


def _start(plan: Experiment, args: argparse.Namespace) -> Path | None:
    if plan.start == "nothing":
        return None
    if plan.start == "given":
        if args.init is None:
            raise ValueError("--init names the weights that these experiments start from")
        return Path(args.init)
    stage = read_experiment(plan.start).stage
    return Path(args.out) / plan.start / f"{stage}.safetensors"


def parser() -> argparse.ArgumentParser:
    """Options of ``python -m quantize experiment``."""
    p = argparse.ArgumentParser(prog="python -m quantize experiment", description=__doc__)
    p.add_argument("names", nargs="*", help="experiments to run, one after the other")
    p.add_argument("--data", type=Path, help="folder with the labelled sets train and teacher")
    p.add_argument(
        "--renders", type=Path, nargs="*", default=[], help="rendered sets to learn from"
    )
    p.add_argument("--watch-renders", type=Path, help="a rendered set that nobody learnt from")
    p.add_argument("--init", type=Path, help="float weights that comparisons start from")
    p.add_argument("--out", type=Path, default=Path("build/experiments"), help="for the weights")
    p.add_argument("--table", type=Path, help="write the page of all results, docs/experiments.md")
    return p


def main(argv: list[str] | None = None) -> int:
    """Run experiments, write the page; returns 0, or 2 when something named is not there."""
    args = parser().parse_args(argv)
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        for name in args.names:
            line = run(name, args)
            with RESULTS.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")
    except (FileNotFoundError, ValueError) as error:
        return tell_error(error)
    if args.table:
        args.table.write_text(page(), encoding="utf-8")
    return 0
