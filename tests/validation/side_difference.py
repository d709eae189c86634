"""How well left less right step time of the sensor walks can be met at all.

A correlation with another instrument cannot be higher than the root of the product of both
reliabilities (Spearman 1904, Am J Psychol 15:72). That of the video is told by the two halves of
each walk, that of the sensors by the spread of their own steps and by other walks of the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.gait.parameters.temporal import steps
from host.gait.types import GaitResult
from model_zoo.skeleton import Side

Array = NDArray[np.float64]
_RESAMPLES = 2000
_SEED = 20261121


@dataclass(frozen=True)
class SideDifferences:
    """Left less right step time of many walks, seconds; one row per walk.

    Attributes
    ----------
    found, sensor
        float64[walks].
    halves
        float64[walks, 2]: found in the first and in the second half of the walk's steps.
    sensor_error
        float64[walks]: standard error of the sensors' difference, from the spread of their steps.
    people
        Who walks.
    """

    found: Array
    sensor: Array
    halves: Array
    sensor_error: Array
    people: Sequence[str]

    def known(self) -> SideDifferences:
        """Those walks of which everything is known."""
        columns = np.column_stack((self.found, self.sensor, self.halves, self.sensor_error))
        rows = np.flatnonzero(np.isfinite(columns).all(axis=1))
        return SideDifferences(
            self.found[rows],
            self.sensor[rows],
            self.halves[rows],
            self.sensor_error[rows],
            [self.people[i] for i in rows],
        )

    def r(self) -> float:
        """Correlation with the sensors."""
        return _r(self.found, self.sensor)

    def r_interval(self) -> tuple[float, float]:
        """95 % interval of :meth:`r`: people are drawn with replacement, each with all walks."""
        random, own = np.random.default_rng(_SEED), self._walks()
        drawn = []
        for _ in range(_RESAMPLES):
            rows = np.concatenate([own[i] for i in random.integers(len(own), size=len(own))])
            drawn.append(_r(self.found[rows], self.sensor[rows]))
        low, high = np.percentile(drawn, [2.5, 97.5])
        return float(low), float(high)

    def r_of_people(self) -> float:
        """Correlation of the means over each person's walks."""
        own = self._walks()
        found, sensor = ([v[rows].mean() for rows in own] for v in (self.found, self.sensor))
        return _r(np.array(found), np.array(sensor))

    def video_reliability(self) -> float:
        """That of a whole walk, from its halves (Spearman and Brown)."""
        half = _r(*self.halves.T)
        return 2 * half / (1 + half)

    def sensor_reliability(self) -> float:
        """Part of the sensors' variance that is not the error of their means."""
        return 1 - float((self.sensor_error**2).mean() / self.sensor.var(ddof=1))

    def sensor_other_walk(self) -> float:
        """Correlation of the sensors' differences in two walks of a person, all pairs."""
        pairs = [(i, j) for rows in self._walks() for i in rows for j in rows if i != j]
        one, other = np.array(pairs).T
        return _r(self.sensor[one], self.sensor[other])

    def told(self) -> str:
        """All of it in words."""
        low, high = self.r_interval()
        video, sensor = self.video_reliability(), self.sensor_reliability()
        other = self.sensor_other_walk()
        return (
            f"Left less right step time: r = {self.r():.2f} over {len(self.found)} walks (95 % over"
            f" people {low:.2f} to\n{high:.2f}); of the means of each person's walks"
            f" {self.r_of_people():.2f}. First and second half of a walk give the\nvideo a"
            f" reliability of {video:.2f}; the spread of their own steps the sensors one of"
            f" {sensor:.2f}, another walk of the\nsame person {other:.2f}. So r can hardly be above"
            f" {np.sqrt(video * other):.2f} to {np.sqrt(video * sensor):.2f} (root of the product)."
        )

    def _walks(self) -> list[NDArray[np.intp]]:
        people = np.array(self.people)
        return [np.flatnonzero(people == person) for person in sorted(set(self.people))]


def half_differences(result: GaitResult) -> tuple[float, float]:
    """Left less right mean step time of the first and of the second half of each side's steps."""
    clean = [s for s in result.strides if not s.excluded]
    made = steps(result.events, clean)
    left, right = ([v for v, foot in made if foot is side] for side in (Side.LEFT, Side.RIGHT))
    if min(len(left), len(right)) < 2:
        return float("nan"), float("nan")
    first, second = (
        float(np.mean(left[a]) - np.mean(right[b]))
        for a, b in (
            (slice(None, len(left) // 2), slice(None, len(right) // 2)),
            (slice(len(left) // 2, None), slice(len(right) // 2, None)),
        )
    )
    return first, second


def _r(one: Array, other: Array) -> float:
    return float(np.corrcoef(one, other)[0, 1])
