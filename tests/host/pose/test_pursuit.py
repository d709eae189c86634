"""Walkers who were found late are followed back: how far, how not, and in how much memory."""

import numpy as np
import pytest

from host.person.geometry import CORE
from host.person.types import SILHOUETTE_NAMES
from host.person.view import View
from host.pose.collect import Collector
from host.pose.estimate import Estimate
from host.pose.pursuit import Moment, Pursuit
from tests.recordings import SOURCE
from tests.videos import walker_points

WIDTH, HEIGHT, PERSON, FLOOR = 640, 480, 260.0, 440.0
RATE = 30.0
SURE, UNSURE = np.full(23, 0.7, np.float32), np.full(23, 0.1, np.float32)
META = {"source": dict(SOURCE)}


class _Picture:
    """A picture that only knows its number and where the walkers are."""

    def __init__(self, number, people, held_bytes=1000):
        self.number = number
        self.people = people
        self.held_bytes = held_bytes
        self.colours = True

    def luma(self):
        return np.full((HEIGHT, WIDTH), 128, np.uint8)

    def rgb(self, x0, y0, x1, y1):
        return np.zeros((y1 - y0, x1 - x0, 3), np.uint8)

    def forget_colours(self):
        self.colours = False


class _Estimator:
    """Knows whoever's hip is well inside the box; unsure otherwise."""

    def __init__(self):
        self.asked = []
        self.sure = np.full(100, 0.7)

    def estimate(self, picture, boxes_px):
        assert len(boxes_px) == 1
        self.asked.append(picture.number)
        box, score = boxes_px[0], UNSURE
        points = walker_points(-1e4, FLOOR, PERSON, 0)
        for one in picture.people:
            hip = one[11]
            third = (box[2:] - box[:2]) / 3
            if np.all(box[:2] + third < hip) and np.all(hip < box[2:] - third):
                points = one
                score = np.full(23, self.sure[picture.number], np.float32)
        return Estimate(points[None], score[None], 1000 + picture.number)


def _walker(x, number, height=PERSON):
    return walker_points(x, FLOOR, height, number / 32)


def _run(xs, known, others=None, heights=None, held_bytes=1000, **options):
    """A walker at ``xs`` (None: nobody), found as track 1 in the pictures ``known``."""
    collector, estimator = Collector(), _Estimator()
    pursuit = Pursuit(estimator, collector, **options)
    small = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    for number, x in enumerate(xs):
        height = PERSON if heights is None else heights[number]
        people = [] if x is None else [_walker(x, number, height)]
        picture = _Picture(number, people, held_bytes)
        collector.frame(number / RATE, number, 7)
        told = {1: (people[0], SURE)} if number in known else {}
        for track, at in (others or {}).items():
            if number in at:
                told[track] = (_walker(at[number], number), SURE)
        view = View(small, small, 2.0)
        pursuit.remember(Moment(collector.row, number / RATE, picture, view, told))
    return pursuit, collector, estimator


def _rows(collector):
    recording = collector.recording({1: 1}, META)
    return np.flatnonzero(np.isfinite(recording.box_px[:, 0, 0])).tolist()


WALK = list(20 + 7.0 * np.arange(60))
LAST = set(range(55, 60))


def test_he_is_followed_back_to_where_he_entered():
    xs = [None] * 20 + WALK[:40]
    pursuit, collector, _ = _run(xs, LAST)
    origin = pursuit.back(1, set(), set())
    assert _rows(collector) == list(range(20, 55))
    assert origin.found == 35
    assert origin.time_s == 20 / RATE
    assert origin.box_px[0] < xs[20] < origin.box_px[2]


def test_what_is_found_carries_what_all_frames_carry():
    pursuit, collector, _ = _run(WALK, LAST)
    pursuit.back(1, set(), set())
    recording = collector.recording({1: 1}, META)
    row = 40
    np.testing.assert_allclose(recording.xy_px[row, 0], _walker(WALK[row], row), atol=1e-3)
    np.testing.assert_array_equal(recording.score[row, 0], SURE)
    area = recording.silhouette[row, 0, SILHOUETTE_NAMES.index("area")]
    assert area > 0
    assert np.isfinite(recording.foot_edges[row, 0]).all()
    box = recording.box_px[row, 0]
    assert box[0] < WALK[row] < box[2]
    assert recording.integers[59] == 7
    assert recording.integers[row] not in (0, 7)


def test_a_walk_played_backwards_is_covered_alike():
    """Found in the middle: what lies before it is covered either way, frame by frame."""
    xs = [None] * 5 + WALK[:50] + [None] * 5
    covered = []
    for played in (xs, xs[::-1]):
        pursuit, collector, _ = _run(played, range(28, 32), span_s=5.0)
        pursuit.back(1, set(), set())
        covered.append(_rows(collector))
    assert covered[0] == list(range(5, 28))
    assert covered[1] == covered[0]


