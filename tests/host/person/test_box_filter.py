import numpy as np
import pytest

from host.person.box_filter import BoxFilter, centre

STEP_S = 1 / 30


def _box(x, height=200.0):
    return np.array([x - 40.0, 300.0 - height, x + 40.0, 300.0])


def _follow(xs, step_s, heights=None):
    box = BoxFilter(_box(xs[0]), 0.0)
    for number, x in enumerate(xs[1:], 1):
        box.predict(number * step_s)
        box.follow(_box(x, 200.0 if heights is None else heights[number]))
    return box


@pytest.mark.parametrize("step_s", [STEP_S, -STEP_S])
def test_speed_is_of_forward_time_whichever_way_it_is_followed(step_s):
    xs = 100 + 5.0 * np.arange(30)
    box = _follow(xs, step_s)
    assert box.velocity_px_s[0] == pytest.approx(5.0 / step_s, rel=0.05)
    box.predict(box.time_s + step_s)
    assert centre(box.box_px)[0] == pytest.approx(xs[-1] + 5.0, abs=0.5)


def test_the_size_changes_slowly():
    heights = np.full(3, 20.0)
    box = _follow(np.full(3, 100.0), STEP_S, heights)
    assert box.height_px == pytest.approx(200 * 0.88**2, rel=0.01)


def test_before_any_prediction_the_speed_stays():
    box = BoxFilter(_box(100.0), 0.0, np.array([30.0, 0.0]))
    box.follow(_box(110.0))
    np.testing.assert_array_equal(box.velocity_px_s, [30.0, 0.0])
