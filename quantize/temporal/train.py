"""``python -m quantize train NAME`` for temporal networks: float first, then quantisation-aware.

One process of one thread; the stages, the schedule, the averaged weights and the files are those
of the pose networks (:mod:`quantize.train`). The role's task gives examples, loss and scores.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from model_zoo.blocks import Chain, collect_activation_ranges, freeze_batch_norm
from quantize.recipe import architecture, learning_rate_share, read_recipe
from quantize.temporal.task import Task
from quantize.train import Average, load_weights

ROUND_S = 3.0
"""Seconds between two steps of the weights' moving average."""
ROUND_STEPS = 20
"""The same for stages that end after a number of examples."""
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


class TemporalTrainer:
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
        self.net, self.task, self.out = net, task, out
        self.name, self.stage = stage, recipe[stage]
        self.rng = np.random.default_rng([recipe["seed"], seed_offset])
        self.samples, self.value = 0, float("nan")

    def run(
        self, minutes: float, every_minutes: float, most_samples: int | None = None
    ) -> dict[str, float]:
        """Train; write weights and a line of scores regularly. Returns the last scores.

        Ends after ``minutes``, or after ``most_samples`` examples where given: comparisons on a
        busy machine are fair then.
        """
        stage, net = self.stage, self.net
        if self.name == "qat":
            self._collect_ranges()
        average = Average(net, stage["average"])
        optimiser = torch.optim.AdamW(
            net.parameters(), stage["learning_rate"], weight_decay=stage["weight_decay"]
        )
        start = last = time.monotonic()
        step, frozen = 0, False
        net.train()
        while (done := self._done(start, minutes, most_samples)) < 1:
            if not frozen and done > 1 - stage.get("freeze_norm_share", 0.0):
                freeze_batch_norm(net)
                frozen = True
            round_end, step_end = time.monotonic() + ROUND_S, step + ROUND_STEPS
            while step < step_end if most_samples else time.monotonic() < round_end:
                for group in optimiser.param_groups:
                    group["lr"] = stage["learning_rate"] * learning_rate_share(stage, step, done)
                self._step(optimiser)
                step += 1
            average.update(net)
            if time.monotonic() - last > every_minutes * 60:
                last = time.monotonic()
                self._report(average, step, last - start)
                net.train()
                if frozen:
                    freeze_batch_norm(net)
        return self._report(average, step, time.monotonic() - start)

    def _done(self, start: float, minutes: float, most_samples: int | None) -> float:
        """Share of the stage that is over; 1 and more at its end."""
        if most_samples:
            return self.samples / most_samples
        return (time.monotonic() - start) / (minutes * 60)

    def _collect_ranges(self) -> None:
        self.net.train()
        batches = [
            to_tensor(self.task.batch(self.stage["batch"], self.rng).x)
            for _ in range(_RANGE_BATCHES)
        ]
        collect_activation_ranges(self.net, batches)

    def _step(self, optimiser: torch.optim.Optimizer) -> None:
        examples = self.task.batch(self.stage["batch"], self.rng)
        loss = self.task.loss(
            forward(self.net, examples.x),
            torch.from_numpy(examples.target),
            torch.from_numpy(examples.weight),
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        optimiser.step()
        self.samples += len(examples)
        value = float(loss.detach())
        self.value = value if math.isnan(self.value) else 0.98 * self.value + 0.02 * value

    def _report(self, average: Average, step: int, elapsed_s: float) -> dict[str, float]:
        net = self.net
        live = {k: v.detach().clone() for k, v in net.state_dict().items()}
        net.load_state_dict(average.state)
        net.eval()
        scores = self.task.scores(lambda x: predict(net, x))
        self.out.mkdir(parents=True, exist_ok=True)
        target = self.out / f"{self.name}.safetensors"
        save_file({k: v.contiguous() for k, v in net.state_dict().items()}, f"{target}.new")
        Path(f"{target}.new").replace(target)
        net.load_state_dict(live)
        line = {
            "stage": self.name,
            "minutes": round(elapsed_s / 60, 1),
            "step": step,
            "samples": self.samples,
            "per_s": round(self.samples / max(elapsed_s, 1e-9)),
            "loss": round(self.value, 5),
            **{k: round(v, 4) for k, v in scores.items()},
        }
        with (self.out / "curve.jsonl").open("a") as stream:
            stream.write(json.dumps(line) + "\n")
        return scores


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
