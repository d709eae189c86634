"""Intervals with the error of the method: half widths add by squares, nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from host.codes import ViewKind
from host.gait.parameters import NAMES, method_error
from host.gait.parameters.method_error import MethodError, method_errors, with_method_error
from host.gait.types import Parameter
from model_zoo.package import load_released, released_names

SPEED = Parameter("walking_speed", 1.0, "m/s", "definition.walking_speed", 8, 0.1, (0.97, 1.04))


def test_half_widths_add_by_squares_on_each_side():
    errors = {"walking_speed": MethodError(0.04 / 1.96, relative=False)}
    low, high = with_method_error(SPEED, errors).interval_95
    assert (1 - low, high - 1) == pytest.approx((0.05, np.hypot(0.04, 0.04)))


@pytest.mark.parametrize(("value", "inward"), [(12.0, 0), (-12.0, 1)])
def test_an_asymmetry_has_a_side_of_its_interval_towards_symmetry(value, inward):
    uneven = Parameter("step_time_asymmetry", value, "%", "d", 8, 1.0, (value, value))
    error = MethodError(5.0, relative=False, inward_sd=2.0)
    interval = with_method_error(uneven, {"step_time_asymmetry": error}).interval_95
    halves = [abs(end - value) / 1.96 for end in interval]
    assert halves[inward] == pytest.approx(2.0)
    assert halves[1 - inward] == pytest.approx(5.0)


@pytest.mark.parametrize("name", ["step_time_asymmetry", "stance_ratio"])
@pytest.mark.parametrize("distance", [0.0, 0.5, -0.5, 1.5])
def test_the_error_of_an_asymmetry_grows_with_its_size(name, distance):
    """Twice that of an even walk at the usual distance, on either side of the interval."""
    value = distance + (1.0 if name == "stance_ratio" else 0.0)
    uneven = Parameter(name, value, "", "d", 8, 1.0, (value, value))
    error = MethodError(0.3, relative=False, inward_sd=0.1, usual=0.5)
    low, high = with_method_error(uneven, {name: error}).interval_95
    assert high - low == pytest.approx(1.96 * 0.4 * (1 + abs(distance) / 0.5))


def test_a_relative_error_grows_with_the_value():
    errors = {"walking_speed": MethodError(0.03, relative=True)}
    fast = replace(SPEED, value=2.0, interval_95=(2.0, 2.0))
    low, high = with_method_error(fast, errors).interval_95
    assert (low, high) == pytest.approx((2 - 1.96 * 0.06, 2 + 1.96 * 0.06))


def test_what_has_no_interval_or_no_measured_error_stays_as_it_is():
    errors = {"walking_speed": MethodError(0.03, relative=True)}
    few = replace(SPEED, interval_95=None)
    assert with_method_error(few, errors) == few
    assert with_method_error(SPEED, {}) == SPEED
    assert method_errors("markers", "learned") == {}


def test_the_interval_covers_as_often_as_it_says():
    """Simulated walks: sampling error and error of the method, both known."""
    rng = np.random.default_rng(11)
    errors = {"walking_speed": MethodError(0.05, relative=False)}
    held = 0
    for _ in range(3000):
        value = 1.0 + 0.03 * rng.standard_normal() + 0.05 * rng.standard_normal()
        half = 1.96 * 0.03
        seen = replace(SPEED, value=value, interval_95=(value - half, value + half))
        low, high = with_method_error(seen, errors).interval_95
        held += low <= 1.0 <= high
    assert 0.94 <= held / 3000 <= 0.96


@pytest.mark.parametrize("source", [n for n in released_names() if load_released(n).role == "pose"])
def test_the_table_names_parameters_and_plausible_errors(source):
    errors = method_errors(source, "learned")
    assert errors
    for name, error in errors.items():
        assert name in NAMES
        assert 0 <= error.sd < (0.5 if error.relative else 60)


def test_obliquely_each_side_of_an_interval_has_the_larger_error(monkeypatch):
    side = {
        "step_length_difference": MethodError(0.015, relative=False, inward_sd=0.018, usual=0.1)
    }
    oblique = {
        "step_length_difference": MethodError(0.0, relative=False, inward_sd=0.025, usual=0.2),
        "step_width": MethodError(0.2, relative=True),
    }
    known = {("a", "b", "errors"): side, ("a", "b", "errors_oblique"): oblique}
    monkeypatch.setattr(method_error, "tables", lambda: known)
    found = method_errors("a", "b", ViewKind.OBLIQUE)
    larger = MethodError(0.015, relative=False, inward_sd=0.025, usual=0.1)
    assert found["step_length_difference"] == larger
    assert found["step_width"] == oblique["step_width"]
    assert method_errors("a", "b", ViewKind.SIDE) == side
