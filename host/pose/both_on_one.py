"""Frames in which a network draws both legs on one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import LEG_NAMES, N_KEYPOINTS, Side, part

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LEGS = np.array([[part(name, side) for name in LEG_NAMES] for side in (Side.LEFT, Side.RIGHT)])
_LOWER = _LEGS[:, LEG_NAMES.index("knee") :]
_ANKLES = [part("ankle", Side.LEFT), part("ankle", Side.RIGHT)]


@dataclass(frozen=True)
class BothOnOne:
    """Frames in which a network draws both legs on one of them.

    Two legs do pass each other, at the middle of each swing; but then the feet come from one side
    and go to the other, and it is over in ``longest_s``. Both knees, ankles, heels and toes on one
    place for longer, or the feet back on the side they came from, is one leg drawn twice.

    Parameters
    ----------
    near
        Mean distance of the two legs' points in body heights below which they count as one.
    longest_s
        Longest time in which legs pass each other (both ankles together for more than 0.25 s are a
        common rule for a confused leg; the passing itself takes about a tenth of a stride).
    """

    near: float = 0.035
    longest_s: float = 0.15

    def find(self, time_s: Array, xy_px: Array, height_px: float) -> Mask:
        """Points to take away, bool[T, 23]: of the leg that leaves its own course more.

        Parameters
        ----------
        time_s
            float64[T].
        xy_px
            float64[T, 23, 2], sides put right; NaN where missing.
        height_px
            The person's height in the picture.
        """
        apart = np.linalg.norm(xy_px[:, _LOWER[0]] - xy_px[:, _LOWER[1]], axis=-1).mean(axis=1)
        seen = np.flatnonzero(np.isfinite(apart))
        one = apart[seen] < self.near * height_px
        lead = xy_px[seen][:, _ANKLES, 0] @ (1.0, -1.0)
        out = np.zeros((len(time_s), N_KEYPOINTS), bool)
        for run in np.split(np.arange(len(seen)), np.flatnonzero(np.diff(one)) + 1):
            first, last = run[0] - 1, run[-1] + 1
            if not one[run[0]] or first < 0 or last >= len(seen):
                continue
            passes = lead[first] * lead[last] < 0
            if passes and time_s[seen[last]] - time_s[seen[first]] <= self.longest_s:
                continue
            leg = self._strayed(time_s, xy_px, seen[run], seen[[first, last]])
            out[np.ix_(seen[run], leg)] = True
        return out

    @staticmethod
    def _strayed(
        time_s: Array, xy_px: Array, run: NDArray[np.intp], ends: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Point numbers of the leg that is further from the straight way over the run."""
        share = (time_s[run] - time_s[ends[0]]) / (time_s[ends[1]] - time_s[ends[0]])
        way = xy_px[ends[0]] + share[:, None, None] * (xy_px[ends[1]] - xy_px[ends[0]])
        away = np.linalg.norm(xy_px[run] - way, axis=-1).mean(axis=0)
        return np.asarray(_LEGS[int(away[_LOWER[1]].mean() > away[_LOWER[0]].mean())])
