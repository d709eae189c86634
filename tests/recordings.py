"""Recordings for tests, made of known keypoints."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.person.types import SILHOUETTE_NAMES
from host.pose.recording import Recording
from model_zoo.skeleton import N_KEYPOINTS
from tests.videos import walker_points

SOURCE: Mapping[str, Any] = {
    "file": "walk.mp4",
    "sha256": "0" * 64,
    "frames": 150,
    "duration_s": 5.0,
    "frame_rate_hz": 30.0,
    "variable_frame_rate": False,
    "dropped_frames": 0,
    "width_px": 1280,
    "height_px": 720,
    "rotation_deg": 0,
    "unreadable_frames": 0,
}


def walk(
    start_x: float = 100.0,
    speed_px_s: float = 200.0,
    height: float = 300.0,
    floor_y: float = 600.0,
    frames: int = 150,
    stride_s: float = 1.1,
) -> NDArray[np.float64]:
    """Keypoints of a walk at 30 frames/s, float64[frames, 23, 2]."""
    time_s = np.arange(frames) / 30.0
    return np.stack(
        [walker_points(start_x + speed_px_s * t, floor_y, height, t / stride_s) for t in time_s]
    )


def standing(x: float, height: float = 300.0, frames: int = 150) -> NDArray[np.float64]:
    """Somebody who stands and trembles."""
    points = np.repeat(walker_points(x, 600.0, height, 0.0)[None], frames, axis=0)
    return points + np.random.default_rng(round(x)).normal(0, 1, points.shape)


def recording_of(people: Sequence[NDArray[np.float64]]) -> Recording:
    """A recording with one track per person; NaN where absent."""
    frames, count = len(people[0]), len(people)
    xy = np.stack(people, axis=1).astype(np.float32)
    low, high = xy.min(axis=2), xy.max(axis=2)
    margin = 0.06 * (high[..., 1:] - low[..., 1:])
    score = np.where(np.isfinite(xy[..., 0]), np.float32(0.8), np.float32(np.nan))
    return Recording(
        time_s=np.arange(frames) / 30.0,
        frame=np.arange(frames, dtype=np.int32),
        track=np.arange(1, count + 1, dtype=np.int32),
        box_px=np.concatenate([low - margin, high + margin], axis=2),
        xy_px=xy.reshape(frames, count, N_KEYPOINTS, 2),
        score=score.reshape(frames, count, N_KEYPOINTS),
        exchanged=np.zeros((frames, count), bool),
        side_confidence=np.ones((frames, count), np.float32),
        silhouette=np.full((frames, count, len(SILHOUETTE_NAMES)), 90, np.float32),
        meta={
            "source": dict(SOURCE),
            "models": [{"role": "pose", "name": "test", "version": "1", "sha256": None}],
            "backend": {"name": None, "version": None},
            "capture": {"camera_motion_px_s": 0.0},
        },
    )
