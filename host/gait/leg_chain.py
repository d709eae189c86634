"""A leg as rigid links in the plane of the walk, fitted to noisy points over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

from host.gait.signals import RATE_HZ, Array, bridged, low_pass

_DIFFERENCE = np.array([-1.0, 3.0, -3.0, 1.0])
_ORDER = len(_DIFFERENCE) - 1
_FIRST_HZ = 5.0
_LENGTHS_FROM = 3
_STILL_RAD = 1e-4
_LEAST = 8  # samples


@dataclass(frozen=True)
class Chain:
    """Angles and lengths of the links.

    ``angle_deg`` float64[links, N]: 0 hanging down, positive with the far end in front; NaN where
    no joint of the link and none beyond is seen. ``length`` float64[links], in the unit of the
    points.
    """

    angle_deg: Array
    length: Array


class LegChain:
    """Angles of a chain of rigid links whose joints were seen with errors.

    A network draws both knees on one place where the legs pass each other, for a tenth of a second
    and more: points alone then show a knee that bends in the middle of stance. A leg cannot do
    that. Minimised over all angles at once, and over the links' lengths: distance of the joints
    from the points (each over its ``sd``; far ones count little: Cauchy's weights, width
    ``outlier`` sd), and the third difference of the angles over time, whose weight makes the fit of
    undisturbed points a low-pass of ``cutoff_hz`` (a smoothing spline; Whittaker 1923, Eilers
    2003). Gauss-Newton steps (Nocedal and Wright 2006); own design otherwise.

    Limits: a plane seen from the side; an error that lasts longer than half a stride passes.

    Parameters
    ----------
    sd
        Usual distance of each joint's point from the joint, body heights.
    cutoff_hz
        Where the fit of undisturbed points is 6 dB down, Hz.
    outlier
        Distance at which a point counts half, in its sd.
    iterations
        At most.
    """

    def __init__(
        self,
        sd: tuple[float, ...] = (0.012, 0.015),
        *,
        cutoff_hz: float = 3.5,
        outlier: float = 2.0,
        iterations: int = 12,
    ) -> None:
        self.sd = np.array(sd)
        self.cutoff_hz = cutoff_hz
        self.outlier = outlier
        self.iterations = iterations

    def fit(self, joints: Array) -> Chain | None:
        """Fit the chain.

        Parameters
        ----------
        joints
            float64[links, N, 2]: the far end of each link, from the chain's root; forward and up,
            body heights, on the even grid; NaN where missing.

        Returns
        -------
        The chain; None where a joint is seen in fewer than eight samples.
        """
        links, n = joints.shape[:2]
        seen = np.asarray(np.isfinite(joints).all(axis=-1))
        if links != len(self.sd):
            raise ValueError(f"{links} joints for {len(self.sd)} links")
        if (seen.sum(axis=1) < _LEAST).any():
            return None
        points = np.where(seen[..., None], joints, 0.0)
        start = np.stack([low_pass(bridged(j), _FIRST_HZ) for j in joints])
        start = np.diff(start, axis=0, prepend=0.0)
        angle = np.arctan2(start[..., 0], -start[..., 1])
        length = np.median(np.linalg.norm(start, axis=-1), axis=1)
        smooth = self._smoothness(n, length)
        for turn in range(self.iterations):
            away = np.where(seen[..., None], points - _places(angle, length), 0.0)
            weight = self._weights(away, seen)
            step = _step(angle, length, away, weight, smooth)
            angle = angle + step
            if turn >= _LENGTHS_FROM:
                length = _lengths(angle, points, weight, length)
            if np.abs(step).max() < _STILL_RAD and turn >= _LENGTHS_FROM:
                break
        known = np.logical_or.accumulate(seen[::-1], axis=0)[::-1]
        return Chain(np.where(known, np.degrees(angle), np.nan), length)

    def _weights(self, away: Array, seen: NDArray[np.bool_]) -> Array:
        far = np.linalg.norm(away, axis=-1) / self.sd[:, None]
        cauchy = 1 / (1 + (far / self.outlier) ** 2)
        return np.asarray(seen * cauchy / self.sd[:, None] ** 2)

    def _smoothness(self, n: int, length: Array) -> Array:
        """float64[links, N, 4]: rows of the upper band of the penalty, per link."""
        band = np.zeros((n, _ORDER + 1))
        differences = n - _ORDER
        for lag in range(_ORDER + 1):
            for row in range(_ORDER + 1 - lag):
                band[row : row + differences, lag] += _DIFFERENCE[row] * _DIFFERENCE[row + lag]
        turn = 2 * np.pi * self.cutoff_hz / RATE_HZ
        size = (length / self.sd) ** 2 / turn ** (2 * _ORDER)
        return np.asarray(size[:, None, None] * band)


def _directions(angle: Array) -> Array:
    return np.stack((np.sin(angle), -np.cos(angle)), axis=-1)


def _places(angle: Array, length: Array) -> Array:
    """float64[links, N, 2]: ends of the links."""
    return np.asarray(np.cumsum(length[:, None, None] * _directions(angle), axis=0))


def _step(angle: Array, length: Array, away: Array, weight: Array, smooth: Array) -> Array:
    """One Gauss-Newton step of all angles, float64[links, N]."""
    links, n = angle.shape
    slope = length[:, None, None] * np.stack((np.cos(angle), np.sin(angle)), axis=-1)
    band = np.zeros((_ORDER * links + 1, n * links))
    pull = np.zeros((n, links))
    for a in range(links):
        pull[:, a] = (weight[a:, :, None] * away[a:] * slope[a]).sum(axis=(0, 2))
        pull[:, a] -= _times(smooth[a], angle[a])
        for lag in range(_ORDER + 1):
            band[lag * links, a::links] += smooth[a, :, lag]
        for b in range(a, links):
            band[b - a, a::links] += weight[b:].sum(axis=0) * (slope[a] * slope[b]).sum(axis=-1)
    band[0] += 1e-9 * band[0].max()
    solved = solveh_banded(band, pull.ravel(), lower=True, check_finite=False)
    return np.asarray(solved.reshape(n, links).T)


def _times(band: Array, values: Array) -> Array:
    """Symmetric band matrix (rows of the upper band) times a vector."""
    out = band[:, 0] * values
    for lag in range(1, band.shape[1]):
        out[:-lag] += band[:-lag, lag] * values[lag:]
        out[lag:] += band[:-lag, lag] * values[:-lag]
    return np.asarray(out)


def _lengths(angle: Array, points: Array, weight: Array, length: Array) -> Array:
    """Lengths that fit best to fixed angles (least squares); the old ones where they are not."""
    unit = _directions(angle)
    links = len(length)
    matrix, right = np.zeros((links, links)), np.zeros(links)
    for a in range(links):
        right[a] = (weight[a:] * (points[a:] * unit[a]).sum(axis=-1)).sum()
        for b in range(links):
            later = weight[max(a, b) :].sum(axis=0)
            matrix[a, b] = (later * (unit[a] * unit[b]).sum(axis=-1)).sum()
    found = np.linalg.lstsq(matrix, right, rcond=None)[0]
    return np.asarray(found if (found > 0.5 * length).all() else length)
