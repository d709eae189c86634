"""Logistic regression for judging, and what a probability is judged by. Nothing here is shipped."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, softmax
from scipy.stats import rankdata

Array = NDArray[np.float64]
_STEPS, _CLOSE = 30, 1e-7


def softmax_weights(
    z: Array, target: Array, row_weight: Array, penalty: float
) -> tuple[Array, Array]:
    """Multinomial logistic regression with a square penalty on the weights, none on constants.

    Parameters
    ----------
    z
        float64[N, F], standardised.
    target
        float64[N, K], one 1 per row.
    row_weight
        float64[N].
    penalty
        Half of it times the sum of the squared weights is added to the summed log loss.

    Returns
    -------
    Weights float64[K, F] and constants float64[K].
    """
    k, f = target.shape[1], z.shape[1]

    def loss(flat: Array) -> tuple[float, Array]:
        w, b = flat[: k * f].reshape(k, f), flat[k * f :]
        sums = z @ w.T + b
        value = -float((row_weight[:, None] * target * log_softmax(sums, axis=1)).sum())
        slope = row_weight[:, None] * (softmax(sums, axis=1) - target)
        gradient = np.concatenate([(slope.T @ z + penalty * w).ravel(), slope.sum(0)])
        return value + penalty / 2 * float((w**2).sum()), gradient

    found = minimize(loss, np.zeros(k * (f + 1)), jac=True, method="L-BFGS-B")
    return found.x[: k * f].reshape(k, f), found.x[k * f :]


class Logistic:
    """Two groups of equal weight; features standardised by the people it was fitted on."""

    def __init__(self, x: Array, y: NDArray[np.bool_], penalty: float) -> None:
        self.mean, self.sd = x.mean(0), x.std(0)
        row_weight = np.where(y, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
        found = newton((x - self.mean) / self.sd, y, row_weight, penalty)
        self.weights, self.constant = found[:-1], float(found[-1])

    def log_odds(self, x: Array) -> Array:
        """Log odds of the second group, float64[N]."""
        return np.asarray((x - self.mean) / self.sd @ self.weights + self.constant)

    def probability(self, x: Array) -> Array:
        """Probability of the second group, float64[N]."""
        return np.asarray(expit(self.log_odds(x)))


def newton(z: Array, y: NDArray[np.bool_], row_weight: Array, penalty: float) -> Array:
    """Weights and constant of a penalised logistic regression by Newton's method."""
    design = np.column_stack([z, np.ones(len(z))])
    ridge = np.diag([penalty] * z.shape[1] + [1e-9])
    found = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        p = expit(design @ found)
        slope = design.T @ (row_weight * (p - y)) + ridge @ found
        bend = (design * (row_weight * p * (1 - p))[:, None]).T @ design + ridge
        step = np.linalg.solve(bend, slope)
        found = found - step
        if np.abs(step).max() < _CLOSE:
            break
    return np.asarray(found)


def auc(score: Array, y: NDArray[np.bool_]) -> float:
    """Area under the curve: chance that one of the second group has the larger score."""
    ranks, n = rankdata(score), int(y.sum())
    return float((ranks[y].sum() - n * (n + 1) / 2) / (n * (len(y) - n)))


def interval(
    measure: Callable[[NDArray[np.intp]], float], y: NDArray[np.bool_], draws: int = 2000
) -> tuple[float, float]:
    """95 % bootstrap interval; people are drawn within their group."""
    rng = np.random.default_rng(0)
    groups = [np.flatnonzero(y == flag) for flag in (False, True)]
    values = [
        measure(np.concatenate([rng.choice(g, len(g)) for g in groups])) for _ in range(draws)
    ]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def balanced_accuracy(probability: Array, y: NDArray[np.bool_]) -> float:
    """Mean of sensitivity and specificity at one half."""
    told = probability >= 0.5
    return float((told[y].mean() + (~told[~y]).mean()) / 2)


def calibration_line(log_odds: Array, y: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and intercept of the logistic line through the log odds; 1 and 0 are calibrated."""
    slope, constant = newton(log_odds[:, None], y, np.ones(len(y)), 1e-6)
    return float(slope), float(constant)
