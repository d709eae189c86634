"""Judge the learned events beside the published methods; a section of ``docs/validation.md``.

    python -m tests.validation.learned_events --data DATA --clips CAL --impaired CLIPS
        --walks WALKS --out docs/validation.md

DATA is the folder with ``video/``, ``gait/`` and ``mocap/``. CAL and CLIPS are folders of rendered
clips (recipes ``calibration`` and ``pathological-2``), WALKS one of walks as key points alone
(``walks-test-1``): people, recorded subjects and descriptions of impaired walks that the network
was not trained on. Each method's offset is the median error on other recordings of the same
source: rendered clips are corrected by CAL, force plates by the other walks; where there are no
other recordings (stored BlazePose points) nothing is corrected.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from host import accelerator
from host.gait.body import BodyHeight
from host.gait.bouts import ProgressionBouts
from host.gait.events import EventDetector, detector_led_by
from host.gait.events.foot_velocity import FootVelocity
from host.gait.events.heel_speed import HeelSpeed
from host.gait.events.learned import EventNetwork, LearnedEvents
from host.gait.events.zeni import Zeni
from host.gait.sources import Source
from host.gait.track import Resampler
from host.gait.types import Event
from quantize.event_cases import clip_cases, walk_cases
from quantize.event_metric import FEET, KINDS, TOLERANCE_S, Case, Score, score
from quantize.gait_evaluate import alone
from quantize.markdown import table
from tests.validation.acceptance import write_section
from tests.validation.event_cases import (
    Detectors,
    eye_cases,
    found_by,
    offset,
    plate_cases,
    raw_errors,
    seen_clips,
)
from tests.validation.readers import sensor_walks
from tests.validation.recorded import CACHE


def detectors(network: EventNetwork) -> Detectors:
    """Each method alone, what is joined under Zeni's rule, and the learned model alone, joined."""
    blank = Source()
    learned = LearnedEvents(network)
    return {
        "zeni": EventDetector(blank, (Zeni(),)),
        "heel_speed": EventDetector(blank, (HeelSpeed(),)),
        "foot_velocity (O'Connor)": EventDetector(blank, (FootVelocity(),)),
        "joined, zeni leads": EventDetector(blank),
        "learned": alone(network),
        "joined, learned leads": detector_led_by(learned, blank),
    }


def cells(one: Score, digits: int = 0) -> list[str]:
    """F1, bias, SD and mean absolute error in ms, feet named right."""
    ms = 1000 * np.array(one.errors_s)
    if len(ms) < 2:
        return [f"{one.f1:.3f}", "-", "-", "-", "-"]
    spread = f"{ms.mean():+.{digits}f}", f"{ms.std(ddof=1):.{digits}f}"
    return [f"{one.f1:.3f}", *spread, f"{np.abs(ms).mean():.1f}", f"{one.feet}/{len(ms)}"]


HEAD = ["method", "contact F1", "bias ms", "SD ms", "MAE ms", "feet right"]
HEAD += ["foot off F1", "bias ms", "SD ms", "MAE ms", "feet right"]
Fit = Callable[[str, str], float]


def set_table(cases: list[Case], methods: Detectors, fit: Fit) -> str:
    """One set; ``fit`` gives the offset of a method and kind."""
    found = found_by(cases, methods)
    rows = []
    for name in methods:
        row = [name]
        for kind in KINDS:
            if any(case.judged[kind] for case in cases):
                offsets = [fit(name, kind)] * len(cases)
                row += cells(score(cases, found[name], kind, offsets))
        rows.append(row)
    return table(HEAD[: len(rows[0])], rows)


def fitted_on(cases: list[Case], methods: Detectors) -> Fit:
    """Offsets measured on a set."""
    found = found_by(cases, methods)
    return lambda name, kind: offset(cases, found[name], kind)


