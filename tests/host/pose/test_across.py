import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.gait.sources import Source
from host.pose.across import walks_across
from model_zoo.skeleton import INDEX
from tests.host.gait.walker import SEEN_BREADTH, oblique_walk

SOURCE = Source()


def picture(angle_deg):
    """Times, points and scores of a walk as a network gives them."""
    walk = oblique_walk(angle_deg)
    return walk.time_s, walk.xyz[..., [0, 2]] * (1, -1) + (100, 600), walk.score


@pytest.mark.parametrize(
    ("angle_deg", "across"),
    [(0, True), (10, True), (20, True), (40, False), (50, False), (60, False), (85, False)],
)
def test_only_a_walk_seen_from_the_side_goes_across(angle_deg, across):
    assert walks_across(*picture(angle_deg), SOURCE) is across


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from((10.0, 50.0)),
    st.floats(0.3, 4.0),
    st.floats(-500, 500),
    st.booleans(),
)
def test_size_place_and_direction_do_not_matter(angle_deg, size, place, back):
    time_s, xy, score = picture(angle_deg)
    moved = size * xy * (-1 if back else 1, 1) + place
    assert walks_across(time_s, moved, score, SOURCE) is (angle_deg < 30)


def test_who_first_stands_and_faces_the_camera_still_walks_across():
    _, xy, score = picture(0)
    waits = np.repeat(xy[:1], 300, axis=0)
    height = 300.0
    for part, breadth in SEEN_BREADTH.items():
        for side, sign in (("left", 1), ("right", -1)):
            index = INDEX[f"{side}_{part}"]
            waits[:, index, 0] += sign * breadth / 2 * height
    for side in ("left", "right"):
        waits[:, INDEX[f"{side}_big_toe"], 0] = waits[:, INDEX[f"{side}_heel"], 0]
    rows = len(waits) + len(xy)
    both, sure = np.concatenate((waits, xy)), np.concatenate((score[:1].repeat(300, 0), score))
    assert walks_across(np.arange(rows) / 30, both, sure, SOURCE)


def test_nobody_and_one_frame_do_not_walk():
    time_s, xy, score = picture(0)
    assert not walks_across(time_s, np.full_like(xy, np.nan), score, SOURCE)
    assert not walks_across(time_s[:1], xy[:1], score[:1], SOURCE)
    assert not walks_across(time_s, xy, np.zeros_like(score), SOURCE)
