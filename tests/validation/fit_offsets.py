"""Fit the constant offsets of the event methods for one keypoint source.

    python -m tests.validation.fit_offsets --source gait-pose-s ... --folders FOLDER ...
    python -m tests.validation.fit_offsets --source markers --plates DATA

FOLDER holds rendered clips with their truth; the source is a released network, which looks at them
once (:mod:`tests.validation.recorded`). The entry of the source in ``host/gait/sources.json`` is
replaced: per method and kind the median of found - true time over all clips, and the spread around
each clip's mean. Fit on clips that judge nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import host.gait.sources
from host.gait.body import BodyHeight
from host.gait.bouts import ProgressionBouts
from host.gait.events import (
    METHODS,
    EventDetector,
    Kind,
    LearnedEvents,
    detector_led_by,
    lead_for,
)
from host.gait.sources import Source, source_named
from host.gait.track import Resampler
from host.gait.types import Trajectories
from quantize.event_metric import Timed, match
from tests.validation.readers import clip_truth, plate_truth, plate_walks
from tests.validation.recorded import lead_named, recorded

_TOLERANCE_S = 0.2
_LEAST_EVENTS = 5

Truth = Mapping[str, Sequence[Timed]]


@dataclass(frozen=True)
class Errors:
    """found - true in seconds, per event kind: of each method alone, and of the joined events."""

    by_method: Mapping[str, Mapping[str, list[float]]]
    fused: Mapping[str, list[float]]


def event_errors(trajectories: Trajectories, truth: Truth, source: Source) -> Errors:
    """Errors of one recording, with the offsets of ``source`` taken away.

    The joined events are those of the product: the learned method leads where the points have feet.
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

    alone = {name: errors(EventDetector(source, methods=(m(),))) for name, m in METHODS.items()}
    lead = lead_for(lead_named(), track)
    if isinstance(lead, LearnedEvents):
        alone[lead.name] = errors(EventDetector(source, (), learned=lead))
    return Errors(alone, errors(detector_led_by(lead, source)))


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


def timing_sd(recordings: Sequence[Errors]) -> dict[str, dict[str, float]]:
    """SD of one event's error per method and kind, seconds, around the recordings' means."""
    out: dict[str, dict[str, float]] = {}
    for method in recordings[0].by_method if recordings else ():
        for kind in (k.value for k in Kind):
            found = (np.array(r.by_method[method][kind]) for r in recordings)
            errors = [e for e in found if len(e) > 1]
            freedom = sum(len(e) - 1 for e in errors)
            if freedom:
                squares = sum(float(((e - e.mean()) ** 2).sum()) for e in errors)
                out.setdefault(method, {})[kind] = round(float(np.sqrt(squares / freedom)), 4)
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
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folders", nargs="*", type=Path, help="folders of rendered clips")
    parser.add_argument("--source", nargs="+", required=True, help="names of keypoint sources")
    parser.add_argument("--plates", type=Path, help="folder with mocap/: fit on walks over plates")
    options = parser.parse_args()
    if bool(options.plates) == bool(options.folders):
        parser.error("give either folders of rendered clips, or --plates")
    for name in options.source:
        if options.plates:
            recordings = list(marker_walks(options.plates))
            told = "force plates, mocap/bmc, 3 walks of 3 people (CC BY 4.0, Duarte, BMClab)"
        else:
            recordings = list(rendered_clips(options.folders, name))
            told = f"{len(recordings)} rendered clips: {', '.join(f.name for f in options.folders)}"
        # Events are found with the source's least score, but without its old offsets.
        blank = replace(source_named(name), offsets_s={})
        errors = [event_errors(points, truth, blank) for points, truth in recordings]
        fit = {"fitted_on": told, "offsets_s": fitted(errors), "timing_sd_s": timing_sd(errors)}
        if not fit["offsets_s"]:
            parser.error(
                f"fewer than {_LEAST_EVENTS} events of each kind were found; nothing is fitted"
            )
        store(Path(host.gait.sources.__file__).with_name("sources.json"), name, fit)


if __name__ == "__main__":
    main()
