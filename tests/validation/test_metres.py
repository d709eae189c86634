"""Intervals of lengths over all heights that people could tell."""

from __future__ import annotations

import numpy as np
import pytest

from host.gait.analyse import analyse_gait
from host.gait.scale.evidence import TOLD_HEIGHT_SD_M
from host.gait.types import Person
from tests.host.gait.walker import Walker, facts, regular
from tests.validation.metres import over_walkers, share_of_told

TRUE_M = 1.7


def test_intervals_grow_with_the_told_height() -> None:
    """What :func:`share_of_told` takes for granted."""
    walker = Walker(step_time_s=(0.54, 0.57), step_length=(0.41, 0.39), start_s=0.5)
    time_s = regular(walker.end_s() + 0.8, 30)
    points = walker.trajectories(time_s)
    found = {
        told_m: analyse_gait(points, Person(told_m), facts(time_s)).parameters
        for told_m in (TRUE_M, TRUE_M - 2 * TOLD_HEIGHT_SD_M, TRUE_M + 2 * TOLD_HEIGHT_SD_M)
    }
    for told_m, parameters in found.items():
        for name in ("step_length", "walking_speed"):
            own, at_true = parameters[name].interval_95, found[TRUE_M][name].interval_95
            assert own is not None
            assert at_true is not None
            assert np.array(own) * TRUE_M / told_m == pytest.approx(at_true, rel=2e-3)


def test_a_share_is_that_of_many_told_heights() -> None:
    told_m, truth, interval = 1.72, 0.6, (0.585, 0.62)
    heights = TRUE_M + TOLD_HEIGHT_SD_M * np.random.default_rng(1).standard_normal(40_000)
    low, high = (bound * heights / told_m for bound in interval)
    drawn = np.mean((low <= truth) & (truth <= high))
    assert 0.05 < drawn < 0.95
    assert share_of_told(interval, truth, told_m, TRUE_M) == pytest.approx(drawn, abs=0.01)


def test_a_share_does_not_depend_on_the_height_that_was_told() -> None:
    shares = [share_of_told((0.58 * h, 0.63 * h), 1.0, h, TRUE_M) for h in (1.65, 1.7, 1.75)]
    assert shares == pytest.approx([shares[0]] * 3)


def test_walkers_are_drawn_as_wholes() -> None:
    """Two values of a walker that agree tell no more than one."""
    rng = np.random.default_rng(2)
    single = [(float(v),) for v in rng.random(40)]
    twice = [(v, v) for (v,) in single]
    assert over_walkers(twice) == pytest.approx(over_walkers(single))
    low, high = over_walkers(single)
    assert low < np.mean(single) < high
    assert high - low == pytest.approx(4 * np.std(single) / np.sqrt(40), rel=0.1)
