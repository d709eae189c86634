"""The demo's results beside its truth: one row per number, with the error."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from host.report.assessment import GaitEvent, ParameterResult
from model_zoo.skeleton import Side

CONTACT = "initial_contact"
MATCH_S = 0.15  # a quarter of a step: a found contact further away belongs to no true one

COMPARED: Mapping[str, tuple[str, str]] = {
    "cadence": ("cadence_per_min", "steps/min"),
    "step_time": ("step_time_s", "s"),
    "step_time.left": ("step_time_left_s", "s"),
    "step_time.right": ("step_time_right_s", "s"),
    "stance_percent": ("stance_percent", "%"),
    "walking_speed": ("walking_speed_m_s", "m/s"),
    "step_length": ("step_length_m", "m"),
}
"""Parameter (``.left``, ``.right``: of one side) -> its name in the truth file, and its unit."""


@dataclass(frozen=True)
class TrueContact:
    """A foot meets the floor in the renderer's schedule."""

    foot: Side
    time_s: float
    inside: bool
    """The whole body is in the picture at this time."""


@dataclass(frozen=True)
class Truth:
    """What the renderer knows of the clip: it was made from these numbers.

    Means are over the steps and strides with the whole body in the picture.
    """

    contacts: tuple[TrueContact, ...]
    whole_in_picture_s: tuple[float, float]
    stature_m: float
    age_years: float
    sex: str
    means: Mapping[str, float]
    """By the keys of :data:`COMPARED`."""

    @classmethod
    def read(cls, path: Path) -> Truth:
        """Read ``walk.truth.json``, written by the renderer beside the clip."""
        table = json.loads(path.read_text(encoding="utf-8"))
        start_s, end_s = table["whole_in_picture_s"]
        return cls(
            contacts=tuple(
                TrueContact(Side(event["foot"]), event["time_s"], event["inside"])
                for event in table["events"]
                if event["kind"] == CONTACT
            ),
            whole_in_picture_s=(start_s, end_s),
            stature_m=table["stature_m"],
            age_years=table["age_years"],
            sex=table["sex"],
            means={key: table[name] for key, (name, _) in COMPARED.items()},
        )


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
    """Found with the whole body in the picture, but belonging to no true one."""
    mean_abs_error_s: float
    """Of the found ones; NaN when there are none."""


def compare(parameters: Mapping[str, ParameterResult], truth: Truth) -> tuple[Row, ...]:
    """Rows of :data:`COMPARED`, in its order.

    Parameters
    ----------
    parameters
        ``Assessment.parameters``.
    truth
        Truth of the same clip.
    """
    return tuple(
        Row(key, unit, _value(parameters, *key.split(".")), truth.means[key])
        for key, (_, unit) in COMPARED.items()
    )


def match_contacts(events: Sequence[GaitEvent], truth: Truth) -> ContactMatch:
    """Match found and true contacts of the same foot one to one, nearest first.

    Judged is the time with the whole body in the picture; a contact found outside of it counts
    neither for nor against.
    """
    start_s, end_s = truth.whole_in_picture_s
    errors_s: list[float] = []
    n_extra = 0
    for foot in Side:
        found = [e.time_s for e in events if e.kind == CONTACT and e.foot is foot]
        inside = [c.time_s for c in truth.contacts if c.foot is foot and c.inside]
        pairs = _nearest_pairs(found, inside)
        errors_s += [abs(a - b) for a, b in pairs]
        matched = {a for a, _ in pairs}
        n_extra += sum(start_s <= a <= end_s and a not in matched for a in found)
    return ContactMatch(
        n_true=sum(contact.inside for contact in truth.contacts),
        n_found=len(errors_s),
        n_extra=n_extra,
        mean_abs_error_s=fmean(errors_s) if errors_s else math.nan,
    )


def _nearest_pairs(found: Iterable[float], true: Iterable[float]) -> list[tuple[float, float]]:
    """(found, true) pairs, each time used once, no further apart than MATCH_S."""
    near = sorted((abs(a - b), a, b) for a in found for b in true if abs(a - b) <= MATCH_S)
    pairs: list[tuple[float, float]] = []
    for _, a, b in near:
        if all(a != used_a and b != used_b for used_a, used_b in pairs):
            pairs.append((a, b))
    return pairs


def _value(parameters: Mapping[str, ParameterResult], name: str, side: str | None = None) -> float:
    entry = parameters.get(name)
    part = entry if entry is None or side is None else getattr(entry, side)
    return math.nan if part is None or part.value is None else float(part.value)
