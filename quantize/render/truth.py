"""The exact truth of a clip as one JSON document."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import Side, part
from quantize.render.clip import ClipStudio
from quantize.render.contacts import summary
from quantize.render.stills import mm_per_px

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]
_DEFINITIONS = {
    "events": "initial_contact: heel, sole or toes meet the floor; foot_off: the toes leave it",
    "steps.length_m": "distance of two successive heel prints along the path",
    "steps.time_s": "from the other foot's initial contact to this one",
    "cadence and so on": "means over the steps and strides that lie in whole_in_picture_s",
    "xyz_m": "room: x to the right of the square view, y away from it, z up, floor at 0",
}


def clip_truth(studio: ClipStudio, boxes: list[Box]) -> dict[str, Any]:
    """Everything that is known of a clip.

    Parameters
    ----------
    boxes
        Box of the walker in each frame (x0, y0, x1, y1), zeros where absent.
    """
    spec, camera, schedule = studio.spec, studio.camera, studio.motion.schedule
    first, last = _whole_in_picture(studio, boxes)
    ends = studio.start_s, studio.start_s + float(studio.time_s[-1])
    events = schedule.events(*ends)
    for event in events:
        event["inside"] = bool(first <= event["time_s"] <= last)
    middle = studio.keypoints_m[len(studio.keypoints_m) // 2]
    return {
        "clip": spec.name,
        "seed": spec.seed,
        "rate_hz": spec.rate_hz,
        "frames": len(studio.time_s),
        "duration_s": round(float(studio.time_s[-1]), 5),
        "width_px": spec.width,
        "height_px": spec.height,
        "stature_m": spec.person.stature_m,
        "age_years": round(spec.person.age_years),
        "sex": "f" if spec.person.female else "m",
        "source": "parametric" if spec.gait is not None else f"cmu {spec.trial}",
        **_pattern(studio),
        "direction": "left_to_right" if spec.camera.left_to_right else "right_to_left",
        "camera": {
            "yaw_deg": spec.camera.yaw_deg,
            "height_m": spec.camera.height_m,
            "eye_m": camera.eye_m.round(4).tolist(),
            "axes": camera.axes.round(6).tolist(),
            "focal_px": round(camera.focal_px, 3),
            "centre_px": list(camera.centre_px),
            "mm_per_px": round(mm_per_px(middle, camera), 4),
        },
        "whole_in_picture_s": [round(first, 5), round(last, 5)],
        "definitions": _DEFINITIONS,
        "events": events,
        "steps": schedule.steps(*ends),
        "strides": schedule.strides(*ends),
        **summary(schedule, studio.start_s + first, studio.start_s + last),
        "contact_check": {
            "gap_mm": round(studio.check.gap_mm, 4),
            "slide_mm": round(studio.check.slide_mm, 4),
            "below_mm": round(studio.check.below_mm, 4),
            "false_stances": studio.check.false_stances,
            "stances": studio.check.stances,
        },
    }


def _pattern(studio: ClipStudio) -> dict[str, Any]:
    """The pattern that the walk was given, and the largest knee flexion of each leg."""
    pattern = studio.spec.pattern
    if studio.spec.gait is None or studio.spec.gait.changes is None:
        return {}
    shown = {"name": "healthy"} if pattern is None else dataclasses.asdict(pattern)
    peaks = {side.value: round(float(knee_deg(studio.keypoints_m, side).max()), 1) for side in Side}
    return {"pattern": shown, "knee_peak_deg": peaks}


def knee_deg(keypoints_m: Array, side: Side) -> Array:
    """Knee flexion between the keypoints hip, knee and ankle, float[T], degrees."""
    hip, knee, ankle = (keypoints_m[:, part(name, side)] for name in ("hip", "knee", "ankle"))
    thigh, shank = knee - hip, ankle - knee
    length = np.linalg.norm(thigh, axis=1) * np.linalg.norm(shank, axis=1)
    cosine = (thigh * shank).sum(1) / length
    return np.asarray(np.rad2deg(np.arccos(np.clip(cosine, -1, 1))))


def _whole_in_picture(studio: ClipStudio, boxes: list[Box]) -> tuple[float, float]:
    """First and last time at which the whole walker is in the picture (0, 0 when never)."""
    w, h = studio.spec.width, studio.spec.height
    whole = [x1 > x0 > 1 and y0 > 1 and x1 < w - 1 and y1 < h - 1 for x0, y0, x1, y1 in boxes]
    inside = studio.time_s[np.array(whole)]
    return (float(inside[0]), float(inside[-1])) if len(inside) else (0.0, 0.0)
