"""Hemiparetic walking: stiff knee, circumduction, hip hiking, short paretic stance, bent arm.

Knee: a stiff knee is told best by a swing peak below 44.3 degrees or a side difference above 17
degrees (cross-sectional study of 50 people after stroke, 24 of them stiff-kneed): at moderate
severity the difference lies above that, at mild severity below. Slower walkers hike and circumduct
more (Stanhope et al., 2014, 21 people): both grow with severity. Swing of the paretic
leg longer than of the other by more than 1.06 (Patterson et al., Gait Posture 31:241, 2010, limit
of healthy asymmetry). The centimetres and degrees of circumduction, hiking and arm are this
project's choice: no source gives them by severity.
"""

from __future__ import annotations

from model_zoo.skeleton import Side
from quantize.render.pathology.edit import Levels, Severity, added, less_arm_swing, on_side, slowed
from quantize.render.plan import Gait

SWING_KNEE: Levels = (0.80, 0.60, 0.40)
CIRCUMDUCTION_M: Levels = (0.02, 0.05, 0.085)
HIP_HIKE_DEG: Levels = (2.0, 5.0, 8.0)
SWING_FOOT_DEG: Levels = (-2.0, -6.0, -10.0)
LANDING_DEG: Levels = (9.0, 3.0, -4.0)
LEAVING_DEG: Levels = (-42.0, -28.0, -16.0)
CADENCE: Levels = (0.95, 0.85, 0.72)
STEP: Levels = (0.93, 0.78, 0.62)
PARETIC_STEP: Levels = (1.03, 1.08, 1.14)
UNEVEN_TIME: Levels = (0.04, 0.09, 0.15)
PARETIC_STANCE: Levels = (0.99, 0.96, 0.93)
ARM_SWING: Levels = (0.6, 0.3, 0.1)
ARM_BEND_DEG: Levels = (8.0, 30.0, 60.0)


def change(gait: Gait, side: Side, severity: Severity) -> Gait:
    """The walk with the pattern on ``side``, the paretic one."""
    k = severity
    own, other = gait.side(side), gait.side(side.other)
    gait = slowed(gait, CADENCE[k], STEP[k])
    gait = on_side(
        gait,
        side,
        swing_knee=own.swing_knee * SWING_KNEE[k],
        step_length=own.step_length * PARETIC_STEP[k],
        step_time=own.step_time * (1 + UNEVEN_TIME[k]),
        stance=own.stance * PARETIC_STANCE[k],
        landing_deg=LANDING_DEG[k],
        leaving_deg=LEAVING_DEG[k],
    )
    gait = on_side(
        gait,
        side.other,
        step_length=other.step_length * (2 - PARETIC_STEP[k]),
        step_time=other.step_time * (1 - UNEVEN_TIME[k]),
    )
    gait = less_arm_swing(gait, side, ARM_SWING[k])
    return added(
        gait,
        side,
        circumduction_m=CIRCUMDUCTION_M[k],
        hip_hike_deg=HIP_HIKE_DEG[k],
        swing_foot_deg=SWING_FOOT_DEG[k],
        arm_bend_deg=ARM_BEND_DEG[k],
    )
