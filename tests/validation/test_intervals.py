"""The fit of the method's error: what it says covers new walks as often as it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from host.gait.parameters.method_error import Z_95, MethodError
from host.gait.scale.evidence import TOLD_HEIGHT_SD_M
from host.gait.types import Parameter, Person
from tests.validation import shrinkage
from tests.validation.intervals import COVERAGE, LEAST_CLIPS, Measured, fitted, told_heights
from tests.validation.shrinkage import found_share

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


def limps(count: int, seed: int, shrinkage: float, spread: float) -> list[Measured]:
    """Walks of all sizes of a limp that are found too even by a share, and a little noise."""
    rng = np.random.default_rng(seed)
    out = []
    for size, noise in rng.standard_normal((count, 2)):
        value = (1 - shrinkage) * spread * size + 0.3 * noise
        found = Parameter("stance_asymmetry", value, "%", "", 8, 0.1, (value, value))
        out.append(Measured(found, spread * size))
    return out


def test_limps_that_are_found_too_even_are_held_at_every_size() -> None:
    """Of twice the size of those measured an error of one size would hold far fewer."""
    errors = fitted({"stance_asymmetry": limps(3000, 5, 0.3, 6.0)})
    assert errors["stance_asymmetry"].usual == pytest.approx(0.7 * 6.0, rel=0.05)
    own, larger = limps(2000, 6, 0.3, 6.0), limps(2000, 7, 0.3, 12.0)
    assert held([clip.whole(errors) for clip in own]) == pytest.approx(COVERAGE, abs=0.03)
    flat = fitted_flat(limps(3000, 5, 0.3, 6.0))
    assert held([clip.whole(flat) for clip in own]) == pytest.approx(COVERAGE, abs=0.03)
    grown = held([clip.whole(errors) for clip in larger])
    assert grown > held([clip.whole(flat) for clip in larger]) + 0.1
    assert grown > 0.8


def fitted_flat(clips: list[Measured]) -> dict[str, MethodError]:
    """One error for every size, on either side."""
    off = np.sort([abs(clip.error) for clip in clips])[int(COVERAGE * len(clips))] / Z_95
    return {"stance_asymmetry": MethodError(float(off), relative=False)}


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


def test_the_share_of_an_asymmetry_that_is_found_is_free_of_noise() -> None:
    rng = np.random.default_rng(8)
    true = np.concatenate([np.zeros(20), 8 * rng.standard_normal(40)])
    found = 0.7 * true + 2.0 * rng.standard_normal(60)
    share, low, high = found_share(true, found)
    assert low < 0.7 < high < 1.0
    assert share == pytest.approx(0.7, abs=0.08)
    assert found_share(true, true) == pytest.approx((1.0, 1.0, 1.0))


def test_only_asymmetries_that_were_measured_are_told() -> None:
    assert shrinkage.words({"cadence": walks(30, 9)}) == ""
    clips = [replace(clip, seen=clip.true) for clip in limps(200, 10, 0.3, 6.0)]
    assert shrinkage.words({"stance_asymmetry": clips}).startswith("stance_asymmetry 0.70 (")
