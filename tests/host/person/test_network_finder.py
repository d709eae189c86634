"""A network that looks at whole pictures leads the finder: moving cameras, doubts, frugality."""

import numpy as np
import pytest

from host.person.decode import Boxes
from host.person.finder import PersonFinder
from host.person.network import NetworkFinder
from model_zoo.package import load_released
from tests.host.person.test_finder import FLOOR, HEIGHT, PERSON, WIDTH, _Picture, _picture
from tests.videos import walker_points


class _Looks:
    """Tells the walker's box with a given score, and counts how often it was asked."""

    def __init__(self, score):
        self.score = score
        self.x = None
        self.asked = 0

    def find(self, picture):
        assert (picture.height, picture.width) == (HEIGHT, WIDTH)
        self.asked += 1
        if self.x is None:
            return Boxes(np.empty((0, 4)), np.empty(0))
        half = 0.2 * PERSON
        box = [self.x - half, FLOOR - PERSON, self.x + half, FLOOR]
        return Boxes(np.array([box]), np.array([self.score]))


def _run(xs, score, camera=lambda _: 0, drawn=True):
    looks = _Looks(score)
    finder = PersonFinder(network=looks)
    pictures = [_Picture(_picture(x if drawn else None, n, camera(n))) for n, x in enumerate(xs)]
    finder.prime(p.luma() for p in pictures[::4])
    found = []
    for number, (x, picture) in enumerate(zip(xs, pictures, strict=True)):
        looks.x = x
        points = walker_points(-1e4 if x is None else x, FLOOR, PERSON, number / 32)
        for t in finder.step(picture, number / 30):
            inside = np.all(t.box_px[:2] < points[11]) and np.all(points[11] < t.box_px[2:])
            if finder.tell(t.track, points, np.full(23, 0.8 if inside else 0.1)):
                found.append(number)
    return finder, looks, found


WALK = [None] * 10 + list(40 + 7.0 * np.arange(80))


def test_who_the_network_is_sure_of_is_followed_from_the_first_look():
    finder, _, found = _run(WALK, 0.9)
    assert set(finder.tracker.identity.values()) == {1}
    assert (found[0], len(found)) == (10, 80)


def test_a_moving_camera_does_not_matter():
    finder, _, found = _run(WALK, 0.9, camera=lambda n: 4 * n)
    assert len(set(finder.tracker.identity.values())) == 1
    assert len(found) >= 78


def _blind(knows):
    """A walk past a network that finds nobody; ``knows``: the keypoints are sure on the walker."""
    finder, found = PersonFinder(network=_Looks(0.9)), []
    pictures = [_Picture(_picture(x, number)) for number, x in enumerate(WALK)]
    finder.prime(p.luma() for p in pictures[::4])
    asked = 0
    for number, (x, picture) in enumerate(zip(WALK, pictures, strict=True)):
        points = walker_points(-1e4 if x is None else x, FLOOR, PERSON, number / 32)
        for t in finder.step(picture, number / 30):
            asked += 1
            inside = np.all(t.box_px[:2] < points[11]) and np.all(points[11] < t.box_px[2:])
            if finder.tell(t.track, points, np.full(23, 0.8 if inside and knows else 0.1)):
                found.append(number)
    return finder, found, asked


def test_who_walks_past_a_network_that_finds_nobody_is_found_by_his_motion():
    finder, found, _ = _blind(knows=True)
    assert len(set(finder.tracker.identity.values())) == 1
    assert len(found) >= 70


def test_what_moves_and_has_no_body_is_nobody_and_seldom_asked():
    finder, found, asked = _blind(knows=False)
    assert not found
    assert not finder.tracker.identity
    assert asked < 60


def test_a_doubt_counts_where_something_moves():
    _, _, found = _run(WALK, 0.3)
    assert len(found) >= 60
    finder, _, found = _run(WALK, 0.3, drawn=False)
    assert not found
    assert not finder.tracker.identity


def test_the_network_rests_while_somebody_is_followed():
    _, looks, _ = _run([None] * 30, 0.9)
    assert looks.asked == 30
    _, looks, _ = _run(list(40 + 7.0 * np.arange(80)), 0.9)
    assert 80 / 30 / 0.2 < looks.asked < 80 / 30 / 0.12


def test_a_network_without_boxes_is_refused():
    class _Accelerator:
        model = load_released("gait-pose-s")

    with pytest.raises(ValueError, match="no head that tells boxes"):
        NetworkFinder(_Accelerator())
