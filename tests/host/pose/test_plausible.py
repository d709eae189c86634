from dataclasses import replace

import numpy as np
import pytest

from host.codes import Withheld
from host.gait.sources import Source, known_sources
from host.pose.collect import trace_sides
from host.pose.plausible import REASONS, PlausibleBody, counted, probability
from host.pose.recording import points_used_percent, sided
from model_zoo.skeleton import INDEX, LEG_NAMES, Side, part
from tests.host.gait.walker import oblique_walk
from tests.recordings import recording_of, walk

TIME = np.arange(150) / 30
SURE = Source(sure={"wrist": (1.0, 2.0, -1.5)})


def number(reason):
    return REASONS.index(reason) + 1


def score_of(value=0.8):
    return np.full((150, 23), value)


def test_a_walk_loses_no_points():
    assert not PlausibleBody().find(TIME, walk(), score_of(), SURE).any()


def test_nobody_has_nothing_to_withhold():
    points = np.full((150, 23, 2), np.nan)
    assert not PlausibleBody().find(TIME, points, score_of(np.nan), SURE).any()


def test_a_point_below_the_least_score_is_unsure():
    score = score_of()
    score[10:20, INDEX["right_knee"]] = 0.2
    found = PlausibleBody().find(TIME, walk(), score, Source(min_score=0.3))
    assert np.argwhere(found).tolist() == [[t, INDEX["right_knee"]] for t in range(10, 20)]
    assert set(found[found > 0]) == {number(Withheld.UNSURE)}


def test_a_faint_hand_on_the_other_hand_is_a_guess_and_the_other_is_none():
    points, score = walk(), score_of()
    left, right = INDEX["left_wrist"], INDEX["right_wrist"]
    points[:, left] = points[:, right] + 2.0
    score[:, left] = 0.6
    found = PlausibleBody().find(TIME, points, score, SURE)
    assert (found[:, left] == number(Withheld.UNSURE)).all()
    assert not found[:, right].any()
    points[:, left] += [20.0, 0.0]
    assert not PlausibleBody().find(TIME, points, score, SURE).any()  # alone it is sure enough


def test_the_first_reason_counts():
    points, score = walk(), score_of()
    wrist = INDEX["left_wrist"]
    points[50, wrist] += 400.0
    found = PlausibleBody().find(TIME, points, score, SURE)
    assert found[50, wrist] == number(Withheld.TOO_LONG)
    points = walk()
    points[50, wrist] += [60.0, 0.0]  # the arm reaches there, but not within a frame
    found = PlausibleBody().find(TIME, points, score, SURE)
    assert found[50, wrist] == number(Withheld.TOO_FAST)
    assert counted(found)["withheld.too_fast"] == 1


@pytest.mark.parametrize(("angle_deg", "withheld"), [(0, True), (15, True), (45, False)])
def test_legs_on_one_are_looked_for_in_walks_across_alone(angle_deg, withheld):
    seen = oblique_walk(angle_deg)
    points = seen.xyz[..., [0, 2]] * (1, -1) + (100, 600)
    left, right = ([part(n, side) for n in LEG_NAMES[1:]] for side in (Side.LEFT, Side.RIGHT))
    apart = np.abs(points[:, INDEX["left_ankle"], 0] - points[:, INDEX["right_ankle"], 0])
    widest = 40 + int(apart[40:70].argmax())
    rows = np.arange(widest - 4, widest + 4)
    points[np.ix_(rows, left)] = points[np.ix_(rows, right)]
    found = PlausibleBody().find(seen.time_s, points, seen.score, SURE)
    both = found[np.ix_(rows, left + right)] == number(Withheld.BOTH_ON_ONE)
    assert both.any() == withheld
    assert not (np.delete(found, rows, axis=0) == number(Withheld.BOTH_ON_ONE)).any()


def test_legs_on_a_tree_are_too_long_though_they_last_a_second():
    points = walk()
    rows, low = slice(60, 90), [INDEX[f"{s}_{p}"] for s in ("left", "right") for p in LEG_NAMES[1:]]
    points[rows, low] += [[250.0, 200.0]]
    found = PlausibleBody().find(TIME, points, score_of(), SURE)
    knees = [part("knee", side) for side in Side]
    assert (found[rows][:, knees] == number(Withheld.TOO_LONG)).all()
    assert not found[:60].any()


def test_probability_rises_with_the_score_and_falls_on_the_other_hand():
    score = np.array([0.2, 0.5, 0.9])
    alone = probability(score, np.zeros(3, bool), (1.0, 2.0, -1.5))
    assert (np.diff(alone) > 0).all()
    assert (probability(score, np.ones(3, bool), (1.0, 2.0, -1.5)) < alone).all()


@pytest.mark.parametrize("name", ["gait-pose-s", "gait-pose-m"])
def test_released_networks_tell_how_sure_their_arms_are(name):
    sure = known_sources()[name].sure
    assert set(sure) == {"shoulder", "elbow", "wrist"}
    for constant, of_score, on_other in sure.values():
        assert probability(np.array(0.5), np.array(False), (constant, of_score, on_other)) > 0.5
        assert of_score > 0
        assert abs(on_other) < 2


def test_what_is_withheld_of_an_exchanged_leg_is_named_as_the_network_named_it():
    points = walk()
    left, right = ([part(n, side) for n in LEG_NAMES] for side in (Side.LEFT, Side.RIGHT))
    rows = slice(60, 75)
    points[rows, left], points[rows, right] = points[rows, right], points[rows, left].copy()
    recording = recording_of([points])
    recording.score[66, 0, INDEX["left_ankle"]] = 0.1  # of the true right leg
    told = trace_sides(recording)
    assert told.exchanged[66, 0]
    assert np.argwhere(told.withheld[:, 0]).tolist() == [[66, INDEX["left_ankle"]]]
    seen = sided(told)
    assert np.isnan(seen.xy_px[66, 0, INDEX["right_ankle"]]).all()
    assert np.isnan(seen.score[66, 0, INDEX["right_ankle"]])
    assert np.isfinite(seen.xy_px[66, 0, INDEX["left_ankle"]]).all()
    again = trace_sides(told)  # what was withheld before plays no part
    np.testing.assert_array_equal(again.withheld, told.withheld)
    np.testing.assert_array_equal(sided(seen).withheld, seen.withheld)


def test_a_recording_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="withheld"):
        replace(recording_of([walk()]), withheld=np.zeros((3, 1, 23), np.uint8))


def test_the_share_of_used_points_leaves_the_head_out():
    recording = recording_of([walk(), walk(start_x=300.0)])
    assert np.isnan(points_used_percent(recording, 1))
    withheld = np.zeros(recording.score.shape, np.uint8)
    withheld[:, 0, INDEX["nose"]] = 1
    withheld[:75, 0, INDEX["left_wrist"]] = 1
    recording = replace(recording, withheld=withheld)
    assert points_used_percent(recording, 1) == pytest.approx(100 * (1 - 0.5 / 18))
    assert points_used_percent(recording, 2) == 100.0
    assert np.isnan(points_used_percent(recording, None))
