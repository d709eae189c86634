"""Training of a person finder: as a pose network's, with other pictures, loss and scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from host.person.decode import BoxCentreDecoder, Boxes
from host.person.letterbox import Letterbox
from model_zoo.package import Head
from quantize.data.frame_mixture import (
    FrameAugmentation,
    FrameAugmenter,
    FrameMixture,
    FrameShares,
    empty_parts,
)
from quantize.data.frames import Frame, read_frames, split_scenes
from quantize.data.mixture import to_tensor
from quantize.data.pictures import LabelledPicture
from quantize.data.splits import is_upright, sport_photographs, teacher_photographs
from quantize.person_loss import box_centre_loss, scaled
from quantize.person_metric import PersonMetric
from quantize.render.photographs import Photographs
from quantize.train import Trainer

WATCHED = 480
"""Validation frames looked at while a network learns."""
_PLACES = 300
_LEAST_SCORE = 0.05


class PersonTrainer(Trainer):
    """One stage of a finder's recipe; ``--renders`` are sets of whole frames.

    Parameters
    ----------
    args, rank
        As for :class:`quantize.train.Trainer`.
    """

    def _augmenter(self, number: int) -> Any:
        seed = [self.recipe["seed"], number, self.seed_offset]
        ranges = FrameAugmentation(**self.recipe["augmentation"])
        return FrameAugmenter(self.size, ranges, np.random.default_rng(seed))

    def _worker_mixture(self, number: int) -> Any:
        return self._mixture(self._augmenter(1000 + number))

    def _mixture(self, augmenter: FrameAugmenter) -> FrameMixture:
        shares = FrameShares(**self.recipe["mixture"])
        return FrameMixture(self.frames, self.persons, self.places, shares, augmenter)

    def _read_data(self) -> None:
        self.persons: list[LabelledPicture] = []
        self.places: list[NDArray[np.uint8]] = []
        if self.recipe["mixture"]["mosaics"]:
            self._read_photographs(Path(self.args.data))
        self.frames: list[Frame] = []
        self.n_renders, self.complete = 0, False
        self._read_renders()

    def _read_photographs(self, data: Path) -> None:
        sport, _ = sport_photographs(data / "train")
        upright = [p for p in sport if is_upright(p.keypoints)]
        folders = [data / "teacher", *map(Path, self.args.teacher)]
        self.persons = [*upright, *teacher_photographs(*folders)]
        self.n_teacher = len(self.persons) - len(upright)
        real, rng = Photographs(data), np.random.default_rng(self.recipe["seed"])
        height, width = self.size
        backgrounds = (real.background(rng, width, height) for _ in range(_PLACES))
        self.places = [np.rint(b * 255).astype(np.uint8) for b in backgrounds]
        empty = [path for folder in self.args.places for path in sorted(Path(folder).glob("*.jpg"))]
        self.places += [part for path in empty for part in empty_parts(path, self.size, rng)]

    def _read_renders(self) -> None:
        """Frames found now; a set that is still being drawn grows while the training runs."""
        if self.complete or (self.args.workers and self.n_renders):
            return
        folders = [Path(f) for f in self.args.renders if any(Path(f).glob("*.json*"))]
        self.frames, held_out = split_scenes([f for d in folders for f in read_frames(d)])
        self.complete = len(folders) == len(self.args.renders) and all(
            any(f.glob("labels.json*")) for f in folders
        )
        self.n_renders = len(self.frames)
        self.mixture = self._mixture(self.augmenter)  # type: ignore[assignment,arg-type]
        self.watched = held_out[:: max(1, len(held_out) // WATCHED)]

    def _loss(self, head: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        values = scaled(head, self.network.HEAD_GAINS, self.network.HEAD_BIASES)
        return box_centre_loss(values, points, self.network.STRIDE)

    def _watch(self) -> dict[str, float | None]:
        """Threshold of at most 0.05 false boxes in a validation frame, and what it finds."""
        found = self._found(self.watched)
        threshold, scores = PersonMetric(resamples=1).best_threshold(
            [f.label for f in self.watched], found
        )
        return {
            "validation_frames": scores.frames,
            "threshold": threshold,
            "validation_subject_found": scores.subject_found,
            "validation_people_found": scores.people_found,
            "validation_false_boxes": round(scores.false_boxes, 3),
            "validation_overlap": scores.subject_overlap,
        }

    @torch.no_grad()
    def _found(self, frames: list[Frame]) -> list[Boxes]:
        """Boxes of frames in their pixels, from a low score on."""
        network = self.network
        letterbox = Letterbox(*self.size)
        head = Head("people", "box_centre", (0, 5), (1.0,), (0,))
        shape = (self.size[0] // network.STRIDE, self.size[1] // network.STRIDE, 5)
        decoder = BoxCentreDecoder(head, shape, self.size, sure=_LEAST_SCORE)
        found = []
        for start in range(0, len(frames), 32):
            part = frames[start : start + 32]
            inputs: NDArray[np.uint8] = np.stack([letterbox.fit(f.image()) for f in part])
            raw = self.net(to_tensor(inputs).to(self.device)).float()
            values = scaled(raw, network.HEAD_GAINS, network.HEAD_BIASES)
            for frame, one in zip(part, values.permute(0, 2, 3, 1).cpu().numpy(), strict=True):
                boxes = decoder.read(one)
                size = frame.item["height"], frame.item["width"]
                found.append(Boxes(letterbox.to_picture(boxes.box_px, *size), boxes.score))
        return found
