"""Judge lengths and speed on rendered walks with truth; writes a table of ``docs/validation.md``.

    python -m tests.validation.metres --renders RENDERS --out docs/validation.md

RENDERS holds the drawn clips (``python -m quantize render --clip NAME``); the network looks at them
once (:mod:`tests.validation.recorded`).
A told height is the true one plus an error as people make it (SD 2.7 cm, Yong and Saito 2012):
intervals must hold that too. Errors of lengths are told of one height for each walker; of intervals
it is told over all heights that people could tell (:func:`share_of_told`). Intervals are for the
walker's usual mean (:mod:`tests.validation.intervals`), errors against the strides that are seen.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from host.gait.analyse import analyse_gait
from host.gait.scale.evidence import TOLD_HEIGHT_SD_M
from host.gait.types import GaitResult, Person
from host.pipeline import capture_facts
from host.settings import PoseSettings
from quantize.markdown import table
from tests.validation.acceptance import Bar, between, told, write_section
from tests.validation.interval_truth import true_parameters
from tests.validation.intervals import told_heights
from tests.validation.recorded import CACHE, lead_named, recorded
from tests.validation.rendered_truth import ClipTruth

SETS = {
    "calibration": "side, healthy, seen by the fit",
    "rendered-walks": "side, healthy",
    "pathological-2": "side, impaired",
    "marker": "floor sheets, all views",
    "oblique": "45 degrees",
    "oblique-lenses": "36 to 54 degrees, all lenses",
}
MODES = ("height", "told height", "sheet")
_EDGE_S = 0.15
_DRAWS, _SEED = 10_000, 20261121
_FOUND = ("step_length", "walking_speed", "step_width")


@dataclass(frozen=True)
class Row:
    """One clip with one source of metres; errors found less true, NaN where absent.

    ``holds``: of each parameter with an interval 1 where it holds the truth, else 0; of a told
    height the share of all heights that people could tell.
    """

    clips: str
    clip: str
    mode: str
    view: str
    step_m: float
    speed_m_s: float
    width_m: float
    holds: tuple[float, ...]
    absent: str


def rows_of(video: Path, told_height_m: float | None, cache: Path) -> list[Row]:
    """Every source of metres that a clip can use."""
    truth = ClipTruth.read(video)
    usual = true_parameters(truth, whole_motion=True)
    recording, points = recorded(video, PoseSettings().model, cache)
    facts = capture_facts(recording)
    heights = {"height": truth.person.height_m, "told height": told_height_m, "sheet": None}
    rows = []
    for mode in MODES:
        sheets = facts.floor_sheets if mode == "sheet" else ()
        if mode == "sheet" and not sheets:
            continue
        own = replace(facts, floor_sheets=sheets)
        result = analyse_gait(points, Person(height_m=heights[mode]), own, lead=lead_named())
        told_m = heights[mode] if mode == "told height" else None
        rows.append(_row(video, mode, result, truth, usual, told_m))
    return rows


def _row(
    video: Path,
    mode: str,
    result: GaitResult,
    clip: ClipTruth,
    usual: dict[str, float],
    told_m: float | None,
) -> Row:
    truth = _truth(result, clip.told)
    found = [result.parameters[n] for n in _FOUND]
    kind = f"{result.view.kind.value} {result.view.angle_deg:.0f}°"
    reason = found[0].absent_reason
    absent = "" if reason is None else reason.value.removeprefix("absent.")
    errors = [p.value - t for p, t in zip(found, truth, strict=True)]
    holds = tuple(
        _holds(p.interval_95, usual[p.name], told_m, clip.person.height_m)
        for p in found[:2]
        if p.interval_95 is not None and np.isfinite(usual[p.name])
    )
    step_m, speed_m_s, width_m = errors
    return Row(video.parent.name, video.stem, mode, kind, step_m, speed_m_s, width_m, holds, absent)


def _holds(
    interval: tuple[float, float], truth: float, told_m: float | None, height_m: float | None
) -> float:
    if told_m is None or height_m is None:
        return float(interval[0] <= truth <= interval[1])
    return share_of_told(interval, truth, told_m, height_m)


def share_of_told(
    interval: tuple[float, float], truth: float, told_m: float, height_m: float
) -> float:
    """Share of all heights that people could tell with which the interval would hold the truth.

    Nothing but the told height says how large anything is, so that a length and its interval grow
    with it in proportion (to 0.12 % at 2 SD beside analyses of the same recordings anew, of an
    interval whose half width is 5 %; ``test_metres`` does so with a made walker). One height for
    each walker would leave it to chance which interval it puts to the test.

    Parameters
    ----------
    interval
        As found with the height ``told_m``; above 0.
    truth
        In the unit of the interval.
    told_m, height_m
        The height that was told and the true one, metres.
    """
    low, high = interval
    least_m, most_m = told_m * truth / high, told_m * truth / low
    below, above = norm.cdf((np.array([least_m, most_m]) - height_m) / TOLD_HEIGHT_SD_M)
    return float(above - below)


def over_walkers(shares: list[tuple[float, ...]]) -> tuple[float, float]:
    """The 95 % interval of the mean share, walkers drawn with replacement.

    Lengths and speed of one walker err together, so they are drawn together.
    """
    sums: NDArray[np.float64] = np.array([(sum(s), len(s)) for s in shares if s], dtype=np.float64)
    draws = np.random.default_rng(_SEED).integers(0, len(sums), (_DRAWS, len(sums)))
    total = sums[draws].sum(axis=1)
    low, high = np.percentile(total[:, 0] / total[:, 1], (2.5, 97.5))
    return float(low), float(high)


def _truth(result: GaitResult, told: dict[str, Any]) -> tuple[float, float, float]:
    """Step length, speed and step width over the time of the clean strides."""
    clean = [s for s in result.strides if not s.excluded]
    if not clean:
        return float("nan"), float("nan"), float("nan")
    first, last = min(s.start_s for s in clean) - _EDGE_S, max(s.end_s for s in clean) + _EDGE_S
    steps, strides = (
        [s for s in told[name] if s["start_s"] >= first and s["end_s"] <= last]
        for name in ("steps", "strides")
    )
    lengths = [[s["length_m"] for s in steps if s["foot"] == f] for f in ("left", "right")]
    if not all(lengths) or not strides:
        return float("nan"), float("nan"), float("nan")
    speed = np.mean([s["length_m"] / (s["end_s"] - s["start_s"]) for s in strides])
    width = np.mean([s["width_m"] for s in steps])
    return float(np.mean([np.mean(side) for side in lengths])), float(speed), float(width)


def section(rows: list[Row]) -> str:
    """The text of the section."""
    summary = []
    for name, what in SETS.items():
        for mode in MODES:
            own = [r for r in rows if (r.clips, r.mode) == (name, mode)]
            if own:
                summary.append(_summary(what, mode, own))
    marked = [r for r in rows if r.clips in ("marker", "oblique", "oblique-lenses")]
    head = ["walks", "metres from", "n", "absent", "step length MAE (bias) cm"]
    head += ["speed MAE (bias) cm/s", "95 % intervals that hold the truth"]
    single = ["clip", "view", "metres from", "step length cm", "speed cm/s", "step width cm"]
    return "\n".join(
        [
            "## Metres\n",
            "Made by `make validate`, rendered walks through the default network.",
            "`height` is the true one; `told height` has an error as people make it (SD 2.7 cm);",
            "`sheet` is a printed sheet on the floor and nothing else. Errors: against the strides",
            "that are seen; intervals: against the walker's usual mean, for which they are told.",
            "Of a told height the errors are those of one for each walker, intervals are counted",
            "over all heights that people could tell (lengths grow with the told height).\n",
            table(head, summary) + "\n",
            "### Floor sheets and oblique views (found less true)\n",
            table(single, [_single(r) for r in marked]) + "\n",
        ]
    )


def bars(rows: list[Row]) -> list[Bar]:
    """Intervals of lengths and speed from a told height, by view."""
    out = []
    for what, names in (
        ("side", ("rendered-walks", "pathological-2")),
        ("45°", ("oblique", "oblique-lenses")),
    ):
        shares = [r.holds for r in rows if r.clips in names and r.mode == "told height" if r.holds]
        if shares:
            title = f"{what}, step length and speed from a told height: intervals that hold"
            mean = float(np.mean([share for walker in shares for share in walker]))
            low, high = over_walkers(shares)
            out.append(between(title, 100 * mean, 90, 98, " %"))
            words = f"{100 * low:.1f} to {100 * high:.1f} % ({len(shares)} walkers)"
            out.append(told(f"{title}, 95 % over walkers", words))
    return out


def _summary(what: str, mode: str, own: list[Row]) -> list[str]:
    held = [h for r in own for h in r.holds]
    there = [r for r in own if np.isfinite(r.step_m)]
    share = f"{100 * np.mean(held):.1f} % of {len(held)}" if held else "-"
    absent = str(sum(bool(r.absent) for r in own))
    return [what, mode, str(len(own)), absent, *(_error(there, n) for n in _ERRORS), share]


_ERRORS = ("step_m", "speed_m_s")


def _error(rows: list[Row], name: str) -> str:
    values = 100 * np.array([getattr(r, name) for r in rows])
    values = values[np.isfinite(values)]
    return f"{np.abs(values).mean():.1f} ({values.mean():+.1f})" if len(values) else "-"


def _single(row: Row) -> list[str]:
    if row.absent:
        return [row.clip, row.view, row.mode, row.absent, "-", "-"]
    values = (row.step_m, row.speed_m_s, row.width_m)
    shown = [f"{100 * v:+.1f}" if np.isfinite(v) else "-" for v in values]
    return [row.clip, row.view, row.mode, *shown]


def main() -> None:
    """Write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    rows: list[Row] = []
    for name in SETS:
        videos = [
            video
            for video in sorted((args.renders / name).glob("*.mp4"))
            if name != "pathological-2" or "moderate" in video.stem or "healthy" in video.stem
        ]
        persons = told_heights([ClipTruth.read(video).person for video in videos])
        for video, person in zip(videos, persons, strict=True):
            rows += rows_of(video, person.height_m, args.cache)
    write_section(args.out, "metres", section(rows), bars(rows))


if __name__ == "__main__":
    main()
