"""One stage of a training, whatever is learned: schedule, averaged weights, checkpoints, scores."""

from __future__ import annotations

import json
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from model_zoo.blocks import freeze_batch_norm
from quantize.curves import read_curve
from quantize.recipe import learning_rate_share

ROUND_S = 3.0
"""Seconds of steps between two updates of the averaged weights."""

ROUND_STEPS = 20
"""The same for stages that end after a number of examples: the clock decides nothing there."""


def load_weights(net: nn.Module, path: Path, fresh: Sequence[str] = ()) -> None:
    """Load safetensors weights of any float type; only quantizers' scales may be on one side.

    Layers named in ``fresh`` (``trunk.9``, ``head``) stay as they are.
    """
    kept = tuple(f"{layer}." for layer in fresh)
    stored = {k: v for k, v in load_file(path).items() if not k.startswith(kept)}
    stored = {k: v.float() if v.is_floating_point() else v for k, v in stored.items()}
    keys = net.load_state_dict(stored, strict=False)
    missing, unexpected = (
        [k for k in some if not k.startswith(kept) and "_quant." not in k]
        for some in (keys.missing_keys, keys.unexpected_keys)
    )
    if missing or unexpected:
        raise ValueError(f"{path} does not fit: missing {missing[:3]}, unexpected {unexpected[:3]}")


class Average:
    """Exponential moving average of all float tensors of a network."""

    def __init__(self, net: nn.Module, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.state = {k: v.detach().clone() for k, v in net.state_dict().items()}

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        """Blend in the present weights; a short memory at first forgets the start."""
        self.steps += 1
        keep = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for name, value in net.state_dict().items():
            if value.is_floating_point():
                self.state[name].lerp_(value, 1 - keep)
            else:
                self.state[name].copy_(value)


class Stage(ABC):
    """One stage of one recipe; a kind of training says what a batch costs and how it is watched.

    Parameters
    ----------
    net
        The network to train.
    name
        ``small``, ``float`` or ``qat``.
    section
        The stage's section of the recipe: ``learning_rate``, ``warmup_steps``, ``decay_share``,
        ``weight_decay``, ``average``, ``freeze_norm_share`` (none where it is not told).
    out
        Folder for checkpoints and ``curve.jsonl``.
    """

    rank, processes = 0, 1
    """Number of this process, of which the first evaluates and saves, and how many there are."""

    def __init__(self, net: nn.Module, name: str, section: dict[str, Any], out: str | Path) -> None:
        self.net, self.name, self.stage, self.out = net, name, section, Path(out)
        self.samples, self.loss = 0, float("nan")
        self.earlier_s = 0.0

    def go_on(self) -> int:
        """Take up what the last checkpoint in ``out`` holds: weights, time and count of examples.

        The optimiser's moments begin anew, and the learning rate rises again over the warm-up.

        Returns
        -------
        Lines that this stage has written so far; 0, and nothing is taken up, where it has not
        begun.
        """
        curve = self.out / "curve.jsonl"
        lines = read_curve(curve) if curve.exists() else []
        lines = [line for line in lines if line["stage"] == self.name]
        if lines:
            load_weights(self.net, self.out / f"{self.name}.safetensors")
            self.samples = lines[-1]["samples"] // self.processes
            self.earlier_s = lines[-1]["minutes"] * 60
        return len(lines)

    @abstractmethod
    def _batch_loss(self) -> Tensor:
        """Loss of the next batch, whose examples it adds to ``samples``."""

    @abstractmethod
    def _watch(self) -> Mapping[str, float | None]:
        """Scores on held-out data; the network is in evaluation mode."""

    def _facts(self) -> Mapping[str, int]:
        """What the curve tells of the data beside the scores."""
        return {}

    def _meet(self) -> None:  # noqa: B027  (one process has nobody to meet)
        """What processes do together after each round."""

    def _agree(self, done: float) -> float:
        """Share of the stage that is over, the same for all processes."""
        return done

    def _renew(self) -> None:  # noqa: B027  (most data do not grow)
        """Look for further data, after each line of scores."""

    def run(
        self, minutes: float, every_minutes: float, most_samples: int | None = None
    ) -> Mapping[str, float | None]:
        """Train; write weights and a line of scores regularly. Returns the last scores.

        Ends after ``minutes``, or after ``most_samples`` examples of all processes where given:
        comparisons on a busy machine are fair then.
        """
        stage, net = self.stage, self.net
        average = Average(net, stage["average"])
        optimiser = torch.optim.AdamW(
            net.parameters(), stage["learning_rate"], weight_decay=stage["weight_decay"]
        )
        last = time.monotonic()
        start = last - self.earlier_s
        step, frozen = 0, False
        self._meet()
        net.train()
        while (done := self._agree(self._done(start, minutes, most_samples))) < 1:
            if not frozen and done > 1 - stage.get("freeze_norm_share", 0.0):
                freeze_batch_norm(net)
                frozen = True
            round_end, step_end = time.monotonic() + ROUND_S, step + ROUND_STEPS
            while step < step_end if most_samples else time.monotonic() < round_end:
                for group in optimiser.param_groups:
                    group["lr"] = stage["learning_rate"] * learning_rate_share(stage, step, done)
                self._step(optimiser)
                step += 1
            self._meet()
            average.update(net)
            if time.monotonic() - last > every_minutes * 60:
                last = time.monotonic()
                self._report(average, step, last - start)
                self._renew()
                net.train()
                if frozen:
                    freeze_batch_norm(net)
        return self._report(average, step, time.monotonic() - start)

    def _done(self, start: float, minutes: float, most_samples: int | None) -> float:
        """Share of the stage that is over; 1 and more at its end."""
        if most_samples:
            return self.samples * self.processes / most_samples
        return (time.monotonic() - start) / (minutes * 60)

    def _step(self, optimiser: torch.optim.Optimizer) -> None:
        loss = self._batch_loss()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        optimiser.step()
        value = float(loss.detach())
        self.loss = value if math.isnan(self.loss) else 0.98 * self.loss + 0.02 * value

    def _report(self, average: Average, step: int, elapsed_s: float) -> Mapping[str, float | None]:
        """Score and save the averaged weights; then the network goes on with its own."""
        if self.rank:
            return {}
        live = {k: v.detach().clone() for k, v in self.net.state_dict().items()}
        self.net.load_state_dict(average.state)
        self.net.eval()
        scores = self._watch()
        self.out.mkdir(parents=True, exist_ok=True)
        target = self.out / f"{self.name}.safetensors"
        weights = {k: v.contiguous().cpu() for k, v in self.net.state_dict().items()}
        save_file(weights, f"{target}.new")
        Path(f"{target}.new").replace(target)
        self.net.load_state_dict(live)
        samples = self.samples * self.processes
        line = {
            "stage": self.name,
            "minutes": round(elapsed_s / 60, 1),
            "step": step,
            "samples": samples,
            "per_s": round(samples / max(elapsed_s, 1e-9)),
            **self._facts(),
            "loss": round(self.loss, 5),
            **scores,
        }
        with (self.out / "curve.jsonl").open("a") as stream:
            stream.write(json.dumps(line) + "\n")
        return scores
