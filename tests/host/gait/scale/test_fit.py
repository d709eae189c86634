import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.gait.scale.evidence import TOLD_HEIGHT_SD_M, ToldHeight, UprightBody
from host.gait.scale.fit import FloorFit, drawn


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 17), st.integers(0, 10_000))
def test_draws_have_exactly_the_mean_and_the_covariance(unknowns, seed):
    random = np.random.default_rng(seed)
    mean, root = random.normal(size=unknowns), random.normal(size=(unknowns, unknowns))
    covariance = root @ root.T * 10.0 ** random.uniform(-6, 2)
    draws = drawn(mean, covariance, 40)
    assert len(draws) >= max(40, 2 * unknowns)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=1e-9 + 1e-9 * covariance.max())
    spread = np.cov(draws.T, bias=True).reshape(unknowns, unknowns)
    np.testing.assert_allclose(spread, covariance, atol=1e-9 * covariance.max())


def test_the_middle_two_thirds_of_draws_tell_the_spread_of_each_unknown():
    draws = drawn(np.zeros(8), np.diag(np.arange(1.0, 9.0)), 40)
    low, high = np.percentile(draws, [15.87, 84.13], axis=0)
    np.testing.assert_allclose((high - low) / 2, np.sqrt(np.arange(1.0, 9.0)), rtol=0.15)


def test_what_has_no_spread_is_drawn_at_its_mean():
    covariance = np.diag([4.0, 0.0, 1.0])
    draws = drawn(np.array([1.0, 2.0, 3.0]), covariance, 40)
    assert draws[:, 1] == pytest.approx(2.0)


@pytest.mark.parametrize("height_m", [1.5, 1.8])
def test_a_told_height_is_as_sure_as_people_tell_it(height_m):
    person = UprightBody()
    at_x = np.linspace(200.0, 1000.0, 8)
    person.foot_px = np.stack((at_x, np.full(8, 600.0)), axis=1)
    person.tall_px = np.full(8, 400.0)
    floor = FloorFit().fit(person, [ToldHeight(height_m)], (1280, 720))
    assert floor is not None
    statures = np.array([draw.stature for draw in floor.draws])
    assert statures.std() == pytest.approx(TOLD_HEIGHT_SD_M, rel=0.03)
