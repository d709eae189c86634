"""What a source hands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


class Picture(Protocol):
    """One decoded, upright picture; colours are made only where asked for."""

    @property
    def width(self) -> int:
        """Width of the upright picture in pixels."""

    @property
    def height(self) -> int:
        """Height of the upright picture in pixels."""

    @property
    def held_bytes(self) -> int:
        """Memory that the picture takes while it is kept, without colours made of it."""

    def forget_colours(self) -> None:
        """Let go of colours made so far; they are made again where asked for."""

    def luma(self) -> Image:
        """uint8[H, W], the decoder's brightness plane, upright (a view where possible)."""

    def rgb(self, x0: int, y0: int, x1: int, y1: int) -> Image:
        """uint8[y1-y0, x1-x0, 3] RGB of a whole-pixel window; black outside the picture."""

    def planes(self) -> tuple[Image, Image, Image]:
        """Y uint8[H, W], U and V uint8[ceil(H/2), ceil(W/2)] of the upright picture (4:2:0)."""


@dataclass(frozen=True)
class Frame:
    """One picture and its times."""

    image: Picture
    time_s: float
    """Presentation time, seconds from the first frame."""
    sequence: int
    """Number of the frame in decoding order, from 0."""
    arrival_s: float
    """Monotonic clock when the frame was handed out."""


@dataclass(frozen=True)
class SourceInfo:
    """Facts about a source, known after the last frame."""

    file: str
    sha256: str
    frames: int
    duration_s: float
    frame_rate_hz: float
    """(frames - 1) / duration; 0 for a single frame."""
    variable_frame_rate: bool
    dropped_frames: int
    """Frames missing by gaps of about whole multiples of the median interval."""
    width_px: int
    height_px: int
    rotation_deg: int
    """Clockwise turn that made the stored pictures upright: 0, 90, 180 or 270."""
    unreadable_frames: int = 0
    """Frames that the container announces but that could not be decoded (damaged or cut file)."""
    cut_off_frames: int = 0
    """Those of them that lie behind the last frame: the file ends before its index does."""


@dataclass(frozen=True)
class Counters:
    """What a source counted so far."""

    frames: int
    gaps: int
    """Missing frames, as :attr:`SourceInfo.dropped_frames`."""
    late: int
    """Frames handed out after their time; always 0 for a file."""
    rate_hz: float
    """Achieved rate of the frames handed out."""
    exposure_s: float | None = None
    """Exposure time where the camera tells it."""
