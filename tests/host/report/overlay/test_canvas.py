"""Drawing on planes puts the right colour at the right place on all three."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from host.report.overlay.canvas import Canvas, blank, colour

GREY = colour(120, 120, 120)


def rgb(canvas: Canvas) -> np.ndarray:
    packed = np.concatenate([plane.ravel() for plane in (canvas.y, canvas.u, canvas.v)])
    return cv2.cvtColor(packed.reshape(-1, canvas.width), cv2.COLOR_YUV2RGB_I420)


@pytest.mark.parametrize("wanted", [(255, 0, 0), (0, 158, 115), (86, 180, 233), (230, 159, 0)])
def test_colours_come_back_as_red_green_blue(wanted: tuple[int, int, int]) -> None:
    picture = rgb(blank(16, 16, colour(*wanted)))
    assert np.abs(picture.astype(int) - np.array(wanted)).max() <= 3


def test_fill_covers_the_rectangle_and_nothing_else() -> None:
    canvas = blank(64, 32, GREY)
    canvas.fill(10, 4, 20, 12, colour(230, 159, 0))
    changed = np.abs(rgb(canvas).astype(int) - 120).max(axis=2) > 20
    expected = np.zeros((32, 64), dtype=bool)
    expected[4:12, 10:20] = True
    np.testing.assert_array_equal(changed, expected)


def test_lines_run_between_their_ends() -> None:
    canvas = blank(64, 64, GREY)
    canvas.lines(np.array([[(8.0, 40.0), (56.0, 40.0)]]), colour(255, 255, 255), 4)
    bright = rgb(canvas)[..., 0] > 200
    assert bright[40, 10:54].all()
    assert not bright[:36].any()
    assert not bright[45:].any()
    canvas.lines(np.empty((0, 2, 2)), GREY, 4)


def test_a_part_is_the_same_memory_at_another_place() -> None:
    canvas = blank(32, 32, GREY)
    canvas.part(16, 32).fill(0, 0, 32, 2, colour(255, 255, 255))
    assert (canvas.y[16:18] == 235).all()
    assert (canvas.y[:16] == GREY.y).all()
    assert (canvas.y[18:] == GREY.y).all()


def test_put_copies_only_the_columns() -> None:
    canvas = blank(32, 16, GREY)
    canvas.put(blank(32, 16, colour(255, 0, 0)), slice(8, 20))
    red = colour(255, 0, 0)
    assert (canvas.v[:, 4:10] == red.v).all()
    assert (canvas.v[:, :4] == 128).all()
    assert (canvas.y[:, 20:] == GREY.y).all()


def test_text_stays_within_its_width_and_above_its_base_line() -> None:
    canvas = blank(200, 60, colour(0, 0, 0))
    canvas.text("12.34 s", (10, 40), 16, colour(255, 255, 255))
    rows, columns = np.nonzero(canvas.y > 120)
    assert columns.min() >= 9
    assert columns.max() <= 10 + Canvas.text_width("12.34 s", 16)
    assert rows.min() >= 40 - 16 - 3
    assert rows.max() <= 41
