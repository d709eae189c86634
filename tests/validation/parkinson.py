"""Does a speed rule adjusted for age and sex tell Parkinson's disease better than raw speed?

    python -m tests.validation.parkinson --data DATA --out docs/validation.md

93 people with Parkinson's disease and 73 controls. Nothing of this table is shipped: it asks
whether the adjusted rule of the report (``pattern.slow_for_age``) is the better reading of a speed.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host.gait.norms import norm_for
from host.gait.norms.tables import read_table
from host.gait.types import Person
from quantize.markdown import table
from tests.validation.acceptance import Bar, told, write_section
from tests.validation.logistic import Logistic, auc, interval
from tests.validation.plots import wilson

Array = NDArray[np.float64]


@dataclass(frozen=True)
class People:
    """One row per person; NaN where missing."""

    patient: NDArray[np.bool_]
    speed_mps: Array
    tug_s: Array
    age_years: Array
    female: NDArray[np.bool_]
    height_m: Array

    def rows(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> People:
        """Some of them."""
        return People(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def read(data: Path) -> People:
    """The table of the source."""
    with (data / "gait" / "parkinson_speed_tug.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def numbers(name: str) -> Array:
        return np.array([float(r[name]) if r[name] else np.nan for r in rows])

    return People(
        np.array([r["group"] == "PD" for r in rows]),
        numbers("speed_usual_mps"),
        numbers("tug_s"),
        numbers("age"),
        np.array([r["sex"] == "F" for r in rows]),
        numbers("height_m"),
    )


def less_than_usual(people: People) -> Array:
    """Mean of age and sex (norms of the product) less the speed, m/s; NaN without a norm."""
    out = np.full(len(people.patient), np.nan)
    for i, (age, female) in enumerate(zip(people.age_years, people.female, strict=True)):
        sex = "f" if female else "m"
        mean = _mean_speed(float(age), sex)
        if mean is not None:
            out[i] = mean - people.speed_mps[i]
    return out


def _mean_speed(age: float, sex: str) -> float | None:
    for row in read_table("spatiotemporal.csv"):
        if row["parameter"] != "walking_speed" or row["sex"] != sex:
            continue
        if int(row["age_from"]) <= age < int(row["age_to"]) + 1:
            return float(row["mean"])
    return None


def residual(people: People) -> Array:
    """Speed that controls of this age and sex are expected to have, less the speed.

    The line (age, sex) is fitted on the controls, each person left out.
    """
    known = np.isfinite(people.speed_mps) & np.isfinite(people.age_years)
    design = np.column_stack([people.age_years, people.female, np.ones(len(known))])
    out = np.full(len(known), np.nan)
    for i in np.flatnonzero(known):
        own = known & ~people.patient
        own[i] = False
        line, *_ = np.linalg.lstsq(design[own], people.speed_mps[own], rcond=None)
        out[i] = design[i] @ line - people.speed_mps[i]
    return out


def left_out(features: Array, y: NDArray[np.bool_]) -> Array:
    """Log odds of each person by a logistic model of the others."""
    out = np.empty(len(y))
    for i in range(len(y)):
        rest = np.arange(len(y)) != i
        out[i] = Logistic(features[rest], y[rest], 1.0).log_odds(features[i : i + 1])[0]
    return out


def scores(people: People) -> dict[str, Array]:
    """Larger = more like a patient."""
    with_age = np.column_stack([people.speed_mps, people.age_years, people.female])
    return {
        "speed": -people.speed_mps,
        "speed in body heights": -people.speed_mps / people.height_m,
        "mean of age and sex (product's norms) less speed": less_than_usual(people),
        "the same, line of these controls, person left out": residual(people),
        "logistic of speed, age, sex, person left out": left_out(with_age, people.patient),
    }


def report(data: Path) -> tuple[str, list[Bar]]:
    """The section of the validation document, and its bar."""
    everybody = read(data)
    known = np.isfinite(everybody.speed_mps) & np.isfinite(everybody.age_years)
    known &= np.isfinite(everybody.height_m) & np.isfinite(less_than_usual(everybody))
    people = everybody.rows(known)
    y, found = people.patient, scores(people)
    rows = []
    for name, score in found.items():
        low, high = interval(lambda r, s=score: auc(s[r], y[r]), y)
        cells = [name, f"{auc(score, y):.3f} ({low:.2f} to {high:.2f})", "-"]
        if name != "speed":
            gain = auc(score, y) - auc(found["speed"], y)
            a, b = interval(lambda r, s=score: auc(s[r], y[r]) - auc(found["speed"][r], y[r]), y)
            cells[2] = f"{gain:+.3f} ({a:+.3f} to {b:+.3f})"
        rows.append(cells)
    best, gain = max(((r[0], r[2]) for r in rows[2:]), key=lambda r: float(r[1].split()[0]))
    verdict = _verdict(best, gain)
    parts = [
        "## Parkinson's disease and control, walking speed",
        f"{int(y.sum())} people with Parkinson's disease and {int((~y).sum())} controls whose\n"
        "speed, age and height are known. AUC with 95 % bootstrap interval; gain over raw speed\n"
        "from the same draws.",
        table(["rule", "AUC", "gain over raw speed"], rows),
        verdict,
        "### Slow for the age, as the report tells it (more than 1 SD below the mean)",
        _rule(people),
    ]
    # The rule is asked to beat raw speed, or the table to say that it does not.
    adjusted = max(auc(score, y) for name, score in found.items() if name != "speed")
    raw = f"{auc(found['speed'], y):.3f} of raw speed"
    bar = told("Parkinson, adjusted speed rule, AUC", f"{adjusted:.3f}, {raw}")
    return "\n\n".join(parts) + "\n", [bar]


def _verdict(best: str, gain: str) -> str:
    size, low = float(gain.split()[0]), float(gain.split("(")[1].split()[0])
    if low > 0:
        return f"The adjusted rule ({best}) beats raw speed on these people: {gain}."
    if size > 0:
        return (
            f"The best adjusted rule ({best}) is ahead of raw speed by {gain}: the interval\n"
            "holds zero, so on these people, groups of like age, it does not beat it."
        )
    return f"No adjusted rule beats raw speed on these people; the best, {best}, gives {gain}."


def _rule(people: People) -> str:
    """Of people of 70 years and more, whom alone the norms give a spread."""
    rows = []
    for name, group in (("Parkinson's disease", people.patient), ("control", ~people.patient)):
        slow = known = 0
        for i in np.flatnonzero(group):
            person = Person(None, float(people.age_years[i]), "f" if people.female[i] else "m")
            norm = norm_for("walking_speed", float(people.speed_mps[i]), person)
            if norm is not None:
                known, slow = known + 1, slow + (norm.z < -1)
        low, high = wilson(slow, known)
        rows.append([name, str(known), str(slow), f"{slow / known:.2f} ({low:.2f} to {high:.2f})"])
    return table(["group", "people with a norm", "slow", "share (95 %)"], rows)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    write_section(options.out, "parkinson", *report(options.data))


if __name__ == "__main__":
    main()
