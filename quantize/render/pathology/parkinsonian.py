"""Parkinsonian walking: short flat steps at a nearly normal cadence, stoop, arms that hang still.

Cadence of early disease 102.5 against 113.8 steps/min (Pistacchi et al., 2017): the
factor 0.90 of the mild form; later forms keep it. Arm swing: the asymmetry grows from 5.1 to 13.9 %
(symmetry angle; Lewek et al., Gait Posture 31:256, 2010), 13.9 % being a ratio of 0.64 between the
arms: the factor of the worse arm. Direction of all else (short steps, stoop, small arm swing, low
walk ratio): textbook description; its size by severity is this project's choice.
"""

from __future__ import annotations

from dataclasses import replace

from model_zoo.skeleton import Side
from quantize.render.pathology.edit import Levels, Severity, added, less_arm_swing, on_side, slowed
from quantize.render.plan import Gait

CADENCE: Levels = (0.90, 0.95, 1.0)
STEP: Levels = (0.88, 0.66, 0.45)
TRUNK_LEAN_DEG: Levels = (7.0, 17.0, 28.0)
HEAD_NOD_DEG: Levels = (3.0, 8.0, 14.0)
ARM_SWING: Levels = (0.55, 0.30, 0.12)
WORSE_ARM = 0.64
ARM_BEND_DEG: Levels = (8.0, 22.0, 38.0)
STANCE_KNEE_DEG: Levels = (3.0, 8.0, 13.0)
SWING_KNEE: Levels = (0.95, 0.85, 0.75)
LANDING_DEG: Levels = (11.0, 5.0, 1.0)
LEAVING: Levels = (0.85, 0.68, 0.5)


def change(gait: Gait, side: Side, severity: Severity) -> Gait:
    """The walk with the pattern; ``side`` is the side whose arm swings less."""
    k = severity
    gait = slowed(gait, CADENCE[k], STEP[k])
    gait = replace(
        gait,
        trunk_lean_deg=gait.trunk_lean_deg + TRUNK_LEAN_DEG[k],
        head_nod_deg=gait.head_nod_deg + HEAD_NOD_DEG[k],
    )
    for each in Side:
        own = gait.side(each)
        gait = on_side(
            gait,
            each,
            swing_knee=own.swing_knee * SWING_KNEE[k],
            landing_deg=LANDING_DEG[k],
            leaving_deg=own.leaving_deg * LEAVING[k],
        )
        worse = WORSE_ARM if each is side else 1.0
        gait = less_arm_swing(gait, each, ARM_SWING[k] * worse)
        gait = added(gait, each, stance_knee_deg=STANCE_KNEE_DEG[k], arm_bend_deg=ARM_BEND_DEG[k])
    return gait
