"""Ataxic walking: wide base, every step another one, longer double support, slower.

Direction of all features: meta-analysis of 21 studies of cerebellar ataxia. Double support 24.7
against 21.4 % of the stride (16 people and 14 controls, Sci Rep 2025, s41598-025-12316-9): the
stance is longer by half of it, 1.65 of about 61 %, the factor 1.027 of the mild form. Speed 0.94
against 1.07 m/s there: 0.88 of the mild form. Base and variability by severity are this project's
choice.
"""

from __future__ import annotations

from dataclasses import replace

from model_zoo.skeleton import Side
from quantize.render.pathology.edit import Levels, Severity, added, on_side, slowed
from quantize.render.plan import Changes, Gait

CADENCE: Levels = (0.95, 0.90, 0.82)
STEP: Levels = (0.926, 0.82, 0.70)
WIDER_M: Levels = (0.05, 0.10, 0.16)
SPREAD: Levels = (0.04, 0.065, 0.09)
WIDTH_SPREAD_M: Levels = (0.015, 0.03, 0.045)
STANCE: Levels = (1.027, 1.05, 1.08)
LANDING_DEG: Levels = (12.0, 8.0, 5.0)
TOE_OUT_DEG: Levels = (3.0, 6.0, 10.0)
SWAY_DEG: Levels = (1.0, 2.0, 3.5)


def change(gait: Gait, _side: Side, severity: Severity) -> Gait:
    """The walk with the pattern; it has no side (``_side`` changes nothing)."""
    k = severity
    gait = slowed(gait, CADENCE[k], STEP[k])
    gait = replace(
        gait,
        step_width_m=gait.step_width_m + WIDER_M[k],
        spread=gait.spread + SPREAD[k],
        changes=replace(gait.changes or Changes(), width_spread_m=WIDTH_SPREAD_M[k]),
    )
    for each in Side:
        own = gait.side(each)
        gait = on_side(
            gait,
            each,
            stance=own.stance * STANCE[k],
            landing_deg=LANDING_DEG[k],
            toe_out_deg=own.toe_out_deg + TOE_OUT_DEG[k],
        )
        gait = added(gait, each, lean_over_deg=SWAY_DEG[k])
    return gait
