"""Rendered clips and walks of key points as cases for the event metric."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.gait.types import Trajectories
from host.pose.collect import trace_sides
from host.pose.recording import Recording, load_recording
from host.pose.trajectories import to_trajectories
from model_zoo.skeleton import N_KEYPOINTS
from quantize.event_metric import FEET, KINDS, Case
from quantize.render.walk_file import WalkPoints, load_walks

Array = NDArray[np.float64]
_WALK_RATE_HZ = 30.0
_UNSURE_S = 0.3
"""At both ends of a walk of key points, where nothing is judged."""
_NO_PATTERN = "none"


def in_pixels(time_s: Array, xy_px: Array, score: Array, source: str) -> Trajectories:
    """Trajectories of one camera: x right, z up, lateral missing."""
    xyz = np.full((len(time_s), N_KEYPOINTS, 3), np.nan)
    xyz[..., 0], xyz[..., 2] = xy_px[..., 0], -xy_px[..., 1]
    return Trajectories(time_s, xyz, "px", score, source)


def exact_points(truth: Path) -> Trajectories:
    """Exact key points of a rendered clip, from ``CLIP.points.npz`` beside its truth."""
    told = json.loads(truth.read_text(encoding="utf-8"))
    with np.load(truth.with_name(f"{clip_name(truth)}.points.npz")) as store:
        time_s, xy = store["time_s"].astype(float), store["xy_px"].astype(float)
    inside = (xy >= 0).all(axis=-1) & (xy < [told["width_px"], told["height_px"]]).all(axis=-1)
    xy[~inside] = np.nan
    return in_pixels(time_s, xy, inside.astype(float), "rendered")


def clip_name(truth: Path) -> str:
    """``CLIP`` of ``CLIP.truth.json``."""
    return truth.name.removesuffix(".truth.json")


def clip_case(truth: Path, points: Trajectories) -> Case:
    """A rendered clip, its key points seen in some way."""
    told = json.loads(truth.read_text(encoding="utf-8"))
    known = {k: [_timed(e) for e in told["events"] if e["kind"] == k] for k in KINDS}
    judged = {
        k: [_timed(e) for e in told["events"] if e["kind"] == k and e["inside"]] for k in KINDS
    }
    first, last = told["whole_in_picture_s"]
    pattern = told.get("pattern", {})
    tags = _tags(pattern.get("name"), pattern.get("severity"))
    return Case(clip_name(truth), points, judged, known, ((float(first), float(last)),), tags)


def _timed(event: dict[str, Any]) -> tuple[float, str]:
    return float(event["time_s"]), str(event["foot"])


def _tags(pattern: str | None, severity: str | None) -> dict[str, str]:
    return {"pathology": pattern or _NO_PATTERN} | ({"severity": severity} if severity else {})


def clip_cases(clips: Path) -> list[Case]:
    """All clips of a folder, with their exact key points."""
    return [clip_case(truth, exact_points(truth)) for truth in sorted(clips.glob("*.truth.json"))]


def keypoints_of(truth: Path, keypoints: Path) -> Path | None:
    """What a pose network gave of a clip: ``CLIP.npz`` or ``CLIP/keypoints.npz`` of a folder."""
    name = clip_name(truth)
    places = keypoints / f"{name}.npz", keypoints / name / "keypoints.npz"
    return next((p for p in places if p.exists()), None)


def seen_points(path: Path) -> tuple[Trajectories, str]:
    """The one person of a ``keypoints.npz``, and the name of the network that saw it."""
    recording = trace_sides(load_recording(path))
    model = next(str(m["name"]) for m in recording.meta["models"] if m["role"] == "pose")
    return to_trajectories(recording, longest_track(recording), model), model


def longest_track(recording: Recording) -> int:
    """The track that was seen in most frames: clips with truth show one person."""
    return int(recording.track[np.isfinite(recording.box_px[..., 0]).sum(axis=0).argmax()])


def seen_cases(clips: Path, keypoints: Path) -> tuple[list[Case], str]:
    """All clips of a folder as a pose network saw them, and the network's name.

    Raises
    ------
    FileNotFoundError
        When a clip has no key points: the clips that a network lost count too.
    """
    cases, models = [], set()
    for truth in sorted(clips.glob("*.truth.json")):
        path = keypoints_of(truth, keypoints)
        if path is None:
            raise FileNotFoundError(f"{keypoints} has no key points of {clip_name(truth)}")
        points, model = seen_points(path)
        cases.append(clip_case(truth, points))
        models.add(model)
    return cases, " and ".join(sorted(models))


def walk_cases(folder: Path) -> list[Case]:
    """Walks as key points alone, seen square from the side without error, in metres, at 30/s."""
    return [walk_case(name, walk) for name, walk in load_walks(folder).items()]


def walk_case(name: str, walk: WalkPoints) -> Case:
    """One walk as a case."""
    every = np.arange(0, len(walk.xyz_m) / walk.rate_hz, 1 / _WALK_RATE_HZ)
    at = np.arange(len(walk.xyz_m)) / walk.rate_hz
    columns = [np.interp(every, at, c) for c in walk.xyz_m.reshape(len(at), -1).T]
    seen = np.stack(columns, 1).reshape(len(every), -1, 3)
    ahead_down = -seen[..., 1:]
    points = in_pixels(every, ahead_down, np.ones(seen.shape[:2]), "rendered")
    known = {
        kind: [(float(t), FEET[int(side)]) for side, k, t in walk.events if int(k) == number]
        for number, kind in enumerate(KINDS)
    }
    span = (_UNSURE_S, float(every[-1]) - _UNSURE_S)
    judged = {k: [e for e in v if span[0] <= e[0] <= span[1]] for k, v in known.items()}
    tags = _tags(walk.tags.get("pathology"), walk.tags.get("severity"))
    return Case(name, points, judged, known, (span,), tags)