def plate_table(data: Path, methods: Detectors) -> str:
    """Force plates; the judged walk is left out of its offset."""
    cases = plate_cases(data)
    found = found_by(cases, methods)
    rows = []
    for name in methods:
        row = [name]
        for kind in KINDS:
            own = [raw_errors(c, f, kind) for c, f in zip(cases, found[name], strict=True)]
            errors: list[float] = []
            for i, part in enumerate(own):
                rest = [e for j, other in enumerate(own) if j != i for e in other]
                errors += [e - float(np.median(rest)) for e in part] if rest else []
            raw, ms = 1000 * np.array([e for part in own for e in part]), 1000 * np.array(errors)
            true = sum(len(c.judged[kind]) for c in cases)
            if len(ms) < 2:
                row += [f"{len(raw)}/{true}", "-", "-"]
            else:
                row += [f"{len(raw)}/{true}", f"{raw.mean():+.0f}"]
                row += [f"{ms.mean():+.0f} ± {ms.std(ddof=1):.0f}"]
        rows.append(row)
    head = ["method", "contacts", "bias ms", "after offset ms"]
    return table([*head, "foot offs", "bias ms", "after offset ms"], rows)


@dataclass(frozen=True)
class SensorRow:
    """Found - sensors over all walks of one method, one value per walk (two for one side)."""

    cadence: list[float]
    one_side_s: list[float]
    stance_s: list[float]
    asymmetry: list[tuple[float, float]]


def step_values(events: tuple[Event, ...]) -> tuple[float, dict[str, float], dict[str, float]]:
    """Mean step time, step time per side (ending with its contact), stance time per side."""
    contacts = sorted((e.time_s, e.foot.value) for e in events if e.kind == KINDS[0])
    offs = sorted((e.time_s, e.foot.value) for e in events if e.kind == KINDS[1])
    steps: dict[str, list[float]] = {f: [] for f in FEET}
    for (t0, f0), (t1, f1) in itertools.pairwise(contacts):
        if f0 != f1 and t1 - t0 < 1.5:
            steps[f1].append(t1 - t0)
    stances: dict[str, list[float]] = {f: [] for f in FEET}
    for t0, foot in contacts:
        after = [t - t0 for t, f in offs if f == foot and 0.2 < t - t0 < 1.6]
        if after:
            stances[foot].append(min(after))
    everything = [s for own in steps.values() for s in own]
    return _mean(everything), *({f: _mean(v) for f, v in d.items()} for d in (steps, stances))


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def sensor_rows(data: Path, methods: Detectors) -> Iterator[tuple[str, SensorRow]]:
    """All walks with key points; steps and stances straight from the events."""
    out = {name: SensorRow([], [], [], []) for name in methods}
    for walk in sensor_walks(data):
        track = Resampler().resample(walk.trajectories)
        body = BodyHeight().measure(track)
        bouts = ProgressionBouts().find(track, body)
        told = {k: float(v) for k, v in walk.sensor.items() if k.startswith("imu_") and v}
        for name, detector in methods.items():
            step, side, stance = step_values(detector.detect(track, body, bouts).events)
            row = out[name]
            row.cadence.append(60 / step - told["imu_cadence"])
            for foot in FEET:
                row.one_side_s.append(side[foot] - told[f"imu_steptime_{foot}"])
                row.stance_s.append(stance[foot] - told[f"imu_stancetime_{foot}"])
            true = told["imu_steptime_left"] - told["imu_steptime_right"]
            row.asymmetry.append((side["left"] - side["right"], true))
    yield from out.items()


WALKS_TITLE = (
    "### Held-out recorded subjects and simulated walks, exact points, 30/s\n\n"
    "Offsets from the exact points of the same clips as before."
)
BINS = (0.2, 0.5, 0.8, 0.95, 1.0)


def calibration_table(cases: list[Case], learned: LearnedEvents) -> str:
    """How often a candidate of some strength is a true event of that foot, within 0.1 s."""
    seen: list[tuple[float, bool]] = []
    for case in cases:
        track = Resampler().resample(case.points)
        body = BodyHeight().measure(track)
        for bout in ProgressionBouts().find(track, body):
            for one in learned.detect(track, body, bout):
                if any(a <= one.time_s <= b for a, b in case.spans):
                    own = [t for t, foot in case.known[one.kind.value] if foot == one.side.value]
                    gaps = [abs(t - one.time_s) for t in own]
                    seen.append((one.strength, min(gaps, default=1.0) <= TOLERANCE_S))
    strength, real = (np.array(column) for column in zip(*seen, strict=True))
    rows = []
    for low, high in itertools.pairwise(BINS):
        inside = (strength >= low) & ((strength < high) | (high >= BINS[-1]))
        if inside.any():
            shares = f"{strength[inside].mean():.2f}", f"{real[inside].mean():.2f}"
            rows.append([f"{low:g} to {high:g}", str(int(inside.sum())), *shares])
    return table(["strength", "candidates", "mean strength", "share that is true"], rows)


