"""A box that follows a person from picture to picture, forwards or backwards in time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from host.person.types import Array

_STEP_SHARE = 0.12  # largest change of a box's size from picture to picture
_POSITION_GAIN, _SPEED_GAIN, _SIZE_GAIN = 0.8, 0.3, 0.4


@dataclass(eq=False)
class BoxFilter:
    """Alpha-beta filter of a box (Kalata 1984): place and speed, and a size that changes slowly.

    Attributes
    ----------
    box_px
        float64[4]: x0, y0, x1, y1 at ``time_s``.
    time_s
        Of the picture that was predicted or followed last.
    velocity_px_s
        float64[2], of the box's centre.
    step_s
        Of the last prediction; negative when going back, 0 where there was none yet.
    """

    box_px: Array
    time_s: float
    velocity_px_s: Array = field(default_factory=lambda: np.zeros(2))
    step_s: float = field(default=0.0, init=False)

    @property
    def height_px(self) -> float:
        """Height of the box."""
        return float(self.box_px[3] - self.box_px[1])

    def predict(self, time_s: float) -> None:
        """Move the box to another time, later or earlier, at its own speed."""
        self.box_px = self.box_px + np.tile(self.velocity_px_s * (time_s - self.time_s), 2)
        self.step_s, self.time_s = time_s - self.time_s, time_s

    def follow(self, box: Array) -> None:
        """Correct the prediction by the box, float64[4], seen at ``time_s``."""
        error = centre(box) - centre(self.box_px)
        size, wanted = self.box_px[2:] - self.box_px[:2], box[2:] - box[:2]
        grown = size + _SIZE_GAIN * (wanted - size)
        size = np.clip(grown, (1 - _STEP_SHARE) * size, (1 + _STEP_SHARE) * size)
        middle = centre(self.box_px) + _POSITION_GAIN * error
        self.box_px = np.concatenate([middle - size / 2, middle + size / 2])
        if self.step_s:
            self.velocity_px_s = self.velocity_px_s + _SPEED_GAIN * error / self.step_s


def centre(box: Array) -> Array:
    """Middle of a box, float64[2]."""
    return np.asarray((box[:2] + box[2:]) / 2)
