"""Judge the gait room on rendered walks as the real networks see them; a section of validation.md.

    python -m tests.validation.rendered --renders FOLDER --out docs/validation.md [--events METHOD]

FOLDER holds one folder per recipe of ``SETS`` (``python -m quantize render --clip NAME``); those
that are not there are left out. The networks look at a clip once (see
:mod:`tests.validation.recorded`). Event offsets and the mean errors of the angles were fitted on
``calibration`` and ``pathological``: these clips stand in rows of their own and count in no total.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host.gait.analyse import analyse_gait
from host.gait.events import NAMES, STAND_IN, Lead
from host.gait.types import GaitResult
from host.pipeline import capture_facts
from host.settings import GaitSettings
from model_zoo.package import load_released
from model_zoo.skeleton import Side
from quantize.event_metric import match
from quantize.markdown import table
from tests.validation.acceptance import Bar, at_least, at_most, write_section
from tests.validation.recorded import CACHE, lead_named, recorded
from tests.validation.rendered_truth import JOINTS, ClipTruth

Array = NDArray[np.float64]
NETWORKS = ("gait-pose-s", "gait-pose-m")
TOLERANCE_S = 0.1
FITTED, OBLIQUE = ("calibration", "pathological"), "oblique"
SETS = (*FITTED, "pathological-2", "rendered-walks", OBLIQUE)
KINDS = ("initial_contact", "foot_off")
WIDER_OBLIQUE = 1.6
CURVE_BARS = {"thigh": 4.0, "knee": 5.0, "ankle": 6.5}


@dataclass(frozen=True)
class EventScore:
    """Events of one kind of one clip.

    ``errors_s`` of the pairs within ``TOLERANCE_S``; ``true`` events while the whole walker is in
    the picture, ``found`` ones in the same time, of which ``real`` have a true event (also one
    just outside) near them.
    """

    errors_s: tuple[float, ...]
    true: int
    found: int
    real: int
    feet_right: int


@dataclass(frozen=True)
class ClipScore:
    """Found - true of one clip; what has no value is NaN."""

    group: tuple[str, str, str]
    """Folder, pattern and severity."""
    grade: str
    events: dict[str, EventScore]
    step_time_s: tuple[float, ...]
    """Of single steps whose two contacts were found."""
    parameters: dict[str, float]
    sides: dict[str, tuple[float, float]]
    covered: dict[str, bool]
    curve_rmse_deg: dict[str, tuple[float, ...]]
    curve_r: dict[str, tuple[float, ...]]


def score_clip(video: Path, model: str, cache: Path, lead: Lead) -> ClipScore:
    """Analyse one clip and compare it with its truth."""
    truth = ClipTruth.read(video)
    recording, points = recorded(video, model, cache)
    result = analyse_gait(points, truth.person, capture_facts(recording), lead=lead)
    true = truth.parameters()
    found = {n: p for n, p in result.parameters.items() if n in true}
    sides = {
        n: tuple(
            float("nan") if v is None else v.value - t
            for v, t in ((p.left, true[n][1]), (p.right, true[n][2]))
        )
        for n, p in found.items()
    }
    return ClipScore(
        (video.parent.name, truth.pattern, truth.severity),
        result.quality_grade,
        {kind: _events(result, truth, kind) for kind in KINDS},
        _step_times(result, truth),
        {n: p.value - true[n][0] for n, p in found.items()},
        {n: (left, right) for n, (left, right) in sides.items()},
        {
            n: p.interval_95[0] <= true[n][0] <= p.interval_95[1]
            for n, p in found.items()
            if p.interval_95 is not None and np.isfinite(true[n][0])
        },
        *_curves(result, truth),
    )


def _found(result: GaitResult, kind: str) -> list[tuple[float, str]]:
    return [(e.time_s, e.foot.value) for e in result.events if e.kind == kind]


def _events(result: GaitResult, truth: ClipTruth, kind: str) -> EventScore:
    inside, everything = (truth.events(kind, inside=flag) for flag in (True, False))
    found = _found(result, kind)
    first, last = truth.span_s
    within = [e for e in found if first <= e[0] <= last]
    pairs = match(inside, found, TOLERANCE_S)
    real = len(match(everything, within, TOLERANCE_S).errors_s)
    return EventScore(pairs.errors_s, len(inside), len(within), real, pairs.feet_right)


def _step_times(result: GaitResult, truth: ClipTruth) -> tuple[float, ...]:
    """Found - true time of each true step inside whose two contacts have a found one beside them"""
    found = _found(result, KINDS[0])
    out = []
    true = truth.events(KINDS[0], inside=True)
    for (before_s, first), (after_s, second) in itertools.pairwise(true):
        ends = [
            [t for t, foot in found if foot == side and abs(t - at) <= TOLERANCE_S]
            for at, side in ((before_s, first), (after_s, second))
        ]
        if first != second and all(ends):
            out.append(ends[1][0] - ends[0][0] - (after_s - before_s))
    return tuple(out)


def _curves(
    result: GaitResult, truth: ClipTruth
) -> tuple[dict[str, tuple[float, ...]], dict[str, tuple[float, ...]]]:
    true = truth.curves()
    rmse: dict[str, list[float]] = {joint: [] for joint in JOINTS}
    like: dict[str, list[float]] = {joint: [] for joint in JOINTS}
    for curve in result.curves:
        expected = true.get((curve.joint, Side(curve.side)))
        if curve.joint in rmse and expected is not None:
            away = curve.mean_deg - expected
            rmse[curve.joint].append(float(np.sqrt((away**2).mean())))
            like[curve.joint].append(float(np.corrcoef(curve.mean_deg, expected)[0, 1]))
    return (
        {joint: tuple(v) for joint, v in rmse.items()},
        {joint: tuple(v) for joint, v in like.items()},
    )


_HEAD = [
    "walks",
    "clips",
    "contact: n, MAE, bias ± SD ms",
    "F1",
    "feet right %",
    "foot off: MAE, bias ± SD ms",
    "F1",
    "step time: one step, one side, mean ms",
    "step length: one side, mean m",
    "speed m/s",
    "hip, knee, ankle RMSE °",
    "correlation",
]


def row(name: str, scores: Sequence[ClipScore]) -> list[str]:
    """One line of the table of errors."""
    contact, off = ([s.events[kind] for s in scores] for kind in KINDS)
    true = sum(len(e.errors_s) for e in contact)
    feet = 100 * sum(e.feet_right for e in contact) / true if true else float("nan")
    curves = [[v for s in scores for v in s.curve_rmse_deg[j]] for j in JOINTS]
    likeness = [[v for s in scores for v in s.curve_r[j]] for j in JOINTS]
    return [
        name,
        str(len(scores)),
        f"{sum(e.true for e in contact)}, {_times(contact)}",
        f"{f1(contact):.3f}",
        f"{feet:.1f}",
        _times(off),
        f"{f1(off):.3f}",
        ", ".join(
            f"{1000 * mean_size(values):.0f}"
            for values in (
                (v for s in scores for v in s.step_time_s),
                sided(scores, "step_time"),
                (s.parameters["step_time"] for s in scores),
            )
        ),
        f"{mean_size(sided(scores, 'step_length')):.3f}, "
        f"{mean_size(s.parameters['step_length'] for s in scores):.3f}",
        f"{mean_size(s.parameters['walking_speed'] for s in scores):.3f}",
        ", ".join(f"{np.mean(v):.1f}" if v else "-" for v in curves),
        ", ".join(f"{np.mean(v):.2f}" if v else "-" for v in likeness),
    ]


def _times(scores: Iterable[EventScore]) -> str:
    ms = 1000 * np.array([e for s in scores for e in s.errors_s])
    if len(ms) == 0:
        return "-"
    return f"{np.abs(ms).mean():.0f}, {ms.mean():+.0f} ± {ms.std():.0f}"


def f1(scores: Sequence[EventScore]) -> float:
    """Harmonic mean of recall and precision over all clips."""
    true, found = sum(s.true for s in scores), sum(s.found for s in scores)
    if not true or not found:
        return float("nan")
    recall = sum(len(s.errors_s) for s in scores) / true
    precision = sum(s.real for s in scores) / found
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def sided(scores: Sequence[ClipScore], name: str) -> Iterable[float]:
    """Found - true of the two sides of all clips."""
    return (v for s in scores for v in s.sides.get(name, ()))


def mean_size(values: Iterable[float]) -> float:
    """Mean absolute value of what is known."""
    known = np.array([v for v in values if np.isfinite(v)])
    return float(np.abs(known).mean()) if len(known) else float("nan")


def interval_rows(scores: Sequence[ClipScore]) -> list[list[str]]:
    """Per parameter: how many intervals, share that holds the truth, and the errors."""
    out = []
    for name in sorted({n for s in scores for n in s.covered}):
        held = [s.covered[name] for s in scores if name in s.covered]
        errors = [s.parameters[name] for s in scores]
        known = np.array([e for e in errors if np.isfinite(e)])
        out.append(
            [
                name,
                str(len(held)),
                f"{100 * np.mean(held):.0f}",
                f"{known.mean():+.3f}",
                f"{known.std(ddof=1):.3f}",
            ]
        )
    held = [v for s in scores for v in s.covered.values()]
    return [*out, ["all", str(len(held)), f"{100 * np.mean(held):.0f}", "", ""]]


def total_rows(scores: Sequence[ClipScore]) -> list[list[str]]:
    """Lines over many clips."""
    side = _from_the_side(scores)
    healthy = [s for s in side if s.group[1] == "healthy"]
    chosen = {
        "**healthy, all**": healthy,
        "**impaired, all**": [s for s in side if s not in healthy],
        "**all from the side**": side,
        "**oblique, 45°**": [s for s in scores if s.group[0] == OBLIQUE],
        **{f"{name} (fitted on)": [s for s in scores if s.group[0] == name] for name in FITTED},
    }
    return [row(name, of) for name, of in chosen.items() if of]


def scored(model: str, folders: Sequence[Path], cache: Path, lead: Lead) -> list[ClipScore]:
    """All clips of the folders through one network with one event method."""
    videos = (video for folder in folders for video in sorted(folder.glob("*.mp4")))
    return [score_clip(video, model, cache, lead) for video in videos]


def _from_the_side(scores: Sequence[ClipScore]) -> list[ClipScore]:
    """Of walks on which nothing was fitted."""
    return [s for s in scores if s.group[0] not in (*FITTED, OBLIQUE)]


def bars(model: str, scores: Sequence[ClipScore]) -> list[Bar]:
    """The release's bars: from the side, and 1.6 times as much at 45 degrees."""
    oblique = [s for s in scores if s.group[0] == OBLIQUE]
    return [
        *_bars(f"{model}, rendered, side", _from_the_side(scores), 1.0),
        *(_bars(f"{model}, rendered, 45°", oblique, WIDER_OBLIQUE) if oblique else ()),
    ]


