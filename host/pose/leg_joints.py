"""Which hip and which knee belong to which foot.

A network names each point for itself: with the legs apart it gives the right knee to the left foot
in a tenth of the frames, while hips, whose names hang on the side that a body shows, are right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from host.pose.courses import WORST, best_course, step_costs

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

JOINTS = ("hip", "knee", "ankle", "heel", "big_toe")
_HIP, _KNEE, _ANKLE, _HEEL, _TOE = range(len(JOINTS))
_HOLE = 1.6  # usual frame intervals: a longer one is a gap
_STRIDE_S, _HEADING_S = 2.0, 0.5  # about two strides; time in which nobody turns round
_FOOT = 0.12  # body heights from heel to toe (0.152 to the toe's tip, Drillis and Contini 1966)


class LegJoints:
    """Hips and knees named over time, once the feet are (Viterbi 1967 for each pair).

    *Knees.* Thigh and shank keep their lengths and a knee bends forward: hip and ankle tell where
    the knee must be. The two knees get the names with which they lie there and go on with constant
    velocity. The lengths are the medians of both legs over two strides; in each frame those names
    count that make the bones shorter.

    *Hips.* They lie too close together to be told apart by their motion from the side: they keep
    the network's names unless they jump.

    Chosen on the ``calibration`` and ``pathological`` renders. Frames with the knees apart that
    carry each other's names fell from 11 and 7 to 4 and 4 % with gait-pose-s, from 11 and 11 to 2
    and 2 % with gait-pose-m; of the hips, exchanged with the feet before, from 8 to 10 % to those
    of the network, 1 to 4 %.

    Parameters
    ----------
    hip_price
        Body heights per frame in which the hips are named otherwise than by the network. With 0.01
        noise exchanges them (4 instead of 3 %).
    knee_price
        The same of the knees, small: the network's name of a knee tells little.
    """

    def __init__(self, hip_price: float = 0.03, knee_price: float = 0.01) -> None:
        self._hip_price = hip_price
        self._knee_price = knee_price

    def name(self, time_s: Array, legs: Array, weight: Array, feet: Mask) -> Mask:
        """Where hips and knees carry each other's names, bool[T, 2] (hips, knees).

        Parameters
        ----------
        time_s
            float64[T], increasing.
        legs
            float64[T, 2, 5, 2] in body heights: left and right, :data:`JOINTS`, x and y down. Rows
            with a missing point get the feet's naming.
        weight
            float64[T, 2, 5].
        feet
            bool[T]: ankle, heel and toe carry each other's names.
        """
        out = np.repeat(feet[:, None], 2, axis=1)
        rows = np.flatnonzero(np.isfinite(legs).all(axis=(1, 2, 3)))
        if len(rows) < 3:
            return out
        time_s, legs, weight, feet = time_s[rows], legs[rows], weight[rows], feet[rows]
        # Relative to the middle of the hips: the walk across the picture tells nothing here.
        legs = legs - legs[:, :, _HIP].mean(axis=1)[:, None, None]
        prices = np.zeros((2, len(rows), 2))
        prices[0, :, 1], prices[1, :, 1] = self._hip_price, self._knee_price
        hips = _course(time_s, legs[:, :, _HIP], weight[:, :, _HIP], prices[0])
        named = np.where(feet[:, None, None, None], legs[:, ::-1], legs)
        named[:, :, _HIP] = np.where(hips[:, None, None], legs[:, ::-1, _HIP], legs[:, :, _HIP])
        expected = _expected_knees(time_s, named)
        knees = legs[:, :, _KNEE]
        for state, points in enumerate((knees, knees[:, ::-1])):
            missed = np.linalg.norm(points - expected, axis=-1)
            prices[1, :, state] += np.minimum(missed, WORST).sum(axis=1)
        out[rows, 0] = hips
        out[rows, 1] = _course(time_s, knees, weight[:, :, _KNEE], prices[1])
        return out


def _course(time_s: Array, pair: Array, weight: Array, single: Array) -> Mask:
    """Frames of float64[T, 2, 2] in which the pair is exchanged."""
    cost = step_costs(time_s, pair[:, :, None], weight[:, :, None])
    step = np.diff(time_s)
    hole = step > _HOLE * np.median(step)
    cost[hole[1:] | hole[:-1]] = 0.0
    return best_course(cost, single)[0]


def _expected_knees(time_s: Array, legs: Array) -> Array:
    """Where the knees of float64[T, 2, 5, 2] must be, float64[T, 2, 2].

    The corner of a triangle on hip and ankle whose other sides are thigh and shank, on the side to
    which the feet point; on the straight line where hip and ankle are further apart than that, and
    the nearer to it the less of the feet's length the view shows.
    """
    hip, ankle = legs[:, :, _HIP], legs[:, :, _ANKLE]
    knees = np.stack([legs[:, :, _KNEE], legs[:, ::-1, _KNEE]])
    thighs, shanks = (np.linalg.norm(knees - end, axis=-1) for end in (hip, ankle))
    shorter = (thighs + shanks).sum(axis=2).argmin(axis=0), np.arange(len(time_s))
    thigh, shank = (_usual(time_s, bones[shorter], _STRIDE_S) for bones in (thighs, shanks))
    foot = _usual(time_s, legs[:, :, _TOE, 0] - legs[:, :, _HEEL, 0], _HEADING_S)
    reach = np.maximum(np.linalg.norm(ankle - hip, axis=-1, keepdims=True), 1e-6)
    down = (ankle - hip) / reach
    forward = np.stack([down[..., 1], -down[..., 0]], axis=-1)
    total = np.maximum(thigh + shank, 1e-6)
    along = np.where(
        reach < total, (thigh**2 - shank**2 + reach**2) / (2 * reach), thigh / total * reach
    )
    bend = np.sqrt(np.maximum(thigh**2 - along**2, 0.0)) * (reach < total)
    bend = bend * np.clip(foot / _FOOT, -1, 1)
    return np.asarray(hip + along * down + bend * forward)


def _usual(time_s: Array, values: Array, window_s: float) -> Array:
    """Running median over time of the mean of float64[T, 2], as float64[T, 1, 1]."""
    frames = round(window_s / float(np.median(np.diff(time_s)))) | 1
    return np.asarray(median_filter(values.mean(axis=1), frames, mode="nearest"))[:, None, None]
