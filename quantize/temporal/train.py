"""``python -m quantize train NAME`` for temporal networks: float first, then quantisation-aware.

One process of one thread; the stages, the schedule, the averaged weights and the files are those
of the pose networks (:mod:`quantize.train`). The role's task gives examples, loss and scores.
"""

from __future__ import annotations

import argparse
import importlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model_zoo.blocks import Chain, collect_activation_ranges
from quantize.recipe import architecture, read_recipe
from quantize.stage import Stage, load_weights
from quantize.temporal.task import Task

_PREDICT_BATCH = 512
_RANGE_BATCHES = 45


def make_task(recipe: dict[str, Any], spec: Any, data: list[Path]) -> Task:
    """The task of the recipe's role, from ``quantize/temporal/<role>.py``."""
    module = importlib.import_module(f"quantize.temporal.{recipe['role']}")
    task: Task = module.make_task(recipe, spec, data)
    return task


def to_tensor(x: NDArray[np.int8]) -> Tensor:
    """Windows int8[N, 1, T, C] as the network takes them, float32[N, C, 1, T]."""
    return torch.from_numpy(x).permute(0, 3, 1, 2).float()


def forward(net: nn.Module, x: NDArray[np.int8]) -> Tensor:
    """Output float[N, W', O] of windows int8[N, 1, T, C]."""
    out: Tensor = net(to_tensor(x))
    return out[:, :, 0].transpose(1, 2)


@torch.no_grad()
def predict(net: nn.Module, x: NDArray[np.int8]) -> NDArray[np.float32]:
    """Outputs float32[N, W', O] of many windows, the network in evaluation mode."""
    parts = [forward(net, x[i : i + _PREDICT_BATCH]) for i in range(0, len(x), _PREDICT_BATCH)]
    return np.asarray(torch.cat(parts).numpy())


class TemporalTrainer(Stage):
    """One stage of one recipe.

    Parameters
    ----------
    net
        The network to train.
    task
        What it learns.
    recipe
        The whole recipe.
    stage
        ``float`` or ``qat``.
    out
        Folder for checkpoints and ``curve.jsonl``.
    seed_offset
        Other examples after a restart.
    """

    def __init__(
        self,
        net: nn.Module,
        task: Task,
        recipe: dict[str, Any],
        stage: str,
        out: Path,
        seed_offset: int = 0,
    ) -> None:
        super().__init__(net, stage, recipe[stage], out)
        self.task = task
        self.rng = np.random.default_rng([recipe["seed"], seed_offset])
        if stage == "qat":
            self._collect_ranges()

    def _collect_ranges(self) -> None:
        self.net.train()
        batches = [
            to_tensor(self.task.batch(self.stage["batch"], self.rng).x)
            for _ in range(_RANGE_BATCHES)
        ]
        collect_activation_ranges(self.net, batches)

    def _batch_loss(self) -> Tensor:
        examples = self.task.batch(self.stage["batch"], self.rng)
        self.samples += len(examples)
        return self.task.loss(
            forward(self.net, examples.x),
            torch.from_numpy(examples.target),
            torch.from_numpy(examples.weight),
        )

    def _watch(self) -> dict[str, float | None]:
        scores = self.task.scores(lambda x: predict(self.net, x))
        return {name: round(value, 4) for name, value in scores.items()}


def parser() -> argparse.ArgumentParser:
    """Options of ``python -m quantize train`` for temporal networks."""
    p = argparse.ArgumentParser(prog="python -m quantize train", description=__doc__)
    p.add_argument("name", help="recipe, such as gait-lift")
    p.add_argument("--data", type=Path, nargs="+", required=True, help="what the role's task reads")
    p.add_argument("--stage", choices=("float", "qat"), required=True)
    p.add_argument("--init", type=Path, help="safetensors to start from")
    p.add_argument("--out", type=Path, required=True, help="folder for checkpoints and curve.jsonl")
    p.add_argument("--minutes", type=float, help="instead of the recipe's")
    p.add_argument("--samples", type=int, help="end after so many examples instead")
    p.add_argument("--every", type=float, default=2.0, help="minutes between checkpoints")
    p.add_argument("--seed-offset", type=int, default=0, help="other examples after a restart")
    return p


def main(argv: list[str]) -> int:
    """Run one stage; returns the exit code."""
    args = parser().parse_args(argv)
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)
    recipe, module = read_recipe(args.name), architecture(args.name)
    torch.manual_seed(recipe["seed"])
    net = Chain(module.SPEC, quantised=args.stage == "qat")
    if args.init:
        load_weights(net, args.init)
    task = make_task(recipe, module.SPEC, args.data)
    trainer = TemporalTrainer(net, task, recipe, args.stage, args.out, args.seed_offset)
    minutes = args.minutes or recipe[args.stage]["minutes"]
    trainer.run(minutes, args.every, args.samples)
    return 0