def _bars(of: str, scores: Sequence[ClipScore], wider: float) -> list[Bar]:
    contact, off = ([s.events[kind] for s in scores] for kind in KINDS)
    errors_ms = [[1000 * e for s in kind for e in s.errors_s] for kind in (contact, off)]
    feet = sum(e.feet_right for e in contact) / max(sum(len(e.errors_s) for e in contact), 1)
    step_ms = 1000 * mean_size(sided(scores, "step_time"))
    speed = mean_size(s.parameters["walking_speed"] for s in scores)
    out = [
        at_most(f"{of}: contact, mean error", mean_size(errors_ms[0]), 20 * wider, " ms"),
        at_most(f"{of}: foot off, mean error", mean_size(errors_ms[1]), 30 * wider, " ms"),
        at_least(f"{of}: contacts found, F1", f1(contact), 1 - 0.03 * wider, "", 3),
        at_least(f"{of}: foot named right", 100 * feet, 100 - wider, " %", 1),
        at_most(f"{of}: one side's step time", step_ms, 20 * wider, " ms"),
        at_most(
            f"{of}: one side's step length",
            mean_size(sided(scores, "step_length")),
            0.045 * wider,
            " m",
            3,
        ),
        at_most(f"{of}: speed", speed, 0.06 * wider, " m/s", 3),
    ]
    for joint, bar in CURVE_BARS.items():
        rmse = [v for s in scores for v in s.curve_rmse_deg[joint]]
        if rmse:
            out.append(at_most(f"{of}: {joint} curve", float(np.mean(rmse)), bar * wider, "°", 1))
    return out


