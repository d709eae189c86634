"""Least-cost courses over two namings of a pair of limbs (Viterbi 1967)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

WORST = 0.2
"""Body heights: a point that jumps further than this is an outlier, not a step."""


def step_costs(time_s: Array, legs: Array, weight: Array) -> Array:
    """Cost of frame t, float64[T - 2, 2, 2], t >= 2, by (changed t-2 to t-1, changed t-1 to t).

    legs: float64[T, 2, N, 2] in body heights; weight: float64[T, 2, N].
    """
    step = np.diff(time_s)
    ahead = (step[1:] / step[:-1])[:, None, None, None]
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
            error = (np.minimum(missed, WORST) * trust).sum(axis=(1, 2))
            # Twice the mean over all points: the sum over both legs.
            out[:, first, second] = 2 * error / np.maximum(total, 1e-6)
    return out


def through(unary: Array, pair: Array) -> Array:
    """Least total cost through each state, float64[S, 2]; pair: [S - 1, (same, changed)]."""
    change = pair[:, np.array([[0, 1], [1, 0]])]
    forward, backward = unary.copy(), np.zeros_like(unary)
    for n in range(len(pair)):
        forward[n + 1] += (forward[n][:, None] + change[n]).min(axis=0)
    for n in range(len(pair) - 1, -1, -1):
        backward[n] = (backward[n + 1] + unary[n + 1] + change[n]).min(axis=1)
    return np.asarray(forward + backward)


def best_course(cost: Array, single: Array) -> tuple[Mask, Array]:
    """Viterbi course over pairs of namings, and its margin against the other naming per frame.

    Parameters
    ----------
    cost
        float64[T - 2, 2, 2] of :func:`step_costs`.
    single
        float64[T, 2]: what each frame costs as named (0) and exchanged (1).

    Returns
    -------
    bool[T], and float64[T] >= 0: by how much the best course through the other state is worse.
    """
    frames = len(cost) + 2
    state = np.arange(2)
    changed = state[:, None] ^ state[None, :]
    # full[t, a, b, c]: frames t, t+1, t+2 in states a, b, c
    full = cost[:, changed[:, :, None], changed[None, :, :]] + single[2:, None, None, :]
    forward = np.empty((frames - 1, 2, 2))
    backward = np.zeros((frames - 1, 2, 2))
    forward[0] = single[0][:, None] + single[1]
    for t in range(frames - 2):
        forward[t + 1] = (forward[t][:, :, None] + full[t]).min(axis=0)
    for t in range(frames - 3, -1, -1):
        backward[t] = (backward[t + 1][None, :, :] + full[t]).min(axis=2)
    total = forward + backward  # best total of each pair (t, t+1)
    by_state = np.vstack([total.min(axis=2), total[-1].min(axis=0)[None]])
    return by_state[:, 1] < by_state[:, 0], np.abs(by_state[:, 1] - by_state[:, 0])
