"""Training of a pose network: float first, then quantisation-aware, by wall-clock minutes.

``--pictures`` ends a stage after a number of pictures instead: comparisons on a busy machine are
fair then, and one process with one seed gives the same weights again.

Several processes of one thread each use a many-core machine best; more threads in one process are
slower. Each process steps on its own for a few seconds, then all take the mean of the weights, so
that nobody waits for a busy core. A graphics processor takes one process and many that cut
pictures for it (``--device cuda --workers 15``). Resumes from any checkpoint or from released
weights (``--init``).
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.distributed as dist
from safetensors.torch import load_file, save_file
from torch import multiprocessing, nn

from model_zoo.blocks import (
    Chain,
    collect_activation_ranges,
    fix_activation_scales,
    freeze_batch_norm,
)
from quantize import temporal
from quantize.data.augment import Augmentation, Augmenter
from quantize.data.feed import Feed
from quantize.data.mixture import Kind, Mixture, to_tensor
from quantize.data.pictures import read_set
from quantize.data.splits import is_upright, sport_photographs, teacher_photographs
from quantize.loss import CellLoss, decode_cells, with_mirror_images
from quantize.offset_loss import OffsetLoss, decode_offsets
from quantize.recipe import (
    RECIPES,
    architecture,
    learning_rate_share,
    network_spec,
    read_recipe,
    role_of,
)
from quantize.watch import watch_scores

ROUND_S = 3.0
"""Seconds of independent steps between two averagings of the processes' weights."""

ROUND_STEPS = 20
"""The same for stages that end after a number of pictures: the clock decides nothing there."""

HEADS = {False: (CellLoss, decode_cells), True: (OffsetLoss, decode_offsets)}
"""How heads without and with offsets are learned and read."""


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


