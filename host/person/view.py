"""What the finder made of one picture: enough to tell of people in it, also a while later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from host.person.blobs import silhouette_signals
from host.person.outline import aligned_outline
from host.person.types import SILHOUETTE_NAMES, Array, Image, TrackedPerson


@dataclass(frozen=True)
class View:
    """One picture as the finder sees it.

    Attributes
    ----------
    mask
        uint8[h, w] of the small picture, not 0 where it differs from the room.
    small
        uint8[h, w], the small picture.
    scale
        Pixels of the picture per pixel of the small one.
    pans
        Whether the camera turns, so that the mask tells nothing.
    outlines
        Whether shapes of people are kept.
    """

    mask: Image
    small: Image
    scale: float
    pans: bool = False
    outlines: bool = False

    @property
    def size_px(self) -> Array:
        """float64[2]: width and height of the picture."""
        return self.scale * np.array(self.small.shape[::-1], dtype=np.float64)

    def person(self, track: int, box_px: Array) -> TrackedPerson:
        """Somebody in ``box_px``, float64[4] in pixels of the picture, with his silhouette."""
        box = box_px / self.scale
        signals = silhouette_signals(self.mask, self.small, box, self.scale)
        if self.pans:
            signals[: SILHOUETTE_NAMES.index("luma")] = np.nan
        outline = None
        if self.outlines:
            mask = np.zeros_like(self.mask) if self.pans else self.mask
            outline = aligned_outline(mask, box)
        return TrackedPerson(track, box_px, signals, outline)
