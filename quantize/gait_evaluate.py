"""Measure a released network of the role ``gait``: its initial contacts and foot offs.

DATA is a folder of rendered clips (``pathological-2``) or of walks as key points alone
(``walks-test-1``) that no training saw; clips are read with their exact points, or with
``--keypoints`` as a pose network saw them. Runs the integer form in the host's own stages (even
time, bouts, feet's streams, sequence), in the core environment. This network alone leads, nothing
else confirms it, and no offset is taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from host import accelerator
from host.accelerator import AcceleratorSettings
from host.gait.body import BodyHeight
from host.gait.bouts import ProgressionBouts
from host.gait.events.detect import EventDetector
from host.gait.events.learned import EventNetwork, LearnedEvents
from host.gait.sources import Source
from host.gait.track import Resampler
from model_zoo.package import Metric
from quantize.evaluated import Reading, evaluated, metric_of_walks
from quantize.event_cases import clip_cases, seen_cases, walk_cases
from quantize.event_metric import KINDS, Case, Score, Timed, score

Found = dict[str, list[Timed]]
_SHORT = dict(zip(KINDS, ("contact", "off"), strict=True))


def found_by(detector: EventDetector, cases: Sequence[Case]) -> list[Found]:
    """Events of each case by kind, no offset taken away."""
    out = []
    for case in cases:
        track = Resampler().resample(case.points)
        body = BodyHeight().measure(track)
        events = detector.detect(track, body, ProgressionBouts().find(track, body)).events
        out.append({k: [(e.time_s, e.foot.value) for e in events if e.kind == k] for k in KINDS})
    return out


def alone(network: EventNetwork) -> EventDetector:
    """The network's own events in order, confirmed by no other method."""
    return EventDetector(Source(), (), learned=LearnedEvents(network))


def evaluate(
    model: str, data: Path, settings: AcceleratorSettings, reading: Reading
) -> tuple[dict[str, Any], list[Case], list[Found]]:
    """Figures of ``model`` on the walks or clips in ``data``, the cases, and what was found.

    Raises
    ------
    FileNotFoundError
        When there is neither, or a clip has no key points.
    ValueError
        When a mirrored or validation reading is asked for: there is none.
    """
    reading.only("gait", "keypoints")
    cases, seen = read_cases(data, reading.keypoints)
    network = accelerator.open(model, settings)
    try:
        found = found_by(alone(network), cases)
        result = {**evaluated(network), "set": data.name, "points": seen, **figures(cases, found)}
    finally:
        network.close()
    return result, cases, found


def read_cases(data: Path, keypoints: Path | None) -> tuple[list[Case], str]:
    """The cases of a folder, and whose key points they are: ``exact`` or a network's name."""
    if not any(data.glob("*.truth.json")):
        if keypoints is not None:
            raise ValueError(f"--keypoints is for rendered clips, and {data} holds none")
        return walk_cases(data), "exact"
    if keypoints is not None:
        return seen_cases(data, keypoints)
    return clip_cases(data), "exact"


def figures(cases: Sequence[Case], found: Sequence[Found]) -> dict[str, Any]:
    """All figures of a set, and those of each pattern and severity."""
    by_tag: dict[str, dict[str, Any]] = {}
    for tag in sorted({tag for case in cases for tag in case.tags}):
        for value in sorted({case.tags[tag] for case in cases if tag in case.tags}):
            chosen = [i for i, case in enumerate(cases) if case.tags.get(tag) == value]
            part = [cases[i] for i in chosen], [found[i] for i in chosen]
            by_tag.setdefault(tag, {})[value] = {"walks": len(chosen), **_both_kinds(*part)}
    return {"walks": len(cases), **_both_kinds(cases, found), "by_tag": by_tag}


def _both_kinds(cases: Sequence[Case], found: Sequence[Found]) -> dict[str, Any]:
    return {k: _told(score(cases, found, k, [0.0] * len(cases))) for k in KINDS}


def _told(one: Score) -> dict[str, float | int | None]:
    """Counts, F1 and errors in ms of one kind; what too few events cannot tell is null."""
    ms = 1000 * np.array(one.errors_s)
    return {
        "true": one.true,
        "found": one.found,
        "f1": round(one.f1, 4),
        "bias_ms": round(float(ms.mean()), 1) if len(ms) else None,
        "sd_ms": round(float(ms.std(ddof=1)), 1) if len(ms) > 1 else None,
        "mae_ms": round(float(np.abs(ms).mean()), 1) if len(ms) else None,
        "feet_right": round(one.feet / len(ms), 4) if len(ms) else None,
    }


def metric_of(result: dict[str, Any]) -> Metric:
    """The figures that a card shows."""
    values: dict[str, float | None] = {"walks": float(result["walks"])}
    for kind, short in _SHORT.items():
        for name in ("f1", "bias_ms", "sd_ms", "mae_ms"):
            values[f"{short}_{name}"] = result[kind][name]
    return metric_of_walks(result, values)
