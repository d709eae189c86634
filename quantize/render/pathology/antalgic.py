"""Antalgic walking: the painful leg stands as briefly as it can, the trunk moves over it.

A stance ratio above 1.05 between the legs with a normal knee is the usual description, below 55
against above 60 % of the stride the rule of one open package (unvalidated): mild lies at the first,
severe beyond the second. Lean and slowing by severity are this project's choice.
"""

from __future__ import annotations

from model_zoo.skeleton import Side
from quantize.render.pathology.edit import Levels, Severity, added, on_side, slowed
from quantize.render.plan import Gait

STANCE: Levels = (0.97, 0.93, 0.89)
UNEVEN_TIME: Levels = (0.05, 0.11, 0.17)
UNEVEN_LENGTH: Levels = (0.04, 0.10, 0.16)
CADENCE: Levels = (0.97, 0.90, 0.80)
STEP: Levels = (0.93, 0.82, 0.68)
LEAN_OVER_DEG: Levels = (2.0, 5.0, 8.0)
LANDING_DEG: Levels = (12.0, 8.0, 4.0)


def change(gait: Gait, side: Side, severity: Severity) -> Gait:
    """The walk with the pattern; ``side`` is the painful one."""
    k = severity
    own, other = gait.side(side), gait.side(side.other)
    gait = slowed(gait, CADENCE[k], STEP[k])
    # The other foot lands early and near, because the painful leg is to be relieved.
    gait = on_side(
        gait,
        side,
        stance=own.stance * STANCE[k],
        step_time=own.step_time * (1 + UNEVEN_TIME[k]),
        step_length=own.step_length * (1 + UNEVEN_LENGTH[k]),
        landing_deg=LANDING_DEG[k],
        leaving_deg=own.leaving_deg * (0.92, 0.82, 0.7)[k],
    )
    gait = on_side(
        gait,
        side.other,
        stance=other.stance * (2 - STANCE[k]),
        step_time=other.step_time * (1 - UNEVEN_TIME[k]),
        step_length=other.step_length * (1 - UNEVEN_LENGTH[k]),
    )
    return added(gait, side, lean_over_deg=LEAN_OVER_DEG[k])
