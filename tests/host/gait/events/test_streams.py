"""What the learned model reads of a foot, and how its answers become events."""

from dataclasses import replace

import numpy as np
import pytest

from host.gait.events.streams import (
    RATE_HZ,
    SEEN,
    SummitRule,
    first_answer,
    streams_of,
    summits,
    windows,
)
from host.gait.types import Bout
from model_zoo.skeleton import MIRROR, Side, part
from tests.host.gait.walker import Walker, mirrored, regular

WALKER = Walker(start_s=0.5, step_time_s=(0.5, 0.6), step_length=(0.36, 0.42))
TIME_S = regular(WALKER.end_s() + 0.8, 30)
POINTS = WALKER.trajectories(TIME_S)
BOUT = Bout(0, 0.5, WALKER.end_s(), 1)


def test_a_walk_to_the_left_looks_like_one_to_the_right():
    turned = replace(POINTS, xyz=mirrored(POINTS.xyz))
    left, right = streams_of(POINTS, BOUT)
    turned_left, turned_right = streams_of(turned, replace(BOUT, direction=-1))
    assert np.array_equal(turned_left.x, right.x)
    assert np.array_equal(turned_right.x, left.x)


def test_the_network_is_not_told_which_foot_it_sees():
    exchanged = replace(POINTS, xyz=POINTS.xyz[:, MIRROR])
    left, right = streams_of(POINTS, BOUT)
    assert left.side is Side.LEFT
    assert not np.array_equal(left.x, right.x)
    other_left, other_right = streams_of(exchanged, BOUT)
    assert np.array_equal(other_left.x, right.x)
    assert np.array_equal(other_right.x, left.x)


def test_a_stream_knows_no_pixels():
    near = replace(POINTS, xyz=2.5 * POINTS.xyz)
    for one, two in zip(streams_of(POINTS, BOUT), streams_of(near, BOUT), strict=True):
        assert np.abs(one.x.astype(int) - two.x).max() <= 1


def test_integers_tell_places_and_speeds():
    """Heel 0.2 heights ahead of the hips at the contact, standing still in the middle of stance."""
    contact = WALKER.contacts()[6][0]
    stream = streams_of(POINTS, BOUT)[WALKER.contacts()[6][1]]
    at = np.argmin(np.abs(stream.time_s - contact))
    ahead = WALKER.places()[6] - WALKER.pelvis(np.array([contact]))[0]
    assert stream.x[at, 0] / 240 == pytest.approx(ahead, abs=0.02)
    later = np.argmin(np.abs(stream.time_s - contact - 0.3))
    assert abs(stream.x[later, 5]) / 40 < 0.1
    assert stream.x[:, 5].max() / 40 > 1.0


def test_a_lost_foot_is_told_and_bridged():
    xyz = POINTS.xyz.copy()
    lost = (TIME_S > 2.0) & (TIME_S < 2.6)
    xyz[np.ix_(lost, [part("heel", Side.LEFT)])] = np.nan
    left, right = streams_of(replace(POINTS, xyz=xyz), BOUT)
    inside = (left.time_s > 2.1) & (left.time_s < 2.5)
    assert (left.x[inside, 14] == 0).all()
    assert (right.x[inside, 15] == 0).all()
    assert (left.x[~inside & (left.time_s < 1.9), 14] == SEEN).all()
    assert np.abs(np.diff(left.x[inside, 0].astype(int))).max() <= 8


def test_the_answers_of_windows_join_without_a_seam():
    x = np.arange(1, 401)[:, None].astype(np.int8) * np.ones(16, np.int8)
    cut = windows(x, 201, 128)
    assert cut.shape == (4, 1, 201, 16)
    first = first_answer(201, 128)
    middle = cut[:, 0, first : first + 128].reshape(-1, 16)
    assert np.array_equal(middle[:400], x)
    assert not middle[400:].any()


def test_an_event_lies_between_the_moments():
    chance = np.zeros(100)
    chance[[30, 31]] = 0.25, 0.75
    chance[60] = 0.15
    places, strengths = summits(chance, SummitRule())
    assert places == pytest.approx([30.75])
    assert strengths == pytest.approx([1.0])


def test_of_two_events_too_near_one_stays():
    chance = np.zeros(100)
    chance[40], chance[50] = 0.9, 0.5
    assert summits(chance, SummitRule())[0] == pytest.approx([40.0])
    apart = SummitRule(apart_s=0.15)
    assert summits(chance, apart)[0] == pytest.approx([40.0, 50.0])


def test_a_short_stream_has_no_events():
    assert len(summits(np.ones(5), SummitRule())[0]) == 0
    assert RATE_HZ == 50.0
