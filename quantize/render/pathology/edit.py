"""Small edits of a walk that the patterns are made of, and the three severities."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum

from model_zoo.skeleton import Side
from quantize.render.plan import Changes, Gait


class Severity(IntEnum):
    """How far a pattern is developed; the number is the place in each pattern's triples."""

    MILD = 0
    MODERATE = 1
    SEVERE = 2


Levels = tuple[float, float, float]
"""A number for mild, moderate and severe."""


def slowed(gait: Gait, cadence: float = 1.0, step: float = 1.0) -> Gait:
    """The walk with cadence and step length multiplied; the speed follows."""
    return replace(
        gait,
        cadence_per_min=gait.cadence_per_min * cadence,
        speed_m_s=gait.speed_m_s * cadence * step,
    )


def on_side(gait: Gait, side: Side, **values: float) -> Gait:
    """The walk with some numbers of one side's :class:`SideGait` set."""
    new = replace(gait.side(side), **values)
    return replace(gait, left=new) if side is Side.LEFT else replace(gait, right=new)


def added(gait: Gait, side: Side, **values: float) -> Gait:
    """The walk with some numbers of one side's :class:`SideChange` set."""
    changes = gait.changes or Changes()
    new = replace(changes.side(side), **values)
    both = replace(changes, left=new) if side is Side.LEFT else replace(changes, right=new)
    return replace(gait, changes=both)


def less_arm_swing(gait: Gait, side: Side, factor: float) -> Gait:
    """The arm of one side swings less by ``factor``."""
    return on_side(gait, side, arm_swing=gait.side(side).arm_swing * factor)
