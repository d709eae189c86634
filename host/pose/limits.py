"""What a body cannot do: segments longer than bones, points faster than limbs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import N_KEYPOINTS, Side, part

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SEGMENTS: dict[tuple[str, str], float] = {
    ("shoulder", "elbow"): 0.186,
    ("elbow", "wrist"): 0.146,
    ("hip", "knee"): 0.245,
    ("knee", "ankle"): 0.246,
    ("ankle", "heel"): 0.050,
    ("ankle", "big_toe"): 0.140,
    ("heel", "big_toe"): 0.152,
    ("big_toe", "small_toe"): 0.060,
}
"""Lengths as shares of stature: Drillis and Contini (1966), after Winter (2009), who gives upper
arm, forearm, thigh, shank and foot. Ankle to heel and to the toes follow from the ankle's height,
0.039, and the foot's length; the width of the foot at the toes is 0.055 there."""

_CHAINS = (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle", "heel", "big_toe", "small_toe"))


def _reaches() -> list[tuple[int, int, float]]:
    """(point, point, length along the limb) of all pairs of one arm or one leg."""
    out = []
    for chain in _CHAINS:
        count = len(chain)
        far = np.full((count, count), np.inf)
        for (a, b), length in SEGMENTS.items():
            if a in chain:
                i, j = chain.index(a), chain.index(b)
                far[i, j] = far[j, i] = length
        for middle in range(count):  # Floyd (1962)
            far = np.minimum(far, far[:, middle, None] + far[None, middle])
        for side in Side:
            numbers = [part(name, side) for name in chain]
            pairs = zip(*np.triu_indices(count, 1), strict=True)
            out += [(numbers[i], numbers[j], float(far[i, j])) for i, j in pairs]
    return out


class TooLong:
    """Points that lie further from their limb's other points than the limb is long.

    Seen from anywhere a segment can be shorter than it is, never longer. Each pair of points of an
    arm or a leg is compared with the way along the bones (:data:`SEGMENTS`); of a frame's pairs
    that are too far apart, the point that most of them share is taken away, of equal ones the
    fainter, until none is left. Shoulders and hips stay: the others hang on them.

    On 57 rendered walks no true pair reaches the limit.

    Parameters
    ----------
    share
        How much longer than the mean body's a segment may look: proportions (SD 5 to 8 % of a
        segment) and perspective.
    slack
        And how far, in statures, the two points may lie beside their joints.
    """

    def __init__(self, share: float = 1.15, slack: float = 0.025) -> None:
        pairs = _reaches()
        self._from = np.array([a for a, _, _ in pairs])
        self._to = np.array([b for _, b, _ in pairs])
        self._longest = share * np.array([length for _, _, length in pairs]) + slack
        stems = [part(name, side) for name in ("shoulder", "hip") for side in Side]
        self._stays = np.isin(np.arange(N_KEYPOINTS), stems)
        self._ends = np.zeros((len(pairs), N_KEYPOINTS))
        self._ends[np.arange(len(pairs)), self._from] = 1
        self._ends[np.arange(len(pairs)), self._to] = 1

    def find(self, xy: Array, score: Array) -> Mask:
        """Points to take away, bool[T, 23].

        Parameters
        ----------
        xy
            float64[T, 23, 2] in statures; NaN where missing.
        score
            float64[T, 23].
        """
        apart = np.linalg.norm(xy[:, self._from] - xy[:, self._to], axis=-1)
        torn = (np.nan_to_num(apart) > self._longest).astype(np.float64)
        out = np.zeros(xy.shape[:2], bool)
        rows = np.flatnonzero(torn.any(axis=1))
        while len(rows):
            shared = torn[rows] @ self._ends
            blame = np.where(shared > 0, shared + 1 - np.nan_to_num(score[rows]), 0.0)
            blame[:, self._stays] = 0.0
            worst = blame.argmax(axis=1)
            out[rows, worst] = True
            torn[rows] *= 1 - self._ends[:, worst].T
            rows = rows[torn[rows].any(axis=1)]
        return out


class TooFast:
    """Points that leave the course that a limb could take (largest consistent subset of a track).

    Of each point's sightings those are kept that can follow one another at no more than ``fastest``
    beside the hips and whose scores have the largest sum (dynamic programming over the sightings,
    Bellman 1957): a point that jumps to another limb and back is taken away for that time, however
    sure the network is. After ``forget_s`` without a kept sighting any place can follow.

    Parameters
    ----------
    fastest
        Statures per second beside the hips. The toes swing past a walker's hips at 3.3 m/s (4.6
        over the ground, Winter 1992, at 1.3 m/s): 1.9 statures per second; 3 leaves room.
    slack
        Statures by which two sightings of a resting point may differ.
    forget_s
        Seconds.
    """

    def __init__(self, fastest: float = 3.0, slack: float = 0.03, forget_s: float = 0.4) -> None:
        self._fastest = fastest
        self._slack = slack
        self._forget_s = forget_s

    def find(self, time_s: Array, xy: Array, score: Array) -> Mask:
        """Sightings to take away, bool[T, N].

        Parameters
        ----------
        time_s
            float64[T], increasing.
        xy
            float64[T, N, 2] in statures, relative to the hips; NaN where missing.
        score
            float64[T, N].
        """
        frames, points = xy.shape[:2]
        gain = np.where(np.isfinite(xy[..., 0]), np.maximum(np.nan_to_num(score), 1e-3), 0.0)
        seen, follows = gain > 0, self._follows(time_s, xy)
        best = np.zeros((frames, points))
        came = np.full((frames, points), -1)
        record = np.zeros(points)  # largest sum among sightings older than forget_s, and where
        holder = np.full(points, -1)
        oldest, column = 0, np.arange(points)
        for t in range(frames):
            while time_s[t] - time_s[oldest] > self._forget_s:
                better = seen[oldest] & (best[oldest] > record)
                record = np.where(better, best[oldest], record)
                holder = np.where(better, oldest, holder)
                oldest += 1
            top, origin = record, holder
            if t > oldest:
                sums = np.where(follows[t, oldest - t :], best[oldest:t], -1.0)
                row = sums.argmax(axis=0)
                largest = sums[row, column]
                better = largest > top
                top, origin = np.where(better, largest, top), np.where(better, row + oldest, origin)
            best[t], came[t] = top + gain[t], origin
        return seen & ~_on_course(np.where(seen, best, 0.0), came)

    def _follows(self, time_s: Array, xy: Array) -> Mask:
        """Whether frame t can follow frame t - L + n, bool[T, L, N]; L frames in ``forget_s``."""
        near = []
        for lag in range(1, len(xy)):
            step_s = time_s[lag:] - time_s[:-lag]
            if (step_s > self._forget_s).all():
                break
            moved = np.linalg.norm(xy[lag:] - xy[:-lag], axis=-1)
            one = np.zeros(xy.shape[:2], bool)
            one[lag:] = moved <= (self._fastest * step_s + self._slack)[:, None]
            near.append(one)
        return np.stack(near[::-1], axis=1) if near else np.zeros((len(xy), 0, xy.shape[1]), bool)


def _on_course(best: Array, came: NDArray[np.intp]) -> Mask:
    """Sightings on the way back from each point's largest sum."""
    kept = np.zeros(best.shape, bool)
    at, column = best.argmax(axis=0), np.arange(best.shape[1])
    left = best[at, column] > 0
    while left.any():
        kept[at[left], column[left]] = True
        at = np.where(left, came[at, column], -1)
        left = at >= 0
    return kept
