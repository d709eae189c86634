"""Crouch: knees that never come near extension in stance.

The common cuts are 20 and 30 degrees at mid-stance (definitions differ: review in Gait Posture
82:153, 2020): the mild form reaches the first, the severe one passes the second. Slowing, flat
landing and lean by severity are this project's choice.
"""

from __future__ import annotations

from dataclasses import replace

from model_zoo.skeleton import Side
from quantize.render.pathology.edit import Levels, Severity, added, on_side, slowed
from quantize.render.plan import Gait

STANCE_KNEE_DEG: Levels = (15.0, 24.0, 34.0)
CADENCE: Levels = (0.98, 0.93, 0.88)
STEP: Levels = (0.92, 0.80, 0.64)
LANDING_DEG: Levels = (8.0, 3.0, -3.0)
TRUNK_LEAN_DEG: Levels = (2.0, 5.0, 9.0)


def change(gait: Gait, _side: Side, severity: Severity) -> Gait:
    """The walk with the pattern on both legs (``_side`` changes nothing)."""
    k = severity
    gait = slowed(gait, CADENCE[k], STEP[k])
    gait = replace(gait, trunk_lean_deg=gait.trunk_lean_deg + TRUNK_LEAN_DEG[k])
    for each in Side:
        own = gait.side(each)
        gait = on_side(
            gait,
            each,
            landing_deg=LANDING_DEG[k],
            leaving_deg=own.leaving_deg * (0.9, 0.8, 0.7)[k],
        )
        gait = added(gait, each, stance_knee_deg=STANCE_KNEE_DEG[k])
    return gait
