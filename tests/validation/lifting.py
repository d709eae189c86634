"""What ``gait-lift`` makes of rendered clips, through the pose network: a section of the document.

    python -m tests.validation.lifting --clips FOLDER... --data DATA --out FILE

Folders hold ``CLIP.mp4``, ``.points.npz`` and ``.truth.json``. Errors are judged while the whole
walker is in the picture, against the exact points in the camera's axes; the stature is given, the
focal length is not unless said.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host import accelerator
from host.gait.types import Trajectories
from host.pose.lift import HIPS, Lifter, Picture, lift_track
from host.pose.windows import sample
from model_zoo.skeleton import Side, part
from quantize.leaderboard import read_runs
from quantize.lift_evaluate import HUMANEVA, humaneva
from quantize.markdown import table
from tests.validation.acceptance import Bar, at_most, write_section
from tests.validation.recorded import CACHE, recorded

Array = NDArray[np.float64]

_CHAINS = {side: [part(n, side) for n in ("hip", "knee", "ankle")] for side in Side}
_ANKLES = [part("ankle", side) for side in Side]
_SIDE_DEG = 30.0
PER_FRAME = "per-frame residual network (Martinez et al. 2017)"
"""The rival's name on the leaderboard."""
_HEAD = ("view", "clips", "frames", "points, mm", "knee in space, deg", "knee in picture, deg")
_HEAD += ("ankles apart in space, mm", "in picture, mm", "speed, m/s", "speed, lens known, m/s")


@dataclass(frozen=True)
class Lifting:
    """Errors of one clip: means over frames (points), root mean squares (knee, ankles), speeds."""

    yaw_deg: float
    frames: int
    points_mm: float
    knee_deg: tuple[float, float]
    ankles_mm: tuple[float, float]
    speed_m_s: tuple[float, float]

    @property
    def view(self) -> str:
        """Side, oblique or frontal by the camera's angle."""
        away = abs(self.yaw_deg)
        return "side" if away <= _SIDE_DEG else "oblique" if away <= 60 else "frontal"


def judge(video: Path, points: Trajectories, lifter: Lifter) -> Lifting:
    """Lift one clip's track and compare it with the truth."""
    told = json.loads(video.with_suffix(".truth.json").read_text(encoding="utf-8"))
    with np.load(video.with_suffix(".points.npz")) as stored:
        true_s, room, seen = stored["time_s"], stored["xyz_m"].astype(float), stored["seen"]
    right, up, back = np.array(told["camera"]["axes"])
    truth = (room - np.array(told["camera"]["eye_m"])) @ np.stack([right, -back, up]).T
    focal = float(told["camera"]["focal_px"])
    size = float(told["width_px"]), float(told["height_px"])
    height = float(told["stature_m"])
    lifted = lift_track(points, lifter, Picture(*size), height)
    known = lift_track(points, lifter, Picture(*size, focal), height)
    true = sample(true_s, truth, points.time_s)
    whole = sample(true_s, (seen > 0).all(axis=1).astype(float), points.time_s) == 1
    flat = points.xyz[..., [0, 2]]
    scale = truth_scale(true, flat, whole)
    found = lifted.xyz - lifted.xyz[:, HIPS].mean(axis=1, keepdims=True)
    away = np.linalg.norm(found - (true - true[:, HIPS].mean(axis=1, keepdims=True)), axis=-1)
    horizontal = [np.linalg.norm(_apart(p)[..., :2], axis=-1) for p in (true, lifted.xyz)]
    in_picture = np.abs(_apart(flat)[..., 0]) * scale
    return Lifting(
        float(told["camera"]["yaw_deg"]),
        int(whole.sum()),
        1000 * float(np.nanmean(away[whole])),
        (_knee_error(lifted.xyz, true, whole), _knee_error(flat, true, whole)),
        (
            1000 * _rms((horizontal[1] - horizontal[0])[whole]),
            1000 * _rms((in_picture - horizontal[0])[whole]),
        ),
        tuple(
            _speed(t.xyz, t.time_s, whole) - _speed(true, points.time_s, whole)
            for t in (lifted, known)
        ),
    )


def truth_scale(true: Array, flat: Array, whole: NDArray[np.bool_]) -> float:
    """Metres per pixel that suit the clip best: what a perfect scale would give the 2D path."""
    ours = np.linalg.norm(_apart(flat), axis=-1)[whole]
    theirs = np.linalg.norm(_apart(true)[..., [0, 2]], axis=-1)[whole]
    use = np.isfinite(ours)
    return float((ours[use] @ theirs[use]) / (ours[use] @ ours[use]))