def test_no_longer_than_pictures_are_kept():
    pursuit, collector, _ = _run(WALK, LAST, span_s=1.0)
    pursuit.back(1, set(), set())
    assert _rows(collector)[0] == 29


def test_pictures_kept_are_bounded_by_time_and_by_memory():
    for seconds in (2, 60):
        walk = [100.0] * int(RATE * seconds)
        pursuit, _, _ = _run(walk, set(), span_s=1.5, held_bytes=1 << 20, most_bytes=64 << 20)
        assert pursuit.held_bytes == 46 << 20
        pursuit, _, _ = _run(walk, set(), span_s=1.5, held_bytes=3 << 20, most_bytes=64 << 20)
        assert 61 << 20 < pursuit.held_bytes <= 64 << 20


def test_one_picture_larger_than_all_memory_is_not_kept():
    pursuit, _, estimator = _run(WALK, LAST, held_bytes=100, most_bytes=99)
    assert pursuit.held_bytes == 0
    assert pursuit.back(1, set(), set()) is None
    assert not estimator.asked


def test_colours_are_not_kept():
    pursuit, _, _ = _run(WALK, LAST)
    assert not any(moment.picture.colours for moment in pursuit._past)


def test_a_moment_behind_a_pillar_is_passed_over():
    xs = [x if not 30 <= n < 33 else None for n, x in enumerate(WALK)]
    pursuit, collector, _ = _run(xs, LAST)
    pursuit.back(1, set(), set())
    assert set(range(15, 30)) < set(_rows(collector))
    assert not set(range(30, 33)) & set(_rows(collector))


def test_after_a_doubt_he_must_be_as_sure_as_at_first():
    xs = [x if n != 40 else None for n, x in enumerate(WALK)]
    pursuit, collector, estimator = _run(xs, LAST)
    estimator.sure = np.where(np.arange(60) < 40, 0.4, 0.7)
    pursuit.back(1, set(), set())
    assert _rows(collector) == list(range(41, 55))
    pursuit, collector, estimator = _run(WALK, LAST)
    estimator.sure = np.where(np.arange(60) < 40, 0.4, 0.7)
    pursuit.back(1, set(), set())
    assert _rows(collector)[0] < 20


def test_nobody_costs_a_few_looks():
    pursuit, collector, estimator = _run([None] * 55 + WALK[:5], LAST)
    assert pursuit.back(1, set(), set()).found == 0
    assert len(estimator.asked) == 4
    assert not _rows(collector)


def test_gaps_between_pictures_in_which_he_was_known_are_filled():
    known = {50, 53, 57, 59}
    pursuit, collector, _ = _run(WALK, known)
    pursuit.back(1, set(), set())
    assert set(_rows(collector)) == set(range(14, 59)) - known


@pytest.mark.parametrize("squeezed", [0.6, 1.6])
def test_a_body_of_another_size_is_not_his(squeezed):
    heights = np.where(np.arange(60) < 45, squeezed * PERSON, PERSON)
    pursuit, collector, _ = _run(WALK, LAST, heights=heights)
    pursuit.back(1, set(), set())
    assert _rows(collector) == list(range(45, 55))


def test_who_comes_from_afar_may_be_smaller():
    heights = PERSON * np.exp(-0.3 * (59 - np.arange(60)) / RATE)
    pursuit, collector, _ = _run(WALK, LAST, heights=heights)
    pursuit.back(1, set(), set())
    assert _rows(collector)[0] <= 15


def test_half_out_of_the_picture_is_the_end():
    xs = list(-120 + 7.0 * np.arange(60))
    pursuit, collector, _ = _run(xs, LAST)
    pursuit.back(1, set(), set())
    first = _rows(collector)[0]
    for row, inside in ((first, True), (first - 1, False)):
        body = _walker(xs[row], row)[CORE]
        assert (np.mean(body[:, 0] >= 0) >= 0.5) == inside


def test_he_is_not_taken_for_somebody_who_is_known():
    other = {2: {n: WALK[n] for n in range(40)}}
    pursuit, collector, _ = _run(WALK, LAST, others=other)
    pursuit.back(1, set(), {2})
    assert _rows(collector) == list(range(40, 55))


def test_it_ends_where_he_was_known_before_he_was_lost():
    own = {3: {n: WALK[n] for n in range(30)}}
    pursuit, collector, estimator = _run(WALK, LAST, others=own)
    pursuit.back(1, {3}, set())
    assert _rows(collector) == list(range(30, 55))
    assert min(estimator.asked) == 30


def test_what_was_found_is_not_looked_at_twice():
    pursuit, _, estimator = _run(WALK, LAST)
    pursuit.back(1, set(), set())
    asked = len(estimator.asked)
    assert pursuit.back(1, set(), set()).found == 0
    assert len(estimator.asked) == asked
