import numpy as np
import pytest

from host.codes import Activity, Exclusion
from host.gait.body import BodySize
from host.gait.strides import StrideBuilder
from host.gait.track import Track
from host.gait.types import Bout, Event, Segment
from model_zoo.skeleton import KEYPOINTS, Side

L, R = Side.LEFT, Side.RIGHT


def world(pelvis_speed, seconds=12.0):
    """A track of height 1 whose every point moves with the pelvis."""
    time_s = np.arange(0, seconds, 0.01)
    speed = np.broadcast_to(pelvis_speed, time_s.shape)
    x = np.cumsum(speed) * 0.01
    xyz = np.repeat(np.stack((x, np.nan * x, 0 * x), axis=1)[:, None], len(KEYPOINTS), axis=1)
    ones = np.ones((len(time_s), len(KEYPOINTS)))
    track = Track(time_s, xyz, ones, np.ones(len(time_s)), "m", "synthetic")
    return track, BodySize(np.ones(len(time_s)), np.ones(len(time_s), bool), "eye-heel")


def events(times, offs=True):
    out = []
    for k, t in enumerate(times):
        foot = (L, R)[k % 2]
        out.append(Event(foot, "initial_contact", t, 1, 1, 0))
        if offs:
            out.append(Event(foot, "foot_off", t + 0.65, 1, 1, 0))
    return tuple(sorted(out, key=lambda e: e.time_s))


def built(times, speed=0.7, offs=True):
    track, body = world(speed)
    bout = Bout(0, 0.0, 12.0, 1)
    return StrideBuilder().build(track, body, (bout,), events(times, offs))


EVEN = [0.5 + 0.5 * k for k in range(10)]


def test_an_even_walk_is_clean():
    strides = built(EVEN)
    assert len(strides) == 8
    assert not any(s.excluded for s in strides)
    assert all(s.start_s < s.foot_off_s < s.end_s for s in strides)


def test_a_pause_and_an_odd_stride_are_excluded():
    late = [t if t < 3 else t + 2.0 for t in EVEN]
    reasons = [s.reason for s in built(late) if s.excluded]
    assert reasons
    assert set(reasons) == {Exclusion.PAUSE}
    odd = [t if t < 3 else t + 0.5 for t in EVEN]
    reasons = [s.reason for s in built(odd) if s.excluded]
    assert set(reasons) == {Exclusion.IMPLAUSIBLE_TIME}


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(Activity.TURNING, Exclusion.TURNING), (Activity.STANDING, Exclusion.STANDING)],
)
def test_strides_mostly_within_a_turn_or_a_stand_are_excluded(kind, reason):
    track, body = world(0.7)
    bout, segment = Bout(0, 0.0, 12.0, 1), Segment(kind, 1.9, 3.1)
    strides = StrideBuilder().build(track, body, (bout,), events(EVEN), (segment,))
    excluded = {(s.start_s, s.reason) for s in strides if s.excluded}
    assert excluded == {(1.5, reason), (2.0, reason), (2.5, reason)}


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Activity.TURNING, Exclusion.TURNING),
        (Activity.STARTING, Exclusion.STARTING),
        (None, Exclusion.BOUT_EDGE),
    ],
)
def test_slow_first_strides_are_excluded_for_what_is_beside_them(kind, reason):
    time_s = np.arange(0, 12.0, 0.01)
    track, body = world(np.where(time_s < 1.6, 0.2, 0.7))
    bout = Bout(0, 0.0, 12.0, 1)
    beside = () if kind is None else (Segment(kind, 0.0, 0.5),)
    strides = StrideBuilder().build(track, body, (bout,), events(EVEN), beside)
    assert {(s.start_s, s.reason) for s in strides if s.excluded} == {(0.5, reason)}


def test_a_missing_contact_breaks_the_order():
    times = events(EVEN)
    lacking = tuple(e for e in times if not (e.time_s == 2.0 and e.kind == "initial_contact"))
    track, body = world(0.7)
    strides = StrideBuilder().build(track, body, (Bout(0, 0.0, 12.0, 1),), lacking)
    assert Exclusion.EVENT_ORDER in {s.reason for s in strides}


def test_stepping_on_the_spot_is_standing():
    assert {s.reason for s in built(EVEN, speed=0.01)} == {Exclusion.STANDING}


def test_steps_longer_than_the_person_can_make_are_excluded():
    assert {s.reason for s in built(EVEN, speed=1.6)} == {Exclusion.IMPLAUSIBLE_LENGTH}


def test_a_slow_last_stride_is_the_edge_of_the_bout():
    time_s = np.arange(0, 12, 0.01)
    speed = np.where(time_s < 4.0, 0.7, 0.15)
    reasons = [s.reason for s in built(EVEN, speed=speed) if s.excluded]
    assert set(reasons) == {Exclusion.BOUT_EDGE}


def test_without_foot_off_a_stride_stays_in_the_timing():
    strides = built(EVEN, offs=False)
    assert not any(s.excluded for s in strides)
    assert {s.reason for s in strides} == {Exclusion.MISSING_FOOT_OFF}
