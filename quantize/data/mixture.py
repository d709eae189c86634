"""What one batch holds: renders and photographs mixed inside it, each kind by its share.

Whole batches of one kind would let the batch-norm statistics lean to the last kind seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from quantize.data.augment import Augmenter
from quantize.data.pictures import LabelledPicture


@dataclass
class Kind:
    """One kind of picture: persons, their draw weights, and its share of a batch."""

    name: str
    share: float
    pictures: list[LabelledPicture] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, pictures: Sequence[LabelledPicture], weight: float = 1.0) -> None:
        """Append persons, all with the same draw weight."""
        self.pictures.extend(pictures)
        self.weights.extend([weight] * len(pictures))


class Mixture:
    """Draws batches of crops.

    Parameters
    ----------
    kinds
        Kinds without pictures are skipped; their share goes to the others in proportion.
    augmenter
        Makes the crops.
    """

    def __init__(self, kinds: Sequence[Kind], augmenter: Augmenter) -> None:
        self.kinds = [k for k in kinds if k.pictures]
        self.augmenter = augmenter
        total = sum(k.share for k in self.kinds)
        self._shares = np.array([k.share / total for k in self.kinds])
        self._cumulative = [np.cumsum(k.weights) / np.sum(k.weights) for k in self.kinds]

    def batch(self, n: int) -> tuple[Tensor, Tensor]:
        """Crops float[n, 3, H, W] of bytes 0..255, points float[n, 23, 3] (x, y, weight)."""
        rng = self.augmenter.rng
        crops, points = [], []
        for kind in rng.choice(len(self.kinds), size=n, p=self._shares):
            i = int(np.searchsorted(self._cumulative[kind], rng.random()))
            picture = self.kinds[kind].pictures[i]
            crop, keypoints = self.augmenter(picture.image(), picture.keypoints, picture.box_px)
            crops.append(crop)
            points.append(keypoints)
        return to_tensor(np.stack(crops)), torch.from_numpy(np.stack(points))


def to_tensor(crops: np.ndarray) -> Tensor:
    """uint8[N, H, W, 3] as float[N, 3, H, W] in channels-last memory order."""
    return torch.from_numpy(crops).permute(0, 3, 1, 2).float()
