"""Every parameter: its name, unit, place in the report and what it takes to be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Group(str, Enum):
    """Heading under which a parameter stands; its words are ``parameter_group.*``."""

    PACE = "pace"
    TIMES = "times"
    LENGTHS = "lengths"
    SYMMETRY = "symmetry"
    VARIABILITY = "variability"
    TRUNK_AND_ARMS = "trunk_and_arms"
    LEGS = "legs"


@dataclass(frozen=True)
class Entry:
    """One parameter.

    Attributes
    ----------
    name
        As in ``assessment.json``; also the key of its name and definition in ``host/text``.
    unit
        Unit of the value.
    group
        Heading in the report.
    gates
        Fields of :class:`~host.gait.parameters.table.Gates` that close it.
    sided
        Whether left and right are told apart.
    """

    name: str
    unit: str
    group: Group
    gates: tuple[str, ...] = ()
    sided: bool = True


_LENGTHS, _PHASES, _SIDES = ("lengths",), ("phases",), ("sides",)
_ANGLES, _SINGLE = ("sagittal", "sides"), ("single",)


def _pace_times_lengths() -> list[Entry]:
    lengths, phases = _LENGTHS, _PHASES
    return [
        Entry("cadence", "steps/min", Group.PACE, sided=False),
        Entry("walking_speed", "m/s", Group.PACE, lengths),
        Entry("relative_speed", "heights/s", Group.PACE, lengths),
        Entry("dimensionless_speed", "1", Group.PACE, lengths),
        Entry("walk_ratio", "cm.min", Group.PACE, lengths, sided=False),
        Entry("step_time", "s", Group.TIMES),
        Entry("stride_time", "s", Group.TIMES),
        Entry("stance_time", "s", Group.TIMES, phases),
        Entry("swing_time", "s", Group.TIMES, phases),
        Entry("stance_percent", "%", Group.TIMES, phases),
        Entry("swing_percent", "%", Group.TIMES, phases),
        Entry("double_support_percent", "%", Group.TIMES, phases),
        Entry("single_support_percent", "%", Group.TIMES, phases),
        Entry("step_length", "m", Group.LENGTHS, lengths),
        Entry("stride_length", "m", Group.LENGTHS, lengths),
        Entry("relative_step_length", "heights", Group.LENGTHS, lengths),
        Entry("step_width", "m", Group.LENGTHS, lengths),
    ]


def _symmetry_variability() -> list[Entry]:
    lengths, phases, sides, single = _LENGTHS, _PHASES, _SIDES, _SINGLE
    found: list[Entry] = []
    for quantity, gate in (
        ("step_time", ()),
        ("step_length", lengths),
        ("stance", phases),
        ("swing", phases),
    ):
        found += [
            Entry(f"{quantity}_asymmetry", "%", Group.SYMMETRY, (*gate, *sides), sided=False),
            Entry(f"{quantity}_ratio", "ratio", Group.SYMMETRY, (*gate, *sides), sided=False),
            Entry(f"{quantity}_symmetry_angle", "%", Group.SYMMETRY, (*gate, *sides), sided=False),
        ]
    return [
        *found,
        Entry(
            "step_length_difference",
            "heights",
            Group.SYMMETRY,
            (*lengths, *sides),
            sided=False,
        ),
        Entry("temporal_symmetry", "ratio", Group.SYMMETRY, (*phases, *sides), sided=False),
        Entry("arm_swing_symmetry_angle", "%", Group.SYMMETRY, _ANGLES, sided=False),
        Entry("stride_time_variability", "%", Group.VARIABILITY, single, sided=False),
        Entry("step_time_variability", "%", Group.VARIABILITY, single, sided=False),
        Entry("stance_time_variability", "%", Group.VARIABILITY, (*phases, *single), sided=False),
        Entry("swing_time_variability", "%", Group.VARIABILITY, (*phases, *single), sided=False),
        Entry(
            "stride_length_variability", "%", Group.VARIABILITY, (*lengths, *single), sided=False
        ),
        Entry("step_length_variability", "%", Group.VARIABILITY, (*lengths, *single), sided=False),
    ]


def _trunk_arms_legs() -> list[Entry]:
    lengths, sides, angles = _LENGTHS, _SIDES, _ANGLES
    return [
        Entry("trunk_lean", "deg", Group.TRUNK_AND_ARMS, ("sagittal",), sided=False),
        Entry("trunk_sway", "deg", Group.TRUNK_AND_ARMS, ("sagittal",), sided=False),
        Entry("trunk_lateral_sway", "deg", Group.TRUNK_AND_ARMS, ("sagittal",), sided=False),
        Entry("arm_swing", "deg", Group.TRUNK_AND_ARMS, ("sagittal",)),
        Entry("thigh_range", "deg", Group.LEGS, angles),
        Entry("thigh_extension", "deg", Group.LEGS, angles),
        Entry("thigh_swing_peak", "deg", Group.LEGS, angles),
        Entry("knee_range", "deg", Group.LEGS, angles),
        Entry("knee_swing_peak", "deg", Group.LEGS, angles),
        Entry("knee_stance_minimum", "deg", Group.LEGS, angles),
        Entry("thigh_variable_score", "deg", Group.LEGS, angles),
        Entry("knee_variable_score", "deg", Group.LEGS, angles),
        Entry("ankle_variable_score", "deg", Group.LEGS, angles),
        Entry("sagittal_profile_score", "deg", Group.LEGS, angles, sided=False),
        Entry("ankle_range", "deg", Group.LEGS, angles),
        Entry("ankle_swing", "deg", Group.LEGS, ("phases", *angles)),
        Entry("foot_angle_at_contact", "deg", Group.LEGS, ("phases", *angles)),
        Entry("foot_clearance", "mm", Group.LEGS, ("clearance", "phases", *lengths, *sides)),
        Entry("circumduction", "m", Group.LEGS, ("phases", *lengths, *sides)),
    ]


ENTRIES: tuple[Entry, ...] = (
    *_pace_times_lengths(),
    *_symmetry_variability(),
    *_trunk_arms_legs(),
)
NAMES: tuple[str, ...] = tuple(entry.name for entry in ENTRIES)
"""All parameters, in the order of the report."""
BY_NAME: dict[str, Entry] = {entry.name: entry for entry in ENTRIES}


def neutral(name: str) -> float | None:
    """Value of a parameter of symmetry where both sides are alike; None of all others."""
    entry = BY_NAME[name]
    if entry.group is not Group.SYMMETRY:
        return None
    return 1.0 if entry.unit == "ratio" else 0.0
