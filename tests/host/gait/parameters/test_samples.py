import numpy as np
import pytest

from host.gait.parameters.samples import Samples, percentiles
from model_zoo.skeleton import Side

L, R = Side.LEFT, Side.RIGHT


def test_a_side_with_more_strides_does_not_count_more():
    samples = Samples.of([(1.0, L), (1.0, L), (1.0, L), (2.0, R)])
    assert samples.mean() == 1.5
    assert samples.side(L).n == 3
    assert samples.side(R).value == 2.0
    assert np.isnan(samples.side(R).sd)


def test_missing_values_are_left_out():
    samples = Samples.of([(1.0, L), (float("nan"), R)])
    assert samples.n == 1
    assert samples.side(R) is None
    assert samples.mean() == 1.0


def test_spread_within_sides_ignores_their_difference():
    pairs = [(v, L) for v in (1.0, 1.2, 1.1)] + [(v, R) for v in (5.0, 5.2, 5.1)]
    assert Samples.of(pairs).sd_within_sides() == pytest.approx(0.1)
    assert Samples.of(pairs).sd() > 1


def test_interval_holds_the_mean_and_covers_as_often_as_it_says():
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        values = random.normal(1.0, 0.1, 20)
        low, high = Samples.of([(v, (L, R)[i % 2]) for i, v in enumerate(values)]).interval_95()
        covered += low <= 1.0 <= high
    assert 170 <= covered <= 200


@pytest.mark.parametrize("sides", [(L, R, L), (L, R, L, R), (L, L, L), (L, R, L, R, L)])
def test_few_values_have_wider_intervals_that_cover_as_often(sides):
    random = np.random.default_rng(2)
    covered, widths = 0, []
    for _ in range(400):
        pairs = [(v, s) for v, s in zip(random.normal(1.0, 0.1, len(sides)), sides, strict=True)]
        low, high = Samples.of(pairs).interval_95()
        covered += low <= 1.0 <= high
        widths.append(high - low)
    assert 0.92 <= covered / 400 <= 0.98
    assert np.median(widths) > 2 * 1.96 * 0.1 / np.sqrt(len(sides))


def test_the_difference_of_few_values_covers_as_often():
    random = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        values = random.normal((1.0, 2.0, 1.0, 2.0), 0.1)
        left, right = Samples.of(
            list(zip(values, (L, R, L, R), strict=True))
        ).resampled_side_means()
        low, high = percentiles(right - left)
        covered += low <= 1.0 <= high
    assert 0.92 <= covered / 400 <= 0.98


def test_too_few_values_give_no_interval():
    assert Samples.of([(1.0, L), (1.1, R)]).interval_95() is None
    assert Samples.of([(1.0, L), (1.1, L)]).interval_95() is None
    both = Samples.of(
        [(v, s) for v, s in zip((1, 2, 1, 2.0), (L, R, L, R), strict=True)], [1, 1, -1, -1]
    )
    assert both.resampled_side_means() is None


def test_interval_is_the_same_every_time():
    samples = Samples.of([(v, L) for v in (1.0, 1.1, 1.3, 0.9, 1.2)])
    assert samples.interval_95() == samples.interval_95()
