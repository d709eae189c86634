"""Drawing straight on the brightness and colour planes of a 4:2:0 picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from host.capture.types import Image

_FONT = cv2.FONT_HERSHEY_DUPLEX
_FONT_PX = 21.0  # height of a capital in this font at scale 1
_SHIFT = 3  # fractional bits of a coordinate
_ONE = 1 << _SHIFT
_RIM_Y = 24

Points = NDArray[np.floating]


@dataclass(frozen=True)
class Colour:
    """A colour as the planes hold it (ITU-R BT.601, limited range)."""

    y: int
    u: int
    v: int


def colour(red: int, green: int, blue: int) -> Colour:
    """Colour of 8-bit red, green and blue (ITU-R BT.601-7, sections 2.5.1 to 2.5.3)."""
    r, g, b = red / 255, green / 255, blue / 255
    luma = 0.299 * r + 0.587 * g + 0.114 * b
    return Colour(
        round(16 + 219 * luma),
        round(128 + 224 * (b - luma) / 1.772),
        round(128 + 224 * (r - luma) / 1.402),
    )


class Canvas:
    """Three planes to draw on.

    Parameters
    ----------
    y
        uint8[H, W] with even H and W.
    u, v
        uint8[H/2, W/2].
    """

    def __init__(self, y: Image, u: Image, v: Image) -> None:
        self.y, self.u, self.v = y, u, v
        self.height, self.width = y.shape

    def part(self, y0: int, y1: int) -> Canvas:
        """The rows from even ``y0`` to even ``y1`` as a canvas of their own; nothing is copied."""
        chroma = slice(y0 // 2, y1 // 2)
        return Canvas(self.y[y0:y1], self.u[chroma], self.v[chroma])

    def put(self, other: Canvas, columns: slice = slice(None)) -> None:
        """Copy another canvas of the same size, or some of its columns (even bounds)."""
        halves = slice(*(None if c is None else c // 2 for c in (columns.start, columns.stop)))
        self.y[:, columns] = other.y[:, columns]
        self.u[:, halves] = other.u[:, halves]
        self.v[:, halves] = other.v[:, halves]

    def fill(self, x0: float, y0: float, x1: float, y1: float, tint: Colour) -> None:
        """Fill a rectangle; bounds in pixels, the upper ones excluded."""
        for plane, value, scale in self._planes(tint):
            a, b, c, d = (max(0, round(p * scale)) for p in (x0, y0, x1, y1))
            plane[b:d, a : max(c, a + 1)] = value

    def lines(self, pieces: Points, tint: Colour, thickness: float) -> None:
        """Draw open lines through float[lines, points, 2] in pixels."""
        for plane, value, scale in self._planes(tint):
            fixed = np.rint(pieces * (scale * _ONE)).astype(np.int32)
            wide = max(1, round(thickness * scale))
            kind = cv2.LINE_AA if scale == 1 else cv2.LINE_8
            cv2.polylines(plane, list(fixed), False, value, wide, kind, _SHIFT)

    def ring(self, centre: Points, radius: float, tint: Colour, thickness: float) -> None:
        """Draw a circle; a negative thickness fills it."""
        for plane, value, scale in self._planes(tint):
            x, y = (round(float(c) * scale * _ONE) for c in centre)
            wide = -1 if thickness < 0 else max(1, round(thickness * scale))
            around = max(1, round(radius * scale * _ONE))
            cv2.circle(plane, (x, y), around, value, wide, cv2.LINE_AA, _SHIFT)

    def text(self, words: str, at: tuple[float, float], size: float, tint: Colour) -> None:
        """Write ``words``.

        Parameters
        ----------
        words
            Plain ASCII.
        at
            Left end of the base line in pixels.
        size
            Height of a capital in pixels.
        """
        for plane, value, scale in self._planes(tint):
            start = (round(at[0] * scale), round(at[1] * scale))
            kind = cv2.LINE_AA if scale == 1 else cv2.LINE_8
            cv2.putText(plane, words, start, _FONT, size * scale / _FONT_PX, value, 1, kind)

    def rimmed_text(self, words: str, at: tuple[float, float], size: float, tint: Colour) -> None:
        """Write ``words`` with a dark rim, readable on any picture; see :meth:`text`."""
        rim = (round(at[0]), round(at[1]))
        cv2.putText(self.y, words, rim, _FONT, size / _FONT_PX, _RIM_Y, 3, cv2.LINE_8)
        self.text(words, at, size, tint)

    @staticmethod
    def text_width(words: str, size: float) -> float:
        """Width of ``words`` in pixels."""
        return float(cv2.getTextSize(words, _FONT, size / _FONT_PX, 1)[0][0])

    def _planes(self, tint: Colour) -> tuple[tuple[Image, int, float], ...]:
        return ((self.y, tint.y, 1.0), (self.u, tint.u, 0.5), (self.v, tint.v, 0.5))


def blank(width: int, height: int, tint: Colour) -> Canvas:
    """A canvas of one colour."""
    half = (height // 2, width // 2)
    planes = ((height, width), tint.y), (half, tint.u), (half, tint.v)
    return Canvas(*(np.full(shape, value, dtype=np.uint8) for shape, value in planes))
