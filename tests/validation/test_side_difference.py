"""What two noisy instruments can agree on, on simulated walks of known noise."""

from __future__ import annotations

import numpy as np
import pytest

from tests.validation.side_difference import SideDifferences

WALKS_OF_EACH = 4
PERSON_SD, VIDEO_SD, SENSOR_SD = 0.02, 0.017, 0.015


def walks(count: int) -> SideDifferences:
    """People who differ, seen by a video whose halves err alone and by sensors that err less."""
    random = np.random.default_rng(1)
    people = np.repeat(np.arange(count), WALKS_OF_EACH)
    true = PERSON_SD * random.standard_normal(count)[people]
    halves = true[:, None] + np.sqrt(2) * VIDEO_SD * random.standard_normal((len(true), 2))
    sensor = true + SENSOR_SD * random.standard_normal(len(true))
    error = np.full(len(true), SENSOR_SD)
    return SideDifferences(halves.mean(axis=1), sensor, halves, error, [str(p) for p in people])


def test_reliabilities_are_those_of_the_noise() -> None:
    known = walks(3000)
    video = PERSON_SD**2 / (PERSON_SD**2 + VIDEO_SD**2)
    sensor = PERSON_SD**2 / (PERSON_SD**2 + SENSOR_SD**2)
    assert known.video_reliability() == pytest.approx(video, abs=0.04)
    assert known.sensor_reliability() == pytest.approx(sensor, abs=0.04)
    assert known.sensor_other_walk() == pytest.approx(sensor, abs=0.04)
    assert known.r() == pytest.approx(np.sqrt(video * sensor), abs=0.04)
    assert known.r_of_people() > known.r()


def test_the_interval_of_r_holds_r_and_narrows_with_people() -> None:
    few, many = walks(20), walks(200)
    low, high = few.r_interval()
    assert low < few.r() < high
    closer = many.r_interval()
    assert closer[1] - closer[0] < 0.6 * (high - low)


def test_walks_without_a_value_are_left_out() -> None:
    some = walks(40)
    some.found[3] = np.nan
    some.halves[5, 1] = np.nan
    known = some.known()
    assert len(known.found) == len(some.found) - 2 == len(known.people)
    assert np.isfinite(known.r())