def _apart(points: Array) -> Array:
    return np.asarray(points[:, _ANKLES[0]] - points[:, _ANKLES[1]])


def _knee(points: Array, side: Side) -> Array:
    hip, knee, ankle = (points[:, i] for i in _CHAINS[side])
    thigh, shank = knee - hip, ankle - knee
    length = np.linalg.norm(thigh, axis=-1) * np.linalg.norm(shank, axis=-1)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.rad2deg(np.arccos(np.clip((thigh * shank).sum(-1) / length, -1, 1))))


def _knee_error(points: Array, true: Array, whole: NDArray[np.bool_]) -> float:
    errors = [(_knee(points, side) - _knee(true, side))[whole] for side in Side]
    return _rms(np.concatenate(errors))


def _speed(xyz: Array, time_s: Array, whole: NDArray[np.bool_]) -> float:
    hips = xyz[:, HIPS].mean(axis=1)[:, :2]
    use = whole & np.isfinite(hips).all(axis=1)
    slope = np.polyfit(time_s[use], hips[use], 1)[0]
    return float(np.hypot(*slope))


def _rms(values: Array) -> float:
    return float(np.sqrt(np.nanmean(values**2)))


def section(judged: list[Lifting], model: str) -> str:
    """The text of the section."""
    rows = []
    for view in ("side", "oblique", "frontal"):
        chosen = [j for j in judged if j.view == view]
        if not chosen:
            continue
        knee, ankles = (
            np.mean([getattr(j, n) for j in chosen], axis=0) for n in ("knee_deg", "ankles_mm")
        )
        speed = np.mean(np.abs([j.speed_m_s for j in chosen]), axis=0)
        cells = [view, str(len(chosen)), str(sum(j.frames for j in chosen))]
        cells += [f"{np.mean([j.points_mm for j in chosen]):.0f}"]
        cells += [f"{v:.1f}" for v in knee] + [f"{v:.0f}" for v in ankles]
        rows.append([*cells, *(f"{v:.3f}" for v in speed)])
    return (
        f"## Walks lifted into space by {model}\n\n"
        "Rendered clips through the pose network and the lifter, the stature given. Points: mean "
        "distance from the truth relative to the hips. Knee: root mean square error of its "
        "flexion, from the points in space and from those of the picture. Ankles apart: error of "
        "their horizontal distance, in the picture with the scale that suits the clip best. Speed: "
        "mean absolute error of the hips' way, with the assumed lens and with the true one.\n\n"
        f"{table(_HEAD, rows)}\n"
    )


def bars(lifter: Lifter, data: Path) -> list[Bar]:
    """HumanEva, points of the picture from truth, beside the peer of the leaderboard."""
    found = humaneva(lifter, data / "mocap" / "humaneva" / HUMANEVA).figures()
    p_mpjpe = found["p_mpjpe_mm"]
    rivals = [run for run in read_runs() if (run.dataset, run.name) == ("humaneva", PER_FRAME)]
    rival = float(rivals[-1].values["p_mpjpe_mm"] or float("nan"))
    return [
        at_most("HumanEva, true points of the picture: P-MPJPE", p_mpjpe, 55, " mm", 1),
        at_most("the same, against the per-frame network", p_mpjpe, rival, " mm", 1),
    ]


def main() -> None:
    """Judge all clips that have keypoints and write the section ``lifting``."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--clips", type=Path, nargs="+", required=True)
    p.add_argument("--data", type=Path, required=True, help="mocap/humaneva/")
    p.add_argument("--pose", default="gait-pose-s", help="released pose network")
    p.add_argument("--model", default="gait-lift")
    p.add_argument("--cache", type=Path, default=CACHE)
    p.add_argument("--out", type=Path, required=True)
    args = p.parse_args()
    network = accelerator.open(args.model)
    lifter = Lifter(network)
    videos = [video for folder in args.clips for video in sorted(folder.glob("*.mp4"))]
    judged = [judge(v, recorded(v, args.pose, args.cache)[1], lifter) for v in videos]
    name = f"{network.model.name} {network.model.version}"
    measured = bars(lifter, args.data)
    write_section(args.out, "lifting", section(judged, name), measured)
    network.close()


if __name__ == "__main__":
    main()
