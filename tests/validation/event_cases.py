"""Recordings with known events, and how well events of them were found."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from host.gait.events import EventDetector
from quantize import gait_evaluate
from quantize.event_cases import clip_case
from quantize.event_metric import KINDS, ByKind, Case, match
from quantize.gait_evaluate import Found
from tests.validation.gait import LABELLED, by_eye
from tests.validation.readers import plate_truth, plate_walks, stored_points
from tests.validation.recorded import recorded

Detectors = dict[str, EventDetector]
_LEAST_TO_FIT = 5
_SEARCH_S = 0.2
_MARGIN_S = 0.3


def found_by(cases: list[Case], methods: Detectors) -> dict[str, list[Found]]:
    """Per method and case the found events by kind, no offset taken away."""
    return {name: gait_evaluate.found_by(detector, cases) for name, detector in methods.items()}


def raw_errors(case: Case, found: ByKind, kind: str) -> list[float]:
    """found - true of the judged events of one case, before any offset."""
    return list(match(case.judged[kind], found[kind], _SEARCH_S).errors_s)


def seen_clips(folder: Path, model: str, cache: Path) -> list[Case]:
    """Clips as a network sees them."""
    return [
        clip_case(video.with_suffix(".truth.json"), recorded(video, model, cache)[1])
        for video in sorted(folder.glob("*.mp4"))
    ]


def plate_cases(data: Path) -> list[Case]:
    """Markers over force plates; only what stands on a plate is known."""
    out = []
    for walk in plate_walks(data):
        truth = plate_truth(walk)
        out.append(Case(walk.name, walk.trajectories, truth, truth, ()))
    return out


def eye_cases(data: Path, model: str | None, cache: Path) -> list[Case]:
    """By-eye contacts: stored BlazePose points (no model), or what a network of ours sees."""
    out = []
    for clip in LABELLED:
        truth, spans = by_eye(data, clip)
        name = clip.removesuffix("_cropped")
        if model is None:
            points = stored_points(data, clip)
        else:
            points = recorded(data / "video" / f"{name}.mp4", model, cache)[1]
        wide = tuple((a - _MARGIN_S, b + _MARGIN_S) for a, b in spans)
        judged = {KINDS[0]: truth, KINDS[1]: []}
        out.append(Case(name, points, judged, judged, wide))
    return out


def offset(cases: list[Case], found: list[Found], kind: str) -> float:
    """Median error over a set; 0 where too few events were found."""
    pairs = zip(cases, found, strict=True)
    errors = [e for case, events in pairs for e in raw_errors(case, events, kind)]
    return float(np.median(errors)) if len(errors) >= _LEAST_TO_FIT else 0.0
