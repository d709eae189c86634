"""Recordings with known events, and how well events of them were found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from host.gait.body import BodyHeight
from host.gait.bouts import ProgressionBouts
from host.gait.events import EventDetector
from host.gait.track import Resampler
from host.gait.types import Trajectories
from tests.validation.gait import LABELLED, by_eye
from tests.validation.readers import (
    exact_points,
    in_pixels,
    plate_truth,
    plate_walks,
    stored_points,
)
from tests.validation.recorded import recorded
from tests.validation.rendered_truth import ClipTruth
from tests.validation.scoring import Timed, match

Detectors = dict[str, EventDetector]
KINDS = ("initial_contact", "foot_off")
TOLERANCE_S = 0.1
_LEAST_TO_FIT = 5
_SEARCH_S = 0.2
_MARGIN_S = 0.3
FEET = ("left", "right")


@dataclass(frozen=True)
class Case:
    """One recording with truth.

    ``judged`` are the events that must be found, by kind; ``known`` all true ones; found ones count
    inside ``spans``.
    """

    name: str
    points: Trajectories
    judged: dict[str, list[Timed]]
    known: dict[str, list[Timed]]
    spans: tuple[tuple[float, float], ...]


@dataclass
class Score:
    """Events of one method and kind over a set: counts, and errors after the offset."""

    true: int = 0
    found: int = 0
    real: int = 0
    feet: int = 0
    errors_s: list[float] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """Harmonic mean of recall and precision."""
        recall = len(self.errors_s) / max(self.true, 1)
        precision = self.real / max(self.found, 1)
        return 2 * recall * precision / max(recall + precision, 1e-9)


def found_by(cases: list[Case], methods: Detectors) -> dict[str, list[dict[str, list[Timed]]]]:
    """Per method and case the found events by kind, no offset taken away."""
    out: dict[str, list[dict[str, list[Timed]]]] = {name: [] for name in methods}
    for case in cases:
        track = Resampler().resample(case.points)
        body = BodyHeight().measure(track)
        bouts = ProgressionBouts().find(track, body)
        for name, detector in methods.items():
            events = detector.detect(track, body, bouts).events
            out[name].append(
                {k: [(e.time_s, e.foot.value) for e in events if e.kind == k] for k in KINDS}
            )
    return out


def raw_errors(case: Case, found: dict[str, list[Timed]], kind: str) -> list[float]:
    """found - true of the judged events of one case, before any offset."""
    return list(match(case.judged[kind], found[kind], _SEARCH_S).errors_s)


def score(
    cases: list[Case], found: list[dict[str, list[Timed]]], kind: str, offsets_s: list[float]
) -> Score:
    """One method and kind over a set; one offset per case."""
    total = Score()
    for case, events, offset in zip(cases, found, offsets_s, strict=True):
        shifted = [(t - offset, foot) for t, foot in events[kind]]
        inside = [e for e in shifted if any(a <= e[0] <= b for a, b in case.spans)]
        pairs = match(case.judged[kind], shifted, TOLERANCE_S)
        total.true += len(case.judged[kind])
        total.found += len(inside)
        total.real += len(match(case.known[kind], inside, TOLERANCE_S).errors_s)
        total.feet += pairs.feet_right
        total.errors_s += pairs.errors_s
    return total


def clip_case(video: Path, points: Trajectories) -> Case:
    """A rendered clip seen in some way."""
    truth = ClipTruth.read(video)
    judged = {k: truth.events(k, inside=True) for k in KINDS}
    known = {k: truth.events(k, inside=False) for k in KINDS}
    return Case(video.stem, points, judged, known, (truth.span_s,))


def clip_cases(folder: Path, model: str | None, cache: Path) -> list[Case]:
    """Clips with exact points (no model), or as a network sees them."""
    out = []
    for video in sorted(folder.glob("*.mp4")):
        if model is None:
            points = exact_points(video.with_suffix(".truth.json"))
        else:
            points = recorded(video, model, cache)[1]
        out.append(clip_case(video, points))
    return out


def walk_cases(folder: Path, rate_hz: float = 30.0) -> list[Case]:
    """Walks as key points alone, seen square from the side without error, in metres."""
    out = []
    for path in sorted(folder.glob("walk-*.npz")):
        with np.load(path) as stored:
            xyz, rate = stored["xyz_m"].astype(float), float(stored["rate_hz"])
            events = stored["events"]
        every = np.arange(0, len(xyz) / rate, 1 / rate_hz)
        at = np.arange(len(xyz)) / rate
        columns = [np.interp(every, at, c) for c in xyz.reshape(len(xyz), -1).T]
        seen = np.stack(columns, 1).reshape(len(every), -1, 3)
        ahead_down = -seen[..., 1:]
        points = in_pixels(every, ahead_down, np.ones(seen.shape[:2]), "rendered")
        known = {
            kind: [(float(t), FEET[int(side)]) for side, k, t in events if int(k) == number]
            for number, kind in enumerate(KINDS)
        }
        span = (0.3, float(every[-1]) - 0.3)
        judged = {k: [e for e in v if span[0] <= e[0] <= span[1]] for k, v in known.items()}
        out.append(Case(path.stem, points, judged, known, (span,)))
    return out


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


def offset(cases: list[Case], found: list[dict[str, list[Timed]]], kind: str) -> float:
    """Median error over a set; 0 where too few events were found."""
    pairs = zip(cases, found, strict=True)
    errors = [e for case, events in pairs for e in raw_errors(case, events, kind)]
    return float(np.median(errors)) if len(errors) >= _LEAST_TO_FIT else 0.0
