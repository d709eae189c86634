"""The release's bars for the gait room on real recordings; the same numbers stand in docs."""

from dataclasses import replace

import numpy as np
import pytest

from host.codes import Absence, QualityCode, ViewKind
from host.gait.analyse import analyse_gait
from host.gait.sources import Source
from host.gait.types import Person
from model_zoo.skeleton import MIRROR
from quantize.event_metric import EMPTY
from tests.validation.clips import NUMBERS, TIMING_OR_UNUSABLE, UNUSABLE
from tests.validation.fit_offsets import event_errors
from tests.validation.gait import LABELLED, analyse_clip, plate_errors, score_clip, sensor_errors
from tests.validation.readers import capture_facts, plate_truth, plate_walks, stored_points

FROM_THE_SIDE = (LABELLED[0], *(c for c in NUMBERS if c != LABELLED[0].removesuffix("_cropped")))
"""Stored points of the outdoor walk are those of the cropped video."""


@pytest.fixture(scope="module")
def data(shared):
    return shared / "data"


def test_by_eye_contacts_at_least_as_well_as_the_plain_rule_with_a_box_drawn_by_hand(data):
    total = EMPTY
    for clip in LABELLED:
        total += score_clip(data, clip)
    assert total.n_true == 21
    assert total.recall >= 19 / 21
    assert total.precision >= 0.86
    assert total.feet_right >= 0.9 * len(total.errors_s)


@pytest.mark.parametrize("clip", FROM_THE_SIDE)
def test_walks_from_the_side_have_numbers(data, clip):
    result = analyse_clip(data, clip)
    assert result.quality_grade in ("good", "limited")
    assert sum(not s.excluded for s in result.strides) >= 2
    assert 50 < result.parameters["cadence"].value < 140


def test_the_outdoor_walk(data):
    found = analyse_clip(data, "walk_outdoor_1m65_cropped").parameters
    assert found["cadence"].value == pytest.approx(96.4, abs=4)
    assert found["walking_speed"].value == pytest.approx(1.20, abs=0.12)
    assert found["step_length"].value == pytest.approx(0.75, abs=0.08)


def test_the_pause_of_the_limp_is_left_out(data):
    bouts = analyse_clip(data, "backlit_limp").bouts
    assert len(bouts) == 2
    assert not any(b.start_s < 4.0 < b.end_s for b in bouts)


@pytest.mark.parametrize("clip", ["walk_outdoor_1m65_cropped", "side_noarmswing_mirror_turn"])
def test_mirrored_real_points_give_exactly_mirrored_results(data, clip):
    points = stored_points(data, clip)
    turned = replace(
        points,
        xyz=points.xyz[:, MIRROR] * np.array([-1.0, 1.0, 1.0]),
        score=points.score[:, MIRROR],
    )
    one, two = (analyse_gait(p, Person(), capture_facts(p.time_s)) for p in (points, turned))
    assert [(e.foot.other, e.kind, e.time_s) for e in one.events] == [
        (e.foot, e.kind, e.time_s) for e in two.events
    ]
    assert one.parameters["cadence"].value == two.parameters["cadence"].value


@pytest.mark.parametrize("seed", range(3))
def test_a_fifth_of_the_frames_dropped_keeps_the_outdoor_cadence(data, seed):
    points = stored_points(data, "walk_outdoor_1m65_cropped")
    keep = np.random.default_rng(seed).random(len(points.time_s)) > 0.2
    thin = replace(
        points, time_s=points.time_s[keep], xyz=points.xyz[keep], score=points.score[keep]
    )
    full, few = (
        analyse_gait(p, Person(), capture_facts(p.time_s)).parameters["cadence"].value
        for p in (points, thin)
    )
    assert few == pytest.approx(full, abs=1.0)


@pytest.mark.parametrize("clip", TIMING_OR_UNUSABLE)
def test_other_views_give_timing_only_or_nothing(data, clip):
    result = analyse_clip(data, clip)
    assert result.parameters["walking_speed"].absent_reason is not None
    assert not result.curves
    if result.quality_grade != "unusable":
        assert result.view.kind is ViewKind.OBLIQUE
        assert result.parameters["step_length"].absent_reason is Absence.VIEW_NOT_SIDE
    failed = {c.code for c in result.checks if not c.passed}
    assert failed & {QualityCode.VIEW_SIDE, QualityCode.WALKING_FOUND}


@pytest.mark.parametrize("clip", UNUSABLE)
def test_without_a_gait_no_parameter_has_a_value(data, clip):
    result = analyse_clip(data, clip)
    assert result.quality_grade == "unusable"
    assert all(p.absent_reason is not None for p in result.parameters.values())
    assert all(np.isnan(p.value) for p in result.parameters.values())


def test_walks_against_body_worn_sensors(data):
    errors = sensor_errors(data)
    assert np.isfinite(errors.cadence).sum() == 135
    assert np.abs(errors.cadence).mean() <= 0.70
    assert np.abs(errors.step_time_s).mean() <= 0.005
    assert np.abs(errors.one_side_step_time_s).mean() <= 0.012
    assert np.nanmean(np.abs(errors.one_side_stance_time_s)) <= 0.017
    assert abs(np.nanmean(errors.speed_mps)) <= 0.05


def test_the_published_foot_velocity_algorithm_against_plates(data):
    """O'Connor et al. 2007 found 16 +- 15 ms and 9 +- 15 ms on 54 children."""
    errors = [event_errors(w.trajectories, plate_truth(w), Source()) for w in plate_walks(data)]
    for kind, least in (("initial_contact", 9), ("foot_off", 7)):
        ms = 1000 * np.array([e for one in errors for e in one.by_method["foot_velocity"][kind]])
        assert len(ms) >= least
        assert abs(ms.mean()) <= 20
        assert ms.std(ddof=1) <= 15


def test_markers_against_plates(data):
    errors = 1000 * plate_errors(data)["initial_contact"]
    assert len(errors) == 10
    assert abs(errors.mean()) <= 15
    assert errors.std(ddof=1) <= 20
