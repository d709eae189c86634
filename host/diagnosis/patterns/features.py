"""The features that the pattern model reads: named, from parameters and curves alone.

Three kinds. A *level* is the mean of both sides. A *difference* is left less right (``unit``) or
the logarithm of left over right; a mirrored walk has the opposite value. A *spread* is how far a
quantity moves from stride to stride as measured, the noise of the camera included; it is no
variability in the sense of the parameters and is never shown as such.

Left out on purpose: the difference of the step lengths and of the arms, because the near and the
far side look different from one camera; lengths in metres, because many recordings have no scale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.gait.types import GaitResult
from model_zoo.skeleton import Side

Array = NDArray[np.float64]
_LEAST_STRIDES = 2
_LANDING = (slice(88, 101), slice(0, 8))
_FOOT_CHAIN = ("thigh", "knee", "ankle")


@dataclass(frozen=True)
class Feature:
    """One number of a walk.

    Attributes
    ----------
    name
        Key of its words in ``host/text`` (``feature.NAME``).
    parameter
        The parameter, or the joint of the curves, that it is made of.
    unit
        Unit of the value.
    signed
        Whether a mirrored walk has the opposite value.
    of
        Value from a gait; NaN where it is not measured.
    """

    name: str
    parameter: str
    unit: str
    signed: bool
    of: Callable[[GaitResult], float]


def _level(name: str) -> Callable[[GaitResult], float]:
    def value(gait: GaitResult) -> float:
        return gait.parameters[name].value

    return value


def _sides(gait: GaitResult, name: str) -> tuple[float, float]:
    found = gait.parameters[name]
    if found.left is None or found.right is None:
        return float("nan"), float("nan")
    if min(found.left.n, found.right.n) < _LEAST_STRIDES:
        return float("nan"), float("nan")
    return found.left.value, found.right.value


def _difference(name: str) -> Callable[[GaitResult], float]:
    def value(gait: GaitResult) -> float:
        left, right = _sides(gait, name)
        return left - right

    return value


def _log_ratio(name: str) -> Callable[[GaitResult], float]:
    def value(gait: GaitResult) -> float:
        left, right = _sides(gait, name)
        return float(np.log(left / right)) if min(left, right) > 0 else float("nan")

    return value


def _spread(name: str) -> Callable[[GaitResult], float]:
    def value(gait: GaitResult) -> float:
        found = gait.parameters[name]
        return 100 * found.sd / found.value if found.value > 0 else float("nan")

    return value


def curve_difference(gait: GaitResult, joint: str) -> float:
    """Root of the mean square difference of the left and the right curve, means removed; degrees.

    Each curve runs from its own foot's contact, so a healthy walk gives little. NaN where a side
    has fewer than two strides.
    """
    curves = {c.side: c for c in gait.curves if c.joint == joint and c.n >= _LEAST_STRIDES}
    if set(curves) != set(Side):
        return float("nan")
    left, right = (curves[s].mean_deg - curves[s].mean_deg.mean() for s in Side)
    return float(np.sqrt(np.mean((left - right) ** 2)))


def foot_landing_difference(gait: GaitResult) -> float:
    """Angle of the foot to the floor about its landing, left less right, degrees.

    Mean of the last 13 % of the cycle and the first 8 %; the foot's inclination is that of the
    shank (thigh less knee) and the angle of the ankle. A hanging foot comes down flat or toes
    first, however the person brings it forward: by lifting the thigh, hiking the hip or swinging
    out. NaN where a side has fewer than two strides.
    """
    curves = {
        (c.joint, c.side): c.mean_deg
        for c in gait.curves
        if c.n >= _LEAST_STRIDES and c.joint in _FOOT_CHAIN
    }
    if len(curves) < len(_FOOT_CHAIN) * len(Side):
        return float("nan")
    left, right = (
        curves["thigh", side] - curves["knee", side] + curves["ankle", side] for side in Side
    )
    apart = left - right
    return float(np.mean([apart[part].mean() for part in _LANDING]))


def _features() -> tuple[Feature, ...]:
    levels = (
        ("relative_speed", "heights/s"),
        ("relative_step_length", "heights"),
        ("cadence", "steps/min"),
        ("stance_percent", "%"),
        ("trunk_lean", "deg"),
        ("trunk_sway", "deg"),
        ("arm_swing", "deg"),
        ("thigh_range", "deg"),
        ("thigh_extension", "deg"),
        ("knee_swing_peak", "deg"),
        ("knee_stance_minimum", "deg"),
        ("foot_angle_at_contact", "deg"),
        ("ankle_swing", "deg"),
    )
    differences = (
        ("stance_percent", "%"),
        ("thigh_range", "deg"),
        ("thigh_swing_peak", "deg"),
        ("knee_range", "deg"),
        ("knee_swing_peak", "deg"),
        ("knee_stance_minimum", "deg"),
        ("foot_angle_at_contact", "deg"),
        ("ankle_swing", "deg"),
    )
    return (
        *(Feature(n, n, unit, False, _level(n)) for n, unit in levels),
        Feature("stride_time_spread", "stride_time", "%", False, _spread("stride_time")),
        Feature("speed_spread", "relative_speed", "%", False, _spread("relative_speed")),
        Feature("knee_curves", "knee", "deg", False, lambda g: curve_difference(g, "knee")),
        Feature("step_time_difference", "step_time", "log", True, _log_ratio("step_time")),
        Feature("foot_landing_difference", "ankle", "deg", True, foot_landing_difference),
        *(Feature(f"{n}_difference", n, unit, True, _difference(n)) for n, unit in differences),
    )


FEATURES: tuple[Feature, ...] = _features()
NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
SIGNS: Array = np.array([-1.0 if feature.signed else 1.0 for feature in FEATURES])
"""What a mirrored walk does to each feature."""


def measure(gait: GaitResult) -> Array:
    """All features of a walk, float64[F] in the order of :data:`FEATURES`; NaN where missing."""
    return np.array([feature.of(gait) for feature in FEATURES])
