"""Lifting a track: with a network that knows the truth the walk comes out where it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from host.gait.types import Trajectories
from host.pose.lift import (
    HIPS,
    SIZE_PER_STATURE,
    Lifter,
    Picture,
    VectorDecoder,
    along_walk,
    lift_track,
    picture_base,
    toward,
)
from host.pose.windows import CHANNELS, body_size, cut
from model_zoo.package import Head
from model_zoo.skeleton import INDEX, KEYPOINTS, N_KEYPOINTS

RATE, MOMENTS, FOCAL = 30.0, 27, 900.0
PICTURE = Picture(1280, 720, FOCAL)
HEIGHTS = {"nose": 1.6, "eye": 1.65, "ear": 1.62, "shoulder": 1.4, "elbow": 1.15, "wrist": 0.9}
HEIGHTS |= {"hip": 0.9, "knee": 0.5, "ankle": 0.1, "toe": 0.02, "heel": 0.04}
SIZE = 1.322
STATURE = SIZE / SIZE_PER_STATURE


def walk(speed: tuple[float, float], begin: tuple[float, float], frames: int = 75) -> np.ndarray:
    """xyz[T, 23, 3] in camera axes (right, away, up), the camera 1 m above the floor."""
    time_s = np.arange(frames) / RATE
    forward = np.array(speed) / np.hypot(*speed)
    left = np.array([-forward[1], forward[0]])
    xyz = np.zeros((frames, N_KEYPOINTS, 3))
    for i, name in enumerate(KEYPOINTS):
        height = next(v for k, v in HEIGHTS.items() if name.endswith(k))
        side = 0.0 if name == "nose" else (0.12 if name.startswith("left") else -0.12)
        swing = 0.25 * max(0.9 - height, 0) * np.sin(2 * np.pi * time_s + np.pi * (side > 0))
        place = np.array(begin) + time_s[:, None] * speed + side * left + swing[:, None] * forward
        xyz[:, i, :2], xyz[:, i, 2] = place, height - 1.0
    return xyz


def seen(xyz: np.ndarray) -> Trajectories:
    """The walk in pixels of PICTURE, as the gait room's trajectories."""
    points = np.full((*xyz.shape[:2], 3), np.nan)
    points[..., 0] = 640 + FOCAL * xyz[..., 0] / xyz[..., 1]
    points[..., 2] = -360 + FOCAL * xyz[..., 2] / xyz[..., 1]
    time_s = np.arange(len(xyz)) / RATE
    return Trajectories(time_s, points, "px", np.ones(xyz.shape[:2]), "truth")


