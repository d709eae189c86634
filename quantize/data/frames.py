"""Labelled whole frames: who is in them, who is the patient, what only looks like a person.

Format: as :mod:`quantize.data.pictures`, with ``people`` (``role``, ``box``, ``keypoints``),
``reflections`` and ``pictures`` (boxes) instead of one person's box and keypoints.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import N_KEYPOINTS
from quantize.data.pictures import read_items
from quantize.person_metric import LabelledFrame

HALF, WHOLE = cv2.IMREAD_REDUCED_COLOR_2, cv2.IMREAD_COLOR
_GROUP, _HELD_OUT = 4, 12
"""Frames of one scene follow each other; every twelfth scene decides between trainings."""
_LEAST_VISIBLE = 2


@dataclass(frozen=True)
class Frame:
    """One frame, its JPEG still packed.

    Attributes
    ----------
    jpeg
        uint8[bytes].
    label
        Boxes in pixels of the frame.
    keypoints
        float64[N, 23, 3]: x, y and v of everybody (2 seen, 1 hidden, 0 outside).
    item
        As stored.
    """

    jpeg: NDArray[np.uint8]
    label: LabelledFrame
    keypoints: NDArray[np.float64]
    item: dict[str, Any]

    @property
    def hidden(self) -> NDArray[np.bool_]:
        """bool[N], people of whom at most one keypoint is to be seen."""
        return np.asarray((self.keypoints[..., 2] == 2).sum(1) < _LEAST_VISIBLE)

    def image(self, reading: int = WHOLE) -> NDArray[np.uint8]:
        """Decode: uint8[H, W, 3] RGB, whole or half as high and wide (:data:`HALF`)."""
        decoded = cv2.imdecode(self.jpeg, reading)
        if decoded is None:
            raise ValueError(f"frame {self.item.get('file')} cannot be decoded")
        return np.ascontiguousarray(decoded[..., ::-1])


def read_frames(folder: Path) -> list[Frame]:
    """All frames of a set; of one that is still being drawn, those of its finished shards."""
    return [Frame(jpeg, _label(item), _keypoints(item), item) for item, jpeg in read_items(folder)]


def split_scenes(frames: list[Frame]) -> tuple[list[Frame], list[Frame]]:
    """Training and validation frames of a training set; whole scenes on one side."""
    held_out = [int(str(f.item["file"]).split(".")[0]) // _GROUP % _HELD_OUT == 0 for f in frames]
    training = [f for f, held in zip(frames, held_out, strict=True) if not held]
    return training, [f for f, held in zip(frames, held_out, strict=True) if held]


def _label(item: dict[str, Any]) -> LabelledFrame:
    people = _boxes([p["box"] for p in item["people"]])
    roles = [p["role"] for p in item["people"]]
    subject = None
    if "patient" in roles:
        subject = roles.index("patient")
    elif roles:
        subject = int(np.prod(people[:, 2:] - people[:, :2], axis=1).argmax())
    return LabelledFrame(people, subject, _boxes([*item["reflections"], *item["pictures"]]))


def _boxes(stored: list[Any]) -> NDArray[np.float64]:
    return np.array(stored, dtype=np.float64).reshape(-1, 4)


def _keypoints(item: dict[str, Any]) -> NDArray[np.float64]:
    stored = [p["keypoints"] for p in item["people"]]
    return np.array(stored, dtype=np.float64).reshape(-1, N_KEYPOINTS, 3)
