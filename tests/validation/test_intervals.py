"""The fit of the method's error: what it says covers new walks as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from host.gait.scale.evidence import TOLD_HEIGHT_SD_M
from host.gait.types import Parameter, Person
from tests.validation.intervals import COVERAGE, LEAST_CLIPS, Measured, fitted, told_heights

STRIDES_SD, METHOD_SD, BIAS = 0.02, 0.05, 0.03


def walks(count: int, seed: int, name: str = "stance_percent") -> list[Measured]:
    """Walks whose error has a part of the strides, a part of the method and a bias."""
    rng = np.random.default_rng(seed)
    out = []
    for strides, method in rng.standard_normal((count, 2)):
        value = 1.0 + STRIDES_SD * strides + METHOD_SD * method + BIAS
        half = 1.96 * STRIDES_SD
        found = Parameter(name, value, "%", "", 8, 0.1, (value - half, value + half))
        out.append(Measured(found, 1.0))
    return out


def held(clips: list[Measured]) -> float:
    return float(np.mean([c.holds(c.true) for c in clips]))


@pytest.mark.parametrize("name", ["stance_percent", "walking_speed"])
def test_new_walks_are_covered(name: str) -> None:
    """Of a percentage the error is absolute, of a speed a share of the value."""
    errors = fitted({name: walks(3000, 1, name)})
    assert errors[name].relative == (name == "walking_speed")
    new = walks(2000, 2, name)
    assert held(new) < 0.6
    whole = [clip.whole(errors) for clip in new]
    assert held(whole) == pytest.approx(COVERAGE, abs=0.015)


def test_a_method_without_an_error_adds_nothing() -> None:
    exact = [Measured(clip.found, clip.found.value) for clip in walks(50, 3)]
    assert fitted({"stance_percent": exact})["stance_percent"].sd == 0


def test_few_walks_give_no_error() -> None:
    assert fitted({"stance_percent": walks(LEAST_CLIPS - 1, 4)}) == {}


def test_told_heights_err_as_people_do() -> None:
    told = told_heights([Person(height_m=1.7)] * 57)
    off_m = np.array([person.height_m for person in told], float) - 1.7
    assert abs(off_m.mean()) < 0.002
    assert off_m.std() == pytest.approx(TOLD_HEIGHT_SD_M, rel=0.06)
    assert told_heights([Person()]) == [Person()]
