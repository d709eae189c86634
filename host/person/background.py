"""The room without people: what differs from it is somebody, or something, that came in."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from host.person.types import Image

_NOISE_SD = 1.4826  # standard deviation per median absolute deviation, normal distribution
_GRID = 8  # every eighth pixel tells the change of the whole picture's brightness


class Background:
    """Running background of small brightness pictures, with its own noise at every pixel.

    It may be primed with pictures spread over a recording (their median is the room, as long as
    nobody stands on one spot for half of them). Otherwise the first picture stands for the room,
    and whoever is in it leaves a ghost that fades within ``learn_s``.

    Parameters
    ----------
    contrast
        Smallest difference in grey levels that counts.
    noise_factor
        A pixel counts when it differs by this many standard deviations of its own noise (leaves in
        the wind, a screen).
    shake_px
        Shift of the small picture that is forgiven: at an edge of the room as much more difference
        is needed as this shift makes (a phone in the hand, a tripod on a wooden floor).
    learn_s
        Time constant with which a changed room is learned, outside of ``keep``.
    """

    def __init__(
        self,
        contrast: float = 14.0,
        noise_factor: float = 4.0,
        shake_px: float = 1.0,
        learn_s: float = 4.0,
    ) -> None:
        self._contrast = contrast
        self._noise_factor = noise_factor
        self._shake_px = shake_px
        self._learn_s = learn_s
        self._room: NDArray[np.float32] | None = None
        self._limit: NDArray[np.float32] | None = None

    def prime(self, pictures: Image) -> None:
        """Learn the room from uint8[N, h, w], N >= 3, spread over the recording."""
        room = _median(pictures.astype(np.float32))
        spread = _median(np.abs(pictures - room))
        self._set(room, self._noise_factor * _NOISE_SD * cv2.blur(spread, (3, 3)))

    def mask(self, luma: Image) -> Image:
        """uint8[h, w]: 255 where ``luma`` differs from the room; all 0 for the first picture."""
        if self._room is None or self._limit is None:
            self._set(luma.astype(np.float32), np.zeros(luma.shape, dtype=np.float32))
            return np.zeros(luma.shape, dtype=np.uint8)
        difference = luma - self._room
        difference -= np.median(difference[::_GRID, ::_GRID])  # automatic exposure
        differs = (np.abs(difference) > self._limit).astype(np.uint8) * np.uint8(255)
        return np.asarray(cv2.medianBlur(differs, 3), dtype=np.uint8)

    def learn(self, luma: Image, keep: Image, step_s: float) -> None:
        """Move the room towards ``luma``, except where ``keep`` (uint8[h, w]) is not 0: people."""
        if self._room is not None:
            share = 1.0 - float(np.exp(-step_s / self._learn_s))
            cv2.accumulateWeighted(luma, self._room, share, mask=(keep == 0).astype(np.uint8))

    def _set(self, room: NDArray[np.float32], noise: NDArray[np.float32]) -> None:
        edges = cv2.magnitude(
            cv2.Sobel(room, cv2.CV_32F, 1, 0, scale=0.125),
            cv2.Sobel(room, cv2.CV_32F, 0, 1, scale=0.125),
        )
        self._room = room
        self._limit = np.maximum(self._contrast, noise) + np.float32(self._shake_px) * edges


def _median(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """As ``np.median`` of multiples of a half along the first axis, to the bit; four times as fast.

    A sort of float32 along that axis is quick, one of bytes, or any with a test for NaN, is not.
    """
    middle = len(pictures) // 2
    ordered = np.sort(pictures, axis=0)
    if len(pictures) % 2:
        return np.asarray(ordered[middle])
    return np.asarray((ordered[middle - 1] + ordered[middle]) / 2)
