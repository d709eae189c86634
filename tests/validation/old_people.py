"""Whether what is told of old people to lie outside a reference truly lies there.

    python -m tests.validation.old_people --renders RENDERS --out docs/validation.md

RENDERS holds the walks ``old-walkers-2``: 100 people of 65 to 90 years without a pattern, whose
exact points and contacts are known. The product sees them with the errors of the network
(:mod:`tests.validation.pattern_walks`); the truth is the walker's usual value over all strides.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.codes import DeviationCode, Place
from host.diagnosis.deviations import deviations
from host.diagnosis.types import Deviation
from host.text import quantity, sentence
from model_zoo.skeleton import Side, part
from quantize.markdown import table
from tests.validation.acceptance import Bar, told, write_section
from tests.validation.acted import beyond
from tests.validation.interval_truth import true_parameters
from tests.validation.pattern_walks import KnownWalk
from tests.validation.patterns import gather
from tests.validation.rendered_truth import ClipTruth

FOLDER = "old-walkers-2"
_FLAT = (0.15, 0.35)  # of the stride: the heel stands still where it landed


@dataclass(frozen=True)
class Compared:
    """One comparison of one walker with the true value."""

    found: Deviation
    true: float

    @property
    def truly(self) -> bool:
        """Whether the truth lies outside the reference."""
        return beyond(self.found, self.true)

    @property
    def told(self) -> bool:
        """Whether the product says so."""
        return self.found.place is Place.OUTSIDE

    @property
    def error(self) -> float:
        """Measured less true."""
        return float(self.found.value) - self.true


def walk_truth(path: Path) -> dict[str, float]:
    """True values of a walk without pictures, from its exact points and contacts."""
    with np.load(path) as store:
        xyz_m, rate_hz = store["xyz_m"].astype(float), float(store["rate_hz"])
        stature_m, events = float(store["stature_m"]), store["events"]
    time_s = np.arange(len(xyz_m)) / rate_hz
    feet, kinds = tuple(Side), ("initial_contact", "foot_off")
    timed: list[dict[str, Any]] = [
        {"foot": feet[int(foot)].value, "kind": kinds[int(kind)], "time_s": float(at)}
        for foot, kind, at in events
    ]
    strides = _strides(timed, xyz_m, time_s)
    told = {"stature_m": stature_m, "age_years": 0, "sex": None, "events": timed}
    told |= {"strides": strides, "steps": _steps(strides)}
    return true_parameters(ClipTruth(told, time_s, xyz_m), whole_motion=True)


def _strides(
    events: list[dict[str, Any]], xyz_m: NDArray[np.float64], time_s: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Strides with the place of the heel at their beginning, along and across the way."""
    pelvis = xyz_m[:, [part("hip", side) for side in Side]].mean(axis=1)
    along = (pelvis[-1] - pelvis[0])[:2]
    along /= np.linalg.norm(along)
    across = np.array([-along[1], along[0]])
    out = []
    for side in Side:
        own = [e for e in events if e["foot"] == side.value]
        landed = [e["time_s"] for e in own if e["kind"] == "initial_contact"]
        left = [e["time_s"] for e in own if e["kind"] == "foot_off"]
        heel = xyz_m[:, part("heel", side), :2]
        for start, end in pairwise(landed):
            off = [at for at in left if start < at < end]
            flat = [start + share * (end - start) for share in _FLAT]
            rows = (time_s >= flat[0]) & (time_s <= flat[1])
            if off and rows.any():
                print_m = np.median(heel[rows], axis=0)
                out.append(
                    {
                        "foot": side.value,
                        "start_s": start,
                        "foot_off_s": off[0],
                        "end_s": end,
                        "at_m": float(print_m @ along),
                        "aside_m": float(print_m @ across),
                    }
                )
    out.sort(key=lambda s: s["start_s"])
    for foot in Side:
        for a, b in pairwise([s for s in out if s["foot"] == foot.value]):
            a["length_m"] = b["at_m"] - a["at_m"]
    return [s for s in out if "length_m" in s]


def _steps(strides: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "foot": b["foot"],
            "start_s": a["start_s"],
            "end_s": b["start_s"],
            "length_m": b["at_m"] - a["at_m"],
            "width_m": abs(b["aside_m"] - a["aside_m"]),
        }
        for a, b in pairwise(strides)
        if a["foot"] != b["foot"]
    ]


def compared(walks: Sequence[KnownWalk], folder: Path) -> dict[DeviationCode, list[Compared]]:
    """All comparisons that were made, with the truth beside."""
    out: dict[DeviationCode, list[Compared]] = {code: [] for code in DeviationCode}
    for walk in walks:
        true = walk_truth(folder / f"{walk.name}.npz")
        for found in deviations(walk.gait):
            if found.place is not Place.NOT_COMPARED and found.parameter in true:
                out[found.code].append(Compared(found, true[found.parameter]))
    return out


def report(found: dict[DeviationCode, list[Compared]], people: int) -> tuple[str, list[Bar]]:
    """The section of the validation document, and its lines."""
    rows = [_row(code, own) for code, own in found.items() if own]
    every = [c for own in found.values() for c in own if c.told]
    false = [c for c in every if not c.truly]
    head = ["comparison", "limit", "compared", "truly outside", "of these told"]
    text = _ABOUT.format(people=people) + table(
        [*head, "truly within", "of these told", "error, mean", "SD", "half width"], rows
    )
    for c in false:
        unit = c.found.unit
        text += (
            f"\n\nTold though within: {_name(c.found)} {quantity(c.true, unit)} truly,"
            f" {quantity(float(c.found.value), unit)} measured."
        )
    lines = [
        told("old people: told outside a reference, truly within", f"{len(false)} of {len(every)}")
    ]
    return text + "\n", lines


def _row(code: DeviationCode, own: list[Compared]) -> list[str]:
    error = np.array([c.error for c in own])
    ends = [c.found.interval_95 for c in own if c.found.interval_95 is not None]
    half = float(np.median([(high - low) / 2 for low, high in ends]))
    outside, within = ([c for c in own if c.truly is side] for side in (True, False))
    found = own[0].found
    limits = [quantity(x, found.unit) for x in (found.lowest, found.highest) if x is not None]
    return [
        code.value.partition(".")[2].replace("_", " "),
        f"{_name(found)}: {' to '.join(limits)}",
        *(str(n) for n in (len(own), len(outside), sum(c.told for c in outside))),
        *(str(n) for n in (len(within), sum(c.told for c in within))),
        f"{error.mean():+.2g}",
        f"{error.std(ddof=1):.2g}",
        f"{half:.2g}",
    ]


def _name(found: Deviation) -> str:
    return sentence(f"parameter.{found.parameter}")


_ABOUT = (
    "## Old people: told outside a reference, and truly so\n\n"
    "{people} rendered people of 65 to 90 years without a pattern (old-walkers-2), points with\n"
    "the errors of the network. Their lean (0 to 8°), cadence and step length were drawn so that\n"
    "many truly lie outside what recorded adults do: the table tells that apart from errors of\n"
    "the method. Truth: the walker's usual value over all strides. Units: as the limit.\n\n"
)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    walks = gather(options.renders, "old")
    found = compared(walks, options.renders / FOLDER)
    write_section(options.out, "old-people", *report(found, len(walks)))


if __name__ == "__main__":
    main()
