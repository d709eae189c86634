"""The demo's results beside its truth: one row per number, with the error."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from host.report.assessment import GaitEvent, ParameterResult
from model_zoo.skeleton import Side

CONTACT = "initial_contact"
MATCH_S = 0.15  # a quarter of a step: a found contact further away belongs to no true one


@dataclass(frozen=True)
class TrueEvent:
    """A foot meets or leaves the floor in the renderer's schedule; ``kind`` as in GaitEvent."""

    foot: Side
    kind: str
    time_s: float


@dataclass(frozen=True)
class Truth:
    """What the renderer knows of the clip: it was made from these numbers.

    ``age_years`` and ``sex`` may be None where the body has none of a person's.
    """

    events: tuple[TrueEvent, ...]
    stature_m: float
    age_years: float | None
    sex: str | None
    walking_speed_m_s: float
    step_length_m: float

    @classmethod
    def read(cls, path: Path) -> Truth:
        """Read ``walk.truth.json``; further keys in it are for the reader of the file."""
        table = json.loads(path.read_text(encoding="utf-8"))
        events = [TrueEvent(Side(e["foot"]), e["kind"], e["time_s"]) for e in table["events"]]
        return cls(
            events=tuple(sorted(events, key=lambda event: event.time_s)),
            stature_m=table["stature_m"],
            age_years=table.get("age_years"),
            sex=table.get("sex"),
            walking_speed_m_s=table["walking_speed_m_s"],
            step_length_m=table["step_length_m"],
        )

    def contacts(self) -> list[TrueEvent]:
        """Initial contacts in order of time."""
        return [event for event in self.events if event.kind == CONTACT]

    def step_times_s(self, foot: Side | None = None) -> list[float]:
        """Times from the other foot's contact to this foot's; of both feet when None."""
        contacts = self.contacts()
        return [
            later.time_s - earlier.time_s
            for earlier, later in pairwise(contacts)
            if later.foot is not earlier.foot and foot in (None, later.foot)
        ]


@dataclass(frozen=True)
class Row:
    """One compared number; ``measured`` is NaN where the analysis gave none.

    ``key`` is a parameter's name, followed by ``.left`` or ``.right`` for one side.
    """

    key: str
    unit: str
    measured: float
    truth: float

    @property
    def error(self) -> float:
        """Measured minus truth."""
        return self.measured - self.truth


@dataclass(frozen=True)
class ContactMatch:
    """True contacts of the clip against the found ones of the same foot."""

    n_true: int
    n_found: int
    n_extra: int
    """Found contacts that belong to no true one."""
    mean_abs_error_s: float
    """Of the found ones; NaN when there are none."""


def compare(parameters: Mapping[str, ParameterResult], truth: Truth) -> tuple[Row, ...]:
    """Rows for the main parameters.

    Parameters
    ----------
    parameters
        ``Assessment.parameters``.
    truth
        Truth of the same clip.
    """
    step_s = fmean(truth.step_times_s())
    rows = [
        Row("cadence", "steps/min", _value(parameters, "cadence"), 60 / step_s),
        Row("step_time", "s", _value(parameters, "step_time"), step_s),
    ]
    for foot in Side:
        measured = _value(parameters, "step_time", foot)
        row = Row(f"step_time.{foot.value}", "s", measured, fmean(truth.step_times_s(foot)))
        rows.append(row)
    speed, length = truth.walking_speed_m_s, truth.step_length_m
    rows.append(Row("walking_speed", "m/s", _value(parameters, "walking_speed"), speed))
    rows.append(Row("step_length", "m", _value(parameters, "step_length"), length))
    return tuple(rows)


def match_contacts(events: Sequence[GaitEvent], truth: Truth) -> ContactMatch:
    """Match found and true contacts of the same foot one to one, nearest first."""
    errors_s: list[float] = []
    n_found_in_all = 0
    for foot in Side:
        found = [e.time_s for e in events if e.kind == CONTACT and e.foot is foot]
        true = [e.time_s for e in truth.contacts() if e.foot is foot]
        n_found_in_all += len(found)
        errors_s += _nearest_pairs(found, true)
    return ContactMatch(
        n_true=len(truth.contacts()),
        n_found=len(errors_s),
        n_extra=n_found_in_all - len(errors_s),
        mean_abs_error_s=fmean(errors_s) if errors_s else math.nan,
    )


def _nearest_pairs(found: Iterable[float], true: Iterable[float]) -> list[float]:
    """Distances of the pairs, each time used once, no further apart than MATCH_S."""
    pairs = sorted((abs(a - b), a, b) for a in found for b in true if abs(a - b) <= MATCH_S)
    used_a: set[float] = set()
    used_b: set[float] = set()
    distances = []
    for distance, a, b in pairs:
        if a not in used_a and b not in used_b:
            used_a.add(a)
            used_b.add(b)
            distances.append(distance)
    return distances


def _value(parameters: Mapping[str, ParameterResult], name: str, foot: Side | None = None) -> float:
    entry = parameters.get(name)
    part = entry if entry is None or foot is None else getattr(entry, foot.value)
    return math.nan if part is None or part.value is None else float(part.value)
