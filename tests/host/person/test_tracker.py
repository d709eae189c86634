import numpy as np
import pytest

from host.person.geometry import box_of_points, overlap
from host.person.tracker import Tracker
from host.person.types import Detection
from tests.videos import walker_points

SURE, UNSURE = np.full(23, 0.8), np.full(23, 0.1)
STEP = 1 / 30


def _points(x, height=200.0, phase=0.0):
    return walker_points(x, 400.0, height, phase)


def _box(x, height=200.0):
    return box_of_points(_points(x, height), SURE)


def _walk(tracker, xs, start=0, score=SURE, height=200.0, seen=True):
    """One person at each of ``xs``, found as a blob and seen by the network."""
    out = []
    for number, x in enumerate(xs, start):
        found = [Detection(_box(x, height), True)] if seen else []
        tracks = tracker.step(found, number * STEP)
        for track in tracks:
            tracker.tell(track.number, _points(x, height, number / 32), score)
        out.append([(t.number, t.box_px.copy()) for t in tracks])
    return out


def test_a_walker_is_one_person_with_one_number_and_his_box_holds_him():
    tracker = Tracker()
    steps = _walk(tracker, 100 + 4.0 * np.arange(60))
    assert tracker.identity == {1: 1}
    for number, step in enumerate(steps[1:], 1):
        assert [t for t, _ in step] == [1]
        hip = _points(100 + 4.0 * number)[11]
        box = step[0][1]
        assert box[0] < hip[0] < box[2]
        assert box[1] < hip[1] < box[3]


def test_the_box_runs_ahead_with_the_walker():
    tracker = Tracker()
    _walk(tracker, 100 + 8.0 * np.arange(30))
    box = tracker.step([], 30 * STEP)[0].box_px
    assert (box[0] + box[2]) / 2 == pytest.approx(np.mean(_box(340.0)[[0, 2]]), abs=12)


def test_keypoints_alone_keep_a_person():
    tracker = Tracker()
    _walk(tracker, 100 + 4.0 * np.arange(10))
    _walk(tracker, 140 + 4.0 * np.arange(50), start=10, seen=False)
    assert tracker.identity == {1: 1}
    assert tracker.has_person


def test_what_the_network_does_not_know_is_nobody():
    tracker = Tracker()
    steps = _walk(tracker, np.full(40, 200.0), score=UNSURE)
    assert tracker.identity == {}
    assert sum(len(step) for step in steps) < 20  # it is not asked again in every picture


def test_a_hidden_walker_keeps_his_number():
    tracker = Tracker()
    _walk(tracker, 100 + 4.0 * np.arange(30))
    _walk(tracker, 220 + 4.0 * np.arange(10), start=30, score=UNSURE, seen=False)
    _walk(tracker, 260 + 4.0 * np.arange(20), start=40)
    assert tracker.identity == {1: 1}


def test_who_comes_back_is_the_same_person_and_a_child_elsewhere_is_not():
    tracker = Tracker()
    _walk(tracker, 400 + 4.0 * np.arange(50))
    _walk(tracker, np.full(40, 600.0), start=50, score=UNSURE, seen=False)
    _walk(tracker, 600 - 4.0 * np.arange(30), start=90)
    assert set(tracker.identity.values()) == {1}
    assert len(tracker.identity) == 2
    _walk(tracker, np.full(40, 480.0), start=120, score=UNSURE, seen=False)
    _walk(tracker, np.full(10, 30.0), start=160, height=100.0)
    assert set(tracker.identity.values()) == {1, 3}


def test_two_people_keep_their_numbers_while_they_cross():
    tracker = Tracker()
    for number in range(80):
        places = {"right": 100 + 6.0 * number, "left": 580 - 6.0 * number}
        found = [Detection(_box(x), True) for x in places.values()]
        tracks = tracker.step(found, number * STEP)
        for track in tracks:
            middle = (track.box_px[0] + track.box_px[2]) / 2
            heading = "right" if track.number == min(t.number for t in tracks) else "left"
            x = places[heading] if number else min(places.values(), key=lambda p: abs(p - middle))
            phase = number / 32 + (0.25 if heading == "left" else 0)
            points = walker_points(x, 400.0 + (60 if heading == "left" else 0), 200.0, phase)
            tracker.tell(track.number, points, SURE)
    assert len(tracker.identity) == 2


def test_one_person_found_in_two_parts_becomes_one_track():
    tracker = Tracker()
    whole = _box(200.0)
    head, legs = whole.copy(), whole.copy()
    head[3] = legs[1] = (whole[1] + whole[3]) / 2
    for number in range(10):
        tracks = tracker.step([Detection(head, True), Detection(legs, True)], number * STEP)
        for track in tracks:
            tracker.tell(track.number, _points(200.0), SURE)
    assert len(tracker.identity) == 1
    assert len(tracker.boxes_px) == 1


