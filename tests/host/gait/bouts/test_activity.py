"""Standing, starting, walking, turning and stopping, on walkers of formulas."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from host.codes import Activity
from host.gait.analyse import analyse_gait
from host.gait.body import BodySize
from host.gait.bouts import Activities
from host.gait.track import Track
from host.gait.types import Bout, Person, Trajectories
from model_zoo.skeleton import INDEX, KEYPOINTS
from tests.host.gait.walker import Walker, facts, mirrored, regular


def kinds(result):
    return [s.kind for s in result.activities]


def there_and_back(turn_s=1.5):
    """A walk, a turn in which the feet come round while the pelvis stands, and the way back."""
    walker = Walker(n_steps=10)
    time_s = regular(walker.end_s(), 60)
    out = walker.trajectories(time_s).xyz
    home = mirrored(out)
    home[..., 0] += out[-1, INDEX["left_hip"], 0] - home[0, INDEX["right_hip"], 0]
    share = np.linspace(0, 1, int(turn_s * 60))[:, None, None]
    turn = (1 - share) * out[-1] + share * home[0]
    xyz = np.concatenate((out, turn, home))
    both = np.arange(len(xyz)) / 60
    points = Trajectories(both, xyz, "px", np.isfinite(xyz[..., 0]) * 1.0, "synthetic")
    return points, walker.end_s(), walker.end_s() + turn_s


def test_who_walks_through_the_picture_only_walks():
    walker = Walker(n_steps=12)
    time_s = np.arange(1.0, walker.end_s() - 0.6, 1 / 30)
    points = walker.trajectories(time_s)
    result = analyse_gait(points, Person(1.7), facts(time_s))
    assert kinds(result) == [Activity.WALKING]


def test_standing_before_and_after_is_told():
    walker = Walker(n_steps=12, start_s=2.0)
    time_s = regular(walker.end_s() + 2.0, 30)
    result = analyse_gait(walker.trajectories(time_s), Person(1.7), facts(time_s))
    found = kinds(result)
    assert found[0] is found[-1] is Activity.STANDING
    assert found.count(Activity.WALKING) == 1
    assert result.activities[0].end_s == pytest.approx(2.0, abs=0.6)
    assert result.activities[-1].start_s == pytest.approx(walker.end_s(), abs=0.6)


def test_segments_are_in_order_and_do_not_overlap():
    points, _, _ = there_and_back()
    found = analyse_gait(points, Person(1.7), facts(points.time_s)).activities
    assert len(found) >= 3
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(found))
    assert all(s.end_s > s.start_s for s in found)


@pytest.mark.parametrize("turn_s", [1.0, 2.0, 3.0])
def test_a_turn_lies_between_the_ways(turn_s):
    points, start_s, end_s = there_and_back(turn_s)
    result = analyse_gait(points, Person(1.7), facts(points.time_s))
    assert len(result.bouts) == 2
    turns = [s for s in result.activities if s.kind is Activity.TURNING]
    assert len(turns) == 1
    # The feet are at 70 % of their length 15 % after the start of the turn.
    assert turns[0].start_s == pytest.approx(start_s + 0.15 * turn_s, abs=0.35)
    assert turns[0].end_s == pytest.approx(end_s - 0.15 * turn_s, abs=0.35)


def test_a_slow_start_and_a_slow_stop_are_told():
    time_s = np.arange(0, 12, 0.01)
    speed = np.interp(time_s, [0, 1, 3, 9, 11, 12], [0, 0, 0.7, 0.7, 0, 0])
    x = np.cumsum(speed) * 0.01
    xyz = np.repeat(np.stack((x, np.nan * x, 0 * x), axis=1)[:, None], len(KEYPOINTS), axis=1)
    ones = np.ones((len(time_s), len(KEYPOINTS)))
    track = Track(time_s, xyz, ones, np.ones(len(time_s)), "m", "synthetic")
    body = BodySize(np.ones(len(time_s)), np.ones(len(time_s), bool), "eye-heel")
    found = Activities().find(track, body, (Bout(0, 1.3, 10.7, 1),))
    assert [s.kind.value.split(".")[1] for s in found] == [
        "standing",
        "starting",
        "walking",
        "stopping",
        "standing",
    ]
    # 80 % of the speed is reached at 1 + 0.8 * 2 s.
    assert found[2].start_s == pytest.approx(2.6, abs=0.15)
    assert found[2].end_s == pytest.approx(9.4, abs=0.15)


def test_a_turn_that_begins_before_the_pelvis_stops_ends_the_walking_there():
    points, out_s, _ = there_and_back(1.0)
    early = points.xyz.copy()
    feet = [INDEX[f"{side}_{n}"] for side in ("left", "right") for n in ("heel", "big_toe")]
    # The feet come round 0.6 s too early, while the pelvis still moves on.
    shift, at = 36, int((out_s - 0.6) * 60)
    ahead = points.xyz[:, feet, 0] - points.xyz[:, [INDEX["left_hip"]], 0]
    early[at:-shift, feet, 0] = ahead[at + shift :] + points.xyz[at:-shift, [INDEX["left_hip"]], 0]
    result = analyse_gait(replace(points, xyz=early), Person(1.7), facts(points.time_s))
    turn = next(s for s in result.activities if s.kind is Activity.TURNING)
    assert turn.start_s < out_s
    before = [s for s in result.activities if s.start_s < turn.start_s]
    assert before[-1].end_s == turn.start_s


def test_nobody_does_nothing():
    time_s = regular(3, 30)
    nobody = np.full((len(time_s), len(KEYPOINTS), 3), np.nan)
    points = Trajectories(time_s, nobody, "px", np.zeros(nobody.shape[:2]), "synthetic")
    assert analyse_gait(points, Person(), facts(time_s)).activities == ()
