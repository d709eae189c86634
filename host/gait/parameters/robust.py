"""Huber's mean: single events that were marked badly do not drag the mean of a side along."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_TUNING = 1.345  # 95 % of the mean's efficiency where errors are normal (Huber 1981)
_TO_SD = 1.4826  # from the median absolute deviation of normal values
_LEAST = 5
_FAR = 3.0
_MOST_FAR = 0.2
_ROUNDS = 20


def huber_means(value: Array, right: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Huber's M-estimate of the left and of the right values, row by row.

    Values up to 1.345 scaled deviations from their side's centre count fully, others in inverse
    proportion to their distance. The scale is the median absolute deviation of both sides together,
    each from its own median. Rows of fewer than five values, whose values mostly are the same, or
    of which more than a fifth lie far off (own rule: those are no single events any more, such as
    steps of an uneven gait under exchanged names) give the plain means.

    Parameters
    ----------
    value
        float64[R, n].
    right
        bool[R, n], True where the value belongs to the right side.

    Returns
    -------
    float64[R] of the left and of the right; NaN where a side has no value.
    """
    sides = [~right, right]
    plain = [_mean(value, side.astype(np.float64)) for side in sides]
    if value.shape[1] < _LEAST:
        return plain[0], plain[1]
    centres = [_median(value, side) for side in sides]
    away = np.abs(value - np.where(right, centres[1][:, None], centres[0][:, None]))
    scale = _TO_SD * np.median(away, axis=1)
    known = (scale > 0) & ((away > _FAR * scale[:, None]).mean(axis=1) <= _MOST_FAR)
    reach = np.where(known, _TUNING * scale, 1.0)[:, None]
    for _ in range(_ROUNDS):
        away = np.abs(value - np.where(right, centres[1][:, None], centres[0][:, None]))
        weight = np.minimum(1.0, reach / np.maximum(away, np.finfo(np.float64).tiny))
        centres = [_mean(value, weight * side) for side in sides]
    left, other = (np.where(known, c, p) for c, p in zip(centres, plain, strict=True))
    return left, other


def _mean(value: Array, weight: Array) -> Array:
    total = weight.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray((value * weight).sum(axis=1) / np.where(total > 0, total, np.nan))


def _median(value: Array, side: NDArray[np.bool_]) -> Array:
    """Row-wise median of the values of one side; 0 where it has none (nothing is compared then)."""
    count = side.sum(axis=1)
    ordered = np.sort(np.where(side, value, np.inf), axis=1)
    rows = np.arange(len(value))
    low = ordered[rows, np.maximum(count - 1, 0) // 2]
    high = ordered[rows, np.minimum(count // 2, value.shape[1] - 1)]
    return np.asarray(np.where(count > 0, (low + high) / 2, 0.0))
