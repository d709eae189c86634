"""Left and right kept apart over time.

A network looks at one picture at a time; in a side view it exchanges the legs for some frames, or
draws both on one. The legs themselves move smoothly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import Side, part

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_TRACED = ("knee", "ankle", "heel", "big_toe")
_LEGS = np.array([[part(name, side) for name in _TRACED] for side in (Side.LEFT, Side.RIGHT)])
_FEET = np.array([[part(n, side) for n in _TRACED[1:]] for side in (Side.LEFT, Side.RIGHT)])
_HIPS = [part("hip", Side.LEFT), part("hip", Side.RIGHT)]
_CUT_S = 0.25  # after a longer hole the legs are traced anew
_WALK_S, _SLOWEST, _FORWARD = 1.0, 0.15, 0.6  # s, heights/s, mean agreement of feet and direction
_WORST = 0.2  # heights: a point that jumps further than this is an outlier, not a step


@dataclass(frozen=True)
class Sides:
    """What the side stage found for one track.

    Attributes
    ----------
    exchanged
        bool[T]: the legs carry each other's names in this frame.
    confidence
        float64[T] in 0..1: how much worse the best course with the other naming would be; NaN where
        no legs were seen.
    """

    exchanged: Mask
    confidence: Array


class SideTracer:
    """Best course over both namings of the legs (Viterbi 1967), frame by frame and for ever.

    The legs' points are to continue with constant velocity; what they miss, in body heights and
    averaged over knee, ankle, heel and toe, is the cost of a frame, plus ``price`` for every frame
    named otherwise than by the network. So the majority of the network's names decides what the
    motion leaves open, and a smooth course is kept through the frames where the network errs. Works
    on points that nobody has smoothed: smoothing spreads an exchange over its neighbours.

    Defaults are from the stored points of another network (13 side views) with 12 % of the frames
    exchanged on purpose in runs of 1 to 8: 2 % of the frames remain wrong; 0.01 to 0.03 and 0 to 1
    leave 1.8 to 4 %.

    Parameters
    ----------
    price
        Body heights per frame.
    steadiness
        Share of the previous velocity that is expected to last (1 = constant velocity).
    lower, fainter
        How much lower in the picture (body heights) and better seen (score) the leg named far may
        be on average over a walk across the picture: beyond both, all its frames change names. The
        near leg was lower in 15 of 16 walks of 13 side views, by 0.027 in the middle, and better
        seen in all.
    doubt
        Cost in body heights at which the confidence reaches 1 - 1/e.
    """

    def __init__(
        self,
        price: float = 0.02,
        steadiness: float = 1.0,
        lower: float = 0.01,
        fainter: float = 0.02,
        doubt: float = 0.15,
    ) -> None:
        self._price = price
        self._steadiness = steadiness
        self._lower = lower
        self._fainter = fainter
        self._doubt = doubt

    def trace(self, time_s: Array, xy_px: Array, score: Array, height_px: float) -> Sides:
        """Tell in which frames left and right leg are exchanged.

        Parameters
        ----------
        time_s
            float64[T], increasing.
        xy_px
            float64[T, 23, 2] as the network gave them; NaN where missing.
        score
            float64[T, 23] in 0..1, the weight of each point.
        height_px
            The person's height in the picture.
        """
        legs = xy_px[:, _LEGS] / height_px
        weight = np.where(np.isfinite(legs).all(-1), score[:, _LEGS], 0.0)
        seen = np.flatnonzero((weight > 0).any(axis=(1, 2)))
        exchanged = np.zeros(len(time_s), bool)
        confidence = np.full(len(time_s), np.nan)
        cuts = np.flatnonzero(np.diff(time_s[seen]) > _CUT_S) + 1
        for piece in np.split(seen, cuts):
            if len(piece) > 2:
                cost = self._costs(time_s[piece], np.nan_to_num(legs[piece]), weight[piece])
                exchanged[piece], margin = _best_course(cost, self._price)
                confidence[piece] = 1 - np.exp(-margin / self._doubt)
            else:
                confidence[piece] = 0.0
        exchanged ^= self._misnamed(time_s, xy_px / height_px, score, exchanged)
        return Sides(exchanged, confidence)

    def _misnamed(self, time_s: Array, xy: Array, score: Array, exchanged: Mask) -> Mask:
        """Frames of walks in which the leg that must be near is seen as the far one.

        Who walks to the right shows the right side. xy: float64[T, 23, 2] in body heights.
        """
        out = np.zeros(len(time_s), bool)
        legs = np.where(exchanged[:, None, None], _FEET[::-1], _FEET)
        rows = np.arange(len(time_s))[:, None, None]
        feet_x, feet_y = (xy[rows, legs, axis] for axis in (0, 1))
        seen = score[rows, legs].mean(axis=2)
        heading = np.sign((feet_x[:, :, 2] - feet_x[:, :, 1]).mean(axis=1))
        for walk, direction in _walks(time_s, xy[:, _HIPS, 0].mean(axis=1), heading):
            near, far = (1, 0) if direction > 0 else (0, 1)
            lower = np.nanmean(
                feet_y[walk].mean(axis=2)[:, near] - feet_y[walk].mean(axis=2)[:, far]
            )
            clearer = np.nanmean(seen[walk, near] - seen[walk, far])
            out[walk] = lower < -self._lower and clearer < -self._fainter
        return out

    def _costs(self, time_s: Array, legs: Array, weight: Array) -> Array:
        """Cost of frame t, float64[T - 2, 2, 2], t >= 2, by (changed t-2 to t-1, changed t-1 to t).

        legs: float64[T, 2, N, 2] in body heights; weight: float64[T, 2, N].
        """
        step = np.diff(time_s)
        ahead = (self._steadiness * step[1:] / step[:-1])[:, None, None, None]
        out = np.empty((len(time_s) - 2, 2, 2))
        for first in (0, 1):
            for second in (0, 1):
                # Names are told relative to frame t-1.
                before = legs[:-2, ::-1] if first else legs[:-2]
                now, now_weight = legs[2:], weight[2:]
                if second:
                    now, now_weight = now[:, ::-1], now_weight[:, ::-1]
                middle = legs[1:-1]
                missed = np.linalg.norm(now - middle - ahead * (middle - before), axis=-1)
                trust = now_weight * weight[1:-1]
                total = trust.sum(axis=(1, 2))
                error = (np.minimum(missed, _WORST) * trust).sum(axis=(1, 2))
                # Twice the mean over all points: the sum over both legs.
                out[:, first, second] = 2 * error / np.maximum(total, 1e-6)
        return out


def _best_course(cost: Array, price: float) -> tuple[Mask, Array]:
    """Viterbi course over pairs of namings, and its margin against the other naming per frame.

    Parameters
    ----------
    cost
        float64[T - 2, 2, 2] of :meth:`SideTracer._costs`.
    price
        Added for each frame in state 1 (exchanged).

    Returns
    -------
    bool[T], and float64[T] >= 0: by how much the best course through the other state is worse.
    """
    frames = len(cost) + 2
    state = np.arange(2)
    changed = state[:, None] ^ state[None, :]
    # full[t, a, b, c]: frames t, t+1, t+2 in states a, b, c
    full = cost[:, changed[:, :, None], changed[None, :, :]] + price * state
    forward = np.empty((frames - 1, 2, 2))
    backward = np.zeros((frames - 1, 2, 2))
    forward[0] = price * (state[:, None] + state[None, :])
    for t in range(frames - 2):
        forward[t + 1] = (forward[t][:, :, None] + full[t]).min(axis=0)
    for t in range(frames - 3, -1, -1):
        backward[t] = (backward[t + 1][None, :, :] + full[t]).min(axis=2)
    through = forward + backward  # best total of each pair (t, t+1)
    by_state = np.vstack([through.min(axis=2), through[-1].min(axis=0)[None]])
    return by_state[:, 1] < by_state[:, 0], np.abs(by_state[:, 1] - by_state[:, 0])


def _walks(time_s: Array, hip_x: Array, heading: Array) -> list[tuple[NDArray[np.intp], int]]:
    """Frames of each stretch across the picture, feet first, and its direction (+1, -1)."""
    known = np.flatnonzero(np.isfinite(hip_x))
    if len(known) < 3:
        return []
    half = 0.5 * _WALK_S
    early = np.interp(time_s[known] - half, time_s[known], hip_x[known])
    late = np.interp(time_s[known] + half, time_s[known], hip_x[known])
    speed = (late - early) / _WALK_S
    direction = np.where(np.abs(speed) > _SLOWEST, np.sign(speed), 0.0)
    edges = np.flatnonzero(np.diff(direction)) + 1
    stretches = []
    for part_of in np.split(np.arange(len(known)), edges):
        frames, way = known[part_of], direction[part_of[0]]
        lasts = time_s[frames[-1]] - time_s[frames[0]] >= _WALK_S
        if way and lasts and np.nanmean(heading[frames] * way) > _FORWARD:
            stretches.append((frames, int(way)))
    return stretches
