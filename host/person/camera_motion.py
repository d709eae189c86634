"""Does the camera stand still? How the background shifts within a quarter of a second."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from host.person.types import Image

_SPAN_S = 0.25
_CORNERS, _FEWEST = 60, 8
_QUALITY, _APART_PX = 0.02, 8
_WINDOW_PX = (11, 11)
_NONE: NDArray[np.float32] = np.empty((0, 1, 2), np.float32)


class CameraMotion:
    """Median shift of corners outside of people (Shi and Tomasi 1994; Lucas and Kanade 1981).

    At most four measurements a second, each about 1 ms for a picture of 320 x 180.

    Attributes
    ----------
    shift_px_s
        float64[2], the latest shift of the background per second, x and y, in pixels of the
        pictures fed; NaN before the first measurement and where the room shows too few corners.
    """

    def __init__(self) -> None:
        self.shift_px_s = np.full(2, np.nan)
        self._luma: Image | None = None
        self._corners = _NONE
        self._time_s = 0.0

    def feed(self, luma: Image, people: Image, time_s: float) -> bool:
        """Take the next small picture; True when :attr:`shift_px_s` was measured anew.

        ``people`` is uint8[h, w], not 0 where somebody may be.
        """
        if self._luma is not None and time_s - self._time_s < _SPAN_S:
            return False
        measured = self._luma is not None
        if self._luma is not None:
            self.shift_px_s = self._shift(self._luma, luma) / (time_s - self._time_s)
        empty = (people == 0).astype(np.uint8)
        corners = cv2.goodFeaturesToTrack(luma, _CORNERS, _QUALITY, _APART_PX, mask=empty)
        self._corners = np.asarray(corners if corners is not None else _NONE, np.float32)
        self._luma, self._time_s = luma, time_s
        return measured

    def _shift(self, before: Image, now: Image) -> NDArray[np.float64]:
        if len(self._corners) < _FEWEST:
            return np.full(2, np.nan)
        moved, found, _ = cv2.calcOpticalFlowPyrLK(
            before, now, self._corners, np.empty_like(self._corners), winSize=_WINDOW_PX
        )
        shifts = (moved - self._corners)[np.ravel(found) == 1].reshape(-1, 2)
        if len(shifts) < _FEWEST:
            return np.full(2, np.nan)
        return np.asarray(np.median(shifts, axis=0), dtype=np.float64)