def test_small_things_start_no_track_beside_a_tall_person():
    tracker = Tracker()
    tracker.expect_height(300.0)
    _walk(tracker, np.full(10, 100.0), height=100.0)
    assert tracker.identity == {}


def test_overlap_is_a_share_of_the_smaller_box():
    boxes = np.array([[0.0, 0, 10, 10], [5, 5, 7, 7], [20, 20, 30, 30]])
    np.testing.assert_allclose(overlap(boxes, boxes)[0], [1, 1, 0])


def test_the_box_of_unsure_points_is_none():
    assert box_of_points(_points(100.0), UNSURE) is None


def test_a_coat_on_a_stand_is_given_up_and_a_waiting_person_is_not():
    somewhat, coat = np.full(23, 0.4), Tracker(start_score=0.39)
    _walk(coat, np.full(3, 200.0), score=somewhat)
    assert coat.identity == {1: 1}
    coat._start_score = 0.45
    _walk(coat, np.full(60, 200.0), start=3, score=somewhat)
    assert coat.identity == {}
    assert len(coat.boxes_px) == 0
    person = Tracker()
    _walk(person, np.full(90, 200.0))
    assert person.identity == {1: 1}
    assert len(person.boxes_px) == 1


def test_who_waits_half_hidden_and_walks_on_keeps_his_number():
    tracker = Tracker()
    _walk(tracker, 100 + 8.0 * np.arange(40))
    doubtful = np.full(23, 0.4)
    _walk(tracker, np.full(75, 420.0), start=40, score=doubtful)
    _walk(tracker, 420 - 8.0 * np.arange(1, 30), start=115)
    assert len(tracker.identity) > 1
    assert set(tracker.identity.values()) == {1}


def test_a_part_of_a_body_that_was_given_up_does_not_hide_the_whole():
    tracker = Tracker()
    whole = _box(200.0)
    part = whole.copy()
    part[3] = (whole[1] + whole[3]) / 2
    _asked(tracker, part, range(6), UNSURE)
    assert not tracker.boxes_px.size
    assert _asked(tracker, whole, range(6, 10), SURE) == 4
    assert tracker.identity


def _asked(tracker, box, numbers, score, moves=True):
    """How often a box that is found again and again is asked about."""
    asked = 0
    for number in numbers:
        for track in tracker.step([Detection(box, moves)], number * STEP):
            tracker.tell(track.number, _points(200.0), score)
            asked += 1
    return asked


def test_a_still_thing_is_asked_about_less_and_less():
    still, moving = (_asked(Tracker(), _box(200.0), range(600), UNSURE, moves=m) for m in (0, 1))
    assert still <= 7 * 4
    assert moving >= 20 * 4
    assert still > 4


def test_a_candidate_takes_the_whole_body_when_it_is_found():
    tracker = Tracker()
    whole = _box(200.0)
    part = whole.copy()
    part[3] = (whole[1] + whole[3]) / 2
    tracker.step([Detection(part, False)], 0.0)
    (track,) = tracker.step([Detection(whole, False)], STEP)
    np.testing.assert_allclose(track.box_px, whole)


def test_who_was_lost_is_known_again_by_where_he_came_from():
    tracker = Tracker()
    _walk(tracker, 100 + 4.0 * np.arange(30))
    _walk(tracker, np.full(40, 600.0), start=30, score=UNSURE, seen=False)
    _walk(tracker, 600 + 4.0 * np.arange(5), start=70)
    late = max(tracker.identity)
    assert tracker.identity[late] == late
    tracker.came_from(late, _box(100.0), 10 * STEP)  # before he was lost: somebody else
    assert tracker.identity[late] == late
    tracker.came_from(late, _box(230.0), 34 * STEP)
    assert set(tracker.identity.values()) == {1}


def test_points_that_leap_to_a_smaller_body_are_not_his():
    """As when he leaves the picture and a mirror behind him still shows him."""
    tracker = Tracker()
    _walk(tracker, 100 + 4.0 * np.arange(30))
    tracker.step([], 30 * STEP)
    assert not tracker.tell(1, _points(220.0, 110.0), SURE)
    tracker.step([], 31 * STEP)
    assert tracker.tell(1, _points(224.0, 190.0), SURE)


def test_who_comes_nearer_may_grow():
    tracker = Tracker()
    for number in range(90):
        height = 150.0 * np.exp(0.35 * number * STEP)
        for track in tracker.step([Detection(_box(200.0, height), True)], number * STEP):
            assert tracker.tell(track.number, _points(200.0, height, number / 32), SURE)
    assert tracker.identity == {1: 1}
