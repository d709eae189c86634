import numpy as np
import pytest

from host.pose.limits import SEGMENTS, TooFast, TooLong
from model_zoo.skeleton import INDEX, Side, part
from tests.recordings import walk

TIME = np.arange(150) / 30
HEIGHT = 300.0


def statures(points):
    return points / HEIGHT


def test_no_bone_of_a_walker_is_too_long():
    points = statures(walk())
    assert not TooLong().find(points, np.full(points.shape[:2], 0.8)).any()


@pytest.mark.parametrize("name", ["elbow", "wrist", "knee", "heel"])
def test_a_point_that_most_long_segments_share_goes_alone(name):
    points, moved = statures(walk()), part(name, Side.LEFT)
    points[30, moved] += [0.6, 0.1]
    found = TooLong().find(points, np.full(points.shape[:2], 0.8))
    assert np.argwhere(found).tolist() == [[30, moved]]


def test_of_two_points_too_far_apart_the_fainter_goes():
    points, score = statures(walk()), np.full((150, 23), 0.8)
    heel, toe = part("heel", Side.LEFT), part("big_toe", Side.LEFT)
    points[30] = np.nan
    points[30, [heel, toe]] = [[0.0, 0.0], [0.5, 0.0]]
    score[30, heel] = 0.6
    assert np.argwhere(TooLong().find(points, score)).tolist() == [[30, heel]]


def test_a_segment_may_look_short_or_be_missing():
    points = statures(walk())
    points[:, part("wrist", Side.LEFT)] = points[:, part("elbow", Side.LEFT)]
    points[:, part("ankle", Side.RIGHT)] = np.nan
    assert not TooLong().find(points, np.full(points.shape[:2], 0.8)).any()


def test_segments_of_one_leg_add_up_to_hip_height():
    thigh, shank = SEGMENTS["hip", "knee"], SEGMENTS["knee", "ankle"]
    assert 0.039 + thigh + shank == pytest.approx(0.530)  # ankle and hip height, Winter 2009


def relative(points):
    hips = points[:, [INDEX["left_hip"], INDEX["right_hip"]]].mean(axis=1)
    return statures(points - hips[:, None])


def test_a_walkers_limbs_are_not_too_fast():
    quick = relative(walk(stride_s=0.8))
    assert not TooFast().find(TIME, quick, np.full(quick.shape[:2], 0.8)).any()


def test_what_jumps_to_another_place_and_back_goes_for_that_time():
    points = relative(walk())
    wrist = INDEX["left_wrist"]
    points[40:46, wrist] += [0.8, 0.0]
    found = TooFast().find(TIME, points, np.full(points.shape[:2], 0.8))
    assert np.flatnonzero(found[:, wrist]).tolist() == list(range(40, 46))
    assert not np.delete(found, wrist, axis=1).any()


def test_after_a_long_absence_any_place_can_follow():
    points = relative(walk())
    points[40:60] = np.nan
    points[60:] += [0.8, 0.0]
    assert not TooFast().find(TIME, points, np.full(points.shape[:2], 0.8)).any()


def test_of_two_places_the_surer_one_stays():
    points, score = np.zeros((30, 1, 2)), np.full((30, 1), 0.8)
    points[::2, 0, 0] = 0.5
    score[::2] = 0.4
    found = TooFast().find(TIME[:30], points, score)
    assert found[::2].all()
    assert not found[1::2].any()


def test_nothing_seen_is_nothing_to_take():
    points = np.full((10, 2, 2), np.nan)
    assert not TooFast().find(TIME[:10], points, np.zeros((10, 2))).any()


@pytest.mark.parametrize("seed", range(8))
def test_no_other_course_has_a_larger_sum_of_scores(seed):
    random = np.random.default_rng(seed)
    time_s = np.cumsum(random.choice([0.03, 0.1, 0.25], 10))
    xy, score = random.normal(0, 0.3, (10, 1, 2)), random.random((10, 1))
    xy[random.random(10) < 0.2] = np.nan
    law = {"fastest": 2.0, "slack": 0.03, "forget_s": 0.4}
    kept = np.isfinite(xy[:, 0, 0]) & ~TooFast(**law).find(time_s, xy, score)[:, 0]
    assert score[kept].sum() == pytest.approx(best_sum(time_s, xy[:, 0], score[:, 0], **law))


def best_sum(time_s, xy, score, fastest, slack, forget_s):
    """Of all choices of sightings that can follow one another, by trying each."""
    best, seen = 0.0, np.flatnonzero(np.isfinite(xy[:, 0]))
    for bits in range(1 << len(seen)):
        chosen = seen[[bool(bits >> n & 1) for n in range(len(seen))]]
        step_s = np.diff(time_s[chosen])
        moved = np.linalg.norm(np.diff(xy[chosen], axis=0), axis=1)
        if np.all((step_s > forget_s) | (moved <= fastest * step_s + slack)):
            best = max(best, float(score[chosen].sum()))
    return best
