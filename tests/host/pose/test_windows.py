"""Windows of keypoints: the integers that a temporal network reads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.pose.windows import (
    CHANNELS,
    SEEN,
    STEPS_PER_SIZE,
    STEPS_PER_SPEED,
    body_size,
    cut,
    sample,
    windows_of,
)
from model_zoo.skeleton import INDEX, KEYPOINTS, N_KEYPOINTS

RATE = 30.0
HEIGHTS = {"nose": 1.6, "eye": 1.65, "ear": 1.62, "shoulder": 1.4, "elbow": 1.15, "wrist": 0.9}
HEIGHTS |= {"hip": 0.9, "knee": 0.5, "ankle": 0.1, "toe": 0.02, "heel": 0.04}


def walker(moments: int = 27, speed_px_s: float = 90.0) -> np.ndarray:
    """xy[T, 23, 2] of a stick figure 170 px tall whose legs swing, walking to the right."""
    time_s = np.arange(moments) / RATE
    xy = np.zeros((moments, N_KEYPOINTS, 2))
    for i, name in enumerate(KEYPOINTS):
        height = next(v for k, v in HEIGHTS.items() if name.endswith(k))
        phase = 0.0 if name.startswith("left") else np.pi
        reach = max(0.9 - height, 0.0) * 25
        xy[:, i, 0] = 300 + speed_px_s * time_s + reach * np.sin(2 * np.pi * time_s + phase)
        xy[:, i, 1] = 400 - 100 * height
    return xy


def test_the_integers_are_the_points_in_steps() -> None:
    windows = windows_of(walker()[None], RATE)
    assert windows.x.shape == (1, 1, 27, CHANNELS)
    assert windows.x.dtype == np.int8
    points = windows.points[0] * STEPS_PER_SIZE
    assert np.abs(windows.x[0, 0, :, :23] - points[..., 0]).max() <= 0.5
    assert np.abs(windows.x[0, 0, :, 23:46] - points[..., 1]).max() <= 0.5
    assert (windows.x[0, 0, :, 46:69] == SEEN).all()
    assert windows.x[0, 0, 5, 69] == np.rint(windows.velocity[0, 0] * STEPS_PER_SPEED)


def test_velocity_origin_and_size_are_those_of_the_walker() -> None:
    windows = windows_of(walker(speed_px_s=90.0)[None], RATE)
    assert windows.size_px[0] == pytest.approx(50 + 80, rel=0.02)
    assert windows.velocity[0, 0] * windows.size_px[0] == pytest.approx(90.0, rel=1e-6)
    assert windows.origin_px[0] == pytest.approx([300 + 90 * 13 / RATE, -310.0])
    # z is up: the nose lies above the hips, the heels below.
    middle = windows.points[0, 13]
    assert middle[INDEX["nose"], 1] > 0.4 > -0.4 > middle[INDEX["left_heel"], 1]


@settings(max_examples=30, deadline=None)
@given(
    scale=st.floats(0.2, 5.0), x=st.floats(-900, 900), y=st.floats(-900, 900), v=st.floats(-60, 60)
)
def test_place_and_size_in_the_picture_do_not_matter(
    scale: float, x: float, y: float, v: float
) -> None:
    """A walker elsewhere, of another size, before a steadily turning camera: the same points."""
    xy = walker()[None]
    drift = np.arange(27)[:, None, None] / RATE * [v, 0.0]
    here, there = windows_of(xy, RATE), windows_of((xy + drift) * scale + [x, y], RATE)
    assert np.abs(here.points - there.points).max() < 1e-9
    assert there.size_px == pytest.approx(here.size_px * scale)


def test_the_mirrored_picture_gives_mirrored_points() -> None:
    xy = walker()[None]
    there = windows_of(xy * [-1, 1], RATE)
    here = windows_of(xy, RATE)
    assert np.allclose(there.points, here.points * [-1, 1])
    assert np.allclose(there.velocity, here.velocity * [-1, 1])


def test_gaps_lie_on_the_line_between_their_neighbours_and_are_flagged() -> None:
    xy = walker()[None]
    heel = INDEX["left_heel"]
    holed = xy.copy()
    holed[0, 10:13, heel] = np.nan
    holed[0, 20:, heel] = np.nan
    windows = windows_of(holed, RATE)
    flags = windows.x[0, 0, :, 46 + heel]
    assert (flags == 0).tolist() == [10 <= k < 13 or k >= 20 for k in range(27)]
    size = windows.size_px[0]
    line = (
        windows.points[0, :, heel] * size
        + windows.velocity[0] * size * np.arange(-13, 14)[:, None] / RATE
    )
    assert line[11] == pytest.approx((line[9] + line[13]) / 2)
    assert line[25] == pytest.approx(line[19])


def test_a_point_never_seen_lies_on_the_origin() -> None:
    xy = walker()[None]
    xy[0, :, INDEX["nose"]] = np.nan
    windows = windows_of(xy, RATE)
    assert (windows.x[0, 0, :, [INDEX["nose"], 23 + INDEX["nose"], 46 + INDEX["nose"]]] == 0).all()
    assert np.isnan(windows.points[0, :, INDEX["nose"]]).all()


def test_without_hips_there_is_no_window() -> None:
    xy = walker()[None]
    xy[0, :, [INDEX["left_hip"], INDEX["right_hip"]]] = np.nan
    windows = windows_of(xy, RATE)
    assert np.isnan(windows.size_px[0])
    assert (windows.x == 0).all()


def test_one_leg_is_enough() -> None:
    xy = walker()[None]
    xy[0, :, INDEX["left_knee"]] = np.nan
    assert np.isfinite(windows_of(xy, RATE).size_px[0])


def test_far_points_are_clipped() -> None:
    xy = walker()[None]
    xy[0, :, INDEX["left_wrist"], 0] += 5000
    windows = windows_of(xy, RATE)
    assert (windows.x[0, 0, :, INDEX["left_wrist"]] == 127).all()


def test_size_in_space_follows_the_same_rule() -> None:
    xy = walker()[None]
    deep = np.concatenate([xy, np.zeros((*xy.shape[:-1], 1))], axis=-1)
    assert body_size(deep) == pytest.approx(body_size(xy))


def test_sampling_meets_frames_and_lines_and_leaves_gaps() -> None:
    time_s = np.array([0.0, 0.04, 0.08, 0.12, 0.60, 0.64])
    points = np.arange(6.0)[:, None, None] * np.ones((1, 2, 2))
    points[2, 1] = np.nan
    got = sample(time_s, points, np.array([0.04, 0.05, 0.07, 0.09, 0.3, 0.655, 0.7, -0.1]))
    assert got[:, 0, 0] == pytest.approx(
        [1.0, 1.25, 1.75, 2.25, np.nan, 5.0, np.nan, np.nan], nan_ok=True
    )
    # Point 1 is missing at 0.08 s: nearer to 0.04 s it is held, nearer to 0.08 s it is missing.
    assert got[:4, 1, 0] == pytest.approx([1.0, 1.0, np.nan, np.nan], nan_ok=True)


def test_a_recording_of_another_rate_gives_the_same_windows() -> None:
    """60 frames a second contain those of 30; irregular times change little."""
    slow = walker(61)
    time_s = np.arange(61) / RATE
    rng = np.random.default_rng(0)
    other_s = np.sort(np.concatenate([time_s, time_s[:-1] + rng.uniform(0.005, 0.028, 60)]))
    fast = sample(time_s, slow, other_s)
    at_s = time_s[[20, 30, 40]]
    one, two = (cut(t, p, at_s, RATE, 27) for t, p in ((time_s, slow), (other_s, fast)))
    assert np.array_equal(one.x, two.x)


def test_a_window_at_the_end_misses_what_was_not_recorded() -> None:
    xy = walker(40)
    windows = cut(np.arange(40) / RATE, xy, np.array([0.0, 39 / RATE]), RATE, 27)
    present = windows.x[:, 0, :, -1] == SEEN
    assert present.sum(axis=1).tolist() == [14, 14]
    assert present[0, 13:].all()
    assert present[1, :14].all()
