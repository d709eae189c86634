"""Judge the gait room on recordings with truth and write the tables of ``docs/validation.md``.

    python -m tests.validation.gait --data DATA [--clips CLIPS] --out docs/validation.md

CLIPS is a folder of rendered clips with truth and exact points (``python -m quantize render --clip
calibration --out CLIPS``); without it that table is left out.
DATA is the folder with ``video/``, ``gait/`` and ``mocap/``. No event offset in use here was fitted
on these files, except that of the source ``markers``: there the judged recording is left out of the
fit. Limits of bouts, view and checks are round numbers that were looked at on the stored points of
these clips: read the table of all clips as a description, not as a blind test.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host.gait.analyse import analyse_gait
from host.gait.events import METHODS, STAND_IN, LearnedEvents
from host.gait.sources import Source, source_named
from host.gait.types import GaitResult, Parameter, Person
from quantize.event_cases import exact_points
from quantize.event_metric import EMPTY, Match, Timed, inside_spans, match
from quantize.markdown import table
from tests.validation.acceptance import Bar, at_least, at_most, told, write_section
from tests.validation.fit_offsets import Errors, event_errors, fitted
from tests.validation.readers import (
    PlateWalk,
    capture_facts,
    clip_truth,
    plate_truth,
    plate_walks,
    sensor_walks,
    stored_points,
)
from tests.validation.recorded import lead_named
from tests.validation.side_difference import SideDifferences, half_differences

Array = NDArray[np.float64]
LABELLED = ("walk_outdoor_1m65_cropped", "side_normal_mirror", "side_noarmswing_mirror_turn")


def analyse_clip(data: Path, clip: str) -> GaitResult:
    """Gait of the stored points of one clip; the outdoor walker's height is known."""
    points = stored_points(data, clip)
    person = Person(height_m=1.65 if "1m65" in clip else None)
    return analyse_gait(points, person, capture_facts(points.time_s), lead=lead_named())


def contacts_of(result: GaitResult) -> list[Timed]:
    """(time, foot) of all initial contacts."""
    return [(e.time_s, e.foot.value) for e in result.events if e.kind == "initial_contact"]


def by_eye(data: Path, clip: str) -> tuple[list[Timed], list[tuple[float, float]]]:
    """By-eye contacts of a clip and the spans of its passes."""
    path = data / "video" / f"{clip.removesuffix('_cropped')}.events.json"
    events = json.loads(path.read_text(encoding="utf-8"))["events"]
    feet = {"L": "left", "R": "right"}
    passes: dict[int, list[float]] = {}
    for event in events:
        passes.setdefault(event["pass_no"], []).append(event["time_s"])
    spans = [(min(times), max(times)) for times in passes.values()]
    return [(e["time_s"], feet[e["foot"]]) for e in events], spans


def score_clip(data: Path, clip: str, tolerance_s: float = 0.1) -> Match:
    """Contacts of one clip against the by-eye file."""
    truth, spans = by_eye(data, clip)
    return match(truth, inside_spans(contacts_of(analyse_clip(data, clip)), spans), tolerance_s)


@dataclass(frozen=True)
class SensorErrors:
    """Differences to the body-worn sensors, one value per walk."""

    cadence: Array
    step_time_s: Array
    one_side_step_time_s: Array
    one_side_stance_time_s: Array
    left_less_right: SideDifferences
    speed_mps: Array
    step_length_m: Array


