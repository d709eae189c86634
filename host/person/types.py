"""What the person room hands out. Boxes are x0, y0, x1, y1 in pixels of the upright picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Array = NDArray[np.float64]

SILHOUETTE_NAMES: tuple[str, ...] = ("area", "width", "height", "centre_x", "centre_y", "luma")
"""Columns of :attr:`TrackedPerson.silhouette`: px squared, px (4), mean brightness 0..255."""


@dataclass(frozen=True)
class Detection:
    """Something in one picture that may be a person."""

    box_px: Array
    """float64[4]."""
    moves: bool
    """Whether it differs from the background; otherwise it only looks like a person."""


@dataclass(frozen=True)
class TrackedPerson:
    """One track in one picture."""

    track: int
    """Stable number of the track."""
    box_px: Array
    """float64[4], where the person is expected; the part to show to the pose network."""
    silhouette: Array
    """float64[len(SILHOUETTE_NAMES)]; NaN where there is no silhouette."""
    outline: NDArray[np.uint8] | None = None
    """uint8[352] of :func:`host.person.outline.aligned_outline`; None where nobody asked for it."""
