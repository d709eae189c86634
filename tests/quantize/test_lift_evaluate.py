"""The camera of a recording is found from points in space and in the picture."""

from __future__ import annotations

import numpy as np
import pytest

from quantize.lift_evaluate import Judged, camera_of
from quantize.temporal.pose3d import Error3D


def test_the_camera_is_where_it_was() -> None:
    rng = np.random.default_rng(0)
    points = rng.uniform([-1, -1, 0], [1, 1, 2], (400, 3))
    eye = np.array([3.0, -4.0, 1.7])
    away = np.array([0.0, 0.2, 0.9]) - eye
    away /= np.linalg.norm(away)
    right = np.cross(away, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    axes = np.stack([right, away, np.cross(right, away)])
    seen = (points - eye) @ axes.T
    uv = 700 * seen[:, [0, 2]] / seen[:, 1:2] * [1, -1] + [330, 250]
    found, place = camera_of(points, uv + rng.normal(0, 0.3, uv.shape))
    assert place == pytest.approx(eye, abs=0.05)
    assert np.abs(found - axes).max() < 0.01


def test_missing_points_do_not_move_it() -> None:
    rng = np.random.default_rng(1)
    points = rng.uniform([-1, 3, 0], [1, 5, 2], (100, 3))
    uv = 500 * points[:, [0, 2]] / points[:, 1:2] * [1, -1]
    points[5], uv[7] = np.nan, np.nan
    axes, eye = camera_of(points, uv)
    assert np.abs(axes - np.eye(3)).max() < 1e-6
    assert np.abs(eye).max() < 1e-6


def test_the_interval_is_over_walks() -> None:
    """Two walks of very different length count alike."""
    aligned = np.array([10.0] * 90 + [30.0] * 10)
    error = Error3D(aligned, aligned, np.zeros((100, 23)))
    walk = np.array(["a"] * 90 + ["b"] * 10)
    figures = Judged(error, np.array(["side"] * 100), walk).figures()
    assert figures["p_mpjpe_mm"] == 12.0
    assert figures["p_mpjpe_interval_95"] == [10.0, 30.0]
    assert figures["by_view"]["side"]["poses"] == 100