@lru_cache(maxsize=1)
def sensor_errors(data: Path) -> SensorErrors:
    """All walks with key points.

    Where a foot leaves the floor depends on the source: the constant of the stance time is that of
    the other half of the people (even and odd numbers).
    """
    rows, differences, stance, halves = [], [], [], []
    people, parts, spread = [], [], []
    for walk in sensor_walks(data):
        sex = walk.sensor["Gender"].lower()
        person = Person(height_m=float(walk.sensor["height_m"]), sex=sex)
        points = walk.trajectories
        source = Source(
            offsets_s={STAND_IN: dict.fromkeys(("initial_contact", "foot_off"), 0.0)},
            true_metres=source_named(points.source).true_metres,
        )
        facts = capture_facts(points.time_s)
        result = analyse_gait(points, person, facts, source=source, lead=lead_named())
        found = result.parameters
        stance.append(_side_errors(found["stance_time"], walk.sensor, "imu_stancetime"))
        halves.append(int(walk.name.split("_")[1]) % 2)
        step = found["step_time"]
        sides = _side_errors(step, walk.sensor, "imu_steptime")
        true = [float(walk.sensor[f"imu_steptime_{name}"]) for name in ("left", "right")]
        differences.append([sides[0] - sides[1] + true[0] - true[1], true[0] - true[1]])
        people.append(walk.sensor["ID"])
        parts.append(half_differences(result))
        spread.append(_sensor_error(walk.sensor))
        rows.append(
            [
                found["cadence"].value - float(walk.sensor["imu_cadence"]),
                step.value - float(walk.sensor["imu_steptime"]),
                *sides,
                found["walking_speed"].value - float(walk.sensor["imu_velocity"]),
                found["step_length"].value - float(walk.sensor["imu_steplength"]),
            ]
        )
    values, stances, half = np.array(rows), np.array(stance), np.array(halves)
    for one in (0, 1):
        stances[half == one] -= np.nanmean(np.array(stance)[half != one])
    return SensorErrors(
        values[:, 0],
        values[:, 1],
        values[:, 2:4].ravel(),
        stances.ravel(),
        SideDifferences(
            *np.array(differences).T, np.array(parts), np.array(spread), people
        ).known(),
        values[:, 4],
        values[:, 5],
    )


def _sensor_error(sensor: Mapping[str, str]) -> float:
    """Standard error of the sensors' left less right step time, seconds."""
    sd_ms = [float(sensor[f"imu_steptime_sd_{name}_ms"]) for name in ("left", "right")]
    a_side = float(sensor["n_frames"]) / 60 / float(sensor["imu_steptime"]) / 2
    return float(np.hypot(*sd_ms) / 1000 / np.sqrt(a_side))


def _side_errors(found: Parameter, sensor: Mapping[str, str], column: str) -> list[float]:
    """Found - sensor of left and right; NaN where there is no value."""
    return [
        float("nan") if v is None else v.value - float(sensor[f"{column}_{name}"])
        for v, name in ((found.left, "left"), (found.right, "right"))
    ]


def plate_errors(data: Path) -> dict[str, Array]:
    """Errors against the plates per event kind, seconds; the judged walk is left out of the fit."""
    walks = list(plate_walks(data))
    out: dict[str, list[float]] = {"initial_contact": [], "foot_off": []}
    for walk in walks:
        fit = fitted([_errors(w, Source()) for w in walks if w is not walk], least_events=3)
        for kind, errors in _errors(walk, Source(offsets_s=fit)).fused.items():
            out[kind] += errors
    return {kind: np.array(errors) for kind, errors in out.items()}


def _errors(walk: PlateWalk, source: Source) -> Errors:
    return event_errors(walk.trajectories, plate_truth(walk), source)


def _events_section(data: Path) -> str:
    rows, total = [], EMPTY
    for clip in LABELLED:
        score = score_clip(data, clip)
        total += score
        rows.append([clip, *_match_row(score)])
    rows.append(["all", *_match_row(total)])
    head = ["clip", "true", "found", "recall", "precision", "feet right", "bias ms", "SD ms"]
    return table(head, rows)


def _match_row(score: Match) -> list[str]:
    errors = 1000 * np.array(score.errors_s)
    return [
        str(score.n_true),
        str(score.n_found),
        f"{score.recall:.2f}",
        f"{score.precision:.2f}",
        f"{score.feet_right}/{len(errors)}",
        f"{errors.mean():+.0f}",
        f"{errors.std(ddof=1):.0f}",
    ]


