r"""Float networks measured as the released one is, and the per-frame rival trained alike.

    python -m quantize.temporal.baseline train --data DIR --samples N --out DIR
    python -m quantize.temporal.baseline measure temporal|per-frame --weights FILE --walks DIR \
        --humaneva DIR --json FILE

The rival (:mod:`model_zoo.lift.simple_linear`) learns from the same windows with the same loss,
schedule and number of examples as ``gait-lift``; the picture's coordinates that are added to its
answer are those of the one moment that it sees.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import nn

from host.pose.lift import HIPS, Lifter, picture_base
from host.pose.windows import Windows
from model_zoo.blocks import Chain
from model_zoo.lift import gait_lift
from model_zoo.lift.simple_linear import SimpleLinear
from model_zoo.package import Head
from quantize.lift_evaluate import HUMANEVA, humaneva, walks
from quantize.recipe import read_recipe
from quantize.stage import load_weights
from quantize.temporal.lift import LiftTask
from quantize.temporal.lift_windows import LiftWindows
from quantize.temporal.train import TemporalTrainer, predict

_STEPS = 2.0**16
"""Steps per body size of the integers that a float network is made to answer with here."""


class FloatNetwork:
    """A float network that answers like an accelerator does, in fine integers."""

    def __init__(self, net: nn.Module, moments: int, rate_hz: float) -> None:
        self._net = net.eval()
        head = Head("points", "vector", (0, 69), (1 / _STEPS,), (0,))
        self.model: Any = SimpleNamespace(
            input=SimpleNamespace(shape=(1, moments, 72), rate_hz=rate_hz),
            output=SimpleNamespace(heads=(head,)),
        )

    def stream(self, batches: Iterable[NDArray[Any]]) -> Iterator[NDArray[np.int32]]:
        """int32[N, 1, 1, 69] of int8[N, 1, T, 72]."""
        for x in batches:
            yield np.rint(predict(self._net, x)[:, None] * _STEPS).astype(np.int32)


def middle_base(windows: Windows) -> NDArray[np.float64]:
    """As :func:`host.pose.lift.picture_base`, of the middle moment alone."""
    base = np.nan_to_num(windows.points[:, windows.points.shape[1] // 2])
    return np.asarray(base - base[:, HIPS].mean(axis=1, keepdims=True))


def train(args: argparse.Namespace) -> None:
    """Train the rival."""
    recipe = read_recipe(gait_lift.NAME)
    torch.manual_seed(recipe["seed"])
    task = LiftTask(recipe, gait_lift.SPEC, gait_lift.RATE_HZ, args.data, [], middle_base)
    net = SimpleLinear()
    trainer = TemporalTrainer(net, task, recipe, "float", args.out)
    trainer.run(recipe["float"]["minutes"], 3.0, args.samples)


def measure(args: argparse.Namespace) -> None:
    """Write the figures of a float network."""
    net: nn.Module
    if args.kind == "per-frame":
        net, base = SimpleLinear(), middle_base
    else:
        net, base = Chain(gait_lift.SPEC, quantised=False), picture_base
    load_weights(net, args.weights)
    network: Any = FloatNetwork(net, gait_lift.MOMENTS, gait_lift.RATE_HZ)
    lifter = Lifter(network, base)
    windows = LiftWindows(read_recipe(gait_lift.NAME), gait_lift.MOMENTS, gait_lift.RATE_HZ)
    result: dict[str, Any] = {"kind": args.kind}
    if args.walks:
        result["walks"] = walks(lifter, windows, args.walks)
    if args.humaneva:
        result["humaneva"] = humaneva(lifter, args.humaneva / HUMANEVA).figures()
    text = json.dumps(result, indent=1)
    if args.json:
        args.json.write_text(text + "\n", encoding="utf-8")
    Console().print_json(text)


def main(argv: list[str] | None = None) -> int:
    """Train or measure; returns the exit code."""
    p = argparse.ArgumentParser(prog="python -m quantize.temporal.baseline", description=__doc__)
    commands = p.add_subparsers(required=True)
    t = commands.add_parser("train", help="train the per-frame rival")
    t.add_argument("--data", type=Path, required=True, help="folder of the drawn walks")
    t.add_argument("--samples", type=int, required=True)
    t.add_argument("--out", type=Path, required=True)
    t.set_defaults(run=train)
    m = commands.add_parser("measure", help="measure a float network")
    m.add_argument("kind", choices=("temporal", "per-frame"))
    m.add_argument("--weights", type=Path, required=True)
    m.add_argument("--walks", type=Path)
    m.add_argument("--humaneva", type=Path)
    m.add_argument("--json", type=Path)
    m.set_defaults(run=measure)
    args = p.parse_args(argv)
    torch.set_num_threads(1)
    args.run(args)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
