"""Arms held in a given way, on the bones of any walk: at a frame, on a stick, to another person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import Side
from quantize.render.body import BodyModel, Shape
from quantize.render.legs import about_z, set_bones
from quantize.render.mocap import smallest_rotation

Array = NDArray[np.float64]
_UPPER = ("upperarm",)
_FORE = ("lowerarm", "wrist", "finger", "metacarpal")


@dataclass(frozen=True)
class ArmHold:
    """One arm held still: directions of upper arm and forearm, float[3].

    They are given for a person who faces -y: +x is the person's left, z up.
    """

    side: Side
    upper: Array
    fore: Array


def hold_arms(
    model: BodyModel,
    shape: Shape,
    turn: Array,
    heading_rad: Array,
    holds: tuple[ArmHold, ...],
) -> None:
    """Set the arms of ``turn`` float[T, B, 3, 3], in place; ``heading_rad`` float[T]."""
    spin = about_z(np.rad2deg(heading_rad))
    heads, index = shape.heads, model.index
    for hold in holds:
        letter = ".L" if hold.side is Side.LEFT else ".R"
        joints = [heads[index[b + letter]] for b in ("upperarm01", "lowerarm01", "wrist")]
        for bones, a, b, towards in (
            (_UPPER, joints[0], joints[1], hold.upper),
            (_FORE, joints[1], joints[2], hold.fore),
        ):
            set_bones(model, turn, bones, spin @ smallest_rotation(b - a, towards), letter)