def _clips_section(data: Path) -> str:
    rows = []
    with np.load(data / "video" / "blazepose_full.npz") as store:
        clips = [str(clip) for clip in store["clips"]]
    for clip in clips:
        result = analyse_clip(data, clip)
        clean = sum(not s.excluded for s in result.strides)
        cadence, speed = (result.parameters[n] for n in ("cadence", "walking_speed"))
        shown = [
            f"{p.value:.{digits}f}" if p.absent_reason is None else p.absent_reason.value
            for p, digits in ((cadence, 1), (speed, 2))
        ]
        missed = ", ".join(c.code.value for c in result.checks if not c.passed) or "-"
        view = f"{result.view.kind.value} {result.view.angle_deg:.0f}°"
        rows.append([clip, result.quality_grade, view, str(clean), *shown, missed])
    head = ["clip", "grade", "view", "clean strides", "cadence", "speed m/s", "failed checks"]
    return table(head, rows)


def _difference_row(name: str, values: Array, digits: int) -> list[str]:
    seen = values[np.isfinite(values)]
    size = np.abs(seen)
    numbers = (seen.mean(), seen.std(), size.mean(), size.max())
    return [name, str(len(seen)), *(f"{v:.{digits}f}" for v in numbers)]


def _sensor_section(data: Path) -> str:
    errors = sensor_errors(data)
    rows = [
        _difference_row("cadence, steps/min", errors.cadence, 2),
        _difference_row("mean step time, ms", 1000 * errors.step_time_s, 1),
        _difference_row("one side's step time, ms", 1000 * errors.one_side_step_time_s, 1),
        _difference_row("one side's stance time, ms", 1000 * errors.one_side_stance_time_s, 1),
        _difference_row("speed, m/s", errors.speed_mps, 3),
        _difference_row("step length, m", errors.step_length_m, 3),
    ]
    head = ["quantity", "n", "bias", "SD", "mean absolute", "largest"]
    constant = "The constant of the stance time is that of the other half of the people."
    return f"{table(head, rows)}\n\n{constant}\n\n{errors.left_less_right.told()}"


def _plate_section(data: Path) -> str:
    rows = []
    for kind, errors in plate_errors(data).items():
        ms = 1000 * errors
        rows.append([kind, str(len(ms)), f"{ms.mean():+.0f}", f"{ms.std(ddof=1):.0f}"])
    return table(["event", "n", "mean error ms", "SD ms"], rows)


def _methods_section(data: Path) -> str:
    """Each event method alone, without any offset: bias and spread against the plates."""
    errors = [_errors(walk, Source()) for walk in plate_walks(data)]
    rows = []
    for name in (*METHODS, LearnedEvents.name):
        row = [name]
        for kind in ("initial_contact", "foot_off"):
            ms = 1000 * np.array([e for one in errors for e in one.by_method[name][kind]])
            row += [str(len(ms)), f"{ms.mean():+.0f} ± {ms.std(ddof=1):.0f}"]
        rows.append(row)
    return table(["method", "contacts", "error ms", "foot offs", "error ms"], rows)


