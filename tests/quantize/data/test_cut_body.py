"""A body that an edge cuts has the box of what is left, not of the limbs beyond."""

import numpy as np
import pytest

from model_zoo.skeleton import INDEX, N_KEYPOINTS
from quantize.data.cut_body import cut_box

BOX = np.array([80.0, 100.0, 220.0, 400.0])
"""A striding body: 50 px torso shoulders, legs 140 px apart at the ankles."""


def body() -> np.ndarray:
    points = np.zeros((N_KEYPOINTS, 3))
    places = {
        "nose": (150, 110), "shoulder": (150, 150), "elbow": (150, 200), "wrist": (150, 240),
        "hip": (150, 250),
    }  # fmt: skip
    for name, place in places.items():
        for side in ("", "left_", "right_"):
            if side + name in INDEX:
                points[INDEX[side + name]] = [*place, 2]
    for side, way in (("left", -1), ("right", 1)):
        points[INDEX[f"{side}_knee"]] = [150 + 30 * way, 320, 2]
        points[INDEX[f"{side}_ankle"]] = [150 + 60 * way, 390, 2]
    return points


def test_an_uncut_body_keeps_its_box() -> None:
    np.testing.assert_array_equal(cut_box(BOX, body(), (0, 0, 640, 480)), BOX)


def test_feet_below_the_window_widen_nothing() -> None:
    found = cut_box(BOX, body(), (0, 0, 640, 260))
    assert found[[1, 3]].tolist() == [100, 260]
    # 0.22 of the torso of 100 px on both sides of the hips, and the start of the thighs.
    assert 120 <= found[0] <= 130
    assert 170 <= found[2] <= 180


def test_a_window_at_the_side_makes_it_lower_alone() -> None:
    found = cut_box(BOX, body(), (0, 0, 120, 480))
    assert found[[0, 2]].tolist() == [80, 120]
    assert found[1] > 250
    assert found[3] == 400


def test_a_head_alone_is_as_wide_as_a_head() -> None:
    points = body()
    points[[i for n, i in INDEX.items() if n != "left_ear"]] = 0
    points[INDEX["left_ear"]] = [150, 120, 2]
    found = cut_box(BOX, points, (0, 0, 640, 140))
    assert found.tolist() == [132, 100, 168, 140]


@pytest.mark.parametrize("known", [[], ["left_ankle"]])
def test_of_an_unknown_size_the_clipped_box_stays(known: list[str]) -> None:
    points = body()
    points[[i for n, i in INDEX.items() if n not in known]] = 0
    assert cut_box(BOX, points, (0, 0, 640, 200)).tolist() == [80, 100, 220, 200]


def test_nothing_grows() -> None:
    rng = np.random.default_rng(5)
    for _ in range(100):
        x0, y0 = rng.uniform(0, 200, 2)
        window = (x0, y0, x0 + rng.uniform(20, 300), y0 + rng.uniform(20, 300))
        found = cut_box(BOX, body(), window)
        clipped = np.clip(BOX, [x0, y0, x0, y0], [window[2], window[3]] * 2)
        assert (found[:2] >= clipped[:2]).all()
        assert (found[2:] <= clipped[2:]).all()
