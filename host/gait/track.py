"""Keypoints on an even time grid: doubtful points removed, short holes filled, long ones kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from host.gait.signals import RATE_HZ
from host.gait.types import Trajectories
from model_zoo.skeleton import INDEX, N_KEYPOINTS, Side, part

Array = NDArray[np.float64]
_AXES = 3


@dataclass(frozen=True)
class Track:
    """One person on an even grid of ``RATE_HZ``.

    Attributes
    ----------
    time_s
        float64[N], even steps.
    xyz
        float64[N, 23, 3] as in :class:`~host.gait.types.Trajectories`, NaN where missing.
    score
        float64[N, 23], source's confidence; 0 where missing.
    side_confidence
        float64[N], how sure left and right are told apart; 1 where the source does not say.
    unit, source
        As in the trajectories.
    """

    time_s: Array
    xyz: Array
    score: Array
    side_confidence: Array
    unit: str
    source: str

    def axis(self, name: str, axis: int) -> Array:
        """float64[N]: one coordinate of one keypoint."""
        return np.asarray(self.xyz[:, INDEX[name], axis])

    def middle(self, name: str, axis: int) -> Array:
        """float64[N]: mean of the left and right point; the one that is seen where only one is."""
        pair = self.xyz[:, [part(name, Side.LEFT), part(name, Side.RIGHT)], axis]
        both = pair.mean(axis=1)
        one = np.where(np.isfinite(pair[:, 0]), pair[:, 0], pair[:, 1])
        return np.asarray(np.where(np.isfinite(both), both, one))

    def foot(self, name: str, side: Side) -> int:
        """Keypoint index of ``"heel"`` or ``"big_toe"``; the ankle where the source lacks it."""
        index = part(name, side)
        return index if self.has(index) else part("ankle", side)

    def has(self, index: int) -> bool:
        """Whether this keypoint is seen in at least a quarter of the frames of the knees."""
        knees = [part("knee", Side.LEFT), part("knee", Side.RIGHT)]
        seen = np.isfinite(self.xyz[:, [index, *knees], 0]).sum(axis=0)
        return bool(seen[0] > 0 and seen[0] >= 0.25 * seen[1:].max())

    @property
    def has_feet(self) -> bool:
        """Whether heels and toes of both sides are given."""
        return all(self.has(part(n, s)) for n in ("heel", "big_toe") for s in Side)


class Resampler:
    """Puts trajectories on the even grid.

    Points below ``min_score`` are missing (0.3 as in Sports2D, Pagnon 2024). Holes up to
    ``max_gap_s`` are filled by monotone cubic interpolation (0.12 s: Stenum et al. 2021); longer
    ones stay.

    Parameters
    ----------
    max_gap_s
        Longest hole between two seen samples that is filled, seconds.
    min_score
        Least confidence of a point, 0..1.
    """

    def __init__(self, max_gap_s: float = 0.12, min_score: float = 0.3) -> None:
        self.max_gap_s = max_gap_s
        self.min_score = min_score

    def resample(self, trajectories: Trajectories) -> Track:
        """Track on the even grid from the first to the last time stamp."""
        time_s = trajectories.time_s
        if len(time_s) < 2:
            return _empty(trajectories)
        count = int(np.floor((time_s[-1] - time_s[0]) * RATE_HZ + 1e-6)) + 1
        grid = time_s[0] + np.arange(count) / RATE_HZ
        xyz = np.full((count, N_KEYPOINTS, _AXES), np.nan)
        score = np.zeros((count, N_KEYPOINTS))
        seen = np.nan_to_num(trajectories.score) >= self.min_score
        seen &= np.isfinite(trajectories.xyz[:, :, [0, 2]]).all(axis=2)
        for rows, points in self._pieces(time_s, seen):
            first_s, last_s = time_s[rows[[0, -1]]]
            inside = np.flatnonzero((grid >= first_s - 1e-9) & (grid <= last_s + 1e-9))
            xyz[inside[:, None], points] = _interpolated(
                time_s[rows], trajectories.xyz[rows[:, None], points], grid[inside]
            )
            for point in points:
                score[inside, point] = np.interp(
                    grid[inside], time_s[rows], trajectories.score[rows, point]
                )
        side = trajectories.side_confidence
        certain = np.ones(count) if side is None else np.interp(grid, time_s, np.nan_to_num(side))
        return Track(grid, xyz, score, certain, trajectories.unit, trajectories.source)

    def _pieces(
        self, time_s: Array, seen: NDArray[np.bool_]
    ) -> list[tuple[NDArray[np.intp], list[int]]]:
        """Rows of each stretch without a hole longer than ``max_gap_s``, and the points it is of.

        Points that are seen in the same frames share a stretch: to prepare an interpolation costs
        more than to run it.
        """
        pieces: dict[bytes, tuple[NDArray[np.intp], list[int]]] = {}
        for point in range(N_KEYPOINTS):
            rows = np.flatnonzero(seen[:, point])
            cuts = np.flatnonzero(np.diff(time_s[rows]) > self.max_gap_s) + 1
            for piece in np.split(rows, cuts):
                if len(piece) > 1:
                    pieces.setdefault(piece.tobytes(), (piece, []))[1].append(point)
        return list(pieces.values())


def _interpolated(time_s: Array, values: Array, grid: Array) -> Array:
    """float64[G, P, 3] of float64[N, P, 3]; NaN where a coordinate is not known throughout."""
    flat = values.reshape(len(values), -1)
    known = np.isfinite(flat).all(axis=0)
    out = np.full((len(grid), flat.shape[1]), np.nan)
    if known.any():
        out[:, known] = PchipInterpolator(time_s, flat[:, known])(grid)
    return out.reshape(len(grid), *values.shape[1:])


def _empty(trajectories: Trajectories) -> Track:
    n = len(trajectories.time_s)
    return Track(
        trajectories.time_s.copy(),
        np.full((n, N_KEYPOINTS, _AXES), np.nan),
        np.zeros((n, N_KEYPOINTS)),
        np.ones(n),
        trajectories.unit,
        trajectories.source,
    )