def clip_errors(clips: Path) -> list[tuple[str, dict[str, tuple[float, float]], Errors]]:
    """Per rendered clip: (measured, true) of cadence, speed, step length and view; event errors."""
    out = []
    for path in sorted(clips.glob("*.truth.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        points = exact_points(path)
        facts = capture_facts(points.time_s)
        result = analyse_gait(points, Person(told["stature_m"]), facts, lead=lead_named())
        pairs = {
            name: (result.parameters[name].value, told.get(key, float("nan")))
            for name, key in (
                ("cadence", "cadence_per_min"),
                ("walking_speed", "walking_speed_m_s"),
                ("step_length", "step_length_m"),
            )
        }
        pairs["view"] = (result.view.angle_deg, abs(told["camera"]["yaw_deg"]))
        out.append((told["clip"], pairs, event_errors(points, clip_truth(path), Source())))
    return out


def _rendered_section(clips: Path) -> str:
    rows = []
    for name, pairs, errors in clip_errors(clips):
        shown = [
            f"{found:.{digits}f} / {true:.{digits}f}"
            for (found, true), digits in zip(pairs.values(), (1, 2, 2, 0), strict=True)
        ]
        events = [1000 * np.array(errors.fused[k]) for k in ("initial_contact", "foot_off")]
        rows.append([name, *shown, *(f"{e.mean():+.0f} ± {e.std():.0f}" for e in events)])
    head = ["clip", "cadence", "speed m/s", "step length m", "view °", "contact ms", "foot off ms"]
    return table(head, rows)


def report(data: Path, clips: Path | None) -> str:
    """The section of ``docs/validation.md`` about the gait room."""
    parts = [
        "## Gait room",
        "Made by `make validate DATA=FOLDER`.\n"
        "No event offset was fitted on the files that judge it.\n"
        "Limits of bouts, view and checks are round numbers that were looked at on the stored\n"
        "points of these clips: the table of all clips describes, it is no blind test.",
        "### Contacts against by-eye files (stored BlazePose Full points, no offset, ±0.1 s)",
        _events_section(data),
        "### Every clip (the same points)",
        _clips_section(data),
        "### 135 walks against body-worn sensors (3D points of a large network, no feet, 60/s)",
        _sensor_section(data),
        "### Markers against force plates (offsets fitted on the other recordings)",
        _plate_section(data),
        "### Each event method alone against the plates (no offset; `gait.events` chooses)",
        _methods_section(data),
    ]
    if clips is not None and clips.is_dir():
        parts += [
            "### Rendered walkers, exact points (measured / true; events before any offset)",
            "The share of stature between eyes and heel in gait was set on cal-01 to cal-05.",
            _rendered_section(clips),
        ]
    return "\n\n".join(parts) + "\n"


def bars(data: Path) -> list[Bar]:
    """The release's bars on markers over force plates and on the walks with sensors."""
    out = []
    for kind, errors in plate_errors(data).items():
        of = f"force plates, {kind.replace('_', ' ')}"
        ms = 1000 * errors
        out.append(at_most(f"{of}: size of the mean error", abs(ms.mean()), 15, " ms"))
        out.append(at_most(f"{of}: SD", ms.std(ddof=1), 20, " ms"))
    errors = sensor_errors(data)

    def size(values: Array, scale: float = 1.0) -> float:
        return scale * float(np.nanmean(np.abs(values)))

    of = "135 walks, keypoints without feet"
    sides = errors.left_less_right
    low, high = sides.r_interval()
    reach = np.sqrt(sides.video_reliability() * sides.sensor_reliability())
    side_ms, stance_ms = (
        size(v, 1000) for v in (errors.one_side_step_time_s, errors.one_side_stance_time_s)
    )
    return [
        *out,
        at_most(f"{of}: cadence", size(errors.cadence), 0.70, " /min", 2),
        at_most(f"{of}: one side's step time", side_ms, 12, " ms", 1),
        at_most(f"{of}: one side's stance", stance_ms, 17, " ms", 1),
        at_least(f"{of}: left less right step time, r (aim)", sides.r(), 0.45, "", 2),
        told(f"{of}: the same, 95 % over people", f"{low:.2f} to {high:.2f}"),
        told(f"{of}: the same, means of each person's walks", f"{sides.r_of_people():.2f}"),
        told(f"{of}: the same, what both instruments' repeatability allows", f"{reach:.2f}"),
        told(f"{of}: speed, bias", f"{np.nanmean(errors.speed_mps):+.3f} m/s"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="video/, gait/, mocap/")
    parser.add_argument("--clips", type=Path, help="rendered clips with truth and exact points")
    parser.add_argument("--out", type=Path, required=True, help="document to write into")
    options = parser.parse_args()
    text = report(options.data, options.clips)
    write_section(options.out, "gait", text, bars(options.data))


if __name__ == "__main__":
    main()