class Trainer:
    """One stage (``small``, ``float`` or ``qat``) of one recipe.

    A stage with ``shrink = n`` sees crops of 1/n of the height and width: a chain of convolutions
    learns most of what it needs there, n x n times faster.

    Parameters
    ----------
    args
        Command line (see :func:`parser`).
    rank
        Number of this process; 0 evaluates and saves.
    """

    def __init__(self, args: argparse.Namespace, rank: int) -> None:
        torch.set_num_threads(1)
        cv2.setNumThreads(1)
        self.args, self.rank = args, rank
        self.device = torch.device(args.device)
        # Emulated bf16 is ten times slower than fp32; with AVX-512 it is almost twice as fast.
        self.bf16 = args.device != "cpu" or bool(torch.cpu._is_avx512_bf16_supported())
        self.recipe = read_recipe(args.name, args.variant)
        self.stage = dict(self.recipe[args.stage])
        if args.minutes:
            self.stage["minutes"] = args.minutes
        self.network = architecture(args.name)
        shrink = self.stage.get("shrink", 1)
        spec = network_spec(args.name, self.recipe)
        self.size = (spec.height // shrink, spec.width // shrink)
        wanted = self.recipe.get("network", {})
        self.sub_cells = wanted.get("sub_cells", getattr(self.network, "SUB_CELLS", 1))
        loss, self.decode = HEADS[bool(wanted.get("offsets"))]
        self.loss_of = loss(**self.recipe.get("loss", {}))
        torch.manual_seed(self.recipe["seed"])
        self.net = Chain(spec, quantised=args.stage == "qat")
        if args.init:
            load_weights(self.net, Path(args.init), self.stage.get("fresh", ()))
        self.net.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.augmenter, self.n_teacher = self._augmenter(rank), 0
        self._read_data()
        if args.workers:
            feed = Feed(self._worker_mixture, self.stage["batch"] * args.workers, args.workers)
            self.feed = feed.start()
        if args.stage == "qat":
            self._collect_ranges()
        self.average = Average(self.net, self.stage["average"])

    def _augmenter(self, number: int) -> Augmenter:
        seed = [self.recipe["seed"], number, int(self.args.seed_offset)]
        ranges = Augmentation(**self.recipe["augmentation"])
        return Augmenter(self.size, ranges, np.random.default_rng(seed))

    def _worker_mixture(self, number: int) -> Mixture:
        return Mixture(self.mixture.kinds, self._augmenter(1000 + number))

    def _read_data(self) -> None:
        data, shares = Path(self.args.data), self.recipe["mixture"]
        machine = shares.get("machine_labels", True)
        sport, self.validation = sport_photographs(data / "train", machine=machine)
        folders = [data / "teacher", *map(Path, self.args.teacher)] if machine else []
        teacher = teacher_photographs(*folders)
        self.n_teacher = len(teacher)
        fashion = [p for p in teacher if p.item["source"] == "CCP"]
        others = [p for p in teacher if p.item["source"] != "CCP"]
        upright = Kind("upright", shares["upright"])
        upright.add([p for p in sport if is_upright(p.keypoints)], shares["upright_sport_weight"])
        upright.add(fashion, shares["frontal_fashion_weight"])
        upright.add(others)
        any_pose = Kind("any_pose", shares["any_pose"])
        any_pose.add(sport)
        self.photographs = [upright, any_pose]
        self.n_renders, self.complete = 0, False
        self._read_renders()

    def _read_renders(self) -> None:
        """Renders found now; a set that is still being made grows while the training runs."""
        if self.complete or (self.args.workers and self.n_renders):
            return
        renders = Kind("renders", self.recipe["mixture"]["renders"])
        folders = [Path(f) for f in self.args.renders if any(Path(f).glob("*.json*"))]
        for folder in folders:
            renders.add(read_set(folder))
        self.complete = len(folders) == len(self.args.renders) and all(
            any(f.glob("labels.json*")) for f in folders
        )
        self.n_renders = len(renders.pictures)
        self.mixture = Mixture([renders, *self.photographs], self.augmenter)

    def _collect_ranges(self) -> None:
        self.net.train()
        batches = [self.mixture.batch(32)[0].to(self.device) for _ in range(45)]
        collect_activation_ranges(self.net, batches)
        if not self.stage.get("learned_scales", True):
            fix_activation_scales(self.net)

    def run(self) -> None:
        """Train to the end of the stage; save weights and a line of scores regularly."""
        stage = self.stage
        optimiser = torch.optim.AdamW(
            self.net.parameters(), stage["learning_rate"], weight_decay=stage["weight_decay"]
        )
        start = last = time.monotonic()
        self.samples, self.loss = 0, float("nan")
        step, frozen = 0, False
        self._average_weights()
        self.net.train()
        while True:
            done = self._agree(self._done(start))
            if done >= 1:
                break
            if not frozen and done > 1 - stage.get("freeze_norm_share", 0.0):
                freeze_batch_norm(self.net)
                frozen = True
            round_end, step_end = time.monotonic() + ROUND_S, step + ROUND_STEPS
            while step < step_end if self.args.pictures else time.monotonic() < round_end:
                for group in optimiser.param_groups:
                    group["lr"] = stage["learning_rate"] * learning_rate_share(stage, step, done)
                self._step(optimiser, stage["batch"])
                step += 1
            self._average_weights()
            self.average.update(self.net)
            if time.monotonic() - last > self.args.every * 60:
                last = time.monotonic()
                self._report(step, last - start)
                self._read_renders()
                self.net.train()
                if frozen:
                    freeze_batch_norm(self.net)
        self._report(step, time.monotonic() - start)

    def _done(self, start: float) -> float:
        """Share of the stage that is over; 1 and more at its end."""
        if self.args.pictures:
            return float(self.samples * self.args.processes / self.args.pictures)
        return (time.monotonic() - start) / (float(self.stage["minutes"]) * 60)

    def _step(self, optimiser: torch.optim.Optimizer, batch: int) -> None:
        crops, points = next(self.feed) if self.args.workers else self.mixture.batch(batch)
        crops, points = crops.to(self.device, non_blocking=True), points.to(self.device)
        if self.loss_of.mirror:
            crops, points = with_mirror_images(crops, points)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            head = self.net(crops)
        loss = self._loss(head.float(), points)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        optimiser.step()
        self.samples += len(crops)
        value = float(loss.detach())
        self.loss = value if math.isnan(self.loss) else 0.98 * self.loss + 0.02 * value

    def _loss(self, head: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        return self.loss_of(head, points, sub_cells=self.sub_cells, stride=self.network.STRIDE)

    @torch.no_grad()
    def _average_weights(self) -> None:
        """Every process gets the mean of all (after each round of independent steps)."""
        if self.args.processes == 1:
            return
        tensors = [v for v in self.net.state_dict().values() if v.is_floating_point()]
        flat = torch.cat([t.flatten() for t in tensors])
        dist.all_reduce(flat)
        flat /= self.args.processes
        for tensor, part in zip(
            tensors, torch.split(flat, [t.numel() for t in tensors]), strict=True
        ):
            tensor.copy_(part.view_as(tensor))

    def _agree(self, done: float) -> float:
        """The first process's clock decides for all."""
        if self.args.processes == 1:
            return done
        value = torch.tensor([done])
        dist.broadcast(value, 0)
        return float(value)

    def _report(self, step: int, elapsed_s: float) -> None:
        if self.rank:
            return
        live = {k: v.detach().clone() for k, v in self.net.state_dict().items()}
        self.net.load_state_dict(self.average.state)
        self.net.eval()
        scores = self._watch()
        out = Path(self.args.out)
        out.mkdir(parents=True, exist_ok=True)
        target = out / f"{self.args.stage}.safetensors"
        save_file(
            {k: v.contiguous().cpu() for k, v in self.net.state_dict().items()}, f"{target}.new"
        )
        Path(f"{target}.new").replace(target)
        self.net.load_state_dict(live)
        line = {
            "stage": self.args.stage,
            "minutes": round(elapsed_s / 60, 1),
            "step": step,
            "samples": self.samples * self.args.processes,
            "per_s": round(self.samples * self.args.processes / elapsed_s),
            "renders": self.n_renders,
            "teacher": self.n_teacher,
            "loss": round(self.loss, 3),
            **scores,
        }
        with (out / "curve.jsonl").open("a") as stream:
            stream.write(json.dumps(line) + "\n")

    def _watch(self) -> dict[str, float | None]:
        """Scores on the validation split."""
        return watch_scores(self.predict, self.validation, self.size)

    @torch.no_grad()
    def predict(self, crops: np.ndarray) -> np.ndarray:
        """Points float32[N, 23, 2] in pixels of uint8[N, H, W, 3] crops."""
        head = self.net(to_tensor(crops).to(self.device))
        points = self.decode(head, sub_cells=self.sub_cells, stride=self.network.STRIDE)
        result: np.ndarray = points.cpu().numpy()
        return result


def parser() -> argparse.ArgumentParser:
    """Options of ``python -m quantize train``."""
    p = argparse.ArgumentParser(prog="python -m quantize train", description=__doc__)
    p.add_argument("name", help="recipe, such as gait-pose-s")
    p.add_argument("--data", required=True, help="folder with the labelled sets train and teacher")
    p.add_argument(
        "--renders", nargs="*", default=[], help="rendered sets; read again while they grow"
    )
    p.add_argument(
        "--teacher", nargs="*", default=[],
        help="machine-labelled sets (`quantize teach`) beside the data folder's own",
    )  # fmt: skip
    p.add_argument("--stage", choices=("small", "float", "qat"), required=True)
    p.add_argument("--init", help="safetensors to start from")
    p.add_argument("--out", required=True, help="folder for checkpoints and curve.jsonl")
    p.add_argument("--minutes", type=float, help="instead of the recipe's")
    p.add_argument("--pictures", type=int, help="end after so many pictures instead")
    p.add_argument("--variant", type=Path, help="TOML file of recipe sections that differ")
    p.add_argument("--processes", type=int, default=1, help="one thread each")
    p.add_argument("--device", default="cpu", help="cpu or cuda")
    p.add_argument(
        "--workers", type=int, default=0, help="processes that only cut pictures; batch per worker"
    )
    p.add_argument("--every", type=float, default=4.0, help="minutes between checkpoints")
    p.add_argument("--seed-offset", type=int, default=0, help="other crops after a restart")
    return p


def trainer_of(name: str) -> type[Trainer]:
    """Who trains networks of the role of ``name``."""
    if role_of(name) == "person":
        from quantize.person_train import PersonTrainer

        return PersonTrainer
    return Trainer


def _process(rank: int, args: argparse.Namespace, meeting: str) -> None:
    if args.processes > 1:
        dist.init_process_group(
            "gloo",
            init_method=f"file://{meeting}",
            rank=rank,
            world_size=args.processes,
            timeout=timedelta(minutes=30),
        )
    trainer_of(args.name)(args, rank).run()
    if args.processes > 1:
        dist.barrier()
        dist.destroy_process_group()


def main(argv: list[str] | None = None) -> int:
    """Run one stage; returns the exit code. The name comes first: its role decides what follows."""
    words = sys.argv[1:] if argv is None else argv
    if words and (RECIPES / f"{words[0]}.toml").is_file() and role_of(words[0]) in temporal.ROLES:
        # Late: it stands on this module.
        trainer = importlib.import_module("quantize.temporal.train")
        return int(trainer.main(words))
    args = parser().parse_args(words)
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        meeting = str(Path(folder) / "meeting")
        if args.processes == 1:
            _process(0, args, meeting)
        else:
            multiprocessing.spawn(  # type: ignore[attr-defined,no-untyped-call]
                _process, (args, meeting), nprocs=args.processes
            )
    return 0
