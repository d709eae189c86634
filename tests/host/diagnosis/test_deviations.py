"""A measurement is told as outside only when its whole interval is, and with its source."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t

from host.codes import Absence, Abstention, DeviationCode, Place
from host.diagnosis.deviations import REFERENCES, deviations
from host.diagnosis.diagnose import diagnose
from host.gait.norms import cutoff, cutoffs
from host.gait.norms.tables import FOLDER, read_table
from host.gait.parameters import NAMES
from host.gait.types import GaitResult
from host.text import sentence
from model_zoo.skeleton import Side
from tests.scored import scored_gait


def told(name: str, value: float, low: float, high: float, **changes: object) -> GaitResult:
    """A walk in which one parameter has this interval."""
    gait = scored_gait()
    known = replace(
        gait.parameters[name], value=value, interval_95=(low, high), absent_reason=None, **changes
    )
    parameters = {**gait.parameters, name: known}
    return replace(gait, parameters=parameters, error_measured=frozenset(NAMES))


def one(gait: GaitResult, code: DeviationCode):
    return next(d for d in deviations(gait) if d.code is code)


@pytest.mark.parametrize(
    ("value", "low", "high", "place", "side"),
    [
        (1.30, 1.11, 1.50, Place.OUTSIDE, Side.RIGHT),
        (0.70, 0.55, 0.89, Place.OUTSIDE, Side.LEFT),
        (1.30, 1.09, 1.50, Place.UNDECIDED, None),
        (1.00, 0.91, 1.09, Place.WITHIN, None),
        (1.00, 0.50, 1.50, Place.UNDECIDED, None),
    ],
)
def test_only_an_interval_wholly_outside_is_told(value, low, high, place, side):
    found = one(told("temporal_symmetry", value, low, high), DeviationCode.UNEVEN_STANCE)
    assert (found.place, found.side) == (place, side)
    assert (found.lowest, found.highest) == (0.9, 1.1)
    assert "Patterson" in found.source


def test_the_side_of_the_short_step_and_of_the_long_step_time():
    short = one(told("step_length_difference", -0.3, -0.4, -0.2), DeviationCode.UNEVEN_STEP_LENGTHS)
    slow = one(told("step_time_asymmetry", 20.0, 12.0, 28.0), DeviationCode.UNEVEN_STEP_TIMES)
    assert short.side is Side.RIGHT
    assert slow.side is Side.RIGHT


@pytest.mark.parametrize(
    ("code", "name", "inside", "outside"),
    [
        (DeviationCode.SLOW, "relative_speed", 0.7, 0.4),
        (DeviationCode.LOW_SPEED, "walking_speed", 1.1, 0.6),
        (DeviationCode.LEANS_FORWARD, "trunk_lean", -3.0, 9.0),
        (DeviationCode.KNEES_BEND_LITTLE, "knee_swing_peak", 60.0, 30.0),
    ],
)
def test_open_references_have_one_limit(code, name, inside, outside):
    for value, place in ((inside, Place.WITHIN), (outside, Place.OUTSIDE)):
        found = one(told(name, value, value - 0.01, value + 0.01), code)
        assert found.place is place
        assert found.side is None
        assert (found.lowest is None) != (found.highest is None)


def test_what_is_not_measured_or_has_no_known_error_is_not_compared():
    gait = told("trunk_lean", 20.0, 19.0, 21.0)
    blind = replace(gait, error_measured=frozenset())
    found = one(blind, DeviationCode.LEANS_FORWARD)
    assert (found.place, found.absent_reason) == (Place.NOT_COMPARED, Absence.ERROR_NOT_MEASURED)
    few = replace(gait.parameters["trunk_lean"], interval_95=None)
    gone = replace(few, value=float("nan"), absent_reason=Absence.VIEW_NOT_SIDE)
    for parameter, reason in ((few, Absence.TOO_FEW_STRIDES), (gone, Absence.VIEW_NOT_SIDE)):
        changed = replace(gait, parameters={**gait.parameters, "trunk_lean": parameter})
        found = one(changed, DeviationCode.LEANS_FORWARD)
        assert (found.place, found.absent_reason) == (Place.NOT_COMPARED, reason)


def test_deviations_stand_where_nothing_is_said_of_patterns():
    gait = replace(told("temporal_symmetry", 1.5, 1.4, 1.6), quality_grade="unusable")
    said = diagnose(gait)
    assert said.reason is Abstention.QUALITY_UNUSABLE
    assert DeviationCode.UNEVEN_STANCE in {
        d.code for d in said.deviations if d.place is Place.OUTSIDE
    }


def test_every_reference_has_a_limit_a_source_and_words():
    assert {r.code for r in REFERENCES} == set(DeviationCode)
    for reference in REFERENCES:
        assert reference.parameter in NAMES
        for kind in filter(None, (reference.lowest, reference.highest)):
            assert cutoff(reference.parameter, kind).source
        for language_free in (reference.code.value, f"parameter.{reference.parameter}"):
            assert sentence(language_free, side="left")
        words = sentence(reference.code.value, side="left").lower()
        assert "normal" not in words


def test_an_unknown_limit_is_refused():
    with pytest.raises(KeyError, match="walking_speed"):
        cutoff("walking_speed", "nobody")


def prediction(values: np.ndarray, *, around_zero: bool) -> tuple[float, float]:
    """Where one more person lies with 95 %."""
    n = len(values)
    middle = 0.0 if around_zero else float(values.mean())
    freedom = n if around_zero else n - 1
    sd = np.sqrt(np.sum((values - middle) ** 2) / freedom)
    half = float(t.ppf(0.975, freedom) * sd * np.sqrt(1 + 1 / n))
    return middle - half, middle + half


@pytest.mark.parametrize(
    ("name", "around_zero"),
    [("step_time_asymmetry", True), ("step_length_difference", True), ("trunk_lean", False)],
)
def test_limits_of_recorded_adults_come_from_their_table(name, around_zero):
    with (FOLDER / "recorded_adults.csv").open(encoding="utf-8") as file:
        values = np.array([float(r[name]) for r in csv.DictReader(file) if r[name]])
    low, high = prediction(values, around_zero=around_zero)
    limits = cutoffs(name)
    assert limits
    for limit in limits:
        wanted = low if limit.kind.endswith("from") else high
        assert limit.value == pytest.approx(wanted, rel=0.03)
        assert limit.population == f"{len(values)} recorded adults"


def test_the_limit_of_slow_walking_comes_from_the_shippable_table():
    people = {r["Subject"]: r for r in read_table("wbds_speed_steplength_cadence.csv")}
    speeds = np.array([float(r["SpeedComf"]) / float(r["Height"]) for r in people.values()])
    limit = cutoff("relative_speed", "comfortable_from")
    assert limit.value == pytest.approx(prediction(speeds, around_zero=False)[0], abs=0.0005)
    ages = [float(r["Age"]) for r in people.values()]
    told_of = f"{len(people)} adults of {min(ages):.0f} to {max(ages):.0f} years"
    assert limit.population == told_of