class Oracle:
    """Answers with the truth, in steps of 1/4096 body size."""

    def __init__(self, xyz: np.ndarray, points: Trajectories) -> None:
        head = Head("points", "vector", (0, 69), (2.0**-12,), (0,))
        self.model: Any = SimpleNamespace(
            input=SimpleNamespace(shape=(1, MOMENTS, CHANNELS), rate_hz=RATE),
            output=SimpleNamespace(heads=(head,)),
        )
        xy = points.xyz[..., [0, 2]] * (1, -1)
        windows = cut(points.time_s, xy, points.time_s, RATE, MOMENTS)
        hips = xyz[:, HIPS].mean(axis=1)
        turn = toward(hips[:, 0] / hips[:, 1], hips[:, 2] / hips[:, 1])
        relative = np.einsum("nji,nkj->nki", turn, xyz - hips[:, None])
        answer = relative / SIZE
        answer[..., [0, 2]] -= picture_base(windows)
        self._steps = np.rint(answer.transpose(0, 2, 1).reshape(len(xyz), 1, 1, 69) * 4096)

    def stream(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        done = 0
        for x in batches:
            yield self._steps[done : done + len(x)].astype(np.int32)
            done += len(x)


def lifted(xyz: np.ndarray, height_m: float | None = STATURE) -> Trajectories:
    points = seen(xyz)
    network: Any = Oracle(xyz, points)
    return lift_track(points, Lifter(network), PICTURE, height_m)


WALKS = {
    "aside": ((1.2, 0.01), (-1.5, 4.0)),
    "oblique": ((0.8, 0.8), (-1.2, 3.5)),
    "towards": ((0.02, -1.1), (0.3, 6.0)),
}


@pytest.mark.parametrize("name", WALKS)
def test_the_walk_comes_out_in_metres(name: str) -> None:
    xyz = walk(*WALKS[name])
    out = lifted(xyz)
    assert out.unit == "m"
    inside = slice(15, -15)
    mean = np.nanmean(out.xyz[..., 1]) - xyz[..., 1].mean()
    way = out.xyz[inside] - xyz[inside] - [0, mean, 0]
    assert np.abs(way).max() < 0.12
    speed = np.polyfit(out.time_s[inside], out.xyz[inside][:, HIPS].mean(axis=1), 1)[0]
    assert np.hypot(*speed[:2]) == pytest.approx(np.hypot(*WALKS[name][0]), rel=0.04)


@pytest.mark.parametrize("name", WALKS)
def test_distances_within_the_body_are_exact(name: str) -> None:
    xyz = walk(*WALKS[name])
    out = lifted(xyz)
    for a, b in (("left_ankle", "right_ankle"), ("left_hip", "left_knee"), ("nose", "left_heel")):
        ours = np.linalg.norm(out.xyz[:, INDEX[a]] - out.xyz[:, INDEX[b]], axis=-1)
        theirs = np.linalg.norm(xyz[:, INDEX[a]] - xyz[:, INDEX[b]], axis=-1)
        assert np.abs(ours - theirs).max() < 0.005


def test_without_a_height_the_unit_is_the_pixel() -> None:
    xyz = walk(*WALKS["aside"])
    out = lifted(xyz, None)
    assert out.unit == "px"
    tall = np.nanmedian(out.xyz[:, INDEX["nose"], 2] - out.xyz[:, INDEX["left_heel"], 2])
    assert tall == pytest.approx(FOCAL * 1.56 / 4.0, rel=0.03)


def test_what_was_not_seen_stays_missing() -> None:
    xyz = walk(*WALKS["aside"])
    points = seen(xyz)
    network: Any = Oracle(xyz, points)
    points.xyz[20:24, INDEX["left_heel"]] = np.nan
    points.xyz[:, INDEX["nose"]] = np.nan
    out = lift_track(points, Lifter(network), PICTURE, STATURE)
    assert np.isnan(out.xyz[20:24, INDEX["left_heel"]]).all()
    assert np.isnan(out.xyz[:, INDEX["nose"]]).all()
    assert (out.score[:, INDEX["nose"]] == 0).all()
    assert np.isfinite(out.xyz[24:, INDEX["left_heel"]]).all()


def test_nobody_gives_nothing() -> None:
    xyz = walk(*WALKS["aside"])
    points = seen(xyz)
    network: Any = Oracle(xyz, points)
    points.xyz[:] = np.nan
    for height_m in (STATURE, None):
        out = lift_track(points, Lifter(network), PICTURE, height_m)
        assert np.isnan(out.xyz).all()
        assert len(out.time_s) == len(xyz)


def test_the_parabola_keeps_a_swinging_foot_and_calms_jitter() -> None:
    xyz = walk(*WALKS["aside"])
    points = seen(xyz).xyz[..., [0, 2]] * (1, -1)
    time_s = np.arange(len(xyz)) / RATE
    heel = INDEX["left_heel"]
    clean = cut(time_s, points, time_s[20:50], RATE, MOMENTS)
    middle = clean.points[:, 13] - clean.points[:, 13][:, HIPS].mean(axis=1, keepdims=True)
    assert np.abs(picture_base(clean) - middle).max() < 0.004
    rng = np.random.default_rng(0)
    shaken = points.copy()
    shaken[:, heel] += rng.normal(0, 5, shaken[:, heel].shape)
    noisy = cut(time_s, shaken, time_s[20:50], RATE, MOMENTS)
    left = (picture_base(noisy) - picture_base(clean))[:, heel].std()
    assert left < 0.8 * 5 / clean.size_px[0]


def test_the_decoder_adds_the_bias_before_it_scales() -> None:
    decoder = VectorDecoder(Head("points", "vector", (1, 3), (0.5, 2.0), (4, -1)))
    got = decoder.decode(np.array([[[[9, 2, 3]], [[9, 0, 0]]]], np.int32).reshape(2, 1, 1, 3))
    assert got.tolist() == [[[3.0, 4.0]], [[2.0, -2.0]]]


def test_lines_of_sight_turn_to_the_axis() -> None:
    u, v = np.array([0.5, -0.3, 0.0]), np.array([0.2, 0.0, -0.4])
    sight = toward(u, v) @ np.array([0.0, 1.0, 0.0])
    assert np.allclose(sight / sight[:, 1:2], np.stack([u, np.ones(3), v], axis=1))
    assert np.allclose(np.linalg.det(toward(u, v)), 1)


def test_the_stick_figure_has_the_size_that_the_tests_say() -> None:
    xyz = walk(*WALKS["aside"])
    assert body_size(xyz[None, :27])[0] == pytest.approx(SIZE, rel=0.002)


@pytest.mark.parametrize("name", WALKS)
def test_x_is_along_the_walk(name: str) -> None:
    turned = along_walk(lifted(walk(*WALKS[name])))
    hips = turned.xyz[:, HIPS].mean(axis=1)
    speed = np.polyfit(turned.time_s[15:-15], hips[15:-15], 1)[0]
    assert abs(speed[0]) == pytest.approx(np.hypot(*WALKS[name][0]), rel=0.04)
    assert abs(speed[1]) < 0.05
    # Walks to the right of the picture stay walks to the right; straight on, away is ahead.
    assert np.sign(speed[0]) == (-1 if name == "towards" else 1)


def test_turning_keeps_lengths_and_hands() -> None:
    straight = lifted(walk(*WALKS["oblique"]))
    turned = along_walk(straight)
    a, b = (np.diff(t.xyz[:, [INDEX[n] for n in ("nose", "left_knee", "left_heel", "right_hip")]],
                    axis=1) for t in (straight, turned))  # fmt: skip
    assert np.allclose(np.linalg.norm(a, axis=-1), np.linalg.norm(b, axis=-1))
    assert np.allclose(np.linalg.det(a), np.linalg.det(b))
