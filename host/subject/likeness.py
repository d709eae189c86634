"""Does a recording look like an earlier one of the same person? A question, never a search.

Method: the gait energy image, the mean outline over whole walks (Han and Bhanu 2006). Two of them
are compared by the correlation of their pixels. It notices that somebody else walked under a
patient's name; clothes and walking aids change it too, so it only ever asks to look.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from host.person.outline import OUTLINE_HEIGHT, OUTLINE_WIDTH
from host.pose.recording import Recording

Array = NDArray[np.float64]

FEWEST_OUTLINES = 20
_SHAPE = (OUTLINE_HEIGHT, OUTLINE_WIDTH)


class GaitEnergy:
    """Mean outline of the subject while it walks, facing right.

    Parameters
    ----------
    fewest
        Fewer outlines than this give no image.
    """

    def __init__(self, fewest: int = FEWEST_OUTLINES) -> None:
        self._fewest = fewest

    def image(self, recording: Recording, bouts: list[tuple[float, float, int]]) -> Array | None:
        """float64[64, 44] in 0..1; None where the subject left too few outlines.

        Parameters
        ----------
        recording
            With its subject chosen.
        bouts
            start_s, end_s and direction (+1 to the right, -1 to the left) of each stretch of
            walking.
        """
        rows = np.flatnonzero(recording.track == recording.meta["subject"]["track"])
        if not len(rows) or not recording.outline.size:
            return None
        packed = recording.outline[:, rows[0]]
        total, count = np.zeros(_SHAPE), 0
        for start_s, end_s, direction in bouts:
            inside = (recording.time_s >= start_s) & (recording.time_s < end_s)
            seen = packed[inside & packed.any(axis=1)]
            shapes = np.unpackbits(seen, axis=1).reshape(-1, *_SHAPE)
            total += shapes.sum(axis=0)[:, :: direction or 1]
            count += len(seen)
        return total / count if count >= self._fewest else None


def likeness(one: Array, other: Array) -> float:
    """Correlation of two images in -1..1 over the pixels that either of them ever covers."""
    covered = (one > 0.02) | (other > 0.02)
    return float(np.corrcoef(one[covered], other[covered])[0, 1])
