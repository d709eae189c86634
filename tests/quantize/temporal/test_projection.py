"""Looking at walks: cameras stand where they say, truth and picture belong together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_zoo.skeleton import INDEX, MIRROR, N_KEYPOINTS
from quantize.render.walk_file import WalkPoints
from quantize.temporal.projection import Cameras, WalkPool, see

CAMERAS = Cameras(0.0, 1.0, (0.8, 2.4), (2.0, 9.0), (0.0, 0.0), (0.0, 0.0), 0.0)
RNG = np.random.default_rng


def walker(n: int, t: int = 5) -> np.ndarray:
    """Standing bodies that face -y with their left at +x, points at random about a column."""
    points = RNG(0).normal(0, 0.15, (n, t, N_KEYPOINTS, 3)) + np.array([0, 0, 0.9])
    points[:, :, INDEX["left_hip"]] = [0.1, 0.0, 0.9]
    points[:, :, INDEX["right_hip"]] = [-0.1, 0.0, 0.9]
    points[:, :, INDEX["nose"]] = [0.0, -0.1, 1.6]
    return points


def test_the_picture_is_the_projection_of_the_truth() -> None:
    views = see(RNG(1), walker(50), CAMERAS)
    depth = views.distance_m[:, None, None] + views.xyz_m[..., 1]
    assert np.allclose(views.xy[..., 0], views.xyz_m[..., 0] / depth)
    assert np.allclose(views.xy[..., 1], -views.xyz_m[..., 2] / depth)


def test_the_origin_is_between_the_hips_and_lengths_stay() -> None:
    points = walker(20)
    views = see(RNG(2), points, CAMERAS)
    hips = views.xyz_m[:, 2][:, [INDEX["left_hip"], INDEX["right_hip"]]]
    assert np.abs(hips.mean(axis=1)).max() < 1e-9
    assert np.linalg.norm(hips[:, 0] - hips[:, 1], axis=1) == pytest.approx(np.full(20, 0.2))

    # A frame of its own turns and shifts, it does not mirror.
    def handed(p: np.ndarray) -> np.ndarray:
        return np.linalg.det(p[:, 2, 5:8] - p[:, 2, 4:5])

    assert np.allclose(handed(views.xyz_m), handed(points))


def test_the_yaw_says_which_side_is_seen() -> None:
    views = see(RNG(3), walker(400), CAMERAS)
    nose = views.xyz_m[:, 2, INDEX["nose"]]
    nearer = views.xyz_m[:, 2, INDEX["right_hip"], 1] > views.xyz_m[:, 2, INDEX["left_hip"], 1]
    left = (views.yaw_deg > 20) & (views.yaw_deg < 160)
    assert nearer[left].all()
    assert not nearer[(views.yaw_deg < -20) & (views.yaw_deg > -160)].any()
    # From the left the person looks to the left of the picture, and the other way round.
    assert (nose[left & (np.abs(views.yaw_deg - 90) < 40), 0] < 0).all()
    upright = np.abs(nose[:, 2]) > 0
    front = (np.abs(views.yaw_deg) < 20) & upright
    hips = views.xyz_m[:, 2]
    assert (hips[front][:, INDEX["left_hip"], 0] > 0).all(), "seen from the front left is right"


def test_an_optical_axis_beside_the_person_keeps_truth_and_lines_of_sight() -> None:
    """Turned cameras see the same rays: a rotation maps one picture onto the other."""
    straight = see(RNG(4), walker(30), CAMERAS)
    turned_cameras = Cameras(0.0, 1.0, (0.8, 2.4), (2.0, 9.0), (-20.0, 20.0), (-8.0, 8.0), 0.0)
    turned = see(RNG(4), walker(30), turned_cameras)
    assert np.allclose(straight.xyz_m, turned.xyz_m)

    def angle(views: np.ndarray, a: int, b: int) -> np.ndarray:
        rays = np.stack([views[..., 0], np.ones(views.shape[:-1]), -views[..., 1]], axis=-1)
        rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
        return (rays[..., a, :] * rays[..., b, :]).sum(axis=-1)

    assert np.allclose(angle(straight.xy, 0, 22), angle(turned.xy, 0, 22))
    assert np.abs(straight.xy - turned.xy).max() > 0.05


@pytest.fixture
def pool(tmp_path: Path) -> WalkPool:
    """Two walks along x: 1 m/s at 60 Hz, 2 m/s at 100 Hz."""
    for number, (rate, speed) in enumerate(((60.0, 1.0), (100.0, 2.0))):
        xyz = np.zeros((200, N_KEYPOINTS, 3))
        xyz[..., 0] = np.arange(200)[:, None] / rate * speed
        xyz[..., 1] = np.arange(N_KEYPOINTS)
        walk = WalkPoints(xyz, rate, 1.7, np.zeros((0, 3)), {"body": f"body {number}"})
        (tmp_path / f"walk-{number:05d}.npz").write_bytes(walk.to_bytes())
    return WalkPool({tmp_path: 1.0})


def test_windows_have_the_rate_asked_for(pool: WalkPool) -> None:
    points, covered, walk = pool.draw(RNG(0), 300, 9, 30.0)
    assert {pool.kinds[i] for i in walk} == {"body 0", "body 1"}
    step = np.diff(points[..., 0, 0], axis=1)
    whole = covered.all(axis=1)
    assert whole.sum() > 200
    speed = np.where(walk == 0, 1.0, 2.0)
    assert np.allclose(step[whole] * 30.0, speed[whole, None], atol=1e-4)


def test_what_lies_outside_the_walk_is_told(pool: WalkPool) -> None:
    points, covered, _ = pool.draw(RNG(1), 500, 27, 30.0)
    cut_off = ~covered.all(axis=1)
    assert cut_off.any()
    assert covered[:, 13].all()
    still = np.abs(np.diff(points[..., 0, 0], axis=1)) < 1e-6
    outside = ~covered[:, 1:] & ~covered[:, :-1]
    assert still[outside].all()


def test_a_mirrored_walk_exchanges_left_and_right(pool: WalkPool) -> None:
    points, _, _ = pool.draw(RNG(2), 200, 3, 30.0, mirror=True)
    turned = points[:, 0, 1, 1] != 1
    assert 60 < turned.sum() < 140
    assert (points[turned][..., 1] == MIRROR).all()
    assert (points[turned][..., 0] <= 0).all()


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no walks"):
        WalkPool({tmp_path: 1.0})
