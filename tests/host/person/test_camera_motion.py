import numpy as np
import pytest

from host.person.camera_motion import CameraMotion
from tests.videos import draw_walker, textured_room

ROOM = textured_room(480, 240, seed=3)
NOBODY = np.zeros((240, 320), np.uint8)


def test_a_panning_camera_is_measured():
    motion = CameraMotion()
    shifts = []
    for number in range(40):
        view = np.ascontiguousarray(ROOM[:, number : number + 320, 0])
        if motion.feed(view, NOBODY, number / 30):
            shifts.append(motion.shift_px_s)
    assert len(shifts) == 4
    np.testing.assert_allclose(np.array(shifts), np.tile([-30.0, 0.0], (4, 1)), atol=0.5)


def test_a_walker_does_not_move_the_camera():
    motion, told = CameraMotion(), 0
    for number in range(40):
        picture = ROOM[:, :320].copy()
        draw_walker(picture, 40 + 6 * number, 220, 150, number / 32)
        people = NOBODY.copy()
        people[60:, max(6 * number - 20, 0) : 6 * number + 120] = 1
        if motion.feed(picture[..., 0], people, number / 30):
            told += 1
            assert np.hypot(*motion.shift_px_s) < 0.5
    assert told == 4


def test_a_bare_wall_tells_nothing():
    motion = CameraMotion()
    wall = np.full((240, 320), 180, np.uint8)
    assert not motion.feed(wall, NOBODY, 0.0)
    assert motion.feed(wall, NOBODY, 0.5)
    assert np.isnan(motion.shift_px_s).all()


@pytest.mark.parametrize("rate_hz", [5, 120])
def test_the_rate_of_the_pictures_does_not_matter(rate_hz):
    motion = CameraMotion()
    for number in range(rate_hz):
        shift = round(20 * number / rate_hz)
        motion.feed(np.ascontiguousarray(ROOM[:, shift : shift + 320, 0]), NOBODY, number / rate_hz)
    assert motion.shift_px_s[0] == pytest.approx(-20, abs=4)
