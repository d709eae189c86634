"""Measure a released network of the role ``lift``: MPJPE and P-MPJPE, from exact points and errors.

DATA is a folder of drawn walks that no training saw (``recorded-test-1``), or the folder that holds
``humaneva_walking.npz`` (three people on a circle, three cameras, points of the picture from truth;
HumanEva is for testing only). Runs the integer form with the host's own windows, in the core
environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import rq

from host import accelerator
from host.accelerator import AcceleratorSettings
from host.pose.lift import HIPS, Lifter, toward
from host.pose.windows import body_size, sample
from model_zoo.package import Metric
from model_zoo.skeleton import INDEX, KEYPOINTS, N_KEYPOINTS
from quantize.evaluated import Reading, command_of, evaluated
from quantize.render.camera import view_name
from quantize.temporal.lift_windows import LiftWindows, Seen, read_pool
from quantize.temporal.pose3d import Error3D

Array = NDArray[np.float64]
Names = NDArray[np.str_]

HUMANEVA = "humaneva_walking.npz"
_HUMANEVA_STEP = 4
"""Every fourth of its 60 frames a second is judged: neighbours say the same."""
_HUMANEVA_JOINTS = {
    f"{short}_{part}": f"{side}_{part}"
    for short, side in (("l", "left"), ("r", "right"))
    for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
}
_BOOTSTRAPS = 2000


@dataclass(frozen=True)
class Judged:
    """Errors of N poses with the view of each and the walk that it belongs to."""

    error: Error3D
    view: Names
    walk: Names

    def figures(self) -> dict[str, Any]:
        """Mean errors in mm, with the 95 % interval over walks, by view and by point."""
        answered = np.isfinite(self.error.p_mpjpe_mm)
        walks = np.unique(self.walk[answered])
        aligned = self.error.p_mpjpe_mm
        means = np.array([aligned[answered & (self.walk == w)].mean() for w in walks])
        rng = np.random.default_rng(0)
        drawn = means[rng.integers(len(means), size=(_BOOTSTRAPS, len(means)))].mean(axis=1)
        by_point = np.nanmean(self.error.points_mm, axis=0)
        return {
            "poses": len(self.view),
            "answered": int(answered.sum()),
            "mpjpe_mm": _round(np.nanmean(self.error.mpjpe_mm)),
            "p_mpjpe_mm": _round(np.nanmean(aligned)),
            "p_mpjpe_interval_95": [_round(v) for v in np.percentile(drawn, [2.5, 97.5])],
            "by_view": {
                str(v): {
                    "poses": int((self.view == v).sum()),
                    "mpjpe_mm": _round(np.nanmean(self.error.mpjpe_mm[self.view == v])),
                    "p_mpjpe_mm": _round(np.nanmean(aligned[self.view == v])),
                }
                for v in np.unique(self.view)
            },
            "by_point_mm": {
                n: _round(v) for n, v in zip(KEYPOINTS, by_point, strict=True) if np.isfinite(v)
            },
        }


def evaluate(
    model: str, data: Path, settings: AcceleratorSettings, reading: Reading
) -> tuple[dict[str, Any], list[Any], Array]:
    """Figures of ``model`` on ``data``; the other two results are empty (no pictures are judged).

    Raises
    ------
    ValueError
        When a mirrored or validation reading is asked for: there is none.
    """
    reading.only("lift")
    network = accelerator.open(model, settings)
    released = network.model
    result: dict[str, Any] = {
        **evaluated(network),
        "set": data.name,
    }
    if (data / HUMANEVA).is_file():
        result["exact"] = humaneva(Lifter(network), data / HUMANEVA).figures()
    else:
        rate = released.input.rate_hz or float("nan")
        windows = LiftWindows(released.recipe.settings, released.input.shape[1], rate)
        result |= walks(Lifter(network), windows, data)
    network.close()
    return result, [], np.zeros(0)


def walks(lifter: Lifter, windows: LiftWindows, data: Path) -> dict[str, Any]:
    """Figures on a folder of walks: exact points, and points with the errors of a network."""
    pool = read_pool(data.parent, {data.name: 1.0})
    result: dict[str, Any] = {}
    for name, strength in (("exact", 0.0), ("noisy", 1.0)):
        seen = windows.held_out(pool, strength)
        result[name] = _judged(lifter, seen).figures()
    return result


def _judged(lifter: Lifter, seen: Seen) -> Judged:
    xyz = lifter.lift_windows(seen.windows).xyz
    view = np.array([view_name(yaw) for yaw in seen.views.yaw_deg])
    walk = seen.walk.astype(str)
    return Judged(Error3D.of(xyz, seen.truth, seen.size_m), view, walk)


def humaneva(lifter: Lifter, file: Path) -> Judged:
    """Errors on all sequences and cameras of HumanEva walking, from points of the picture."""
    with np.load(file) as stored:
        joint = [str(name) for name in stored["joint"]]
        rate = float(stored["rate_hz"])
        parts = [
            _one_camera(lifter, stored[f"{s}__xyz_m"], uv, joint, rate, f"{s} {camera}")
            for s in map(str, stored["sequence"])
            for camera, uv in enumerate(stored[f"{s}__uv_px"])
        ]
    error = Error3D(
        *(np.concatenate([getattr(p.error, k) for p in parts]) for k in Error3D.__annotations__)
    )
    return Judged(
        error, np.concatenate([p.view for p in parts]), np.concatenate([p.walk for p in parts])
    )


def _one_camera(
    lifter: Lifter, xyz_m: Array, uv_px: Array, joint: list[str], rate_hz: float, name: str
) -> Judged:
    time_s = np.arange(len(xyz_m)) / rate_hz
    points, picture = (np.full((len(xyz_m), N_KEYPOINTS, d), np.nan) for d in (3, 2))
    for theirs, ours in _HUMANEVA_JOINTS.items():
        points[:, INDEX[ours]] = xyz_m[:, joint.index(theirs)]
        picture[:, INDEX[ours]] = uv_px[:, joint.index(theirs)]
    lifted = lifter.lift(time_s, picture)
    axes, eye = camera_of(xyz_m.reshape(-1, 3), uv_px.reshape(-1, 2))
    hips = points[:, HIPS].mean(axis=1)
    sight = (hips - eye) @ axes.T
    turn = toward(sight[:, 0] / sight[:, 1], sight[:, 2] / sight[:, 1])
    in_camera = (points - hips[:, None]) @ axes.T
    truth = np.einsum("nji,nkj->nki", turn, in_camera)
    about_s = time_s[:, None] + np.arange(-13, 14) / lifter.rate_hz
    around = sample(time_s, points, np.clip(about_s, 0, time_s[-1]).ravel())
    size = body_size(np.nan_to_num(around.reshape(len(time_s), -1, N_KEYPOINTS, 3)))
    chosen = np.arange(0, len(time_s), _HUMANEVA_STEP)
    chosen = chosen[np.isfinite(lifted.xyz[chosen]).all(axis=(1, 2))]
    error = Error3D.of(lifted.xyz[chosen], (truth / size[:, None, None])[chosen], size[chosen])
    across = truth[chosen][:, HIPS[0]] - truth[chosen][:, HIPS[1]]
    yaw = np.rad2deg(np.arctan2(-across[:, 1], across[:, 0]))
    view = np.array([view_name(y) for y in yaw])
    return Judged(error, view, np.full(len(chosen), name))


def camera_of(xyz_m: Array, uv_px: Array) -> tuple[Array, Array]:
    """Axes (rows right, away, up) and place of the camera that saw these points.

    Direct linear transform without lens distortion (Abdel-Aziz and Karara, 1971), then the RQ
    decomposition of its left part.
    """
    known = np.isfinite(xyz_m).all(axis=1) & np.isfinite(uv_px).all(axis=1)
    xyz_m, uv_px = xyz_m[known], uv_px[known]
    middle, spread = uv_px.mean(axis=0), uv_px.std()
    uv = (uv_px - middle) / spread
    one = np.concatenate([xyz_m, np.ones((len(xyz_m), 1))], axis=1)
    zero = np.zeros_like(one)
    rows = [
        np.concatenate([one, zero, -uv[:, :1] * one], axis=1),
        np.concatenate([zero, one, -uv[:, 1:] * one], axis=1),
    ]
    p = np.linalg.svd(np.concatenate(rows).astype(np.float64), full_matrices=False)[2][-1]
    p = p.reshape(3, 4)
    p = np.array([[spread, 0, middle[0]], [0, spread, middle[1]], [0, 0, 1]]) @ p
    inner, turn = rq(p[:, :3])
    turn = np.diag(np.sign(np.diag(inner))) @ turn
    if np.linalg.det(turn) < 0:
        turn = -turn
    right, down, away = turn
    return np.stack([right, away, -down]), -np.linalg.solve(p[:, :3], p[:, 3])


def metric_of(result: dict[str, Any]) -> Metric:
    """The figures that a card shows."""
    values: dict[str, float | None] = {"poses": float(result["exact"]["poses"])}
    for name in ("mpjpe_mm", "p_mpjpe_mm"):
        values[name] = float(result["exact"][name])
        if "noisy" in result:
            values[f"noisy_{name}"] = float(result["noisy"][name])
    return Metric(result["set"], values, command_of(result))


def _round(value: Any) -> float:
    return round(float(value), 2)
