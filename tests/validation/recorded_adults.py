"""Measure healthy recorded walkers by the product's own definitions; the reference of deviations.

    python -m tests.validation.recorded_adults --renders RENDERS

RENDERS holds ``recorded-1`` and ``recorded-test-1`` (``python -m quantize render --recorded``): the
joint centres of every recorded trial, exact, seen square from the side. One row per person goes to
``host/gait/norms/recorded_adults.csv``: the mean over the person's straight walks. The limits made
of it stand in ``cutoffs.csv``; a test holds the two together.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host.gait.analyse import analyse_gait
from host.gait.events import STAND_IN
from host.gait.norms.tables import FOLDER
from host.gait.types import CaptureFacts, GaitResult, Person, Trajectories
from model_zoo.skeleton import Side, part

Array = NDArray[np.float64]
FILE = FOLDER / "recorded_adults.csv"
MEASURED = (
    "relative_speed",
    "step_time_asymmetry",
    "step_length_difference",
    "trunk_lean",
    "arm_swing",
    "knee_swing_peak",
)
_FOLDERS = ("recorded-1", "recorded-test-1")
_JOINTS = "joints"
_STRAIGHT = 0.95
"""Way as the crow flies over way walked: below it the walk turns."""
_PX_PER_M = 250.0


def walks(renders: Path) -> Iterator[tuple[str, GaitResult]]:
    """Person and measurements of each straight recorded walk."""
    for path in sorted(p for folder in _FOLDERS for p in (renders / folder).glob("walk-*.npz")):
        with np.load(path) as store:
            tags = json.loads(str(store["tags"]))
            xyz, rate = store["xyz_m"].astype(float), float(store["rate_hz"])
        if tags["body"] != _JOINTS:
            continue
        hips = np.mean([xyz[:, part("hip", side), :2] for side in Side], axis=0)
        way = hips[-1] - hips[0]
        length = float(np.linalg.norm(way))
        if length < _STRAIGHT * np.linalg.norm(np.diff(hips, axis=0), axis=1).sum():
            continue
        yield tags["subject"], _from_the_side(xyz, way / length, rate)


def _from_the_side(xyz_m: Array, along: Array, rate_hz: float) -> GaitResult:
    """What the gait room says of exact points; no clip tells the stature, so sizes are relative."""
    seen = np.full(xyz_m.shape, np.nan)
    seen[..., 0], seen[..., 2] = xyz_m[..., :2] @ along * _PX_PER_M, xyz_m[..., 2] * _PX_PER_M
    score = np.isfinite(seen[..., 0]).astype(float)
    points = Trajectories(np.arange(len(seen)) / rate_hz, seen, "px", score, "recorded")
    return analyse_gait(points, Person(), CaptureFacts(rate_hz, 0, False), lead=STAND_IN)


def rows(renders: Path) -> list[dict[str, str]]:
    """One row per person, numbers with four significant digits."""
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    for person, gait in walks(renders):
        if gait.quality_grade != "unusable":
            found[person].append({n: gait.parameters[n].value for n in MEASURED})
    out = []
    for person, own in sorted(found.items()):
        means = {n: [w[n] for w in own if np.isfinite(w[n])] for n in MEASURED}
        told = {n: f"{np.mean(v):.4g}" if v else "" for n, v in means.items()}
        out.append({"person": person, "walks": str(len(own)), **told})
    return out


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FILE)
    options = parser.parse_args()
    table = rows(options.renders)
    with options.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


if __name__ == "__main__":
    main()
