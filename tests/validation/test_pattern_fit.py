"""What the pattern model is fitted on: errors from the same severity, feet lifted in any way."""

import numpy as np
import pytest

from host.diagnosis.patterns.features import NAMES
from tests.validation.fit_patterns import CLASSES, Examples, fit
from tests.validation.pattern_walks import NetworkErrors, _Donor

FRAMES = 60
PHASE = np.linspace(0.0, 2.0, FRAMES)


def _donor(severity: str, error: float) -> _Donor:
    flat = np.ones((FRAMES, 23))
    off = np.full((FRAMES, 23, 2), error)
    return _Donor(("foot_drop", severity, True), PHASE, off, flat, np.ones(FRAMES), "made")


def _errors(*donors: _Donor) -> NetworkErrors:
    made = NetworkErrors([])
    for donor in donors:
        made._donors.setdefault(donor.kind, []).append(donor)
    return made


@pytest.mark.parametrize(("severity", "error"), [("mild", 0.01), ("severe", 0.2)])
@pytest.mark.parametrize("near", [True, False])
def test_errors_come_from_the_same_severity(severity: str, error: float, near: bool) -> None:
    errors = _errors(_donor("mild", 0.01), _donor("severe", 0.2))
    xy_px = np.zeros((FRAMES, 23, 2))
    xy_px[:, :, 1] = np.linspace(0.0, 100.0, 23)
    rng = np.random.default_rng(0)
    seen = errors.seen(("foot_drop", severity, near), np.arange(FRAMES) / 30, xy_px, PHASE, 1, rng)
    np.testing.assert_allclose(seen.xyz[..., 0], 100.0 * error)


def test_errors_of_a_severity_that_was_not_drawn_are_not_made_up() -> None:
    errors = _errors(_donor("mild", 0.01))
    with pytest.raises(KeyError):
        errors.seen(
            ("foot_drop", "severe", True),
            np.arange(FRAMES) / 30,
            np.zeros((FRAMES, 23, 2)),
            PHASE,
            1,
            np.random.default_rng(0),
        )


@pytest.fixture(scope="module")
def lifted() -> Examples:
    """Hanging feet always lifted by the thigh; the foot itself is seen with large errors."""
    rng = np.random.default_rng(1)
    y = np.repeat(np.arange(len(CLASSES)), 40)
    x = rng.normal(size=(len(y), len(NAMES)))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        own = y == CLASSES.index(f"foot_drop/{side}")
        x[own, NAMES.index("thigh_swing_peak_difference")] += 8 * sign
        x[own, NAMES.index("foot_landing_difference")] -= 2 * sign
    return Examples(x, y, np.arange(len(y)).astype(str))


def test_hanging_feet_stand_once_more_with_the_lift_of_others(lifted: Examples) -> None:
    more = lifted.with_other_lifts()
    added = slice(len(lifted.y), None)
    own = np.flatnonzero([CLASSES[k].startswith("foot_drop") for k in lifted.y])
    thigh, foot = (
        NAMES.index(n) for n in ("thigh_swing_peak_difference", "foot_landing_difference")
    )
    np.testing.assert_array_equal(more.x[: len(lifted.y)], lifted.x)
    np.testing.assert_array_equal(more.x[added, foot], lifted.x[own, foot])
    np.testing.assert_array_equal(more.y[added], lifted.y[own])
    np.testing.assert_array_equal(more.group[added], lifted.group[own])
    plain = lifted.x[lifted.y == 0, thigh]
    assert np.isin(more.x[added, thigh], plain).all()


def test_without_hanging_feet_nothing_is_added(lifted: Examples) -> None:
    others = lifted.rows(np.array([not CLASSES[k].startswith("foot_drop") for k in lifted.y]))
    assert len(others.with_other_lifts().y) == len(others.y)


def test_a_hanging_foot_that_is_not_lifted_is_still_told(lifted: Examples) -> None:
    model = fit(lifted, 1.0)
    walk = np.zeros(len(NAMES))
    walk[NAMES.index("foot_landing_difference")] = -4.0
    told = model.probabilities(walk)
    assert max(told, key=lambda name: told[name]) == "foot_drop/left"
