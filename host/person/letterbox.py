"""A whole picture in the finder's input, and boxes back again: for training, evaluation and host.

Coordinates are continuous pixels: (0, 0) is the upper left corner of the upper left pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from host.person.types import Array, Image


@dataclass(frozen=True)
class Placement:
    """Where a picture lies in the input: its upper left corner there, and its size there."""

    x0: int
    y0: int
    width: int
    height: int


class Letterbox:
    """Shrinks (or enlarges) pictures as a whole to the input, centred, black beside them.

    ``cv2.resize`` by area where it shrinks, linearly where it grows. What is twice too large or
    more is halved first, as often as that holds and its sides are even.

    Parameters
    ----------
    height, width
        Size of the network's input in pixels.
    """

    def __init__(self, height: int, width: int) -> None:
        self.height = height
        self.width = width

    def placement(self, height: int, width: int) -> Placement:
        """Place of a picture of ``height`` x ``width`` pixels; its sides keep their ratio.

        Raises
        ------
        ValueError
            When the picture is empty.
        """
        if height < 1 or width < 1:
            raise ValueError(f"picture of {width} x {height} pixels is empty")
        factor = min(self.height / height, self.width / width)
        high = min(self.height, max(1, round(height * factor)))
        wide = min(self.width, max(1, round(width * factor)))
        return Placement((self.width - wide) // 2, (self.height - high) // 2, wide, high)

    def fit(self, picture: Image) -> Image:
        """The picture, uint8[H, W, 3], in the input: uint8[height, width, 3]."""
        place = self.placement(*picture.shape[:2])
        part = picture
        while min(part.shape[0] // place.height, part.shape[1] // place.width) >= 2 and not (
            part.shape[0] % 2 or part.shape[1] % 2
        ):
            half = (part.shape[1] // 2, part.shape[0] // 2)
            part = np.asarray(cv2.resize(part, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        shrinks = part.shape[0] > place.height
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        out: Image = np.zeros((self.height, self.width, 3), np.uint8)
        rows = slice(place.y0, place.y0 + place.height)
        columns = slice(place.x0, place.x0 + place.width)
        out[rows, columns] = cv2.resize(part, (place.width, place.height), interpolation=method)
        return out

    def to_picture(self, boxes_px: Array, height: int, width: int) -> Array:
        """Boxes of the input, float64[N, 4], in pixels of the picture; cut at its edges."""
        place = self.placement(height, width)
        origin = np.array([place.x0, place.y0] * 2, dtype=np.float64)
        factor = np.array([width / place.width, height / place.height] * 2)
        edges = np.array([width, height] * 2, dtype=np.float64)
        return np.asarray(np.clip((boxes_px - origin) * factor, 0, edges))

    def to_input(self, boxes_px: Array, height: int, width: int) -> Array:
        """Boxes of the picture, float64[N, 4], in pixels of the input."""
        place = self.placement(height, width)
        origin = np.array([place.x0, place.y0] * 2, dtype=np.float64)
        factor = np.array([width / place.width, height / place.height] * 2)
        return np.asarray(np.asarray(boxes_px, dtype=np.float64) / factor + origin)
