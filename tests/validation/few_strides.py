"""Intervals of three or four strides: whether they hold the truth, and whether they raise alarms.

    python -m tests.validation.few_strides --renders RENDERS --out docs/validation.md

Recordings are cut after four strides and measured again: drawn clips with truth (those that judge
the intervals of whole recordings), and the points of old people without a pattern.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from host.codes import Place
from host.diagnosis.deviations import deviations
from host.gait.analyse import analyse_gait
from host.gait.parameters.catalogue import NAMES
from host.gait.types import CaptureFacts, GaitResult, Person, Trajectories
from host.pipeline import capture_facts
from host.settings import PoseSettings
from quantize.markdown import table
from tests.validation.acceptance import Bar, at_most, between, told, write_section
from tests.validation.acted import beyond
from tests.validation.interval_truth import true_parameters
from tests.validation.intervals import JUDGE, WANTED, told_heights
from tests.validation.patterns import gather
from tests.validation.recorded import lead_named, recorded
from tests.validation.rendered_truth import ClipTruth

STRIDES = 4
FEWEST = 3
_EDGE_S = 0.35
_ALARMS = 5.0
_PICTURE_PX, _RATE_HZ = (960, 576), 30.0


def first_strides(points: Trajectories, gait: GaitResult) -> Trajectories | None:
    """The recording from its first clean stride to the end of the fourth; None where it has none.

    The strides of both feet count, so that this is about two seconds and a half.
    """
    clean = sorted((s for s in gait.strides if not s.excluded), key=lambda s: s.start_s)[:STRIDES]
    if len(clean) < STRIDES or clean[0].bout != clean[-1].bout:
        return None
    rows = (points.time_s >= clean[0].start_s - _EDGE_S) & (
        points.time_s <= clean[-1].end_s + _EDGE_S
    )
    sure = points.side_confidence
    return replace(
        points,
        time_s=points.time_s[rows],
        xyz=points.xyz[rows],
        score=points.score[rows],
        side_confidence=None if sure is None else sure[rows],
    )


def measured_again(
    points: Trajectories, gait: GaitResult, person: Person, facts: CaptureFacts
) -> GaitResult | None:
    """What the product says of the cut recording; None where that has not three or four strides."""
    cut = first_strides(points, gait)
    if cut is None:
        return None
    again = analyse_gait(cut, person, facts, lead=lead_named())
    clean = sum(not s.excluded for s in again.strides)
    return again if FEWEST <= clean <= STRIDES else None


def clips(renders: Path) -> Iterator[tuple[GaitResult, dict[str, float]]]:
    """Cut clips with the walkers' usual means."""
    videos = [v for folder in JUDGE for v in sorted((renders / folder).glob("*.mp4"))]
    truths = [ClipTruth.read(video) for video in videos]
    persons = told_heights([truth.person for truth in truths])
    for video, truth, person in zip(videos, truths, persons, strict=True):
        recording, points = recorded(video, PoseSettings().model)
        facts = capture_facts(recording)
        gait = analyse_gait(points, person, facts, lead=lead_named())
        cut = measured_again(points, gait, person, facts)
        if cut is not None:
            yield cut, true_parameters(truth, whole_motion=True)


def coverage(found: list[tuple[GaitResult, dict[str, float]]]) -> tuple[str, Bar]:
    """How many intervals hold the truth."""
    rows, every = [], []
    for name in NAMES:
        ends = [
            (interval, usual[name])
            for gait, usual in found
            if name in usual and (interval := gait.parameters[name].interval_95) is not None
        ]
        held = [low <= true <= high for (low, high), true in ends]
        if held:
            half = np.median([high - low for (low, high), _ in ends]) / 2
            rows.append([name, str(len(held)), f"{half:.2g}", f"{100 * np.mean(held):.0f}"])
            every += held
    share = 100 * float(np.mean(every)) if every else float("nan")
    rows.append(["**all**", str(len(every)), "", f"{share:.0f}"])
    what = "three or four strides: 95 % intervals that hold the walker's usual mean"
    head = ["parameter", "clips", "half width", "hold the truth, %"]
    return table(head, rows), between(what, share, *WANTED)


def false_alarms(found: list[tuple[GaitResult, dict[str, float]]]) -> Bar:
    """Cut clips of which something is told to lie outside its reference that truly does not."""
    false = [
        any(
            d.place is Place.OUTSIDE and d.parameter in usual and not beyond(d, usual[d.parameter])
            for d in deviations(gait)
        )
        for gait, usual in found
    ]
    share = 100 * float(np.mean(false)) if false else float("nan")
    return at_most("three or four strides: clips with a false alarm", share, _ALARMS, " %")


def old_people(renders: Path) -> Bar:
    """What is told of cut recordings of old people, and was not of the whole ones."""
    facts = CaptureFacts(_RATE_HZ, 0, False, picture_px=_PICTURE_PX)
    pairs = [
        (_outside(again), _outside(walk.gait))
        for walk in gather(renders, "old")
        if (again := measured_again(walk.points, walk.gait, walk.person, facts)) is not None
    ]
    new, cut, whole = (
        sum(map(bool, s))
        for s in ([c - w for c, w in pairs], [c for c, _ in pairs], [w for _, w in pairs])
    )
    what = "three or four strides of old people: outside a reference, not so in the whole recording"
    return told(what, f"{new} of {len(pairs)} (outside: cut {cut}, whole {whole})")


def _outside(gait: GaitResult) -> set[str]:
    return {d.code.value for d in deviations(gait) if d.place is Place.OUTSIDE}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    found = list(clips(options.renders))
    shares, held = coverage(found)
    text = (
        "## Three or four strides\n\n"
        f"Recordings cut after {STRIDES} strides of both feet ({', '.join(JUDGE)}; default network)"
        " and measured again.\nIntervals of so few values are Student's t, with the error of the"
        " method as measured on whole recordings.\nThe truth is the walker's usual mean. A false"
        " alarm is told to lie outside a published reference, and truly does\nnot.\n\n"
        f"{shares}\n"
    )
    lines = [held, false_alarms(found), old_people(options.renders)]
    write_section(options.out, "few-strides", text, lines)


if __name__ == "__main__":
    main()
