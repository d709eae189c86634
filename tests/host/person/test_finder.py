import numpy as np
import pytest

from host.person.finder import PersonFinder, shrink
from tests.videos import draw_walker, textured_room, walker_points

WIDTH, HEIGHT, PERSON, FLOOR = 640, 480, 260.0, 440.0


def _picture(x, number, camera=0):
    room = np.ascontiguousarray(textured_room(1400, HEIGHT)[:, camera : camera + WIDTH])
    if x is not None:
        draw_walker(room, x, FLOOR, PERSON, number / 32)
    return room[..., 0]


class _Picture:
    """Brightness as a whole picture."""

    def __init__(self, luma):
        self._luma = luma
        self.height, self.width = luma.shape

    def luma(self):
        return self._luma

    def rgb(self, x0, y0, x1, y1):
        return np.repeat(self._luma[y0:y1, x0:x1, None], 3, axis=2)


class _Network:
    """Knows the walker: sure where the box holds the hip, unsure elsewhere."""

    def __init__(self, finder):
        self.finder = finder
        self.found = []

    def see(self, luma, time_s, x, number):
        tracks = self.finder.step(_Picture(luma), time_s)
        points = walker_points(-1e4 if x is None else x, FLOOR, PERSON, number / 32)
        for t in tracks:
            hip = points[11]
            inside = np.all(t.box_px[:2] < hip) and np.all(hip < t.box_px[2:])
            self.finder.tell(t.track, points, np.full(23, 0.8 if inside else 0.1))
            if inside:
                self.found.append((number, t))
        return tracks


def _run(xs, primed=True, camera=lambda _: 0):
    finder = PersonFinder()
    network = _Network(finder)
    lumas = [_picture(x, n, camera(n)) for n, x in enumerate(xs)]
    if primed:
        finder.prime(lumas[::4])
    for number, (x, luma) in enumerate(zip(xs, lumas, strict=True)):
        network.see(luma, number / 30, x, number)
    return finder, network


@pytest.mark.parametrize("primed", [True, False])
def test_a_walker_is_found_soon_and_kept(primed):
    xs = [None] * 10 + list(40 + 7.0 * np.arange(80))
    finder, network = _run(xs, primed)
    assert set(finder.tracker.identity.values()) == {network.found[0][1].track}
    frames = {n for n, _ in network.found}
    assert min(frames) <= 13
    assert len(frames) >= 74


def test_an_empty_room_has_nobody():
    finder, network = _run([None] * 60)
    assert not finder.tracker.identity
    assert not network.found


def test_who_stands_first_is_found_when_he_walks_on():
    xs = [150.0] * 40 + list(150 + 7.0 * np.arange(60))
    finder, network = _run(xs, primed=False)
    assert len(set(finder.tracker.identity.values())) == 1
    assert network.found[-1][0] == 99


def test_silhouettes_come_with_the_track():
    _, network = _run(list(40 + 7.0 * np.arange(80)))
    signals = np.array([t.silhouette for _, t in network.found[5:60]])
    assert np.isfinite(signals).mean() > 0.95
    assert np.nanmedian(signals[:, 2]) == pytest.approx(PERSON, rel=0.1)
    x = np.array([40 + 7.0 * n for n, _ in network.found[5:60]])
    assert np.nanmedian(np.abs(signals[:, 3] - x)) < 20


def test_the_speed_of_a_panning_camera_is_told():
    xs = list(40 + 5.0 * np.arange(80))
    still, _ = _run(xs)
    panning, _ = _run(xs, camera=lambda n: 2 * n)
    assert still.camera.motion_px_s < 2
    assert panning.camera.motion_px_s == pytest.approx(60, abs=5)


def test_the_small_picture_is_at_most_320_wide():
    assert shrink(np.zeros((720, 1280), np.uint8)).shape == (180, 320)
    assert shrink(np.zeros((1280, 720), np.uint8)).shape == (320, 180)
    assert shrink(np.zeros((120, 160), np.uint8)).shape == (120, 160)
