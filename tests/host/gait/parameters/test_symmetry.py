import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.gait.parameters.symmetry import SideRatio, SymmetryAngle, SymmetryIndex, SymmetryRatio

POSITIVE = st.floats(0.01, 10)
INDICES = [SymmetryIndex(), SymmetryRatio(), SideRatio(), SymmetryAngle()]


def of(index, left, right):
    return float(index.of(np.array(left), np.array(right)))


@pytest.mark.parametrize(
    ("index", "expected"),
    [(SymmetryIndex(), 43.75), (SymmetryRatio(), 1.56), (SideRatio(), 1.56)],
)
def test_the_published_example(index, expected):
    # Steps of 0.25 and 0.39 m, table 1 of Lauziere et al. (2014).
    assert of(index, 0.25, 0.39) == pytest.approx(expected, abs=0.005)


def test_the_published_example_of_the_angle_with_its_sign():
    # The table takes the larger side as L: 100 (45 - arctan(0.39 / 0.25)) / 90 = -13.71.
    assert of(SymmetryAngle(), 0.39, 0.25) == pytest.approx(-13.71, abs=0.005)
    assert of(SymmetryAngle(), 0.25, 0.39) == pytest.approx(13.71, abs=0.005)


@given(left=POSITIVE, right=POSITIVE, scale=POSITIVE)
def test_mirror_and_scale(left, right, scale):
    for index in INDICES:
        value = of(index, left, right)
        assert of(index, scale * left, scale * right) == pytest.approx(value, rel=1e-9, abs=1e-9)
        mirrored = of(index, right, left)
        if isinstance(index, SymmetryRatio):
            assert mirrored == value >= 1
        elif isinstance(index, SideRatio):
            assert mirrored == pytest.approx(1 / value)
        else:
            assert mirrored == pytest.approx(-value, abs=1e-9)


@given(side=POSITIVE)
def test_equal_sides_are_symmetrical(side):
    found = [of(index, side, side) for index in INDICES]
    assert found == pytest.approx([0, 1, 1, 0], abs=1e-12)


@pytest.mark.parametrize("index", [SymmetryRatio(), SideRatio(), SymmetryAngle()])
def test_a_negative_side_has_no_ratio_and_no_angle(index):
    assert np.isnan(of(index, 0.4, -0.1))


def test_sides_that_cancel_have_no_index():
    assert np.isnan(of(SymmetryIndex(), 0.1, -0.1))
    assert of(SymmetryAngle(), 0.0, 0.4) == pytest.approx(50)
