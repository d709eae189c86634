"""The comparison with the truth: right sign, right side, missing numbers, one-to-one contacts."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from host.codes import Absence
from host.demo.compare import TrueEvent, Truth, compare, match_contacts
from host.report.assessment import GaitEvent, ParameterResult, SideStatistics
from model_zoo.skeleton import Side

# A limping schedule: the right foot lands 0.5 s after the left, the left 0.7 s after the right.
LEFT_S = (0.2, 1.4, 2.6)
RIGHT_S = (0.7, 1.9, 3.1)


@pytest.fixture
def truth() -> Truth:
    contacts = [TrueEvent(Side.LEFT, "initial_contact", t) for t in LEFT_S]
    contacts += [TrueEvent(Side.RIGHT, "initial_contact", t) for t in RIGHT_S]
    offs = [TrueEvent(Side.LEFT, "foot_off", t + 0.8) for t in LEFT_S]
    events = tuple(sorted([*contacts, *offs], key=lambda e: e.time_s))
    return Truth(events, 1.7, 70, "f", 1.1, 0.65)


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


def test_step_times_of_each_foot_are_named_after_the_foot_that_lands(truth: Truth) -> None:
    assert truth.step_times_s(Side.RIGHT) == pytest.approx([0.5, 0.5, 0.5])
    assert truth.step_times_s(Side.LEFT) == pytest.approx([0.7, 0.7])
    assert len(truth.step_times_s()) == 5


def test_rows_hold_measured_minus_true(truth: Truth) -> None:
    measured = {"cadence": result(105.0), "step_time": result(0.6, left=0.72, right=0.49)}
    rows = {row.key: row for row in compare(measured, truth)}
    assert rows["cadence"].truth == pytest.approx(60 / 0.58)
    assert rows["cadence"].error == pytest.approx(105 - 60 / 0.58)
    assert rows["step_time.left"].error == pytest.approx(0.02)
    assert rows["step_time.right"].error == pytest.approx(-0.01)


def test_absent_numbers_are_nan_and_keep_their_truth(truth: Truth) -> None:
    rows = {row.key: row for row in compare({"walking_speed": result(None)}, truth)}
    assert math.isnan(rows["walking_speed"].measured)
    assert math.isnan(rows["step_length"].error)
    assert rows["walking_speed"].truth == 1.1


def test_contacts_match_once_and_by_foot(truth: Truth) -> None:
    found = [event(Side.LEFT, 0.21), event(Side.LEFT, 0.25), event(Side.LEFT, 1.37)]
    found += [event(Side.RIGHT, 0.2), event(Side.RIGHT, 3.08), event(Side.RIGHT, 0.7, "foot_off")]
    match = match_contacts(found, truth)
    assert (match.n_true, match.n_found, match.n_extra) == (6, 3, 2)
    assert match.mean_abs_error_s == pytest.approx((0.01 + 0.03 + 0.02) / 3)


def test_no_contacts_at_all(truth: Truth) -> None:
    match = match_contacts([], truth)
    assert (match.n_found, match.n_extra) == (0, 0)
    assert math.isnan(match.mean_abs_error_s)


def test_truth_file(tmp_path: Path) -> None:
    table = {
        "command": "as rendered",
        "events": [
            {"foot": "right", "kind": "initial_contact", "time_s": 1.1},
            {"foot": "left", "kind": "initial_contact", "time_s": 0.5},
        ],
        "stature_m": 1.62,
        "age_years": 74,
        "sex": "f",
        "walking_speed_m_s": 1.0,
        "step_length_m": 0.6,
    }
    (tmp_path / "walk.truth.json").write_text(json.dumps(table))
    truth = Truth.read(tmp_path / "walk.truth.json")
    assert [e.time_s for e in truth.contacts()] == [0.5, 1.1]
    assert truth.step_times_s(Side.RIGHT) == pytest.approx([0.6])
