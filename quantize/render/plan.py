"""The numbers of a walk, and the contacts that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from model_zoo.skeleton import Side
from quantize.render.contacts import Contact, Schedule
from quantize.render.curves import FOOT_OFF_PERCENT, at_speed

_OUTLIER = 1.8


@dataclass(frozen=True)
class SideChange:
    """What a pattern adds to one side of a walk; degrees and metres, 0 changes nothing.

    ``circumduction_m``: way of the ankle outwards in the middle of its swing; ``swing_hip_deg``,
    ``swing_foot_deg``: thigh and foot raised then; ``hip_hike_deg``: pelvis raised on this side in
    its swing; ``stance_knee_deg``: knee flexed more through the stance; ``drop_deg``: pelvis lower
    on the other side, ``lean_over_deg``: trunk inclined to this side, while this side stands alone;
    ``arm_bend_deg``: elbow flexed more.
    """

    circumduction_m: float = 0.0
    swing_hip_deg: float = 0.0
    swing_foot_deg: float = 0.0
    hip_hike_deg: float = 0.0
    stance_knee_deg: float = 0.0
    drop_deg: float = 0.0
    lean_over_deg: float = 0.0
    arm_bend_deg: float = 0.0


@dataclass(frozen=True)
class Changes:
    """What a pattern adds to a walk.

    ``roll_deg``: how far the pelvis drops on the swinging side at 1.3 m/s; ``width_spread_m``:
    standard deviation of each foot's lateral place.
    """

    left: SideChange = field(default_factory=SideChange)
    right: SideChange = field(default_factory=SideChange)
    roll_deg: float = 4.0
    width_spread_m: float = 0.0

    def side(self, side: Side) -> SideChange:
        """The changes of one side."""
        return self.left if side is Side.LEFT else self.right


@dataclass(frozen=True)
class SideGait:
    """What one side does: factors of the symmetric walk, and pitches of its foot."""

    step_time: float = 1.0
    step_length: float = 1.0
    stance: float = 1.0
    swing_knee: float = 1.0
    arm_swing: float = 1.0
    landing_deg: float = 16.0
    leaving_deg: float = -57.0
    toe_out_deg: float = 7.0


@dataclass(frozen=True)
class Gait:
    """A walk on a straight line.

    ``spread``: standard deviation of step times and lengths from step to step, as a part of them.
    ``changes``: what a pattern of impaired walking adds.
    """

    cadence_per_min: float
    speed_m_s: float
    step_width_m: float = 0.09
    trunk_lean_deg: float = 4.0
    head_nod_deg: float = 0.0
    arm_swing_deg: float = 18.0
    elbow_deg: float = 20.0
    spread: float = 0.0
    left: SideGait = field(default_factory=SideGait)
    right: SideGait = field(default_factory=SideGait)
    changes: Changes | None = None

    def side(self, side: Side) -> SideGait:
        """The numbers of one side."""
        return self.left if side is Side.LEFT else self.right


def plan(
    gait: Gait, dimensionless_speed: float, duration_s: float, first: Side, seed: int
) -> Schedule:
    """Contacts from time 0 on, until ``duration_s`` and one stride more.

    Double support is what the two stances leave; a factor that would leave none is refused.
    """
    rng = np.random.default_rng(seed)
    base_s, base_m = 60 / gait.cadence_per_min, gait.speed_m_s * 60 / gait.cadence_per_min
    sides, times, places = [first], [0.0], [0.0]
    while times[-1] < duration_s + 4 * base_s:
        side = sides[-1].other
        own = gait.side(side)
        noise = rng.normal(size=2)
        if gait.changes is not None:
            # Rare outliers of a large spread would need longer legs.
            noise = np.clip(noise, -_OUTLIER, _OUTLIER)
        noise = 1 + gait.spread * noise
        sides.append(side)
        times.append(times[-1] + base_s * own.step_time * noise[0])
        places.append(places[-1] + base_m * own.step_length * noise[1])
    stance = at_speed(FOOT_OFF_PERCENT, dimensionless_speed) / 100
    aside = gait.changes.width_spread_m if gait.changes else 0.0
    contacts = []
    for k, side in enumerate(sides[:-2]):
        own = gait.side(side)
        stride = times[k + 2] - times[k]
        off = times[k] + min(stance * own.stance, 0.85) * stride
        if off <= times[k + 1]:
            raise ValueError(
                "this gait has no double support: a foot leaves before the other lands"
            )
        out = 1.0 if side is Side.LEFT else -1.0
        half_m = gait.step_width_m / 2
        if aside:
            half_m = max(half_m + aside * np.clip(rng.normal(), -_OUTLIER, _OUTLIER), 0.0)
        contacts.append(
            Contact(
                side,
                times[k],
                times[k] + 0.08 * stride,
                times[k] + (0.60 if stance * own.stance < 0.65 else 0.66) * (off - times[k]),
                off,
                places[k],
                out * half_m,
                own.toe_out_deg,
                own.landing_deg,
                own.leaving_deg,
            )
        )
    return Schedule(tuple(contacts))
