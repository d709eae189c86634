"""Near duplicates among crops of persons: the same photograph, its mirror image or another cut.

Two crops are taken for the same when their 64-bit hashes nearly agree (a cosine hash, Zauner 2010,
and a difference hash), or when small grey patches of the two boxes are highly correlated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
_PATCH = (16, 32)


@dataclass(frozen=True)
class Look:
    """What a crop looks like: hashes bool[128] (64 + 64) and its box's patch float32[512]."""

    hashes: NDArray[np.bool_]
    patch: NDArray[np.float32]


def look(image: Image, box_px: NDArray[np.floating]) -> Look:
    """Of one crop (uint8[H, W, 3]) and the body's box (x0, y0, x1, y1) in it."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    cosine = cv2.dct(cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32))
    low = cosine[:8, :8].ravel()
    tiny = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    steps = (tiny[:, 1:] > tiny[:, :-1]).ravel()
    x0, y0, x1, y1 = (int(v) for v in np.round(box_px))
    body = grey[max(y0, 0) : max(y1, 1), max(x0, 0) : max(x1, 1)]
    patch = cv2.resize(body if body.size else grey, _PATCH, interpolation=cv2.INTER_AREA)
    values = patch.astype(np.float32).ravel()
    values -= values.mean()
    norm = float(np.linalg.norm(values))
    return Look(np.concatenate([low > np.median(low), steps]), values / max(norm, 1e-6))


def mirrored_look(image: Image, box_px: NDArray[np.floating]) -> Look:
    """The same of the mirror image."""
    width = image.shape[1]
    x0, y0, x1, y1 = (float(v) for v in box_px)
    flipped = np.ascontiguousarray(image[:, ::-1])
    return look(flipped, np.array([width - x1, y0, width - x0, y1]))


class Album:
    """Crops known so far; asks whether another one is among them."""

    def __init__(self, one_hash: int = 6, both: int = 22, correlation: float = 0.9) -> None:
        self.one_hash, self.both, self.correlation = one_hash, both, correlation
        self._hashes: list[NDArray[np.bool_]] = []
        self._patches: list[NDArray[np.float32]] = []

    def add(self, looks: Iterable[Look]) -> None:
        """Remember crops."""
        for one in looks:
            self._hashes.append(one.hashes)
            self._patches.append(one.patch)

    def knows(self, *looks: Look) -> bool:
        """Whether any of these (a crop and its mirror image) resembles a remembered crop."""
        if not self._hashes:
            return False
        hashes, patches = np.stack(self._hashes), np.stack(self._patches)
        for one in looks:
            differ = hashes != one.hashes
            cosine, steps = differ[:, :64].sum(1), differ[:, 64:].sum(1)
            alike = (np.minimum(cosine, steps) <= self.one_hash) | (cosine + steps <= self.both)
            if alike.any() or (patches @ one.patch > self.correlation).any():
                return True
        return False
