"""Training of a pose network: float first, then quantisation-aware, by wall-clock minutes.

``--pictures`` ends a stage after a number of pictures instead: comparisons on a busy machine are
fair then, and one process with one seed gives the same weights again.

Several processes of one thread each use a many-core machine best; more threads in one process are
slower. Each process steps on its own for a few seconds, then all take the mean of the weights, so
that nobody waits for a busy core. A graphics processor takes one process and many that cut
pictures for it (``--device cuda --workers 15``). Starts from any checkpoint or from released
weights (``--init``); a stage that was cut off goes on from its last checkpoint (``--resume``).
"""

from __future__ import annotations

import argparse
import importlib
import math
import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.distributed as dist
from torch import multiprocessing

from model_zoo.blocks import Chain, collect_activation_ranges, fix_activation_scales
from model_zoo.chain import ChainSpec
from quantize import temporal
from quantize.data.augment import Augmentation, Augmenter
from quantize.data.feed import Feed
from quantize.data.mixture import Kind, Mixture, to_tensor
from quantize.data.pictures import read_set
from quantize.data.splits import is_upright, sport_photographs, teacher_photographs
from quantize.loss import CellLoss, decode_cells, guided, with_mirror_images
from quantize.offset_loss import OffsetLoss, decode_offsets
from quantize.recipe import RECIPES, architecture, network_spec, read_recipe, role_of
from quantize.stage import Stage, load_weights
from quantize.watch import watch_scores

HEADS = {False: (CellLoss, decode_cells), True: (OffsetLoss, decode_offsets)}
"""How heads without and with offsets are learned and read."""


class Trainer(Stage):
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
        self.network, stage = architecture(args.name), self.recipe[args.stage]
        self.processes = args.processes
        shrink = stage.get("shrink", 1)
        spec = network_spec(args.name, self.recipe)
        self.size = (spec.height // shrink, spec.width // shrink)
        wanted = self.recipe.get("network", {})
        self.sub_cells = wanted.get("sub_cells", getattr(self.network, "SUB_CELLS", 1))
        loss, self.decode = HEADS[bool(wanted.get("offsets"))]
        self.loss_of = loss(**self.recipe.get("loss", {}))
        torch.manual_seed(self.recipe["seed"])
        super().__init__(Chain(spec, quantised=args.stage == "qat"), args.stage, stage, args.out)
        if args.init:
            load_weights(self.net, Path(args.init), stage.get("fresh", ()))
        self.seed_offset = int(args.seed_offset) + (self.go_on() if args.resume else 0)
        self.net.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.guide = self._read_guide(spec)
        self.augmenter, self.n_teacher = self._augmenter(rank), 0
        self._read_data()
        if args.workers:
            feed = Feed(self._worker_mixture, stage["batch"] * args.workers, args.workers)
            self.feed = feed.start()
        if args.stage == "qat":
            self._collect_ranges()

    def _read_guide(self, spec: ChainSpec) -> Chain | None:
        if not self.args.guide:
            return None
        if role_of(self.args.name) != "pose" or not isinstance(self.loss_of, CellLoss):
            raise ValueError("--guide is for pose networks whose maps have no offsets")
        guide = Chain(spec, quantised=False)
        load_weights(guide, Path(self.args.guide))
        guide.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return guide.eval()

    def _augmenter(self, number: int) -> Augmenter:
        seed = [self.recipe["seed"], number, self.seed_offset]
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

    def _batch_loss(self) -> torch.Tensor:
        batch = self.stage["batch"]
        crops, points = next(self.feed) if self.args.workers else self.mixture.batch(batch)
        crops = crops.to(self.device, non_blocking=True).float()
        points = points.to(self.device, non_blocking=True)
        if self.loss_of.mirror:
            crops, points = with_mirror_images(crops, points)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            head = self.net(crops)
        self.samples += len(crops)
        loss = self._loss(head.float(), points)
        if self.guide is not None:
            with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16, self.bf16):
                maps = self.guide(crops)
            loss = loss + self.stage.get("guide", 1.0) * guided(head, maps, self.sub_cells)
        return loss

    def _loss(self, head: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        return self.loss_of(head, points, sub_cells=self.sub_cells, stride=self.network.STRIDE)

    @torch.no_grad()
    def _meet(self) -> None:
        """Every process gets the mean of all (after each round of independent steps)."""
        if self.processes == 1:
            return
        tensors = [v for v in self.net.state_dict().values() if v.is_floating_point()]
        flat = torch.cat([t.flatten() for t in tensors])
        dist.all_reduce(flat)
        flat /= self.processes
        for tensor, part in zip(
            tensors, torch.split(flat, [t.numel() for t in tensors]), strict=True
        ):
            tensor.copy_(part.view_as(tensor))

    def _agree(self, done: float) -> float:
        """The first process's clock decides for all."""
        if self.processes == 1:
            return done
        value = torch.tensor([done])
        dist.broadcast(value, 0)
        return float(value)

    def _renew(self) -> None:
        self._read_renders()

    def _facts(self) -> dict[str, int]:
        return {"renders": self.n_renders, "teacher": self.n_teacher}

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
        help="further labelled sets (`quantize teach`, `quantize convert`) beside those of --data",
    )  # fmt: skip
    p.add_argument(
        "--places", nargs="*", default=[],
        help="folders of photographs (JPEG) without people, for a finder",
    )  # fmt: skip
    p.add_argument("--stage", choices=("small", "float", "qat"), required=True)
    p.add_argument("--init", help="safetensors to start from")
    p.add_argument(
        "--guide",
        help="float weights of the same network, whose maps are learned too",
    )
    p.add_argument("--out", required=True, help="folder for checkpoints and curve.jsonl")
    p.add_argument(
        "--resume", action="store_true",
        help="go on from the last checkpoint of the stage in --out, where there is one",
    )  # fmt: skip
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
    trainer = trainer_of(args.name)(args, rank)
    minutes = math.inf if args.pictures else args.minutes or trainer.stage["minutes"]
    trainer.run(minutes, args.every, args.pictures)
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
