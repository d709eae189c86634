"""From a person's box to the network's input, and keypoints back again.

Coordinates are continuous picture pixels: (0, 0) is the upper left corner of the upper left pixel,
whose centre is (0.5, 0.5). Used alike by training, evaluation and the host.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

ENLARGE = 1.25
"""A box is enlarged by this about its centre, so that hands and feet at its edge are seen."""

Image = NDArray[np.uint8]


class WindowPicture(Protocol):
    """A picture of which colour windows can be taken (see :class:`host.capture.types.Picture`)."""

    def rgb(self, x0: int, y0: int, x1: int, y1: int) -> Image:
        """uint8[y1-y0, x1-x0, 3] RGB of a whole-pixel window; black outside the picture."""


@dataclass(frozen=True)
class Window:
    """A whole-pixel part of a picture; may reach beyond its edges."""

    x0: int
    y0: int
    x1: int
    y1: int


@dataclass(frozen=True)
class ArrayPicture:
    """An RGB array, uint8[H, W, 3], as a picture."""

    array: Image

    def rgb(self, x0: int, y0: int, x1: int, y1: int) -> Image:
        """uint8[y1-y0, x1-x0, 3] of a window; black outside the array."""
        inside = self.array[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
        if inside.shape[:2] == (y1 - y0, x1 - x0):
            return inside
        out: Image = np.zeros((y1 - y0, x1 - x0, 3), dtype=np.uint8)
        if inside.size:
            top, left = max(-y0, 0), max(-x0, 0)
            out[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
        return out


class Cropper:
    """Cuts persons out of pictures at the network's size.

    The box is enlarged by :data:`ENLARGE` about its centre, widened or heightened to the network's
    aspect and rounded to whole pixels; outside the picture is black; ``cv2.resize`` brings it to
    the network's size, by area where it shrinks and linearly where it grows (no ``warpAffine``: its
    bytes differ between OpenCV versions). What is twice too large or more is halved first, as often
    as that holds, for which its sides are rounded down to multiples of 2, 4 ...: 0.9 ms instead of
    2.3 for a person of 570 px; the median keypoint moves by 0.003 heights, the scores stay.
    Training pictures are smaller than that and keep every byte.

    Parameters
    ----------
    height, width
        Size of the network's input in pixels.
    """

    def __init__(self, height: int, width: int) -> None:
        self.height = height
        self.width = width

    def window(self, box_px: ArrayLike) -> Window:
        """Part of the picture to cut for a box x0, y0, x1, y1 in pixels.

        Raises
        ------
        ValueError
            When the box is empty or not finite.
        """
        x0, y0, x1, y1 = np.asarray(box_px, dtype=np.float64).tolist()
        if not (x1 > x0 and y1 > y0 and np.isfinite(x1 - x0) and np.isfinite(y1 - y0)):
            raise ValueError(f"box {x0}, {y0}, {x1}, {y1} is empty")
        aspect = self.width / self.height
        high = ENLARGE * max(y1 - y0, (x1 - x0) / aspect)
        wide = high * aspect
        left = round((x0 + x1 - wide) / 2)
        top = round((y0 + y1 - high) / 2)
        right = max(left + 1, round((x0 + x1 + wide) / 2))
        bottom = max(top + 1, round((y0 + y1 + high) / 2))
        step = 2 ** self._halvings(right - left, bottom - top)
        return Window(left, top, right - (right - left) % step, bottom - (bottom - top) % step)

    def cut(self, picture: WindowPicture, window: Window) -> Image:
        """The window at the network's size, uint8[height, width, 3] RGB."""
        part = picture.rgb(window.x0, window.y0, window.x1, window.y1)
        for _ in range(self._halvings(part.shape[1], part.shape[0])):
            half = (part.shape[1] // 2, part.shape[0] // 2)
            part = np.asarray(cv2.resize(part, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        shrinks = part.shape[0] > self.height
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        resized = cv2.resize(part, (self.width, self.height), interpolation=method)
        return np.asarray(resized, dtype=np.uint8)

    def _halvings(self, width: int, height: int) -> int:
        """How often a window can be halved and still be no smaller than the network's input."""
        return max(0, min(width // self.width, height // self.height).bit_length() - 1)

    def to_picture(self, xy_crop_px: NDArray[Any], window: Window) -> NDArray[np.float64]:
        """Points of the crop, float[..., 2], in pixels of the picture."""
        origin, factor = self._map(window)
        return np.asarray(xy_crop_px, dtype=np.float64) * factor + origin

    def to_crop(self, xy_px: NDArray[Any], window: Window) -> NDArray[np.float64]:
        """Points of the picture, float[..., 2], in pixels of the crop."""
        origin, factor = self._map(window)
        return (np.asarray(xy_px, dtype=np.float64) - origin) / factor

    def _map(self, window: Window) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        origin = np.array([window.x0, window.y0], dtype=np.float64)
        size = np.array([window.x1 - window.x0, window.y1 - window.y0], dtype=np.float64)
        return origin, size / np.array([self.width, self.height], dtype=np.float64)
