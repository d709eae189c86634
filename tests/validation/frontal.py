"""Judge walks towards the camera and away from it; writes a section of ``docs/validation.md``.

    python -m tests.validation.frontal --renders RENDERS --out docs/validation.md
        [--store] [--models gait-pose-s ...]

RENDERS holds ``frontal`` (first description: the lead of the contacts was chosen on its clips
through gait-pose-s, and ``--store`` writes the errors of the method from them) and ``frontal-test``
(second description, other people), which judges. Height and angle of view are told, as an operator
would. Store again after every change of the gait room or of a network.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from host.codes import ViewKind
from host.gait.parameters import method_error
from host.gait.parameters.catalogue import BY_NAME, NAMES
from host.gait.parameters.method_error import DEPTH, IN_DEPTH, MethodErrors, method_errors
from model_zoo.package import load_released
from quantize.markdown import table
from tests.validation.acceptance import Bar, told, write_section
from tests.validation.intervals import Found, command_line, error_row, fitted, measure

FIT, JUDGE = "frontal", "frontal-test"
LEAST_FIT, LEAST_JUDGED = 3, 3
_LINES = ("cadence", "walking_speed", "step_length", "step_width")


def store(model: str, errors: MethodErrors) -> None:
    """Replace what was measured of walks in depth of one source."""
    path = method_error.TABLE
    document = json.loads(path.read_text(encoding="utf-8"))
    entry = document["sources"][model]
    entry["depth_measured_on"] = f"{FIT}; version {load_released(model).version}"
    entry[DEPTH] = {name: error_row(error) for name, error in errors.items()}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    method_error.tables.cache_clear()


def judged(found: Found, errors: MethodErrors) -> str:
    """Table of one network: errors, and how many intervals hold the truth."""
    rows, held = [], []
    for name in NAMES:
        clips = [clip.whole(errors) for clip in found.get(name, ())]
        if len(clips) < LEAST_JUDGED:
            continue
        error = np.array([clip.own_error for clip in clips])
        inside = [clip.holds(clip.true) for clip in clips]
        width = np.median([clip.interval[1] - clip.interval[0] for clip in clips]) / 2
        held += inside
        numbers = (np.abs(error).mean(), error.mean(), error.std(ddof=1), width)
        shown = [
            f"{number:+.3g}" if k == 1 else f"{number:.3g}" for k, number in enumerate(numbers)
        ]
        rows.append([name, BY_NAME[name].unit, *shown, f"{sum(inside)} of {len(clips)}"])
    head = ["parameter", "unit", "MAE", "bias", "SD", "half width", "intervals that hold the truth"]
    rows.append(["**all**", *[""] * 5, f"{sum(held)} of {len(held)}"])
    return table(head, rows)


def bars(model: str, found: Found, clips: int) -> list[Bar]:
    """Lines for the head of the document."""
    told_of = len(found.get("cadence", ()))
    out = [told(f"{model}: frontal walks that are measured", f"{told_of} of {clips}")]
    for name in _LINES:
        errors = [abs(clip.own_error) for clip in found.get(name, ())]
        if errors:
            words = f"{np.mean(errors):.2g} {BY_NAME[name].unit}"
            out.append(told(f"{model}: frontal walks, {name}, mean absolute error", words))
    return out


def report(sections: Sequence[str]) -> str:
    """The section."""
    return "\n\n".join(
        [
            "## Walks towards the camera and away from it",
            f"Rendered walks ({JUDGE}: healthy, ataxic and Trendelenburg, second description) with"
            " body height\nand the lens' angle of view told. Error of the method measured on"
            f" {FIT} (first description).\nThis is no blind test: the judged clips had been looked"
            " at before the ends of the distance,\nslanting paths, step width and the stature's"
            " error were settled.\nWhat is not in the table is absent from this view, with"
            " its reason; the grade is never better\nthan limited. Without the angle of view no"
            " length is told.",
            *sections,
            "",
        ]
    )


def main() -> None:
    """Command line."""
    options = command_line(__doc__.splitlines()[0]).parse_args()
    sections, lines = [], []
    for model in options.models:
        if options.store:
            fit = measure([options.renders / FIT], model, options.cache, as_operator=True)
            store(model, fitted(fit, LEAST_FIT))
        found = measure([options.renders / JUDGE], model, options.cache, as_operator=True)
        errors = method_errors(model, IN_DEPTH, ViewKind.FRONTAL)
        clips = len(list((options.renders / JUDGE).glob("*.mp4")))
        measured = len(found.get("cadence", ()))
        title = f"### {model} {load_released(model).version}: {measured} of {clips} walks measured"
        sections += [title, judged(found, errors)]
        lines += bars(model, found, clips)
    write_section(options.out, "frontal", report(sections), lines)


if __name__ == "__main__":
    main()
