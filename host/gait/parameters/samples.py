"""Values measured stride by stride, and their mean, spread and interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from host.codes import Absence
from host.gait.parameters.robust import huber_means
from host.gait.types import SideValue
from model_zoo.skeleton import Side

Array = NDArray[np.float64]

_SEED = 20261121
_RESAMPLES = 2000
MIN_FOR_BOOTSTRAP = 5
LEAST_PER_SIDE = 3
"""Resampling four values, or two of a side, tells nothing (of 57 rendered walks cut after four
strides it held 77 % of the step times): fewer have the interval of normal values, Student's t."""
MIN_FOR_INTERVAL = 3
"""Fewer strides than this give no interval."""


@dataclass(frozen=True)
class Samples:
    """Values of one quantity in order of time.

    Attributes
    ----------
    value
        float64[n], all finite.
    right
        bool[n], True where the value belongs to the right side.
    direction
        int64[n], walking direction of the value (+1, -1; 0 where it does not matter).
    scale_sd
        Relative SD of a factor common to all values: how sure the scale is. It widens the interval
        of the mean; it does not touch spread, sides or symmetry.
    robust
        Means of a side are Huber's: for times between events, of which single ones lie far off.
    """

    value: Array
    right: NDArray[np.bool_]
    direction: NDArray[np.int64]
    scale_sd: float = 0.0
    robust: bool = False

    @classmethod
    def of(cls, pairs: list[tuple[float, Side]], directions: list[int] | None = None) -> Samples:
        """From (value, side) pairs in order of time; values that are NaN are left out."""
        given = directions if directions is not None else [0] * len(pairs)
        kept = [(v, s, d) for (v, s), d in zip(pairs, given, strict=True) if np.isfinite(v)]
        return cls(
            np.array([v for v, _, _ in kept], dtype=np.float64),
            np.array([s is Side.RIGHT for _, s, _ in kept], dtype=bool),
            np.array([d for _, _, d in kept], dtype=np.int64),
        )

    def times(self, factor: float) -> Samples:
        """The same values in another unit."""
        return replace(self, value=self.value * factor)

    def with_scale_sd(self, scale_sd: float) -> Samples:
        """The same values on a scale that is this sure."""
        return replace(self, scale_sd=scale_sd)

    def without_directions(self) -> Samples:
        """The same values, for points that show both feet alike from everywhere."""
        return replace(self, direction=np.zeros_like(self.direction))

    def with_robust_means(self) -> Samples:
        """The same values, whose means are Huber's."""
        return replace(self, robust=True)

    @property
    def n(self) -> int:
        """Number of values."""
        return len(self.value)

    def side(self, side: Side) -> SideValue | None:
        """Mean, count and spread of one side; None where it has no value."""
        own = self.value[self.right == (side is Side.RIGHT)]
        if len(own) == 0:
            return None
        centre = self._side_centres(self.value[None], self.right[None])[side is Side.RIGHT]
        return SideValue(float(centre[0]), len(own), _sd(own))

    def mean(self) -> float:
        """Mean of the two sides' means, so that a side with more strides does not count more."""
        return float(self._balanced(self.value[None], self.right[None])[0])

    def sd(self) -> float:
        """Standard deviation (ddof 1) of all values; NaN for fewer than two."""
        return _sd(self.value)

    def sd_within_sides(self) -> float:
        """Standard deviation around each side's own mean (ddof 1 per side); NaN for too few."""
        squares, freedom = 0.0, 0
        for flag in (False, True):
            own = self.value[self.right == flag]
            if len(own) > 1:
                squares += float(((own - own.mean()) ** 2).sum())
                freedom += len(own) - 1
        return float(np.sqrt(squares / freedom)) if freedom else float("nan")

    def resampled_means(self) -> Array | None:
        """Means of the bootstrap samples, float64[2000]; None for fewer than three values.

        Strides are drawn with replacement within each side (Efron 1979), from a fixed seed. Means
        of few values are drawn as :meth:`_of_few` says.
        """
        if self._few:
            few = self._of_few()
            means = None if few is None else _middle(*few)
        else:
            means = self._bootstrap_means()
        if means is None:
            return None
        if self.scale_sd > 0:
            factor = np.random.default_rng(_SEED + 1).standard_normal(_RESAMPLES)
            means = means * (1 + self.scale_sd * factor)
        return means

    @property
    def _few(self) -> bool:
        """Whether there are too few values to resample them."""
        sides = [n for flag in (False, True) if (n := int((self.right == flag).sum()))]
        return self.n < MIN_FOR_BOOTSTRAP or min(sides) < LEAST_PER_SIDE

    def _bootstrap_means(self) -> Array:
        index = self._drawn([np.flatnonzero(self.right == flag) for flag in (False, True)])
        return self._balanced(self.value[index], self.right[index])

    def _drawn(self, groups: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
        """Row numbers drawn with replacement within groups that hold all, int[2000, n]."""
        draw = np.random.default_rng(_SEED).random((_RESAMPLES, self.n))
        index = np.empty((_RESAMPLES, self.n), dtype=np.intp)
        for own in groups:
            index[:, own] = own[(draw[:, own] * len(own)).astype(np.intp)]
        return index

    def _of_few(self) -> tuple[Array, Array] | None:
        """Means of left and right, float64[2000] each, NaN of a side without values.

        Drawn from their distribution given normal values with one spread within both sides (the
        intervals of the means are Student's t: Gelman et al. 2013, Bayesian Data Analysis, 3.2).
        None for fewer than three values, or for one value on each side, which tell no spread.
        """
        sides = [self.value[self.right == flag] for flag in (False, True)]
        freedom = sum(len(own) - 1 for own in sides if len(own))
        if self.n < MIN_FOR_INTERVAL or freedom < 1:
            return None
        random = np.random.default_rng(_SEED)
        sd = self.sd_within_sides() * np.sqrt(freedom / random.chisquare(freedom, _RESAMPLES))
        left, right = (
            own.mean() + sd * random.standard_normal(_RESAMPLES) / np.sqrt(len(own))
            if len(own)
            else np.full(_RESAMPLES, np.nan)
            for own in sides
        )
        return left, right

    def side_means(self) -> tuple[float, float]:
        """Mean of the left and of the right, each the mean over the walking directions.

        A difference of the near and the far foot changes its sign with the direction and so cancels
        where both directions were walked.
        """
        if self.robust:
            both = self._side_centres(self.value[None], self.right[None])
            return float(both[0][0]), float(both[1][0])
        left, right = (
            float(np.mean([self.value[cell].mean() for cell in cells])) if cells else float("nan")
            for cells in self._cells()
        )
        return left, right

    def least_in_cell(self) -> int:
        """Number of values of the scarcest side and direction; 0 where a side is missing."""
        left, right = self._cells()
        if not left or len(left) != len(right):
            return 0
        return min(len(cell) for cell in (*left, *right))

    def resampled_side_means(self) -> tuple[Array, Array] | None:
        """Bootstrap of :meth:`side_means`, two float64[2000]; None for fewer than three values.

        Few values as :meth:`_of_few` says, where they are of one walking direction.
        """
        if not all(self._cells()):
            return None
        if self._few:
            return self._of_few() if len(np.unique(self.direction)) == 1 else None
        index = self._drawn([cell for cells in self._cells() for cell in cells])
        if self.robust:
            return self._side_centres(self.value[index], self.right[index])
        left, right = (
            np.mean([self.value[index[:, cell]].mean(axis=1) for cell in cells], axis=0)
            for cells in self._cells()
        )
        return left, right

    def _side_centres(self, value: Array, right: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Centres of left and right, row by row; NaN where a side is missing."""
        if self.robust:
            return huber_means(value, right)
        n_right = right.sum(axis=1).astype(np.float64)
        n_left = right.shape[1] - n_right
        with np.errstate(invalid="ignore", divide="ignore"):
            left = np.where(right, 0.0, value).sum(axis=1) / n_left
            return left, np.where(right, value, 0.0).sum(axis=1) / n_right

    def _balanced(self, value: Array, right: NDArray[np.bool_]) -> Array:
        """Row-wise mean of the two sides' centres; that of the one side where there is one."""
        return _middle(*self._side_centres(value, right))

    def _cells(self) -> tuple[list[NDArray[np.intp]], list[NDArray[np.intp]]]:
        """Row numbers of the left and of the right, one array per walking direction."""
        left, right = (
            [
                rows
                for d in np.unique(self.direction)
                if len(rows := np.flatnonzero((self.right == flag) & (self.direction == d)))
            ]
            for flag in (False, True)
        )
        return left, right

    def interval_95(self) -> tuple[float, float] | None:
        """95 % percentile interval of the mean."""
        return percentiles(self.resampled_means())


Measured = dict[str, "Samples | Absence"]
"""Samples by parameter name, or why there are none."""


def percentiles(means: Array | None) -> tuple[float, float] | None:
    """2.5 and 97.5 percentile of bootstrap values; None for None."""
    if means is None:
        return None
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def _middle(left: Array, right: Array) -> Array:
    """Mean of both sides; the one side where the other is NaN."""
    both = (left + right) / 2
    return np.asarray(np.where(np.isfinite(both), both, np.where(np.isnan(left), right, left)))


def _sd(values: Array) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")
