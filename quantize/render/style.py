"""Variations of a recorded walk: stoop, short or one-sided steps, arm swing, what the arms do.

No recording of old or impaired walkers is used; these stand in for them. They change the pose only,
so they serve single pictures, never clips with timing truth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from quantize.render.mocap import MocapClip, smallest_rotation
from quantize.render.ranges import Span, draw

Array = NDArray[np.float64]

_LEG = ("femur", "tibia", "foot", "toes")
_ARM = ("humerus", "radius", "wrist", "hand", "fingers", "thumb")
# Share of the stoop that each joint of the upper body takes.
_STOOP = {
    "lowerback": 0.3,
    "upperback": 0.6,
    "thorax": 0.85,
    "lowerneck": 1.0,
    "upperneck": 0.9,
    "head": 0.6,
}
_STOOP_CLAVICLE, _STOOP_ARM = 0.85, 0.25


@dataclass(frozen=True)
class StyleRanges:
    """Ranges of the variations; shares are probabilities.

    ``leg_scale``: motion of both legs about its mean; ``leg_one_side``: a further factor of each
    leg; ``arm_scale``: of each arm; ``posed_arm_share``: an arm held still (crossed, on the back,
    carrying) instead of swinging.
    """

    share: float
    leg_scale: Span
    leg_one_side: Span
    arm_scale: Span
    stoop_share: float
    stoop_deg: Span
    nod_deg: Span
    posed_arm_share: float


def vary(rng: np.random.Generator, clip: MocapClip, ranges: StyleRanges) -> MocapClip:
    """A varied copy of ``clip`` (or the clip itself, outside ``ranges.share``)."""
    if rng.random() >= ranges.share:
        return clip
    turn = clip.joint_turn.copy()
    base = draw(rng, ranges.leg_scale)
    for side in "lr":
        _scale(turn, clip, [side + n for n in _LEG], base * draw(rng, ranges.leg_one_side))
        _scale(turn, clip, [side + n for n in _ARM], draw(rng, ranges.arm_scale))
    stoop = draw(rng, ranges.stoop_deg) if rng.random() < ranges.stoop_share else 0.0
    _stoop(turn, clip, np.deg2rad(stoop), np.deg2rad(draw(rng, ranges.nod_deg)))
    for side in "lr":
        if rng.random() < ranges.posed_arm_share:
            _hold_arm(rng, turn, clip, side)
    return replace(clip, joint_turn=turn)


def _scale(turn: Array, clip: MocapClip, names: list[str], factor: float) -> None:
    """Scale the motion of joints, seen from the root, about its mean over the clip."""
    root = turn[:, clip.joints.index("root")]
    for name in names:
        j = clip.joints.index(name)
        seen = Rotation.from_matrix(np.swapaxes(root, 1, 2) @ turn[:, j])
        mean = seen.mean()
        swing = Rotation.from_rotvec((mean.inv() * seen).as_rotvec() * factor)
        turn[:, j] = root @ (mean * swing).as_matrix()


def _stoop(turn: Array, clip: MocapClip, stoop_rad: float, nod_rad: float) -> None:
    """Bend the trunk forward about the pelvis' own left-right axis."""
    root = turn[:, clip.joints.index("root")].copy()
    back = np.swapaxes(root, 1, 2)
    for j, name in enumerate(clip.joints):
        angle = stoop_rad * _STOOP.get(name, 0.0)
        if name[1:] == "clavicle":
            angle = stoop_rad * _STOOP_CLAVICLE
        elif name[1:] in _ARM:
            angle = stoop_rad * _STOOP_ARM
        elif name == "head":
            angle += nod_rad
        elif name.endswith("neck"):
            angle += nod_rad / 2
        if angle:
            turn[:, j] = root @ Rotation.from_rotvec([angle, 0, 0]).as_matrix() @ back @ turn[:, j]


def _hold_arm(rng: np.random.Generator, turn: Array, clip: MocapClip, side: str) -> None:
    """Hold an arm still against the chest: upper arm down, forearm across, forward or behind."""
    chest = turn[:, clip.joints.index("thorax")]
    out = 1.0 if side == "l" else -1.0
    kind = rng.choice(["across", "forward", "behind", "straight"])
    if kind == "behind":
        upper = np.array([out * rng.uniform(0.1, 0.45), rng.uniform(0.15, 0.45), -1.0])
        fore = np.array([-out * rng.uniform(0.3, 0.9), rng.uniform(0.0, 0.3), -rng.uniform(0.3, 1)])
    else:
        upper = np.array([out * rng.uniform(0.05, 0.5), -rng.uniform(-0.1, 0.7), -1.0])
        inward = {"across": (0.6, 1.2), "forward": (-0.1, 0.4), "straight": (-0.1, 0.1)}[kind]
        ahead = {"across": (0.3, 0.8), "forward": (0.6, 1.2), "straight": (0.0, 0.4)}[kind]
        drop = {"across": (-0.4, 0.3), "forward": (-0.4, 0.5), "straight": (0.8, 1.0)}[kind]
        fore = np.array([-out * rng.uniform(*inward), -rng.uniform(*ahead), -rng.uniform(*drop)])
    rest = {name: clip.rest_m[clip.joints.index(side + name)] for name in ("humerus", "radius")}
    turn[:, clip.joints.index(side + "humerus")] = chest @ smallest_rotation(rest["humerus"], upper)
    hand = chest @ smallest_rotation(rest["radius"], fore)
    for name in _ARM[1:]:
        turn[:, clip.joints.index(side + name)] = hand
