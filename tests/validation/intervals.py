"""Measure the error of the method per parameter, and whether intervals hold the truth.

    python -m tests.validation.intervals --renders RENDERS --out docs/validation.md
        [--store] [--models gait-pose-s ...]

RENDERS holds folders of rendered clips with their truth; the networks look at each once (see
:mod:`tests.validation.recorded`). The clips of ``FIT`` and ``FIT_OBLIQUE`` give the errors that
``--store`` writes to ``host/gait/parameters/method_error.json``; those of ``JUDGE`` and
``JUDGE_OBLIQUE``, of other bodies and of another description of the impairments, say how many
intervals hold the truth. Store again after every change of the gait room or of a network.

An interval says where the walker's usual mean lies, so the truth is the mean over all strides of
the motion, of which the camera sees about half; the share that holds the mean over the very strides
in the picture is told beside it. The height that is told errs as people's words do, since the
interval of a length allows for that.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.stats import binom, norm

from host.codes import ViewKind
from host.gait.analyse import analyse_gait
from host.gait.parameters import method_error
from host.gait.parameters.catalogue import BY_NAME, NAMES, neutral
from host.gait.parameters.method_error import (
    Z_95,
    MethodError,
    MethodErrors,
    method_errors,
    with_method_error,
)
from host.gait.scale.evidence import TOLD_HEIGHT_SD_M
from host.gait.scale.types import ScaleOptions
from host.gait.sources import source_named
from host.gait.types import Parameter, Person
from host.pipeline import capture_facts
from host.settings import GaitSettings
from model_zoo.package import load_released
from quantize.markdown import table
from tests.validation import shrinkage
from tests.validation.acceptance import Bar, between, told, write_section
from tests.validation.interval_truth import true_parameters
from tests.validation.recorded import CACHE, lead_named, recorded
from tests.validation.rendered_truth import ClipTruth

FIT = ("calibration", "pathological", "asymmetric-calibration")
JUDGE = ("pathological-2", "rendered-walks")
FIT_OBLIQUE = ("oblique-calibration", "oblique-lenses-calibration")
JUDGE_OBLIQUE = ("oblique", "oblique-lenses")
COVERAGE = 0.95
LEAST_CLIPS = 20
LEAST_OBLIQUE = 8
WANTED = (90, 98, " %")
_GOLDEN = (math.sqrt(5) - 1) / 2
_RELATIVE_UNITS = ("m", "m/s", "heights", "heights/s", "mm", "cm.min")
_AROUND_ZERO = ("step_length_difference",)
"""Their error does not grow with their value."""


@dataclass(frozen=True)
class Measured:
    """One parameter of one clip: as found, with the interval of its strides alone, and as true.

    ``true`` is the walker's usual mean, ``seen`` the mean over the strides in the picture.
    """

    found: Parameter
    true: float
    view: ViewKind = ViewKind.SIDE
    seen: float = math.nan

    @property
    def error(self) -> float:
        """Found - the usual mean."""
        return self.found.value - self.true

    @property
    def own_error(self) -> float:
        """Found - the mean of the very strides: what the method does wrong."""
        return self.found.value - self.seen

    def holds(self, truth: float) -> bool:
        """Whether the interval holds a value."""
        low, high = self.interval
        return low <= truth <= high

    @property
    def interval(self) -> tuple[float, float]:
        """The interval; what has none is not measured here."""
        if self.found.interval_95 is None:
            raise ValueError(f"{self.found.name} has no interval")
        return self.found.interval_95

    @property
    def half_width(self) -> float:
        """Of the interval, towards the truth."""
        low, high = self.interval
        toward = high - self.found.value if self.error < 0 else self.found.value - low
        return max(toward, 0.0)

    def whole(self, errors: MethodErrors) -> Measured:
        """The same with the error of the method in its interval."""
        return replace(self, found=with_method_error(self.found, errors))

    def told_by(self, model: str) -> Measured:
        """The same with the interval that the product tells."""
        return self.whole(method_errors(model, GaitSettings().events, self.view))


Found = Mapping[str, Sequence[Measured]]


def told_heights(persons: Sequence[Person]) -> list[Person]:
    """The same persons with heights that are told as people tell them.

    The errors are spread evenly over their distribution instead of drawn (the fractions of the
    multiples of the golden ratio), so that few persons stand for many.
    """
    share = [(0.5 + k * _GOLDEN) % 1 for k in range(len(persons))]
    off_m = TOLD_HEIGHT_SD_M * np.asarray(norm.ppf(share))
    return [
        person if person.height_m is None else replace(person, height_m=person.height_m + float(m))
        for person, m in zip(persons, off_m, strict=True)
    ]


def measure(
    folders: Sequence[Path], model: str, cache: Path, *, as_operator: bool = False
) -> Found:
    """Parameters with an interval and a known truth, of all clips of the folders.

    The height is told as people tell it. ``as_operator`` tells the true one and the angle of view.
    """
    out: dict[str, list[Measured]] = defaultdict(list)
    videos = [v for folder in folders for v in sorted(folder.glob("*.mp4"))]
    truths = [ClipTruth.read(video) for video in videos]
    persons = [truth.person for truth in truths]
    told_of = persons if as_operator else told_heights(persons)
    for video, truth, person in zip(videos, truths, told_of, strict=True):
        recording, points = recorded(video, model, cache)
        unnamed = replace(points, source="")  # no error was measured for this name
        result = analyse_gait(
            unnamed,
            person,
            capture_facts(recording),
            source=source_named(points.source),
            lead=lead_named(),
            scale=ScaleOptions(field_deg=truth.field_deg) if as_operator else None,
        )
        usual, seen = true_parameters(truth, whole_motion=True), true_parameters(truth)
        for name, found in result.parameters.items():
            if name in usual and name in seen and found.interval_95 is not None:
                out[name].append(Measured(found, usual[name], result.view.kind, seen[name]))
    return out


def fitted(found: Found, least_clips: int = LEAST_CLIPS) -> dict[str, MethodError]:
    """Error of each parameter that makes ``COVERAGE`` of the intervals hold the truth.

    With fewer than 19 clips it is the largest: 10 clips then cover 10 in 11 of new ones. Errors of
    parameters of symmetry grow with the distance from symmetry, by the root mean square distance of
    these clips (:class:`~host.gait.parameters.method_error.MethodError`).
    """
    out = {}
    for name in NAMES:
        clips = found.get(name, ())
        if len(clips) < least_clips:
            continue
        relative = BY_NAME[name].unit in _RELATIVE_UNITS and name not in _AROUND_ZERO
        even = neutral(name)
        if even is None:
            scores = [_score(clip, relative) for clip in clips]
            out[name] = MethodError(_covering(scores, COVERAGE), relative)
            continue
        distance = [clip.found.value - even for clip in clips]
        usual = _three_digits(float(np.sqrt(np.mean(np.square(distance))))) or None
        shape = MethodError(1.0, relative=False, usual=usual)
        inward = [clip for clip in clips if (clip.error > 0) == (clip.found.value > even)]
        outward = [clip for clip in clips if clip not in inward]
        # Each side of the interval leaves out half of what may be left out of all clips.
        own, toward = (
            [_score(clip, relative) / shape.growth(clip.found.value - even) for clip in part]
            + [0.0] * (len(clips) - len(part))
            for part in (outward, inward)
        )
        share = (1 + COVERAGE) / 2
        out[name] = replace(
            shape, sd=_covering(own, share), relative=relative, inward_sd=_covering(toward, share)
        )
    return out


def _covering(scores: Sequence[float], share: float) -> float:
    """SD that lets the intervals of a share of new clips hold the truth, from those of these."""
    rank = math.ceil((len(scores) + 1) * share)
    return _three_digits(sorted(scores)[min(rank, len(scores)) - 1])


def _score(clip: Measured, relative: bool) -> float:
    """SD of the method that would just let the interval hold the truth."""
    sd = math.sqrt(max((clip.error**2 - clip.half_width**2), 0.0)) / Z_95
    value = abs(clip.found.value)
    return sd / value if relative and value else sd


def store(model: str, side: MethodErrors, oblique: MethodErrors) -> None:
    """Replace the entry of one source."""
    path = method_error.TABLE
    document = json.loads(path.read_text(encoding="utf-8"))
    version = load_released(model).version
    # What frontal.py measures stays.
    kept = {k: v for k, v in document["sources"].get(model, {}).items() if "depth" in k}
    entry: dict[str, object] = {
        "events": GaitSettings().events,
        "measured_on": f"{', '.join((*FIT, *FIT_OBLIQUE))}; version {version}",
    }
    for kind, errors in (("errors", side), ("errors_oblique", oblique)):
        entry[kind] = {n: error_row(e) for n, e in errors.items()}
    document["sources"][model] = entry | kept
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    method_error.tables.cache_clear()


def error_row(error: MethodError) -> dict[str, float]:
    """What is written of one error."""
    row: dict[str, float] = {"sd": error.sd, "relative": error.relative}
    further = {"inward_sd": error.inward_sd, "usual": error.usual}
    return row | {name: value for name, value in further.items() if value is not None}


def section(title: str, strides: Found, whole: Found, least_clips: int) -> str:
    """Table of one network and view: errors, and how many intervals hold the truth."""
    rows = []
    for name in NAMES:
        clips = whole.get(name, ())
        if len(clips) < least_clips:
            continue
        error = np.array([clip.own_error for clip in clips])
        width = [clip.interval[1] - clip.interval[0] for clip in clips]
        rows.append(
            [
                name,
                BY_NAME[name].unit,
                str(len(clips)),
                f"{error.mean():+.3g}",
                f"{error.std(ddof=1):.2g}",
                f"{np.median(width) / 2:.2g}",
                *_shares(strides.get(name, ()), clips),
            ]
        )
    head = ["parameter", "unit", "clips", "mean error", "SD", "half width"]
    head += ["strides only", "whole", "whole, very strides"]
    both = (_all(found, least_clips) for found in (strides, whole))
    rows.append(["**all**", "", *[""] * 4, *_shares(*both)])
    return "\n\n".join(
        [title, table(head, rows), _chance(max(map(len, whole.values()), default=0))]
    )


def _chance(clips: int) -> str:
    """Which shares of so many clips agree with the wanted one."""
    low, high = (100 * n / max(clips, 1) for n in binom.interval(0.95, clips, COVERAGE))
    return f"Of {clips} clips {low:.0f} to {high:.0f} % agree with {100 * COVERAGE:.0f} %."


def judged(model: str, renders: Path, cache: Path) -> tuple[list[str], list[Bar]]:
    """Tables and bars of one network, from the side and obliquely."""
    name = f"{model} {load_released(model).version}"
    sections, bars = [], []
    for view, folders, least in (
        ("side", JUDGE, LEAST_CLIPS),
        ("45°", JUDGE_OBLIQUE, LEAST_OBLIQUE),
    ):
        strides = measure([renders / folder for folder in folders], model, cache)
        whole = {n: [clip.told_by(model) for clip in clips] for n, clips in strides.items()}
        sections.append(section(f"### {name}, {view}", strides, whole, least))
        every = _all(whole, least)
        title = f"{model}, {view}: 95 % intervals that hold the"
        bars.append(between(f"{title} walker's usual mean", 100 * _share(every), *WANTED))
        bars.append(told(f"{title} mean of the very strides seen", f"{_held_seen(every)} %"))
        shares = {n: 100 * _share(c) for n, c in whole.items() if len(c) >= least}
        if shares:
            low, high = min(shares, key=shares.__getitem__), max(shares.values())
            odd = [n for n in shares if not _by_chance(whole[n])]
            words = f"{low} {shares[low]:.0f} to {high:.0f} %; "
            words += f"too few or too many for chance: {', '.join(odd) or 'none'}"
            bars.append(told(f"{model}, {view}: least and largest share of a parameter", words))
        uneven = shrinkage.words(whole)
        if uneven:
            title = f"{model}, {view}: share of a true asymmetry that is found (95 % over clips)"
            bars.append(told(title, uneven))
    return sections, bars


def report(sections: Sequence[str]) -> str:
    """The section about intervals."""
    return "\n\n".join(
        [
            "## Intervals",
            f"Error of the method measured on: {', '.join(FIT)}; obliquely on"
            f" {', '.join(FIT_OBLIQUE)}\n(the lens is not told: one of 50 degrees, at the edge of"
            " what is usual, or one of 50 to 78, as in the clips that judge).\n"
            f"Judged on: {', '.join((*JUDGE, *JUDGE_OBLIQUE))}.\n"
            "Share of 95 % intervals that hold the truth, in per cent: of the strides alone\n"
            "(bootstrap), and with the error of the method, as the product gives them; 90 to\n"
            "98 is wanted. Half width: median. An interval is told for the walker's usual mean:\n"
            "the truth is the mean over all strides of the motion, of which the camera sees half;\n"
            "the last column holds it against the mean of the very strides that are seen, where\n"
            "the bootstrap covers more, because it also holds how strides differ. Mean error and\n"
            "SD are against the very strides. Told heights err as people's words do (SD"
            f" {100 * TOLD_HEIGHT_SD_M:.1f} cm).\n"
            "No interval is made narrower than its strides, height and lens ask for: real walkers\n"
            "are less even than these (their strides' times differ by 1.5 %).",
            *sections,
            "",
        ]
    )


def _shares(strides: Sequence[Measured], whole: Sequence[Measured]) -> list[str]:
    return [*(f"{100 * _share(c):.0f}" if c else "-" for c in (strides, whole)), _held_seen(whole)]


def _held_seen(clips: Sequence[Measured]) -> str:
    return f"{100 * np.mean([c.holds(c.seen) for c in clips]):.0f}" if clips else "-"


def _share(clips: Sequence[Measured]) -> float:
    return float(np.mean([c.holds(c.true) for c in clips])) if clips else math.nan


def _by_chance(clips: Sequence[Measured]) -> bool:
    """Whether so many held truths are within the middle 95 % of what ``COVERAGE`` gives."""
    held = sum(c.holds(c.true) for c in clips)
    low, high = binom.interval(0.95, len(clips), COVERAGE)
    return bool(low <= held <= high)


def _all(found: Found, least_clips: int) -> list[Measured]:
    return [clip for clips in found.values() if len(clips) >= least_clips for clip in clips]


def _three_digits(value: float) -> float:
    return float(f"{value:.3g}")


def command_line(what: str) -> argparse.ArgumentParser:
    """Options of what measures errors of the method and may keep them."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--models", nargs="+", default=["gait-pose-s", "gait-pose-m"])
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    return parser


def main() -> None:
    """Command line."""
    options = command_line(__doc__.splitlines()[0]).parse_args()
    sections, bars = [], []
    for model in options.models:
        if options.store:
            side, oblique = (
                measure([options.renders / name for name in names], model, options.cache)
                for names in (FIT, FIT_OBLIQUE)
            )
            store(model, fitted(side), fitted(oblique, LEAST_OBLIQUE))
        tables, measured = judged(model, options.renders, options.cache)
        sections += tables
        bars += measured
    write_section(options.out, "intervals", report(sections), bars)


if __name__ == "__main__":
    main()
