"""The comparison with the truth: right sign, right side, missing numbers, one-to-one contacts."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import fmean

import pytest

from host.codes import Absence
from host.demo.compare import COMPARED, TrueContact, Truth, compare, match_contacts
from host.demo.run import TRUTH
from host.report.assessment import GaitEvent, ParameterResult, SideStatistics
from model_zoo.skeleton import Side

LEFT_S = (0.2, 1.4, 2.6)
RIGHT_S = (0.7, 1.9, 3.1)
MEANS = {
    "cadence": 100.0,
    "step_time": 0.6,
    "step_time.left": 0.7,
    "step_time.right": 0.5,
    "stance_percent": 62.0,
    "walking_speed": 1.1,
    "step_length": 0.66,
}


@pytest.fixture
def truth() -> Truth:
    """A limp: the right foot lands 0.5 s after the left; the first and last contact lie outside."""
    contacts = [TrueContact(Side.LEFT, t, t > 0.5) for t in LEFT_S]
    contacts += [TrueContact(Side.RIGHT, t, t < 3) for t in RIGHT_S]
    return Truth(tuple(contacts), (0.5, 3.0), 1.7, 70, "f", MEANS)


def result(value: float | None, left: float | None = None, right: float | None = None) -> object:
    sides = [None if v is None else SideStatistics(value=v, n=3, sd=None) for v in (left, right)]
    return ParameterResult(
        value=value,
        unit="s",
        definition="definition.step_time",
        n=3,
        sd=None,
        interval_95=None,
        left=sides[0],
        right=sides[1],
        norm=None,
        norm_absent_reason=Absence.NO_NORM,
        absent_reason=None if value is not None else Absence.NO_SCALE,
    )


def event(foot: Side, time_s: float, kind: str = "initial_contact") -> GaitEvent:
    return GaitEvent(foot=foot, kind=kind, time_s=time_s, side_confidence=1, confidence=1, bout=0)


def test_rows_hold_measured_minus_true(truth: Truth) -> None:
    measured = {"cadence": result(101.5), "step_time": result(0.6, left=0.72, right=0.49)}
    rows = {row.key: row for row in compare(measured, truth)}
    assert list(rows) == list(COMPARED)
    assert rows["cadence"].error == pytest.approx(1.5)
    assert rows["step_time.left"].error == pytest.approx(0.02)
    assert rows["step_time.right"].error == pytest.approx(-0.01)


def test_absent_numbers_are_nan_and_keep_their_truth(truth: Truth) -> None:
    measured = {"walking_speed": result(None), "step_time": result(0.6)}
    rows = {row.key: row for row in compare(measured, truth)}
    assert math.isnan(rows["walking_speed"].measured), "absent with a reason"
    assert math.isnan(rows["step_time.left"].measured), "not given by side"
    assert math.isnan(rows["step_length"].error), "not a parameter of this assessment"
    assert rows["walking_speed"].truth == 1.1


def test_contacts_match_once_and_by_foot(truth: Truth) -> None:
    found = [event(Side.LEFT, 1.37), event(Side.LEFT, 1.45), event(Side.RIGHT, 2.6)]
    found += [event(Side.RIGHT, 0.72), event(Side.LEFT, 2.6, "foot_off")]
    match = match_contacts(found, truth)
    assert (match.n_true, match.n_found, match.n_extra) == (4, 2, 2)
    assert match.mean_abs_error_s == pytest.approx((0.03 + 0.02) / 2)


def test_contacts_outside_count_neither_for_nor_against(truth: Truth) -> None:
    match = match_contacts([event(Side.LEFT, 0.2), event(Side.RIGHT, 3.4)], truth)
    assert (match.n_found, match.n_extra) == (0, 0)
    assert math.isnan(match.mean_abs_error_s)


def test_truth_of_the_clip_agrees_with_itself() -> None:
    """The shipped file: its means are those of its own contacts."""
    truth = Truth.read(TRUTH)
    inside = sorted((c.time_s, c.foot.value) for c in truth.contacts if c.inside)
    assert len(inside) >= 6
    steps_s = [later[0] - earlier[0] for earlier, later in pairwise(inside)]
    assert fmean(steps_s) == pytest.approx(truth.means["step_time"], abs=1e-3)
    assert 60 / fmean(steps_s) == pytest.approx(truth.means["cadence"], abs=0.1)
    lengths_per_s = truth.means["step_length"] / truth.means["step_time"]
    assert lengths_per_s == pytest.approx(truth.means["walking_speed"], rel=0.01)
