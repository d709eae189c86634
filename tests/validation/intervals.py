"""Measure the error of the method per parameter, and whether intervals hold the truth.

    python -m tests.validation.intervals --renders RENDERS --out docs/validation.md
        [--store] [--models gait-pose-s ...]

RENDERS holds folders of rendered clips with their truth; the networks look at each once (see
:mod:`tests.validation.recorded`). The clips of ``FIT`` give the errors that ``--store`` writes to
``host/gait/parameters/method_error.json``; those of ``JUDGE``, of other bodies and of another
description of the impairments, say how many intervals hold the truth. Store again after every
change of the gait room or of a network.
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

from host.gait.analyse import analyse_gait
from host.gait.parameters import method_error
from host.gait.parameters.catalogue import BY_NAME, NAMES
from host.gait.parameters.method_error import (
    Z_95,
    MethodError,
    MethodErrors,
    method_errors,
    with_method_error,
)
from host.gait.sources import source_named
from host.gait.types import Parameter
from host.pipeline import capture_facts
from host.settings import GaitSettings
from model_zoo.package import load_released
from tests.validation.interval_truth import true_parameters
from tests.validation.recorded import CACHE, lead_named, recorded
from tests.validation.rendered_truth import ClipTruth
from tests.validation.tables import replace_section, table

FIT = ("calibration", "pathological")
JUDGE = ("pathological-2", "rendered-walks")
COVERAGE = 0.95
LEAST_CLIPS = 20
_RELATIVE_UNITS = ("m", "m/s", "heights", "heights/s", "mm", "cm.min")
_AROUND_ZERO = ("step_length_difference",)
"""Their error does not grow with their value."""


@dataclass(frozen=True)
class Measured:
    """One parameter of one clip: as found, with the interval of its strides alone, and as true."""

    found: Parameter
    true: float

    @property
    def error(self) -> float:
        """Found - true."""
        return self.found.value - self.true

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


Found = Mapping[str, Sequence[Measured]]


def measure(folders: Sequence[Path], model: str, cache: Path) -> Found:
    """Parameters with an interval and a known truth, of all clips of the folders."""
    out: dict[str, list[Measured]] = defaultdict(list)
    for video in (v for folder in folders for v in sorted(folder.glob("*.mp4"))):
        truth = ClipTruth.read(video)
        recording, points = recorded(video, model, cache)
        unnamed = replace(points, source="")  # no error was measured for this name
        result = analyse_gait(
            unnamed,
            truth.person,
            capture_facts(recording),
            source=source_named(points.source),
            lead=lead_named(),
        )
        known = true_parameters(truth)
        for name, found in result.parameters.items():
            if name in known and found.interval_95 is not None:
                out[name].append(Measured(found, known[name]))
    return out


def fitted(found: Found) -> dict[str, MethodError]:
    """Error of each parameter that makes ``COVERAGE`` of the intervals hold the truth."""
    out = {}
    for name in NAMES:
        clips = found.get(name, ())
        if len(clips) < LEAST_CLIPS:
            continue
        relative = BY_NAME[name].unit in _RELATIVE_UNITS and name not in _AROUND_ZERO
        scores = sorted(_score(clip, relative) for clip in clips)
        rank = math.ceil((len(scores) + 1) * COVERAGE)
        out[name] = MethodError(_three_digits(scores[min(rank, len(scores)) - 1]), relative)
    return out


def _score(clip: Measured, relative: bool) -> float:
    """SD of the method that would just let the interval hold the truth."""
    sd = math.sqrt(max((clip.error**2 - clip.half_width**2), 0.0)) / Z_95
    value = abs(clip.found.value)
    return sd / value if relative and value else sd


def store(model: str, errors: MethodErrors, told: str) -> None:
    """Replace the entry of one source."""
    path = method_error.TABLE
    document = json.loads(path.read_text(encoding="utf-8"))
    document["sources"][model] = {
        "events": GaitSettings().events,
        "measured_on": told,
        "errors": {n: {"sd": e.sd, "relative": e.relative} for n, e in errors.items()},
    }
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def section(model: str, strides: Found, errors: MethodErrors) -> str:
    """Table of one network: errors, and how many intervals hold the truth."""
    whole = {name: [clip.whole(errors) for clip in clips] for name, clips in strides.items()}
    rows = []
    for name in NAMES:
        clips = whole.get(name, ())
        if len(clips) < LEAST_CLIPS:
            continue
        error = np.array([clip.error for clip in clips])
        width = [clip.interval[1] - clip.interval[0] for clip in clips]
        rows.append(
            [
                name,
                BY_NAME[name].unit,
                str(len(clips)),
                f"{error.mean():+.3g}",
                f"{error.std(ddof=1):.2g}",
                f"{np.median(width) / 2:.2g}",
                _held(strides.get(name, ())),
                _held(clips),
            ]
        )
    head = ["parameter", "unit", "clips", "mean error", "SD", "half width", "strides only", "whole"]
    rows.append(["**all**", "", *[""] * 4, _held(_all(strides)), _held(_all(whole))])
    return "\n\n".join([f"### {model} {load_released(model).version}", table(head, rows)])


def report(sections: Sequence[str]) -> str:
    """The section about intervals."""
    return "\n\n".join(
        [
            "## Intervals",
            f"Error of the method measured on: {', '.join(FIT)}. Judged on: {', '.join(JUDGE)}.\n"
            "Share of 95 % intervals that hold the truth, in per cent: of the strides alone\n"
            "(bootstrap), and with the error of the method, as the product gives them; 90 to\n"
            "98 is wanted. Half width: median. Truth: means over the strides in which the whole\n"
            "walker is in the picture. The bootstrap also holds how the walker's own strides\n"
            "differ, which that truth shares: where the method hardly errs, more is covered.",
            *sections,
            "",
        ]
    )


def _held(clips: Sequence[Measured]) -> str:
    if not clips:
        return "-"
    return f"{100 * np.mean([c.interval[0] <= c.true <= c.interval[1] for c in clips]):.0f}"


def _all(found: Found) -> list[Measured]:
    return [clip for clips in found.values() if len(clips) >= LEAST_CLIPS for clip in clips]


def _three_digits(value: float) -> float:
    return float(f"{value:.3g}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--models", nargs="+", default=["gait-pose-s", "gait-pose-m"])
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    fit, judge = ([options.renders / name for name in names] for names in (FIT, JUDGE))
    sections = []
    for model in options.models:
        if options.store:
            errors = fitted(measure(fit, model, options.cache))
            store(model, errors, f"{', '.join(FIT)}; version {load_released(model).version}")
        else:
            errors = dict(method_errors(model, GaitSettings().events))
        sections.append(section(model, measure(judge, model, options.cache), errors))
    text = report(sections)
    replace_section(options.out, "intervals", text)


if __name__ == "__main__":
    main()
