"""Suggestions for the items of clinical scales: rules by hand, silence with a reason, totals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from host.codes import Absence, Activity, Exclusion, ScaleGap
from host.diagnosis.scales import confirmed_total, known_scales, suggest
from host.diagnosis.scales.definition import Rule, Scale, ScaleItem
from host.diagnosis.scales.measures import MEASURES
from host.gait.parameters import NAMES
from host.gait.types import GaitResult, Segment, Stride
from host.text import sentences
from model_zoo.skeleton import Side
from tests.scored import MEANS, scored_gait

L, R = Side.LEFT, Side.RIGHT
SCALES = {scale.name: scale for scale in known_scales()}
VALUES = {**MEANS, "foot_clearance": (15.0, 2.0)}
"""Means of left and right; the right leg is the affected one: its single support is shorter."""


def gait(values=VALUES, spread=0.0, grade="good", strides=()) -> GaitResult:
    """A result whose parameters have these means; all values are alike where nothing is said."""
    return scored_gait(values, spread, strides=strides, grade=grade)


def items(result: GaitResult, scale: str) -> dict:
    found = next(s for s in suggest(result) if s.scale == scale)
    return {(i.code, i.side): i for i in found.items}


def points(result: GaitResult, scale: str, code: str, side: Side | None = None):
    return items(result, scale)[code, side].points


def test_the_wisconsin_scale_looks_at_the_leg_with_the_shorter_support():
    found = items(gait(), "wisconsin")
    assert found["stance_time", None].points == 2  # 25 / 38 = 0.66: unequal
    assert found["step_length_other", None].points == 2  # left steps 0.10: does not pass
    assert found["knee_flexion", None].points == 1  # 10 degrees less than the other
    assert found["initial_contact", None].points == 2  # flat
    assert {e.side for e in found["initial_contact", None].measurements} == {R}


def test_without_an_affected_leg_nothing_is_told_of_it():
    alike = {**VALUES, "single_support_percent": (38.0, 37.0), "stance_percent": (62.0, 63.0)}
    found = items(gait(alike), "wisconsin")
    for code in ("stance_time", "step_length_other", "knee_flexion", "initial_contact"):
        assert found[code, None].gap is ScaleGap.NO_SIDE
        assert found[code, None].points is None


@pytest.mark.parametrize(
    ("lengths", "expected"), [((0.30, 0.30), 1.0), ((0.10, 0.30), 2.0), ((-0.02, 0.30), 3.0)]
)
def test_a_step_to_gait_on_the_wisconsin_scale(lengths, expected):
    values = {**VALUES, "relative_step_length": lengths}
    assert points(gait(values), "wisconsin", "step_length_other") == expected


def test_limits_that_tell_no_points_tell_none():
    stiff = {**VALUES, "knee_swing_peak": (60.0, 40.0)}
    item = items(gait(stiff), "wisconsin")["knee_flexion", None]
    assert (item.points, item.gap) == (None, ScaleGap.NO_LIMIT)
    assert [(e.side, e.value) for e in item.measurements] == [(L, 60.0), (R, 40.0)]


def test_tinetti_rates_each_leg_and_gives_more_for_better():
    found = items(gait(), "tinetti_gait")
    assert (found["step_passes", L].points, found["step_passes", R].points) == (0, 1)
    assert (found["step_clears", L].points, found["step_clears", R].points) == (1, 0)


def test_a_pause_breaks_the_continuity():
    whole = Stride(L, 0.0, 0.6, 1.0, 0, excluded=False, reason=None)
    pause = Stride(L, 1.0, 3.6, 4.0, 0, excluded=True, reason=Exclusion.PAUSE)
    assert points(gait(strides=(whole,)), "tinetti_gait", "continuity") == 1
    assert points(gait(strides=(whole, pause)), "tinetti_gait", "continuity") == 0


@pytest.mark.parametrize(("angle", "expected"), [(25.0, 0), (6.0, 1), (0.0, 2), (-8.0, 3)])
def test_the_worse_foot_counts_on_the_gars_m(angle, expected):
    values = {**VALUES, "foot_angle_at_contact": (30.0, angle)}
    assert points(gait(values), "gars_m", "foot_contact") == expected
    turned = {**VALUES, "foot_angle_at_contact": (angle, 30.0)}
    assert points(gait(turned), "gars_m", "foot_contact") == expected


def test_confidence_is_the_share_of_the_level():
    sure = items(gait(spread=0.001), "edinburgh")["initial_contact", R]
    assert (sure.points, sure.confidence) == (1, pytest.approx(1.0))
    on_the_limit = {**VALUES, "foot_angle_at_contact": (20.0, 3.0)}
    unsure = items(gait(on_the_limit, spread=0.3), "edinburgh")["initial_contact", R]
    assert unsure.confidence == pytest.approx(0.5, abs=1e-6)


def test_what_is_not_measured_says_why():
    values = {k: v for k, v in VALUES.items() if k != "foot_angle_at_contact"}
    item = items(gait(values), "edinburgh")["initial_contact", L]
    assert (item.gap, item.absent_reason) == (ScaleGap.NOT_MEASURED, Absence.TOO_FEW_STRIDES)
    lacking = items(gait(values), "edinburgh")["ankle_swing", L]
    assert lacking.gap is ScaleGap.NOT_MEASURED


def test_one_stride_alone_suggests_nothing():
    few = gait()
    angle = few.parameters["foot_angle_at_contact"]
    one = replace(angle, left=replace(angle.left, n=1, sd=float("nan")))
    few.parameters["foot_angle_at_contact"] = one
    item = items(few, "edinburgh")["initial_contact", L]
    assert (item.points, item.absent_reason) == (None, Absence.TOO_FEW_STRIDES)


def walked(speed: float, metres: float, spread: float = 0.001) -> GaitResult:
    """A recording with one steady stretch of this length."""
    steady = Segment(Activity.WALKING, 1.0, 1.0 + metres / speed)
    values = {**VALUES, "walking_speed": (speed, speed)}
    return replace(gait(values, spread), activities=(steady,))


@pytest.mark.parametrize(
    ("time_s", "expected"),
    [(3.5, 4), (4.80, 4), (4.84, 3), (6.18, 3), (6.23, 2), (8.68, 2), (8.73, 1), (15.0, 1)],
)
def test_the_time_over_four_metres_means_the_published_points(time_s, expected):
    item = items(walked(4 / time_s, 4.5), "sppb_gait")["time", None]
    assert item.points == expected
    first, second = item.measurements
    assert (first.parameter, first.value) == ("four_metre_time", pytest.approx(time_s))
    assert second.parameter == "walking_speed"
    assert "from a stand" in item.basis


def test_an_interval_across_a_limit_names_both_points():
    unsure = items(walked(4 / 6.2, 4.5, spread=0.3), "sppb_gait")["time", None]
    assert (unsure.points, unsure.possible) == (3, (2, 3))
    assert 0.4 < unsure.confidence < 0.6
    sure = items(walked(4 / 5.5, 4.5), "sppb_gait")["time", None]
    assert (sure.possible, sure.confidence) == ((3,), pytest.approx(1.0))


def test_a_walk_shorter_than_the_shorter_course_gives_no_points():
    assert points(walked(0.8, 3.1), "sppb_gait", "time") == 3
    short = items(walked(0.8, 2.9), "sppb_gait")["time", None]
    assert (short.points, short.gap) == (None, ScaleGap.NOT_MEASURED)
    assert short.absent_reason is Absence.WALK_TOO_SHORT


def test_without_metres_there_is_no_time_over_four_metres():
    walk = walked(0.8, 4.5)
    lost = replace(walk.parameters["walking_speed"], absent_reason=Absence.NO_SCALE)
    walk.parameters["walking_speed"] = lost
    item = items(walk, "sppb_gait")["time", None]
    assert (item.gap, item.absent_reason) == (ScaleGap.NOT_MEASURED, Absence.NO_SCALE)


def test_an_unusable_recording_has_no_scales():
    assert suggest(gait(grade="unusable")) == ()


def test_every_item_has_either_points_or_a_reason():
    for scale in suggest(gait()):
        for item in scale.items:
            assert (item.points is None) != (item.gap is None), (scale.scale, item.code)


def test_no_points_for_the_scale_whose_owner_permits_none():
    found = next(s for s in suggest(gait()) if s.scale == "mds_updrs_3_10")
    assert found.kind == "related"
    assert [(i.points, i.lowest, i.gap) for i in found.items] == [
        (None, None, ScaleGap.NEEDS_PERMISSION)
    ]
    assert found.items[0].measurements


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
def test_each_scale_names_source_and_rights_and_its_words_exist(scale: Scale):
    assert len(scale.source) > 20
    assert len(scale.rights) > 5
    assert sentences()[f"scale.{scale.name}"]
    for item in scale.items:
        assert sentences()[f"scale_item.{scale.name}_{item.code}"]
        assert set(item.related) <= {*NAMES, *MEASURES}
        if item.rule:
            assert item.rule.measure in (*NAMES, *MEASURES)
            assert item.rule.basis


def test_no_words_of_items_are_left_over():
    known = {f"scale_item.{s.name}_{i.code}" for s in SCALES.values() for i in s.items}
    assert {key for key in sentences() if key.startswith("scale_item.")} == known


@pytest.mark.parametrize("name", [s.name for s in SCALES.values() if s.kind == "items"])
def test_the_range_of_the_total_is_what_the_items_add_up_to(name: str):
    """The published range: 13.35 to 42, 0 to 12, 0 to 21, 0 to 34 for each leg."""
    scale = SCALES[name]
    legs = 2 if name == "edinburgh" else 1
    for end in ("lowest", "highest"):
        total = sum(i.weight * getattr(i, end) * len(i.sides) for i in scale.items) / legs
        assert total == pytest.approx(getattr(scale, end))


def test_a_total_needs_every_item_confirmed():
    scale = SCALES["wisconsin"]
    worst = {(i.code, None): i.highest for i in scale.items}
    assert confirmed_total(scale, worst) == {None: pytest.approx(42)}
    worst.popitem()
    assert confirmed_total(scale, worst) == {None: None}


def test_totals_of_each_leg():
    scale = SCALES["edinburgh"]
    left = {(i.code, L): 1.0 for i in scale.items}
    assert confirmed_total(scale, left) == {L: 17, R: None}


def test_points_outside_the_range_and_foreign_items_are_refused():
    scale = SCALES["gars_m"]
    with pytest.raises(ValueError, match="outside"):
        confirmed_total(scale, {("foot_contact", None): 4.0})
    with pytest.raises(ValueError, match="no item"):
        confirmed_total(scale, {("foot_contact", L): 1.0})
    with pytest.raises(ValueError, match="no points"):
        confirmed_total(SCALES["timed_up_and_go"], {("time", None): 12.0})


def test_a_file_that_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match="one point more"):
        Rule("arm_swing", "worst", (1.0, 2.0), (0.0, 1.0), "")
    with pytest.raises(ValueError, match="ascend"):
        Rule("arm_swing", "worst", (2.0, 1.0), (0.0, 1.0, 2.0), "")
    rule = Rule("arm_swing", "worst", (1.0,), (0.0, 9.0), "")
    with pytest.raises(ValueError, match="outside its range"):
        ScaleItem("x", 0, 3, 1.0, (None,), rule, None, ())
    with pytest.raises(ValueError, match="either"):
        ScaleItem("x", 0, 3, 1.0, (None,), None, None, ())
