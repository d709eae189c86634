"""Measure the mean error of the sagittal angles over the gait cycle for one released network.

    python -m tests.validation.fit_angles --source gait-pose-s ... --folders FOLDER ...

FOLDER holds rendered clips with their truth. ``angles_deg`` of the source in
``host/gait/sources.json`` is replaced by the mean of found - true angle over both legs of all
clips, every 5 % of the cycle between the contacts that the product finds: fit offsets first, and on
clips that judge nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import host.gait.sources
from host.gait.analyse import analyse_gait
from host.gait.curves import Cycles, SagittalCurves
from host.gait.sources import Source, source_named
from host.gait.track import Resampler
from host.pipeline import capture_facts
from tests.validation.fit_offsets import store
from tests.validation.recorded import lead_named, recorded
from tests.validation.rendered_truth import ClipTruth, Curves

_EVERY = 5


def raw_cycles(video: Path, network: str) -> Cycles:
    """Angles of all strides of a clip, without any correction."""
    recording, points = recorded(video, network)
    person, facts = ClipTruth.read(video).person, capture_facts(recording)
    result = analyse_gait(points, person, facts, lead=lead_named())
    track = Resampler(min_score=source_named(network).min_score).resample(points)
    return SagittalCurves(source=Source()).cycles(track, result.bouts, result.strides)


def mean_errors(pairs: Iterable[tuple[Cycles, Curves]]) -> dict[str, list[float]]:
    """Mean over legs of (mean cycle found - mean cycle true), degrees every 5 %, per joint."""
    away: dict[str, list[NDArray[np.float64]]] = {}
    for found, true in pairs:
        for (joint, side), cycles in found.items():
            if cycles and (joint, side) in true:
                away.setdefault(joint, []).append(np.mean(cycles, axis=0) - true[joint, side])
    return {
        joint: [round(float(v), 1) for v in np.mean(errors, axis=0)[::_EVERY]]
        for joint, errors in away.items()
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folders", nargs="+", required=True, type=Path)
    parser.add_argument("--source", nargs="+", required=True, help="released networks")
    options = parser.parse_args()
    videos = [video for folder in options.folders for video in sorted(folder.glob("*.mp4"))]
    path = Path(host.gait.sources.__file__).with_name("sources.json")
    told = f"{len(videos)} rendered clips: {', '.join(f.name for f in options.folders)}"
    for name in options.source:
        pairs = ((raw_cycles(v, name), ClipTruth.read(v).curves()) for v in videos)
        store(path, name, {"angles_fitted_on": told, "angles_deg": mean_errors(pairs)})


if __name__ == "__main__":
    main()
