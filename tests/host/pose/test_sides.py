import numpy as np
import pytest

from host.pose.sides import SideTracer
from model_zoo.skeleton import LEG_NAMES, Side, part
from tests.videos import walker_points

HEIGHT, RATE_HZ, STRIDE_S = 300.0, 30.0, 1.1
LEFT = [part(name, Side.LEFT) for name in LEG_NAMES]
RIGHT = [part(name, Side.RIGHT) for name in LEG_NAMES]
NEAR_LOWER_PX = 8.0


def _walk(seconds=5.0, direction=1, noise=0.006, seed=0, rate_hz=RATE_HZ):
    """A walk across the picture; the near leg (right when walking right) is lower and clearer."""
    time_s = np.arange(0, seconds, 1 / rate_hz)
    xy = np.stack([walker_points(200 + 200 * t, 500, HEIGHT, t / STRIDE_S) for t in time_s])
    near, far = (RIGHT, LEFT) if direction > 0 else (LEFT, RIGHT)
    xy[:, near, 1] += NEAR_LOWER_PX
    if direction < 0:
        xy[..., 0] = 1500 - xy[..., 0]
    rng = np.random.default_rng(seed)
    xy += rng.normal(0, noise * HEIGHT, xy.shape)
    score = np.full(xy.shape[:2], 0.8)
    score[:, far] -= 0.1
    return time_s, xy, score


def _exchange(xy, score, rows):
    xy, score = xy.copy(), score.copy()
    for array in (xy, score):
        left = array[rows][:, LEFT].copy()
        array[np.ix_(np.flatnonzero(rows), LEFT)] = array[rows][:, RIGHT]
        array[np.ix_(np.flatnonzero(rows), RIGHT)] = left
    return xy, score


def _runs(frames, seed, share=0.15):
    rng = np.random.default_rng(seed)
    rows = np.zeros(frames, bool)
    while rows.mean() < share:
        start = rng.integers(frames)
        rows[start : start + rng.integers(1, 9)] = True
    return rows


@pytest.mark.parametrize("direction", [1, -1])
def test_a_clean_walk_is_left_as_it_is(direction):
    sides = SideTracer().trace(*_walk(direction=direction), HEIGHT)
    assert not sides.exchanged.any()
    assert np.median(sides.confidence) > 0.7


def test_exchanged_runs_are_found():
    wrong, confidence = [], []
    for seed in range(10):
        time_s, xy, score = _walk(seed=seed)
        rows = _runs(len(time_s), seed)
        sides = SideTracer().trace(time_s, *_exchange(xy, score, rows), HEIGHT)
        wrong.append(sides.exchanged != rows)
        confidence.append(sides.confidence)
    mistaken, sure = np.concatenate(wrong), np.concatenate(confidence)
    # Of 15 % exchanged frames few remain, most of them where the legs are together.
    assert mistaken.mean() <= 0.015
    assert np.median(sure[~mistaken]) > 0.7


def test_missing_frames_and_points_do_not_matter():
    time_s, xy, score = _walk(seed=3)
    rows = _runs(len(time_s), 3)
    xy, score = _exchange(xy, score, rows)
    keep = np.random.default_rng(4).random(len(time_s)) > 0.2
    xy[40:45] = np.nan
    sides = SideTracer().trace(time_s[keep], xy[keep], score[keep], HEIGHT)
    known = np.isfinite(sides.confidence)
    assert known.sum() == np.isfinite(xy[keep][:, 0, 0]).sum()
    assert np.mean(sides.exchanged[known] != rows[keep][known]) < 0.05


def test_a_network_that_always_calls_the_front_leg_right_is_put_right():
    time_s, xy, score = _walk()
    ankle = LEG_NAMES.index("ankle")
    rows = xy[:, LEFT[ankle], 0] > xy[:, RIGHT[ankle], 0]
    sides = SideTracer().trace(time_s, *_exchange(xy, score, rows), HEIGHT)
    apart = np.linalg.norm(xy[:, LEFT[1:]] - xy[:, RIGHT[1:]], axis=-1).mean(axis=1)
    clear = apart > 0.06 * HEIGHT
    assert rows[clear].mean() > 0.3
    assert np.mean(sides.exchanged[clear] != rows[clear]) < 0.05


def test_legs_that_close_and_do_not_pass_keep_their_names():
    # Step-to gait: the right leg leads, the left one closes up to it, stops, and never passes.
    time_s = np.arange(0, 6, 1 / RATE_HZ)
    xy = np.stack([walker_points(200 + 60 * t, 500, HEIGHT, 0.0) for t in time_s])
    lead = 0.12 * HEIGHT * (1 - np.cos(2 * np.pi * time_s / 1.5)) / 2
    xy[:, RIGHT[1:], 0] += lead[:, None]
    xy[:, LEFT[1:], 0] -= lead[:, None]
    xy += np.random.default_rng(0).normal(0, 0.004 * HEIGHT, xy.shape)
    sides = SideTracer().trace(time_s, xy, np.full(xy.shape[:2], 0.8), HEIGHT)
    clear = lead > 0.05 * HEIGHT
    assert sides.exchanged[clear].mean() < 0.05


@pytest.mark.parametrize("direction", [1, -1])
def test_a_walk_named_wrongly_throughout_is_put_right(direction):
    time_s, xy, score = _walk(direction=direction)
    everywhere = np.ones(len(time_s), bool)
    sides = SideTracer().trace(time_s, *_exchange(xy, score, everywhere), HEIGHT)
    assert sides.exchanged.mean() > 0.95


def test_whose_legs_look_alike_keep_the_names_of_the_network():
    time_s, xy, score = _walk()
    xy[:, RIGHT, 1] -= NEAR_LOWER_PX  # neither leg is lower
    everywhere = np.ones(len(time_s), bool)
    assert not SideTracer().trace(time_s, xy, score, HEIGHT).exchanged.any()
    assert not SideTracer().trace(time_s, *_exchange(xy, score, everywhere), HEIGHT).exchanged.any()


def test_mirrored_points_give_the_same_exchanges():
    time_s, xy, score = _walk(seed=1)
    rows = _runs(len(time_s), 1)
    xy, score = _exchange(xy, score, rows)
    plain = SideTracer().trace(time_s, xy, score, HEIGHT)
    turned, turned_score = _exchange(xy, score, np.ones(len(time_s), bool))
    turned[..., 0] = 1500 - turned[..., 0]
    mirrored = SideTracer().trace(time_s, turned, turned_score, HEIGHT)
    np.testing.assert_array_equal(plain.exchanged, mirrored.exchanged)
    np.testing.assert_array_equal(plain.crossed, mirrored.crossed)
    np.testing.assert_allclose(plain.confidence, mirrored.confidence)


def test_nobody_and_a_glimpse_are_no_error():
    time_s, xy, score = _walk()
    nothing = SideTracer().trace(time_s, np.full_like(xy, np.nan), np.zeros_like(score), HEIGHT)
    assert not nothing.exchanged.any()
    assert np.isnan(nothing.confidence).all()
    glimpse = np.full_like(xy, np.nan)
    glimpse[10:12] = xy[10:12]
    sides = SideTracer().trace(time_s, glimpse, score, HEIGHT)
    np.testing.assert_array_equal(np.flatnonzero(np.isfinite(sides.confidence)), [10, 11])
    assert np.all(sides.confidence[10:12] < 0.3)
    empty = SideTracer().trace(time_s[:0], xy[:0], score[:0], HEIGHT)
    assert empty.exchanged.shape == (0,)
