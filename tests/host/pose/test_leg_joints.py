import numpy as np
import pytest

from host.pose.leg_joints import JOINTS, LegJoints
from host.pose.sides import SideTracer
from model_zoo.skeleton import MIRROR, Side, part
from tests.host.gait.walker import Walker, regular

HEIGHT = 300.0
LEGS = np.array([[part(name, side) for name in JOINTS] for side in (Side.LEFT, Side.RIGHT)])
HIP, KNEE = 0, 1
SEEDS = range(4)


def _walk(seed=0, direction=1, noise=0.006):
    """A walk with feet that stand and knees that bend; the hips 12 px apart in the picture."""
    walker = Walker(breadth=0.04, n_steps=9)
    time_s = regular(walker.end_s(), 30.0)
    xy = walker.points(time_s)[..., [0, 2]] * (HEIGHT, -HEIGHT) + (300.0, 500.0)
    if direction < 0:
        xy = xy[:, MIRROR] * (-1, 1) + (1500, 0)
    xy += np.random.default_rng(seed).normal(0, noise * HEIGHT, xy.shape)
    return time_s, xy, np.full(xy.shape[:2], 0.8)


def _exchange(xy, score, rows, names):
    """Left and right of the named points exchanged in some frames."""
    xy, score = xy.copy(), score.copy()
    for name in names:
        pair = [part(name, side) for side in (Side.LEFT, Side.RIGHT)]
        for array in (xy, score):
            array[np.ix_(rows, pair)] = array[np.ix_(rows, pair[::-1])]
    return xy, score


def _names(time_s, xy, score=None, feet=None):
    score = np.full(xy.shape[:2], 0.8) if score is None else score
    feet = np.zeros(len(time_s), bool) if feet is None else feet
    return LegJoints().name(time_s, xy[:, LEGS] / HEIGHT, score[:, LEGS], feet)


def _apart(xy, joint):
    pair = xy[:, LEGS[:, joint]]
    return np.linalg.norm(pair[:, 0] - pair[:, 1], axis=-1) > 0.04 * HEIGHT


@pytest.mark.parametrize("direction", [1, -1])
def test_a_clean_walk_keeps_its_knees_and_hips(direction):
    time_s, xy, _ = _walk(direction=direction)
    names = _names(time_s, xy)
    assert names[_apart(xy, KNEE), 1].mean() < 0.02
    assert names[:, 0].mean() < 0.02


@pytest.mark.parametrize("frames", [1, 2, 4, 7, 10])
def test_knees_exchanged_alone_are_put_right(frames):
    wrong = []
    for seed in SEEDS:
        time_s, xy, score = _walk(seed=seed)
        rows = np.zeros(len(time_s), bool)
        for start in np.random.default_rng(seed).integers(5, len(time_s) - frames - 5, 4):
            rows[start : start + frames] = True
        bad, bad_score = _exchange(xy, score, rows, ("knee",))
        clear = _apart(xy, KNEE)
        assert (rows & clear).any()
        names = _names(time_s, bad, bad_score)
        wrong.append(names[clear, 1] != rows[clear])
    assert np.concatenate(wrong).mean() < 0.02


def test_knees_named_after_the_front_leg_throughout_are_put_right():
    # What networks do: the knee in front is always called the right one.
    time_s, xy, score = _walk()
    left, right = LEGS[:, KNEE]
    rows = xy[:, left, 0] > xy[:, right, 0]
    bad, bad_score = _exchange(xy, score, rows, ("knee",))
    clear = _apart(xy, KNEE)
    assert 0.2 < rows[clear].mean() < 0.8
    assert np.mean(_names(time_s, bad, bad_score)[clear, 1] != rows[clear]) < 0.05


def test_hips_that_the_network_names_rightly_do_not_follow_exchanged_feet():
    time_s, xy, score = _walk(seed=2)
    rows = np.zeros(len(time_s), bool)
    rows[50:57] = True
    below = ("knee", "ankle", "heel", "big_toe", "small_toe")
    bad, bad_score = _exchange(xy, score, rows, below)
    sides = SideTracer().trace(time_s, bad, bad_score, HEIGHT)
    np.testing.assert_array_equal(sides.exchanged, rows)
    hips, knees = (sides.exchanged ^ sides.crossed[:, n] for n in (0, 1))
    assert not hips.any()
    assert np.mean(knees[_apart(xy, KNEE)] != rows[_apart(xy, KNEE)]) < 0.02


def test_both_knees_on_one_leg_do_not_spoil_the_frames_about_them():
    time_s, xy, _ = _walk(seed=3)
    bad = xy.copy()
    rows = np.arange(60, 66)
    bad[np.ix_(rows, [LEGS[0, KNEE]])] = xy[np.ix_(rows, [LEGS[1, KNEE]])]
    clear = _apart(xy, KNEE)
    clear[rows] = False
    assert _names(time_s, bad)[clear, 1].mean() < 0.02


def test_mirrored_points_give_the_same_names():
    time_s, xy, score = _walk(seed=1)
    rows = np.random.default_rng(1).random(len(time_s)) < 0.2
    bad, bad_score = _exchange(xy, score, rows, ("knee",))
    turned, turned_score = _exchange(bad, bad_score, np.ones(len(time_s), bool), JOINTS)
    turned[..., 0] = 1500 - turned[..., 0]
    np.testing.assert_array_equal(
        _names(time_s, bad, bad_score), _names(time_s, turned, turned_score)
    )


def test_time_run_backwards_gives_the_same_names():
    time_s, xy, score = _walk(seed=1)
    rows = np.random.default_rng(2).random(len(time_s)) < 0.2
    bad, bad_score = _exchange(xy, score, rows, ("knee",))
    forward = _names(time_s, bad, bad_score)
    backward = _names(time_s[-1] - time_s[::-1], bad[::-1], bad_score[::-1])[::-1]
    clear = _apart(xy, KNEE)
    np.testing.assert_array_equal(forward[clear], backward[clear])


def test_other_names_of_the_feet_go_to_other_knees():
    time_s, xy, score = _walk(seed=4)
    every = np.ones(len(time_s), bool)
    feet, feet_score = _exchange(xy, score, every, ("ankle", "heel", "big_toe", "small_toe"))
    clear = _apart(xy, KNEE)
    assert _names(time_s, feet, feet_score, every)[clear, 1].mean() < 0.02
    assert _names(time_s, feet, feet_score)[clear, 1].mean() > 0.98


def test_missing_points_and_glimpses_follow_the_feet():
    time_s, xy, score = _walk()
    feet = np.zeros(len(time_s), bool)
    feet[10:20] = True
    nothing = LegJoints().name(
        time_s, np.full((len(time_s), 2, 5, 2), np.nan), score[:, LEGS], feet
    )
    np.testing.assert_array_equal(nothing, np.repeat(feet[:, None], 2, axis=1))
    xy[12:40, LEGS[0, KNEE]] = np.nan
    np.testing.assert_array_equal(
        _names(time_s, xy, score, feet)[12:40], np.repeat(feet[12:40, None], 2, axis=1)
    )
    assert _names(time_s[:0], xy[:0]).shape == (0, 2)
