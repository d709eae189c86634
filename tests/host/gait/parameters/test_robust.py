"""Huber's mean of two sides: exact on clean values, hardly moved by one bad event."""

import numpy as np
import pytest

from host.gait.parameters.robust import huber_means
from host.gait.parameters.samples import Samples
from model_zoo.skeleton import Side

RIGHT = np.array([[False, True] * 6])


def test_of_symmetrical_values_it_is_the_mean():
    value = np.array([[0.50, 0.60, 0.52, 0.62, 0.51, 0.61, 0.49, 0.59, 0.48, 0.58, 0.50, 0.60]])
    left, right = huber_means(value, RIGHT)
    assert left[0] == pytest.approx(0.50, abs=1e-9)
    assert right[0] == pytest.approx(0.60, abs=1e-9)


def test_one_event_at_a_wrong_place_hardly_moves_it():
    rng = np.random.default_rng(4)
    value = 0.55 + 0.01 * rng.standard_normal((200, 12))
    bad = value.copy()
    bad[:, 4] += 0.2
    left, right = huber_means(bad, np.repeat(RIGHT, 200, axis=0))
    plain = bad[:, ~RIGHT[0]].mean(axis=1)
    assert abs(left - 0.55).mean() < 0.3 * abs(plain - 0.55).mean()
    assert abs(right - 0.55).mean() < 0.004


def test_a_steady_difference_of_the_sides_stays():
    rng = np.random.default_rng(5)
    value = np.where(RIGHT, 0.75, 0.45) + 0.01 * rng.standard_normal((300, 12))
    left, right = huber_means(value, np.repeat(RIGHT, 300, axis=0))
    assert (right - left).mean() == pytest.approx(0.30, abs=0.002)


def test_it_loses_little_where_errors_are_normal():
    value = np.random.default_rng(6).standard_normal((4000, 40))
    right = np.zeros((4000, 40), bool)
    left, none = huber_means(value, right)
    assert np.isnan(none).all()
    assert value.mean(axis=1).var() / left.var() > 0.9


@pytest.mark.parametrize(
    "value",
    [
        [0.5, 0.9, 0.5, 0.6],
        [0.5, 0.6, 0.5, 0.6, 0.5, 0.9],
        [0.50, 0.61, 0.51, 0.60, 0.49, 0.62, 0.50, 0.60, 0.90, 0.20, 0.95, 0.22],
    ],
)
def test_few_mostly_equal_or_often_bad_values_give_the_plain_mean(value):
    row, right = np.array([value]), RIGHT[:, : len(value)]
    left, other = huber_means(row, right)
    assert left[0] == pytest.approx(row[0, ::2].mean())
    assert other[0] == pytest.approx(row[0, 1::2].mean())


def test_samples_use_it_for_every_mean():
    pairs = [(0.5 + 0.01 * (k % 3), list(Side)[k % 2]) for k in range(12)]
    pairs[6] = (0.8, Side.LEFT)
    plain = Samples.of(pairs)
    robust = plain.with_robust_means()
    true = Samples.of([p for k, p in enumerate(pairs) if k != 6])
    assert abs(robust.mean() - true.mean()) < 0.3 * abs(plain.mean() - true.mean())
    side = robust.side(Side.LEFT)
    assert side is not None
    assert side.value == pytest.approx(robust.side_means()[0])
    assert side.n == 6
    drawn = robust.resampled_side_means()
    assert drawn is not None
    assert np.median(drawn[0]) == pytest.approx(side.value, abs=0.02)