def sensor_table(data: Path, methods: Detectors) -> str:
    """Body-worn sensors; stance after its median error is taken away (no plate, no offset)."""
    rows = []
    for name, row in sensor_rows(data, methods):
        cadence = np.array(row.cadence)
        if not np.isfinite(cadence).any():
            rows.append([name, "0", *["-"] * 6])
            continue
        steps, stance = (1000 * np.array(v) for v in (row.one_side_s, row.stance_s))
        pairs = np.array(row.asymmetry)
        seen = pairs[np.isfinite(pairs).all(axis=1)]
        rows.append(
            [
                name,
                str(int(np.isfinite(cadence).sum())),
                f"{np.nanmean(np.abs(cadence)):.2f}",
                f"{np.nanmean(np.abs(steps)):.1f}",
                f"{np.nanmean(stance):+.0f}",
                f"{np.nanmean(np.abs(stance)):.1f}",
                f"{np.nanmean(np.abs(stance - np.nanmedian(stance))):.1f}",
                f"{np.corrcoef(seen.T)[0, 1]:.2f}",
            ]
        )
    head = ["method", "walks", "cadence MAE /min", "one side's step time MAE ms"]
    head += ["stance bias ms", "stance MAE ms", "stance MAE ms less its median"]
    return table([*head, "left - right step time r"], rows)


def report(options: argparse.Namespace, network: accelerator.Accelerator) -> str:
    """The section about the learned events."""
    methods = detectors(network)
    model, data, cache = options.model, options.data, options.cache
    exact_fit = fitted_on([c for folder in options.clips for c in clip_cases(folder)], methods)
    calibration = [c for folder in options.clips for c in seen_clips(folder, model, cache)]
    fit = fitted_on(calibration, methods)
    names = ", ".join(folder.name for folder in options.clips)
    impaired = seen_clips(options.impaired, model, cache)
    released = network.model
    return "\n\n".join(
        [
            "## Learned events",
            f"{released.name} {released.version}, emulated, beside the published methods; events\n"
            f"within {TOLERANCE_S:g} s count. Made by `python -m tests.validation.learned_events`.",
            f"### Impaired and healthy rendered walks through {model}, second description",
            f"Offsets from {names}. Nothing of these clips was trained on.",
            set_table(impaired, methods, fit),
            f"### {names} through {model} (offsets from the same clips: read the SD)",
            set_table(calibration, methods, fit),
            f"### The impaired clips, exact points (offsets from {names})",
            set_table(clip_cases(options.impaired), methods, exact_fit),
            WALKS_TITLE,
            set_table(walk_cases(options.walks), methods, exact_fit),
            "### Markers over force plates (offsets from the other walks)",
            plate_table(data, methods),
            "### 135 walks against body-worn sensors (3D points of a large network, no offset)",
            "These points have no heels and toes; O'Connor's rule finds nothing in them.",
            sensor_table(data, methods),
            f"### 21 by-eye contacts through {model} (offsets from {names})",
            set_table(eye_cases(data, model, cache), methods, fit),
            "### 21 by-eye contacts, stored BlazePose Full points (no offset)",
            set_table(eye_cases(data, None, cache), methods, lambda _name, _kind: 0.0),
            "### Strength of a learned candidate, and how often it is true",
            f"All these clips through {model}, before the sequence is chosen.",
            calibration_table([*impaired, *calibration], LearnedEvents(network)),
            "",
        ]
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="video/, gait/, mocap/")
    parser.add_argument("--clips", type=Path, nargs="+", required=True, help="to fit offsets on")
    parser.add_argument("--impaired", type=Path, required=True, help="clips of `pathological-2`")
    parser.add_argument("--walks", type=Path, required=True, help="walks of `walks-test-1`")
    parser.add_argument("--model", default="gait-pose-s", help="pose network")
    parser.add_argument("--network", default="gait-events", help="released network, or its folder")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, required=True, help="document to write into")
    options = parser.parse_args()
    network = accelerator.open(options.network)
    try:
        write_section(options.out, "learned-events", report(options, network))
    finally:
        network.close()


if __name__ == "__main__":
    main()
