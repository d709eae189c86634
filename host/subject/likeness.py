"""Does a recording look like an earlier one of the same person? A question, never a search.

Method: the gait energy image, the mean outline over whole walks (Han and Bhanu 2006). Two of them
are compared by the correlation of their pixels. It notices that somebody else walked under a
patient's name; clothes and walking aids change it too, so it only ever asks to look.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from host.person.outline import OUTLINE_HEIGHT, OUTLINE_WIDTH
from host.pose.recording import Recording

Array = NDArray[np.float64]
Span = tuple[float, float, int]
Walks = tuple[Recording, list[Span]]

FEWEST_OUTLINES = 20
MIN_CLEAR, MIN_LIKENESS = 0.88, 0.85
"""On ten real and rendered clips: the two halves of one walk reach 0.89 to 0.95 where the outline
is clear (0.57 to 0.79 where it is torn); among the clear ones three pairs of walks of one actor
reach 0.89 to 0.97, and 25 other pairs 0.76 to 0.93. So the same person was not doubted, and about
a third of the exchanges would be noticed.
"""

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

    def image(self, recording: Recording, bouts: list[Span]) -> Array | None:
        """float64[64, 44] in 0..1; None where the subject left too few outlines.

        Parameters
        ----------
        recording
            With its subject chosen.
        bouts
            start_s, end_s and direction (+1 to the right, -1 to the left) of each stretch of
            walking.
        """
        if not recording.outline.size:
            return None
        rows = np.flatnonzero(recording.track == recording.meta["subject"]["track"])
        if not len(rows):
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


class LikenessDoubt:
    """Two recordings that should be of one person, and whether they look like it.

    Parameters
    ----------
    min_clear
        Likeness of the two halves of each recording from which its outline counts as clear.
    min_likeness
        Two recordings below this do not look like the same person.
    """

    def __init__(self, min_clear: float = MIN_CLEAR, min_likeness: float = MIN_LIKENESS) -> None:
        self._min_clear = min_clear
        self._min_likeness = min_likeness

    def judge(self, one: Walks, other: Walks) -> bool | None:
        """True: they do not look alike; None: nothing can be said."""
        images = [self._clear(walks) for walks in (one, other)]
        if images[0] is None or images[1] is None:
            return None
        return likeness(images[0], images[1]) < self._min_likeness

    def _clear(self, walks: Walks) -> Array | None:
        recording, bouts = walks
        halves = [
            GaitEnergy(FEWEST_OUTLINES // 2).image(recording, [_half(b, n) for b in bouts])
            for n in (0, 1)
        ]
        if halves[0] is None or halves[1] is None:
            return None
        if likeness(halves[0], halves[1]) < self._min_clear:
            return None
        return GaitEnergy().image(recording, bouts)


def walking_spans(recording: Recording, events: Iterable[tuple[int, float]]) -> list[Span]:
    """Stretches of walking of the subject, with the way along x.

    Parameters
    ----------
    recording
        With its subject chosen.
    events
        Bout and time_s of each event; a stretch lasts from the first to the last of its bout.
    """
    times: dict[int, list[float]] = {}
    for bout, time_s in events:
        times.setdefault(bout, []).append(time_s)
    rows = np.flatnonzero(recording.track == recording.meta["subject"]["track"])
    found = []
    for of_bout in times.values():
        inside = (recording.time_s >= min(of_bout)) & (recording.time_s < max(of_bout))
        left = recording.box_px[inside][:, rows, 0].ravel()
        left = left[np.isfinite(left)]
        if len(left) > 1:
            found.append((min(of_bout), max(of_bout), 1 if left[-1] > left[0] else -1))
    return found


def likeness(one: Array, other: Array) -> float:
    """Correlation of the pixels of two images, -1..1."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def _half(bout: Span, number: int) -> Span:
    middle = (bout[0] + bout[1]) / 2
    return (bout[0], middle, bout[2]) if number == 0 else (middle, bout[1], bout[2])