def network_section(
    model: str, scores: Sequence[ClipScore], lead: Lead, *, by_pattern: bool
) -> str:
    """Tables of one network with one event method."""
    side = _from_the_side(scores)
    rows = []
    if by_pattern:
        for group in sorted({s.group for s in side}):
            rows.append(row(" ".join(group), [s for s in side if s.group == group]))
    named = lead if isinstance(lead, str) else lead.name
    return "\n\n".join(
        [
            f"### {model} {load_released(model).version}, events by {named}",
            table(_HEAD, [*rows, *total_rows(scores)]),
            "Share of 95 % intervals that hold the truth, from the side (error = found - true):",
            table(["parameter", "clips", "held %", "mean error", "SD"], interval_rows(side)),
        ]
    )


def report(
    folders: Sequence[Path], models: Sequence[str], cache: Path, methods: Sequence[str]
) -> tuple[str, list[Bar]]:
    """The section about rendered walks, and the bars of the first method.

    Each pattern alone stands there with the first method.
    """
    measured: list[Bar] = []
    parts = [
        "## Rendered walks through the network",
        "Exact truth: see `docs/rendered-sets.md`. Events count while the whole walker is in\n"
        f"the picture, within ±{1000 * TOLERANCE_S:.0f} ms; RMSE and correlation are those of\n"
        "the mean curve of one side against the mean of the true angles. Event offsets\n"
        "and mean errors of the angles were fitted on `calibration` and `pathological`.",
    ]
    for events in methods:
        lead, first = lead_named(events), events == methods[0]
        for model in models:
            scores = scored(model, folders, cache, lead)
            parts.append(network_section(model, scores, lead, by_pattern=first))
            if first:
                measured += bars(model, scores)
    return "\n\n".join([*parts, ""]), measured


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--models", nargs="+", default=list(NETWORKS))
    methods = [GaitSettings().events, STAND_IN]
    parser.add_argument("--events", nargs="+", choices=NAMES, default=methods)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    folders = [options.renders / name for name in SETS if (options.renders / name).is_dir()]
    if not folders:
        parser.error(f"{options.renders} holds none of {', '.join(SETS)}")
    text, measured = report(folders, options.models, options.cache, options.events)
    write_section(options.out, "rendered", text, measured)


if __name__ == "__main__":
    main()
