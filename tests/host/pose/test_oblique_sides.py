"""Left and right of walks past a camera that stands obliquely, from exact points of two legs."""

import numpy as np
import pytest

from host.pose.sides import SideTracer
from host.pose.stature import stature_px
from model_zoo.skeleton import LEG_NAMES, Side, part
from tests.videos import walker_points

STATURE_M, SPEED_M_S, STRIDE_S, RATE_HZ = 1.7, 1.2, 1.1, 30.0
HALF_BASE_M = {"shoulder": 0.17, "hip": 0.08}
HALF_STEP_WIDTH_M = 0.05
CAMERA_HEIGHT_M, DISTANCE_M, FOCAL_PX = 1.1, 5.0, 900.0
LEGS = np.array([[part(name, side) for name in LEG_NAMES] for side in Side])
FEET = np.array(
    [[part(n, side) for n in ("ankle", "heel", "big_toe", "small_toe")] for side in Side]
)
ANGLES = (-60, -45, 30, 45)


def oblique(angle_deg, seconds=6.0, noise_px=1.5, seed=0):
    """A walk past a camera; at negative angles it goes away, at positive ones it comes nearer."""
    time_s = np.arange(0, seconds, 1 / RATE_HZ)
    side_view = np.stack([walker_points(0.0, 0.0, 1.0, t / STRIDE_S) for t in time_s])
    along = side_view[..., 0] * STATURE_M + (SPEED_M_S * (time_s - seconds / 2))[:, None]
    up = -side_view[..., 1] * STATURE_M
    right = np.zeros(23)
    for side, sign in ((Side.LEFT, -1), (Side.RIGHT, 1)):
        for name in ("shoulder", "elbow", "wrist", *LEG_NAMES):
            right[part(name, side)] = sign * HALF_BASE_M.get(name, HALF_STEP_WIDTH_M)
    angle = np.radians(angle_deg)
    x = along * np.cos(angle) - right * np.sin(angle)
    depth = DISTANCE_M - along * np.sin(angle) - right * np.cos(angle)
    pixel = np.stack([x, CAMERA_HEIGHT_M - up], axis=-1) * FOCAL_PX / depth[..., None]
    pixel += np.random.default_rng(seed).normal((480, 270), noise_px, pixel.shape)
    return time_s, pixel, np.full(pixel.shape[:2], 0.7)


def exchange(xy, rows, points=LEGS):
    out = xy.copy()
    rows = np.flatnonzero(rows)[:, None]
    out[rows, points[0]], out[rows, points[1]] = xy[rows, points[1]], xy[rows, points[0]]
    return out


def trace(time_s, xy, score):
    return SideTracer().trace(time_s, xy, score, stature_px(time_s, xy))


def clear(xy, time_s):
    """Frames in which two feet are two places."""
    apart = np.linalg.norm(xy[:, FEET[0]] - xy[:, FEET[1]], axis=-1).mean(axis=1)
    return apart > 0.06 * stature_px(time_s, xy)


@pytest.mark.parametrize("angle_deg", ANGLES)
def test_a_true_walk_is_never_touched(angle_deg):
    for seed in range(5):
        sides = trace(*oblique(angle_deg, seed=seed))
        assert not sides.exchanged.any()
        assert sides.crossed.mean() < 0.02  # hips and knees that pass each other


@pytest.mark.parametrize("points", [LEGS, FEET], ids=["legs", "feet"])
@pytest.mark.parametrize("lasts_s", [0.2, 0.5, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("angle_deg", ANGLES)
def test_an_exchange_is_repaired_however_long_it_lasts(angle_deg, lasts_s, points):
    wrong = []
    for seed, start_s in enumerate((0.9, 1.3, 1.8, 2.2)):
        time_s, xy, score = oblique(angle_deg, seed=seed)
        rows = (time_s >= start_s) & (time_s < start_s + lasts_s)
        sides = trace(time_s, exchange(xy, rows, points), score)
        wrong.append((sides.exchanged != rows)[clear(xy, time_s)])
    # What remains are parts of one stretch, where the exchange begins or ends.
    assert np.concatenate(wrong).mean() <= 0.025


@pytest.mark.parametrize("angle_deg", [-45, 45])
def test_a_mirrored_walk_gives_the_same_exchanges(angle_deg):
    time_s, xy, score = oblique(angle_deg)
    rows = (time_s > 1) & (time_s < 2.2)
    xy = exchange(xy, rows)
    flipped = exchange(xy, np.ones(len(xy), bool))
    flipped[..., 0] = 960 - flipped[..., 0]
    plain, mirrored = trace(time_s, xy, score), trace(time_s, flipped, score)
    np.testing.assert_array_equal(plain.exchanged, mirrored.exchanged)
    np.testing.assert_allclose(plain.confidence, mirrored.confidence, atol=1e-9)


@pytest.mark.parametrize("angle_deg", ANGLES)
def test_motion_names_the_same_frames_forwards_and_backwards(angle_deg):
    """The floor's line is left out: it tells nothing of who walks backwards."""
    motion = SideTracer(near=0.0)
    for lasts_s in (0.3, 1.2):
        time_s, xy, score = oblique(angle_deg)
        xy = exchange(xy, (time_s > 1) & (time_s < 1 + lasts_s))
        tall = stature_px(time_s, xy)
        forth = motion.trace(time_s, xy, score, tall).exchanged
        back = motion.trace(time_s, xy[::-1], score, tall[::-1]).exchanged[::-1]
        told = clear(xy, time_s)
        np.testing.assert_array_equal(forth[told], back[told])


@pytest.mark.parametrize("angle_deg", [-45, 45])
def test_exchanges_are_the_same_in_a_picture_of_any_size(angle_deg):
    time_s, xy, score = oblique(angle_deg)
    xy = exchange(xy, (time_s > 1) & (time_s < 2.2))
    plain, large = trace(time_s, xy, score), trace(time_s, 3.7 * xy, score)
    np.testing.assert_array_equal(plain.exchanged, large.exchanged)
    np.testing.assert_allclose(plain.confidence, large.confidence, atol=1e-6)
