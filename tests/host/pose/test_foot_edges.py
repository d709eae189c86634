"""Sharpness of the feet: pictures smeared on purpose, and what a walk makes of them."""

import cv2
import numpy as np
import pytest

from host.pose.foot_edges import foot_edges, swing_sharpness
from model_zoo.skeleton import INDEX, Side, part

HEIGHT_PX = 300.0


def shoes(smear_px: int) -> tuple[np.ndarray, np.ndarray]:
    """Two patterned shoes on a floor, the left one smeared along x; and the points on them."""
    rng = np.random.default_rng(1)
    picture = np.full((200, 500), 120, np.uint8)
    xy = np.full((23, 2), np.nan)
    for side, x in ((Side.LEFT, 120), (Side.RIGHT, 350)):
        shoe = cv2.resize(rng.integers(0, 255, (8, 14), np.uint8), (84, 48))
        patch = np.full((90, 130), 120, np.uint8)
        patch[20:68, 22:106] = shoe
        if side is Side.LEFT and smear_px > 1:
            patch = cv2.blur(patch, (smear_px, 1))
        picture[60:150, x - 65 : x + 65] = patch
        for name, dx, dy in (("ankle", -20, -15), ("heel", -35, 15), ("big_toe", 35, 15)):
            xy[part(name, side)] = (x + dx, 104 + dy)
    return picture, xy


@pytest.mark.parametrize("smear_px", [1, 5, 11, 21])
def test_a_smear_along_x_lowers_only_that_foot(smear_px):
    sharp, xy = shoes(1)
    smeared, _ = shoes(smear_px)
    before, after = foot_edges(sharp, xy, HEIGHT_PX), foot_edges(smeared, xy, HEIGHT_PX)
    assert after[1] == before[1]
    assert (after[0] < before[0] - 0.1) == (smear_px > 1)


def test_longer_smears_are_lower():
    values = [foot_edges(shoes(n)[0], shoes(n)[1], HEIGHT_PX)[0] for n in (1, 5, 11, 21)]
    assert np.all(np.diff(values) < 0)


def test_a_foot_outside_or_missing_is_unknown():
    picture, xy = shoes(1)
    xy[part("heel", Side.LEFT)] = np.nan
    xy[[part(n, Side.RIGHT) for n in ("ankle", "heel", "big_toe")]] += 5000
    assert np.isnan(foot_edges(picture, xy, HEIGHT_PX)).all()


def walk(smear_log: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Feet that stand and swing in turn; while one swings its edges are lower by ``smear_log``."""
    time_s = np.arange(0, 4, 1 / 30)
    xy = np.zeros((len(time_s), 23, 2))
    edges = np.full((len(time_s), 2), -0.3)
    for column, side in enumerate(Side):
        swings = (time_s + 0.5 * column) % 1.0 < 0.4
        xy[:, part("ankle", side), 0] = np.cumsum(np.where(swings, 1.8 * HEIGHT_PX / 30, 0.0))
        edges[swings, column] -= smear_log
    return time_s, xy, edges


@pytest.mark.parametrize("share", [1.0, 0.8, 0.5])
def test_the_swinging_foot_is_compared_with_the_standing_one(share):
    time_s, xy, edges = walk(-np.log(share))
    found = swing_sharpness(time_s, xy, edges, HEIGHT_PX)
    assert found == pytest.approx(share, rel=0.02)


def test_who_stands_says_nothing():
    time_s, xy, edges = walk(0.5)
    still = np.repeat(xy[:1], len(xy), axis=0)
    assert np.isnan(swing_sharpness(time_s, still, edges, HEIGHT_PX))
    assert np.isnan(swing_sharpness(time_s, xy, np.full_like(edges, np.nan), HEIGHT_PX))
    assert np.isnan(swing_sharpness(time_s[:1], xy[:1], edges[:1], HEIGHT_PX))


def test_missing_points_are_left_out():
    time_s, xy, edges = walk(-np.log(0.6))
    xy[10:20, INDEX["left_ankle"]] = np.nan
    assert swing_sharpness(time_s, xy, edges, HEIGHT_PX) == pytest.approx(0.6, rel=0.02)


def test_the_steepest_edges_are_a_percentile():
    picture, xy = shoes(5)
    found = foot_edges(picture, xy, HEIGHT_PX)
    for number, side in enumerate(Side):
        x, y = xy[[part(n, side) for n in ("ankle", "heel", "big_toe")]].mean(axis=0)
        window = picture[int(y - 33) : int(y + 24), int(x - 33) : int(x + 33)]
        smooth = cv2.GaussianBlur(window.astype(np.float32), (0, 0), 0.8)
        along_x, along_y = (np.percentile(np.abs(np.diff(smooth, axis=n)), 97) for n in (1, 0))
        np.testing.assert_allclose(found[number], np.log((along_x + 0.5) / (along_y + 0.5)), 1e-5)
