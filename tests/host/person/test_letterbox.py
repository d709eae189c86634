"""Whole pictures in the finder's input: nothing cut, nothing stretched, boxes find their way."""

import numpy as np
import pytest

from host.person.letterbox import Letterbox

SIZES = [
    (360, 640),
    (720, 1280),
    (352, 640),
    (720, 408),
    (406, 722),
    (108, 192),
    (56, 96),
    (31, 17),
]


@pytest.mark.parametrize("size", SIZES)
def test_the_whole_picture_is_shown_in_its_own_shape(size: tuple[int, int]) -> None:
    box = Letterbox(112, 192)
    place = box.placement(*size)
    assert place.height == 112 or place.width == 192
    assert place.width / place.height == pytest.approx(size[1] / size[0], rel=0.03)
    shown = box.fit(np.full((*size, 3), 200, np.uint8))
    assert shown.shape == (112, 192, 3)
    lit = np.argwhere(shown[..., 0] > 0)
    assert lit.min(axis=0).tolist() == [place.y0, place.x0]
    assert (lit.max(axis=0) + 1 - lit.min(axis=0)).tolist() == [place.height, place.width]
    assert set(np.unique(shown)) <= {0, 200}


@pytest.mark.parametrize("size", SIZES)
def test_boxes_come_back(size: tuple[int, int]) -> None:
    height, width = size
    box = Letterbox(112, 192)
    rng = np.random.default_rng(0)
    low = rng.uniform(0, 0.6, (20, 2)) * [width, height]
    boxes = np.concatenate([low, low + rng.uniform(0.05, 0.4, (20, 2)) * [width, height]], 1)
    there = box.to_input(boxes, height, width)
    assert np.all((there >= 0) & (there <= [192, 112, 192, 112]))
    np.testing.assert_allclose(box.to_picture(there, height, width), boxes, atol=1e-9)


def test_a_drawn_rectangle_lies_where_its_box_is_mapped() -> None:
    picture = np.zeros((720, 1280, 3), np.uint8)
    picture[200:600, 300:420] = 255
    box = Letterbox(112, 192)
    shown = box.fit(picture)[..., 0].astype(float) / 255
    expected = box.to_input(np.array([[300.0, 200, 420, 600]]), 720, 1280)[0]
    assert shown.sum() == pytest.approx(np.prod(expected[2:] - expected[:2]), rel=0.01)
    y, x = np.mgrid[:112, :192] + 0.5
    centre = [(x * shown).sum() / shown.sum(), (y * shown).sum() / shown.sum()]
    np.testing.assert_allclose(centre, (expected[:2] + expected[2:]) / 2, atol=0.1)


def test_boxes_end_at_the_edges_of_the_picture() -> None:
    box = Letterbox(112, 192)
    found = box.to_picture(np.array([[-5.0, -5, 300, 300]]), 360, 640)
    np.testing.assert_allclose(found, [[0, 0, 640, 360]])


def test_an_empty_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="0 x 5"):
        Letterbox(112, 192).placement(5, 0)
