"""Published sagittal joint curves of walking, by speed.

Features read from the data sheet of Schwartz, Rozumalski and Trost, "The effect of walking speed on
the gait of typically developing children", J Biomech 41:1639 (2008): five speed bands by
dimensionless speed v / sqrt(g L) (L leg length). Between the features a periodic cubic runs, so a
curve is exact at the features only. No measured curve of older adults was at hand: the same
features at the lower speed stand for them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Array = NDArray[np.float64]

# Middle of each band: very slow, slow, free, fast, very fast.
_SPEED = np.array([0.18, 0.295, 0.43, 0.57, 0.70])
FOOT_OFF_PERCENT = np.array([68.0, 62.0, 59.0, 58.0, 56.0])
# Hip flexion is against the pelvis there; the pelvis leans forward by about this much (degrees),
# so that the thigh against the vertical is hip flexion less this.
PELVIC_TILT_DEG = 10.0
_HIP_CONTACT = np.array([30.2, 32.8, 35.8, 39.8, 43.6])
_HIP_LEAST = np.array([1.5, -2.4, -5.8, -8.0, -7.3])
_HIP_LEAST_AT = np.array([56.0, 54.0, 52.0, 52.0, 50.0])
_KNEE_CONTACT = np.array([4.9, 4.6, 5.6, 7.5, 8.8])
_KNEE_LOADING = np.array([7.9, 12.7, 19.3, 23.7, 22.7])
_KNEE_STANCE = np.array([6.6, 7.5, 6.2, 4.1, 0.6])
_KNEE_SWING = np.array([44.7, 55.2, 59.1, 61.0, 61.9])
_KNEE_SWING_AT = np.array([76.0, 74.0, 73.0, 72.0, 72.0])


def at_speed(column: Array, dimensionless_speed: float) -> float:
    """A feature at a speed, interpolated between the bands."""
    return float(np.interp(dimensionless_speed, _SPEED, column))


def swing_knee_deg(dimensionless_speed: float) -> float:
    """The knee's peak flexion in swing."""
    return at_speed(_KNEE_SWING, dimensionless_speed)


class JointCurves:
    """Thigh inclination and knee flexion over the gait cycle, percent 0..100 from the contact.

    Attributes
    ----------
    foot_off_percent
        Where the swing begins in these curves.
    """

    def __init__(self, dimensionless_speed: float, swing_knee_scale: float = 1.0) -> None:
        def at(column: Array) -> float:
            return at_speed(column, dimensionless_speed)

        self.foot_off_percent = at(FOOT_OFF_PERCENT)
        contact, least, when = at(_HIP_CONTACT), at(_HIP_LEAST), at(_HIP_LEAST_AT)
        # The hip reaches its flexion before the end of swing and holds it.
        self._thigh = _periodic(
            [0, when, 87, 96],
            [contact, least, contact + 1.0, contact + 1.0],
            -PELVIC_TILT_DEG,
        )
        knee = at(_KNEE_CONTACT)
        self._knee = _periodic(
            [0, 12, 40, at(_KNEE_SWING_AT), 97],
            [
                knee,
                at(_KNEE_LOADING),
                at(_KNEE_STANCE),
                at(_KNEE_SWING) * swing_knee_scale,
                knee - 2.0,
            ],
        )

    def thigh_deg(self, percent: Array) -> Array:
        """Inclination of the thigh, knee in front positive."""
        return np.asarray(self._thigh(np.mod(percent, 100)))

    def knee_deg(self, percent: Array) -> Array:
        """Flexion of the knee."""
        return np.asarray(self._knee(np.mod(percent, 100)))


def _periodic(percent: list[float], value: list[float], shift: float = 0.0) -> CubicSpline:
    x = np.array([*percent, percent[0] + 100.0])
    y = np.array([*value, value[0]]) + shift
    return CubicSpline(x, y, bc_type="periodic")
