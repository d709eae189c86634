"""Spatio-temporal norms by age and sex, and cut-offs, from the tables of this folder."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from host.gait.types import Norm, Person

FOLDER = Path(__file__).parent


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of a CSV file of this folder."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def _norms() -> tuple[dict[str, str], ...]:
    return tuple(read_table("spatiotemporal.csv"))


@lru_cache(maxsize=1)
def _sources() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in read_table("sources.csv")}


def source_citation(key: str) -> str:
    """Citation with its mark, such as ``"Hollman et al. 2011 ... [2nd]"``."""
    row = _sources()[key]
    return f"{row['citation']} [{row['mark']}]"


# Swing is what stance leaves of the cycle: the same spread around 100 minus the mean.
_COMPLEMENT = {"swing_percent": "stance_percent"}


def norm_for(parameter: str, value: float, person: Person) -> Norm | None:
    """Reference for one parameter; None where no table has it at this age and sex.

    A mean without a spread (speed below 70 years) does not tell how far off a person is: None.

    Parameters
    ----------
    parameter
        Name of the parameter, value in the unit of its contract.
    value
        Measured value.
    person
        Age in years and sex; both must be told.
    """
    if person.age_years is None or person.sex is None:
        return None
    stored = _COMPLEMENT.get(parameter, parameter)
    for row in _norms():
        in_age = int(row["age_from"]) <= person.age_years < int(row["age_to"]) + 1
        matches = row["parameter"] == stored and row["sex"] == person.sex and in_age
        if not matches or not row["sd"]:
            continue
        mean = float(row["mean"])
        if parameter in _COMPLEMENT:
            mean = 100.0 - mean
        sd = float(row["sd"])
        return Norm(mean, sd, (value - mean) / sd, source_citation(row["source"]))
    return None


@dataclass(frozen=True)
class Cutoff:
    """A published limit or meaningful change of one parameter."""

    parameter: str
    kind: str
    value: float
    unit: str
    population: str
    source: str


def cutoff(parameter: str, kind: str) -> Cutoff:
    """One published limit.

    Raises
    ------
    KeyError
        When the table has none of this kind.
    """
    for found in cutoffs(parameter):
        if found.kind == kind:
            return found
    raise KeyError(f"{parameter}: {kind}")


def cutoffs(parameter: str) -> tuple[Cutoff, ...]:
    """Published cut-offs and meaningful changes of a parameter; empty where there are none."""
    return tuple(
        Cutoff(
            row["parameter"],
            row["kind"],
            float(row["value"]),
            row["unit"],
            row["population"],
            source_citation(row["source"]),
        )
        for row in read_table("cutoffs.csv")
        if row["parameter"] == parameter
    )
