"""Foot drop with steppage: the foot hangs in swing, hip and knee lift it, the toes land first.

A swing ankle below -10 degrees (plantarflexed) with raised hip flexion is the usual description:
the healthy swing holds the foot near a right angle, so the foot hangs by 10 degrees at mild
severity and more later. Lift and slowing by severity are this project's choice; the toes always
clear the floor, as in walkers who compensate.
"""

from __future__ import annotations

from model_zoo.skeleton import Side
from quantize.render.pathology.edit import Levels, Severity, added, on_side, slowed
from quantize.render.plan import Gait

SWING_FOOT_DEG: Levels = (-11.0, -20.0, -30.0)
SWING_HIP_DEG: Levels = (5.0, 12.0, 20.0)
SWING_KNEE: Levels = (1.06, 1.16, 1.28)
LANDING_DEG: Levels = (2.0, -5.0, -12.0)
CADENCE: Levels = (0.98, 0.95, 0.90)
STEP: Levels = (0.97, 0.90, 0.82)


def change(gait: Gait, side: Side, severity: Severity) -> Gait:
    """The walk with the pattern on ``side``."""
    k = severity
    gait = slowed(gait, CADENCE[k], STEP[k])
    gait = on_side(
        gait,
        side,
        swing_knee=gait.side(side).swing_knee * SWING_KNEE[k],
        landing_deg=LANDING_DEG[k],
        leaving_deg=gait.side(side).leaving_deg * 0.85,
    )
    return added(gait, side, swing_foot_deg=SWING_FOOT_DEG[k], swing_hip_deg=SWING_HIP_DEG[k])
