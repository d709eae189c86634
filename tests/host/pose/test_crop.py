"""Crops: the right window, black outside, and back again to the pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.pose.crop import ArrayPicture, Cropper, Window

CROPPER = Cropper(height=128, width=96)
BOX = st.tuples(
    st.floats(-500, 2000), st.floats(-500, 2000), st.floats(0.5, 1500), st.floats(0.5, 1500)
).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))


def ramp(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], axis=2).astype(np.uint8)


def test_a_tall_box_grows_to_the_aspect_and_a_wide_one_too() -> None:
    # 1.25 x 160 = 200 high, so 150 wide, about the centre (50, 100).
    assert CROPPER.window((30, 20, 70, 180)) == Window(-25, 0, 125, 200)
    # 1.25 x 120 = 150 wide, so 200 high.
    assert CROPPER.window((-10, 90, 110, 110)) == Window(-25, 0, 125, 200)


@given(BOX, st.floats(-50, 3000), st.floats(-50, 3000))
def test_points_come_back_exactly(box: tuple[float, ...], x: float, y: float) -> None:
    window = CROPPER.window(box)
    point = np.array([[x, y]])
    assert np.allclose(CROPPER.to_picture(CROPPER.to_crop(point, window), window), point, atol=1e-9)
    corners = np.array([[window.x0, window.y0], [window.x1, window.y1]])
    assert np.allclose(CROPPER.to_crop(corners, window), [[0, 0], [96, 128]])
    assert window.x0 <= min(box[0], box[2]) + 1
    assert window.y1 >= max(box[1], box[3]) - 1


@pytest.mark.parametrize("box", [(60, 60, 180, 340), (80, 170, 125, 230)], ids=["far", "near"])
def test_a_spot_lies_where_the_map_says(box: tuple[int, ...]) -> None:
    y, x = np.mgrid[:400, :300] + 0.5
    spot = 255 * np.exp(-((x - 102) ** 2 + (y - 202) ** 2) / (2 * 9**2))
    picture = np.repeat(spot.round().astype(np.uint8)[..., None], 3, axis=2)
    window = CROPPER.window(box)
    crop = CROPPER.cut(ArrayPicture(picture), window).astype(float)[..., 0]
    y, x = np.mgrid[:128, :96] + 0.5
    centre = np.array([(crop * x).sum(), (crop * y).sum()]) / crop.sum()
    assert np.allclose(CROPPER.to_picture(centre, window), [102, 202], atol=0.05)


def test_outside_the_picture_is_black() -> None:
    white = ArrayPicture(np.full((50, 40, 3), 255, dtype=np.uint8))
    part = white.rgb(-10, -20, 60, 80)
    assert part.shape == (100, 70, 3)
    assert part.sum() == 50 * 40 * 3 * 255
    assert part[20:70, 10:50].min() == 255
    assert not white.rgb(100, 100, 120, 130).any()
    assert not white.rgb(-30, -30, -10, -5).any()


@pytest.mark.parametrize(
    ("box", "method"),
    [((100, 50, 200, 240), cv2.INTER_AREA), ((100, 50, 120, 90), cv2.INTER_LINEAR)],
    ids=["shrinks by area", "grows linearly"],
)
def test_resize_is_the_agreed_one(box: tuple[int, ...], method: int) -> None:
    picture = ramp(480, 640)
    window = CROPPER.window(box)
    part = picture[window.y0 : window.y1, window.x0 : window.x1]
    crop = CROPPER.cut(ArrayPicture(picture), window)
    assert crop.shape == (128, 96, 3)
    assert crop.dtype == np.uint8
    assert np.array_equal(crop, cv2.resize(part, (96, 128), interpolation=method))


def test_a_large_window_is_halved_first() -> None:
    picture = cv2.GaussianBlur(ramp(720, 1280), (0, 0), 3)
    window = CROPPER.window((400, 60, 560, 640))
    assert (window.x1 - window.x0) % 4 == (window.y1 - window.y0) % 4 == 0
    crop = CROPPER.cut(ArrayPicture(picture), window)
    part = ArrayPicture(picture).rgb(window.x0, window.y0, window.x1, window.y1)
    at_once = cv2.resize(part, (96, 128), interpolation=cv2.INTER_AREA)
    assert crop.shape == (128, 96, 3)
    assert np.abs(crop.astype(int) - at_once).mean() < 1.5
    # Corners of the window are corners of the crop.
    corners = np.array([[window.x0, window.y0], [window.x1, window.y1]])
    np.testing.assert_allclose(CROPPER.to_crop(corners, window), [[0, 0], [96, 128]])


def test_a_mirrored_picture_gives_the_mirrored_crop() -> None:
    picture = ramp(480, 640)
    window = CROPPER.window((201, 100, 297, 420))
    mirrored = Window(640 - window.x1, window.y0, 640 - window.x0, window.y1)
    crop = CROPPER.cut(ArrayPicture(picture), window)
    other = CROPPER.cut(ArrayPicture(np.ascontiguousarray(picture[:, ::-1])), mirrored)
    assert np.abs(other[:, ::-1].astype(int) - crop).max() <= 1


@pytest.mark.parametrize("box", [(5, 5, 5, 9), (5, 9, 8, 5), (0, 0, np.nan, 4), (0, 0, np.inf, 4)])
def test_an_empty_box_is_refused(box: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="empty"):
        CROPPER.window(box)
