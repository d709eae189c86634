"""Fit the constant offsets of the event methods for one keypoint source.

    python -m tests.validation.fit_offsets --source gait-pose-s FOLDER ...
    python -m tests.validation.fit_offsets --source markers --plates DATA
    ... --learned gait-events

FOLDER holds rendered clips with their truth; the source is a released network, which looks at them
once (:mod:`tests.validation.recorded`). The entry of the source in ``host/gait/sources.json`` is
replaced: per method and kind the median of found - true time over all clips. Fit on clips that
judge nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import host.gait.sources
from host import accelerator
from host.gait.body import BodyHeight
from host.gait.bouts import ProgressionBouts
from host.gait.events import LEADING, EventDetector, Kind, LearnedEvents, detector_led_by
from host.gait.events.foot_velocity import FootVelocity
from host.gait.events.heel_speed import HeelSpeed
from host.gait.events.zeni import Zeni
from host.gait.sources import Source, source_named
from host.gait.track import Resampler
from host.gait.types import Trajectories
from tests.validation.readers import clip_truth, plate_truth, plate_walks
from tests.validation.recorded import recorded
from tests.validation.scoring import Timed, match

METHODS = (Zeni, HeelSpeed, FootVelocity)
_TOLERANCE_S = 0.2
_LEAST_EVENTS = 5

Truth = Mapping[str, Sequence[Timed]]


@dataclass(frozen=True)
class Errors:
    """found - true in seconds, per event kind: of each method alone, and of the joined events."""

    by_method: Mapping[str, Mapping[str, list[float]]]
    fused: Mapping[str, list[float]]


def event_errors(
    trajectories: Trajectories, truth: Truth, source: Source, learned: LearnedEvents | None = None
) -> Errors:
    """Errors of one recording, with the offsets of ``source`` taken away.

    With the learned method given, it is one of the methods, and it leads the joined events.
    """
    track = Resampler(min_score=source.min_score).resample(trajectories)
    body = BodyHeight().measure(track)
    bouts = ProgressionBouts().find(track, body)

    def errors(detector: EventDetector) -> dict[str, list[float]]:
        events = detector.detect(track, body, bouts).events
        out = {}
        for kind in Kind:
            found = [(e.time_s, e.foot.value) for e in events if e.kind == kind.value]
            own = match(truth.get(kind.value, ()), found, _TOLERANCE_S)
            out[kind.value] = list(own.errors_s)
        return out

    alone = {m.name: errors(EventDetector(source, methods=(m(),))) for m in METHODS}
    if learned is not None:
        alone[learned.name] = errors(EventDetector(source, (), learned=learned))
    return Errors(alone, errors(detector_led_by(learned or LEADING, source)))


def fitted(
    recordings: Sequence[Errors], least_events: int = _LEAST_EVENTS
) -> dict[str, dict[str, float]]:
    """Median error per method and kind; kinds with too few events are left out."""
    out: dict[str, dict[str, float]] = {}
    for method in recordings[0].by_method if recordings else ():
        for kind in (k.value for k in Kind):
            errors = [e for r in recordings for e in r.by_method[method][kind]]
            if len(errors) >= least_events:
                out.setdefault(method, {})[kind] = round(float(np.median(errors)), 4)
    return out


def timing_sd(recordings: Sequence[Errors]) -> dict[str, float]:
    """SD of one event's error per kind, seconds, pooled over the recordings around their means.

    ``recordings`` hold the joined events, whose times are the leading method's.
    """
    out: dict[str, float] = {}
    for kind in (k.value for k in Kind):
        errors = [np.array(r.fused[kind]) for r in recordings if len(r.fused[kind]) > 1]
        freedom = sum(len(e) - 1 for e in errors)
        if freedom:
            squares = sum(float(((e - e.mean()) ** 2).sum()) for e in errors)
            out[kind] = round(float(np.sqrt(squares / freedom)), 4)
    return out


def rendered_clips(folders: Sequence[Path], source: str) -> Iterator[tuple[Trajectories, Truth]]:
    """Key points of a network and truth of rendered clips; clips without a subject are left out."""
    for video in (v for folder in folders for v in sorted(folder.glob("*.mp4"))):
        recording, points = recorded(video, source)
        if recording.meta["subject"]["track"] is not None:
            yield points, clip_truth(video.with_suffix(".truth.json"))


def marker_walks(data: Path) -> Iterator[tuple[Trajectories, Truth]]:
    """The walks over force plates."""
    for walk in plate_walks(data):
        yield walk.trajectories, plate_truth(walk)


def store(path: Path, name: str, fit: Mapping[str, object]) -> None:
    """Replace what was fitted of one source in ``sources.json``; all else is kept."""
    document = json.loads(path.read_text(encoding="utf-8"))
    entry = document["sources"].get(name, {})
    document["sources"][name] = {**entry, **fit}
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, help="folders of rendered clips")
    parser.add_argument("--source", required=True, help="name of the keypoint source")
    parser.add_argument("--plates", type=Path, help="folder with mocap/: fit on walks over plates")
    parser.add_argument(
        "--learned", help="fit the learned method alone: released network, or its folder"
    )
    parser.add_argument("--told", default="", help="what the clips are, for the entry")
    options = parser.parse_args()
    if bool(options.plates) == bool(options.folders):
        parser.error("give either folders of rendered clips, or --plates")
    if options.plates:
        recordings = list(marker_walks(options.plates))
        told = "force plates, mocap/bmc, 3 walks of 3 people (CC BY 4.0, Duarte, BMClab)"
    else:
        recordings = list(rendered_clips(options.folders, options.source))
        told = options.told or f"{len(recordings)} rendered clips"
    # Events are found with the source's least score, but without its old offsets.
    blank = replace(source_named(options.source), offsets_s={})
    network = accelerator.open(options.learned) if options.learned else None
    learned = LearnedEvents(network) if network else None
    errors = [event_errors(points, truth, blank, learned) for points, truth in recordings]
    if network:
        network.close()
    offsets_s = fitted(errors)
    if learned is not None:
        offsets_s = {n: v for n, v in offsets_s.items() if n == learned.name}
    if not offsets_s:
        parser.error(
            f"fewer than {_LEAST_EVENTS} events of each kind were found; nothing is fitted"
        )
    fit: dict[str, Any] = {"offsets_s": {**source_named(options.source).offsets_s, **offsets_s}}
    if learned is None:
        # The spread of events, and what is told, are those of the method that leads by default.
        fit |= {"fitted_on": told, "timing_sd_s": timing_sd(errors)}
    store(Path(host.gait.sources.__file__).with_name("sources.json"), options.source, fit)


if __name__ == "__main__":
    main()
