"""The second description of each pattern: absolute targets and other compensations.

Written from other sources than the first, and with other people in mind: who has a stiff knee hikes
and vaults instead of circumducting, who has parkinsonism hurries, who has a weak hip leans over it.
Nothing is shared with the first but the small edits. The size of the development of a pattern runs
from 0 to 1; mild, moderate and severe stand at other places on it than in the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from model_zoo.skeleton import Side
from quantize.render.curves import swing_knee_deg
from quantize.render.pathology.edit import Severity, added, less_arm_swing, on_side, slowed
from quantize.render.plan import Changes, Gait

_SIZE = {Severity.MILD: 0.25, Severity.MODERATE: 0.55, Severity.SEVERE: 0.95}
_LEG_M, _GRAVITY = 0.9, 9.81


def hemiparetic(gait: Gait, side: Side, severity: Severity) -> Gait:
    """Stiff knee with hip hiking and a brisk push-off of the other leg, little circumduction.

    The knee, not the ankle, takes the clearance away (Little et al., 2014, 16 people), and steps
    vary more (Front Physiol 2022, 40 people after stroke and 21 controls): the peak of the swing
    knee is set 9 to 29 degrees below that of the speed, the foot hangs little. The swing ratio
    starts at the limit of healthy asymmetry, 1.06 (Patterson et al., 2010).
    """
    s = _SIZE[severity]
    gait = slowed(gait, 1 - 0.28 * s, 1 - 0.42 * s)
    usual = swing_knee_deg(gait.speed_m_s / np.sqrt(_GRAVITY * _LEG_M))
    ratio = 1.06 + 0.32 * s
    uneven = (ratio - 1) / (ratio + 1)
    gait = replace(gait, spread=gait.spread + 0.01 + 0.03 * s)
    gait = on_side(
        gait,
        side,
        swing_knee=(usual - 9 - 20 * s) / usual,
        step_time=1 + uneven,
        step_length=0.98,
        landing_deg=6 - 7 * s,
        leaving_deg=-46 + 14 * s,
        toe_out_deg=gait.side(side).toe_out_deg + 5 * s,
    )
    gait = on_side(gait, side.other, step_time=1 - uneven, step_length=1.02, leaving_deg=-62)
    gait = less_arm_swing(gait, side, 1 - 0.85 * s)
    return added(
        gait,
        side,
        hip_hike_deg=3 + 7 * s,
        circumduction_m=0.03 * s,
        swing_foot_deg=-3.0,
        lean_over_deg=2 * s,
        arm_bend_deg=12 + 45 * s,
    )


def parkinsonian(gait: Gait, _side: Side, severity: Severity) -> Gait:
    """Hurried small steps: step length is lost at a cadence above the usual one.

    Low walk ratio with both arms alike (a camera study of 25 and 25 people found no asymmetry that
    separates above 67 years, JPD 2018); steps flat and low.
    """
    s = _SIZE[severity]
    gait = slowed(gait, 1.02 + 0.10 * s, 0.86 - 0.42 * s)
    gait = replace(
        gait,
        trunk_lean_deg=8 + 22 * s,
        head_nod_deg=6 * s,
        elbow_deg=gait.elbow_deg + 12 + 30 * s,
        arm_swing_deg=gait.arm_swing_deg * (0.7 - 0.6 * s),
        spread=gait.spread + 0.02 * s,
    )
    for each in Side:
        gait = on_side(
            gait, each, swing_knee=1 - 0.22 * s, landing_deg=8 - 7 * s, leaving_deg=-48 + 22 * s
        )
        gait = added(gait, each, stance_knee_deg=2 + 9 * s)
    return gait


def ataxic(gait: Gait, _side: Side, severity: Severity) -> Gait:
    """Sensory ataxia: wide base, looks at the floor, lifts the feet and slaps them down.

    A chronic vestibular loss shortens the stride by 0.17 m (13 and 17 people): with a stride of
    about 1.3 m the step factor falls from 0.95 to 0.80 over the range.
    """
    s = _SIZE[severity]
    gait = slowed(gait, 1 - 0.16 * s, 0.95 - 0.15 * s)
    changes = replace(gait.changes or Changes(), width_spread_m=0.012 + 0.035 * s)
    gait = replace(
        gait,
        step_width_m=0.14 + 0.13 * s,
        head_nod_deg=gait.head_nod_deg + 8 + 14 * s,
        trunk_lean_deg=gait.trunk_lean_deg + 4 * s,
        spread=gait.spread + 0.03 + 0.06 * s,
        changes=changes,
    )
    for each in Side:
        gait = on_side(
            gait,
            each,
            stance=1.01 + 0.06 * s,
            landing_deg=18.0,
            toe_out_deg=gait.side(each).toe_out_deg + 8 * s,
        )
        gait = added(gait, each, swing_hip_deg=3 + 8 * s)
    return gait


def antalgic(gait: Gait, side: Side, severity: Severity) -> Gait:
    """A sore knee: held a little bent in stance, less bent in swing, quickly left.

    The ratio of the stances runs from 1.05 up (rule of the usual description); the trunk hardly
    moves over the leg.
    """
    s = _SIZE[severity]
    ratio = 1.05 + 0.2 * s
    short, long = 2 / (1 + ratio), 2 * ratio / (1 + ratio)
    gait = slowed(gait, 1 - 0.15 * s, 1 - 0.30 * s)
    gait = on_side(
        gait,
        side,
        stance=short,
        step_time=1 + 0.17 * s,
        step_length=1 + 0.10 * s,
        swing_knee=1 - 0.18 * s,
        landing_deg=13 - 9 * s,
    )
    gait = on_side(gait, side.other, stance=long, step_time=1 - 0.17 * s, step_length=1 - 0.10 * s)
    return added(gait, side, stance_knee_deg=3 + 6 * s, lean_over_deg=1 + 2 * s)


def crouch(gait: Gait, _side: Side, severity: Severity) -> Gait:
    """Knees bent by an absolute measure at mid-stance, landing on the toes, trunk upright.

    From 20 degrees on (the lower of the two common cuts), the right leg a little less.
    """
    s = _SIZE[severity]
    gait = slowed(gait, 1.0 - 0.05 * s, 0.95 - 0.32 * s)
    gait = replace(gait, step_width_m=gait.step_width_m + 0.03 * s)
    for each, part in ((Side.LEFT, 1.0), (Side.RIGHT, 0.88)):
        gait = on_side(gait, each, landing_deg=-1 - 6 * s, leaving_deg=-50 + 14 * s)
        gait = added(gait, each, stance_knee_deg=(15 + 22 * s) * part)
    return gait


def foot_drop(gait: Gait, side: Side, severity: Severity) -> Gait:
    """The hanging foot is brought forward by hiking and swinging out, not by lifting the knee."""
    s = _SIZE[severity]
    gait = slowed(gait, 1 - 0.08 * s, 1 - 0.20 * s)
    gait = on_side(gait, side, landing_deg=-2 - 9 * s, leaving_deg=-50.0, step_length=0.98)
    gait = on_side(gait, side.other, step_length=1.02)
    return added(
        gait,
        side,
        swing_foot_deg=-11 - 9 * s,
        hip_hike_deg=4 + 6 * s,
        circumduction_m=0.015 + 0.035 * s,
        swing_hip_deg=2.0,
    )


def trendelenburg(gait: Gait, side: Side, severity: Severity) -> Gait:
    """Duchenne's sign: the trunk leans over the weak hip, the pelvis stays nearly level.

    A lateral lean of more than 5 degrees is the usual description.
    """
    s = _SIZE[severity]
    gait = slowed(gait, 1 - 0.10 * s, 1 - 0.16 * s)
    gait = replace(gait, step_width_m=gait.step_width_m + 0.02)
    gait = on_side(gait, side, stance=1 - 0.03 * s, step_time=1 + 0.03 * s)
    gait = on_side(gait, side.other, step_time=1 - 0.03 * s)
    return added(gait, side, lean_over_deg=4 + 9 * s, drop_deg=1.5)


SECOND: dict[str, Callable[[Gait, Side, Severity], Gait]] = {
    "hemiparetic": hemiparetic,
    "parkinsonian": parkinsonian,
    "ataxic": ataxic,
    "antalgic": antalgic,
    "crouch": crouch,
    "foot_drop": foot_drop,
    "trendelenburg": trendelenburg,
}
