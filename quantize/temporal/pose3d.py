"""Errors of points in space: MPJPE and P-MPJPE."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_LEAST_POINTS = 4


@dataclass(frozen=True)
class Error3D:
    """Mean errors over the points of each pose, in millimetres; NaN where there is no answer.

    Attributes
    ----------
    mpjpe_mm
        float64[N]: relative to the middle of the hips, the body's size known (protocol 1 of
        Human3.6M).
    p_mpjpe_mm
        float64[N]: after the best rotation, shift and scale (protocol 2).
    points_mm
        float64[N, K], distance of each point as in the first; NaN where there is no truth.
    """

    mpjpe_mm: Array
    p_mpjpe_mm: Array
    points_mm: Array

    @classmethod
    def of(cls, answer: Array, truth: Array, size_m: Array) -> Error3D:
        """Errors of float64[N, K, 3] against a truth with NaN for unknown points.

        Both in body sizes, ``size_m`` float64[N] in metres.
        """
        scale = size_m[:, None, None] * 1000.0
        ours, theirs = np.asarray(answer, np.float64) * scale, truth * scale
        away = np.linalg.norm(ours - theirs, axis=-1)
        away[~np.isfinite(ours).all(axis=(1, 2))] = np.nan
        aligned = np.array([_aligned_error(a, t) for a, t in zip(ours, theirs, strict=True)])
        count = np.isfinite(away).sum(axis=1)
        mean = np.where(count > 0, np.nansum(away, axis=1) / np.maximum(count, 1), np.nan)
        return cls(mean, aligned, away)


def _aligned_error(answer: Array, truth: Array) -> float:
    known = np.isfinite(truth).all(axis=-1) & np.isfinite(answer).all(axis=-1)
    if np.count_nonzero(known) < _LEAST_POINTS:
        return float("nan")
    a, t = answer[known], truth[known]
    return float(np.linalg.norm(procrustes(a, t) - t, axis=-1).mean())


def procrustes(points: Array, target: Array) -> Array:
    """``points`` float64[K, 3] turned, shifted and scaled to fit ``target`` best (no mirror).

    Least squares after Umeyama (IEEE PAMI 13(4), 1991).
    """
    middle, aim = points.mean(axis=0), target.mean(axis=0)
    p, t = points - middle, target - aim
    u, s, vt = np.linalg.svd(t.T @ p)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    scale = (s * sign).sum() / (p**2).sum()
    return np.asarray(scale * p @ (u * sign @ vt).T + aim)
