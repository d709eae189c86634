"""Single numbers of the sagittal angles over the gait cycle: ranges, peaks and where they lie.

Windows in percent of the cycle, contact to contact: swing from 50 % on (foot off lies at 56 to 68 %
at any speed, Schwartz et al. 2008; the peak of the swinging knee at 72 to 76 %), single support 20
to 50 %, middle of the swing 75 to 90 %. Definitions of the angles: :mod:`host.gait.curves`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from host.codes import Absence
from host.gait.curves import Cycles
from host.gait.parameters.samples import Measured, Samples
from host.gait.signals import Array
from model_zoo.skeleton import Side

_SWING = slice(50, 101)
_SINGLE_SUPPORT = slice(20, 51)
_MID_SWING = slice(75, 91)

_FEATURES: dict[str, tuple[str, Callable[[Array], float]]] = {
    "thigh_range": ("thigh", lambda a: float(np.ptp(a))),
    "thigh_extension": ("thigh", lambda a: float(a.min())),
    "thigh_swing_peak": ("thigh", lambda a: float(a[_SWING].max())),
    "knee_range": ("knee", lambda a: float(np.ptp(a))),
    "knee_swing_peak": ("knee", lambda a: float(a[_SWING].max())),
    "knee_stance_minimum": ("knee", lambda a: float(a[_SINGLE_SUPPORT].min())),
    "ankle_range": ("ankle", lambda a: float(np.ptp(a))),
    "ankle_swing": ("ankle", lambda a: float(a[_MID_SWING].mean())),
    "foot_angle_at_contact": ("foot", lambda a: float(a[0])),
}


def leg_angles(cycles: Cycles) -> Measured:
    """Samples per feature, degrees, one value per stride; left and right told apart.

    Parameters
    ----------
    cycles
        Angles of the strides as :meth:`host.gait.curves.SagittalCurves.cycles` gives them.
    """
    out: Measured = {}
    for name, (joint, feature) in _FEATURES.items():
        pairs = [(feature(cycle), side) for side in Side for cycle in cycles[joint, side]]
        needs_feet = joint in ("ankle", "foot")
        out[name] = Samples.of(pairs) if pairs or not needs_feet else Absence.FEET_HIDDEN
    return out
