"""A second cue for people: their outline, where no background can be learned."""

from __future__ import annotations

import cv2
import numpy as np

from host.person.network import WholePicture
from host.person.types import Array

_LONG_PX = 400  # of the picture searched: people of 100 px and more, 15 ms
_STRIDE, _PADDING, _STEP = (8, 8), (16, 16), 1.1
# The detector's window of 64 x 128 leaves this much air around a person of its training pictures.
_AIR = np.array([0.18, 0.08, -0.18, -0.08])


class OutlineFinder:
    """OpenCV's people detector: histograms of oriented gradients (Dalal and Triggs 2005).

    Parameters
    ----------
    threshold
        Distance from the detector's hyperplane from which a window counts.

    Notes
    -----
    Finds people who stand in front of or behind the camera's axis or pass in front of it, upright
    and whole; misses about half of them (seen on clinic videos), which is enough to start a track.
    """

    def __init__(self, threshold: float = 0.0) -> None:
        self._threshold = threshold
        self._detector = cv2.HOGDescriptor()
        self._detector.setSVMDetector(np.asarray(cv2.HOGDescriptor.getDefaultPeopleDetector()))

    def find(self, picture: WholePicture) -> Array:
        """Boxes of people, float64[N, 4], in pixels of the picture."""
        luma = picture.luma()
        factor = _LONG_PX / max(luma.shape)
        small = cv2.resize(luma, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        found, _ = self._detector.detectMultiScale(
            small,
            hitThreshold=self._threshold,
            winStride=_STRIDE,
            padding=_PADDING,
            scale=_STEP,
        )
        boxes = np.array(found, dtype=np.float64).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        return np.asarray((boxes + _AIR * np.tile(boxes[:, 2:] - boxes[:, :2], 2)) / factor)
