"""Measure how tall a network shows people, and how high their heels: ``host/gait/sources.json``.

    python -m tests.validation.fit_height --renders FOLDER [--model NAME]

FOLDER holds rendered clips with truth (``python -m quantize render --clip calibration``). Prints
``height_seen`` and ``heel_share`` of the model, with their spread between clips; to be entered by
hand, and never on clips that judge.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.gait.body import BodyHeight
from host.gait.scale.footprints import REST
from host.gait.sources import source_named
from host.gait.track import Resampler
from host.pipeline import choose_subject, record
from host.pose.collect import trace_sides
from host.settings import Settings
from model_zoo.skeleton import Side, part
from tests.validation.rendered_truth import ClipTruth

Array = NDArray[np.float64]
_INSIDE_S = 0.7


def measured(video: Path, model: str) -> tuple[float, float]:
    """Stature seen by the true one; height of the resting heel's point in statures."""
    settings = Settings()
    settings = replace(settings, pose=replace(settings.pose, model=model))
    _, points = choose_subject(trace_sides(record(video, settings)))
    truth = ClipTruth.read(video)
    track = Resampler(min_score=source_named(points.source).min_score).resample(points)
    stature_m = float(truth.told["stature_m"])
    first_s, last_s = truth.told["whole_in_picture_s"]
    hips = truth.xyz_m[:, [part("hip", side) for side in Side]].mean(axis=1) * [1, 1, 0]
    up = np.array([0.0, 0.0, stature_m])
    tall_px = _y_px(truth.told, hips) - _y_px(truth.told, hips + up)
    tall_px = np.interp(track.time_s, truth.time_s, tall_px)
    whole = (track.time_s > first_s + _INSIDE_S) & (track.time_s < last_s - _INSIDE_S)
    seen = BodyHeight().measure(track).height / tall_px
    heels = []
    for event in truth.told["events"]:
        if event["kind"] != "initial_contact" or not event["inside"]:
            continue
        heel = part("heel", Side(event["foot"]))
        spans = [event["time_s"] + share * 2 * truth.told["step_time_s"] for share in REST]
        rest = (track.time_s >= spans[0]) & (track.time_s <= spans[1])
        exact = (truth.time_s >= spans[0]) & (truth.time_s <= spans[1])
        if not (rest.any() and exact.any()):
            continue
        floor = np.median(truth.xyz_m[exact, heel], axis=0) * [1, 1, 0]
        above_px = _y_px(truth.told, floor[None])[0] + np.nanmedian(track.xyz[rest, heel, 2])
        heels.append(above_px / float(np.median(tall_px[rest])))
    return float(np.nanmedian(seen[whole])), float(np.nanmedian(heels))


def _y_px(told: dict[str, Any], points_m: Array) -> Array:
    """Rows of the picture in which the renderer's camera shows points float[N, 3] of the room."""
    camera = told["camera"]
    turned = (points_m - np.array(camera["eye_m"])) @ np.array(camera["axes"]).T
    return np.asarray(
        camera["centre_px"][1] + camera["focal_px"] * turned[:, 1] / turned[:, 2], dtype=np.float64
    )


def main() -> None:
    """Print the two constants."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--model", default=Settings().pose.model)
    args = parser.parse_args()
    found = np.array([measured(v, args.model) for v in sorted(args.renders.glob("*.mp4"))])
    mean, spread = found.mean(axis=0), found.std(axis=0, ddof=1)
    sys.stdout.write(
        f"{args.model}, {len(found)} clips: height_seen {mean[0]:.3f} (SD {spread[0]:.3f}), "
        f"heel_share {mean[1]:.3f} (SD {spread[1]:.3f})\n"
    )


if __name__ == "__main__":
    main()
