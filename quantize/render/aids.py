"""Walking aids: stick, forearm crutches, walking frame, rollator, in the hands of a posed body."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import INDEX, Side
from quantize.render.arms import ArmHold
from quantize.render.mesh import Palette, Part, Thing, join, tube

Array = NDArray[np.float64]
_UP = np.array([0.0, 0.0, 1.0])
_HAND_M = 0.08
"""From the wrist to the middle of the closed hand."""
_METAL, _DARK = 0, 1


class AidKind(Enum):
    """What a patient walks with."""

    STICK = "stick"
    CRUTCH = "crutch"
    CRUTCHES = "crutches"
    FRAME = "frame"
    ROLLATOR = "rollator"


@dataclass(frozen=True)
class Aid:
    """One aid: ``side`` is the hand that holds a stick or a single crutch.

    ``lean_m`` (forward, outward): place of a stick's tip on the floor from below the hand;
    ``thick_m`` radius of its bars; ``long_m`` and ``wide_m`` measures of a frame's base.
    """

    kind: AidKind
    side: Side
    lean_m: tuple[float, float]
    thick_m: float
    long_m: float
    wide_m: float
    palette: Palette

    @property
    def hands(self) -> tuple[Side, ...]:
        """The hands that hold it."""
        single = self.kind in (AidKind.STICK, AidKind.CRUTCH)
        return (self.side,) if single else (Side.LEFT, Side.RIGHT)


def draw_aid(rng: np.random.Generator, kind: AidKind) -> Aid:
    """Draw the measures and colours of an aid."""
    side = Side.LEFT if rng.random() < 0.5 else Side.RIGHT
    grey = np.full(3, rng.uniform(0.1, 0.85))
    wood = np.array([0.45, 0.30, 0.18]) * rng.uniform(0.4, 1.6)
    gay = rng.uniform(0, 0.9, 3)
    choice = rng.random()
    bars = grey if choice < 0.6 else gay if choice < 0.8 else wood
    dark = np.full(3, rng.uniform(0.03, 0.3))
    return Aid(
        kind,
        side,
        (rng.uniform(-0.06, 0.18), rng.uniform(0.02, 0.14)),
        rng.uniform(0.009, 0.015),
        rng.uniform(0.42, 0.65),
        rng.uniform(0.48, 0.62),
        Palette.plain(bars, dark),
    )


def draw_aid_or_none(
    rng: np.random.Generator, share: float, weights: tuple[float, ...]
) -> Aid | None:
    """An aid for ``share`` of the people; ``weights`` in the order of :class:`AidKind`."""
    if rng.random() >= share:
        return None
    kinds = list(AidKind)
    return draw_aid(rng, kinds[int(rng.choice(len(kinds), p=np.array(weights) / sum(weights)))])


def aid_holds(rng: np.random.Generator, aid: Aid) -> tuple[ArmHold, ...]:
    """How the arms hold the aid; a stick's arm may also swing freely (no hold)."""
    if aid.kind is AidKind.STICK and rng.random() < 0.4:
        return ()
    if aid.kind in (AidKind.FRAME, AidKind.ROLLATOR):
        upper, fore = (rng.uniform(-0.1, 0.45), rng.uniform(0.5, 1.6))
    else:
        upper, fore = (rng.uniform(-0.15, 0.35), rng.uniform(0.1, 0.7))
    spread = rng.uniform(0.05, 0.25)
    holds = []
    for side in aid.hands:
        out = 1.0 if side is Side.LEFT else -1.0
        uneven = rng.uniform(-0.06, 0.06)
        holds.append(
            ArmHold(
                side,
                np.array([out * spread, -upper + uneven, -1.0]),
                np.array([out * rng.uniform(-0.1, 0.08), -fore, -1.0]),
            )
        )
    return tuple(holds)


def aid_thing(aid: Aid, keypoints_m: Array, heading_rad: float) -> Thing:
    """The aid as a mesh, for a posed body whose floor is at z = 0."""
    ahead = np.array([np.sin(heading_rad), -np.cos(heading_rad), 0.0])
    left = np.array([np.cos(heading_rad), np.sin(heading_rad), 0.0])
    grips = {side: _grip(keypoints_m, side) for side in Side}
    parts: list[Part] = []
    if aid.kind in (AidKind.FRAME, AidKind.ROLLATOR):
        parts = _frame(aid, grips, ahead, left)
    else:
        for side in aid.hands:
            out = left if side is Side.LEFT else -left
            elbow = keypoints_m[INDEX[f"{side.value}_elbow"]]
            parts += _stick(aid, grips[side], elbow, ahead, out)
    return join(parts, aid.palette)


def _grip(keypoints_m: Array, side: Side) -> Array:
    elbow, wrist = (keypoints_m[INDEX[f"{side.value}_{name}"]] for name in ("elbow", "wrist"))
    along = (wrist - elbow) / np.linalg.norm(wrist - elbow)
    return np.asarray(wrist + _HAND_M * along)


def _stick(aid: Aid, grip: Array, elbow: Array, ahead: Array, out: Array) -> list[Part]:
    tip = (grip + ahead * aid.lean_m[0] + out * aid.lean_m[1]) * [1, 1, 0] + 0.015 * _UP
    shaft = tube(tip, grip, aid.thick_m, _METAL)
    rubber = tube(tip - 0.015 * _UP, tip + 0.03 * _UP, aid.thick_m * 1.7, _DARK)
    parts = [shaft, rubber]
    if aid.kind is AidKind.STICK:
        parts.append(tube(grip - 0.05 * ahead, grip + 0.07 * ahead, aid.thick_m * 1.2, _DARK))
        return parts
    parts.append(tube(grip - 0.03 * ahead, grip + 0.08 * ahead, aid.thick_m * 1.3, _DARK))
    behind = elbow - 0.05 * ahead + 0.03 * out
    cuff = grip + 0.85 * (behind - grip)
    parts.append(tube(grip, cuff, aid.thick_m, _METAL))
    parts.append(tube(cuff - 0.025 * _UP, cuff + 0.025 * _UP, 0.05, _DARK))
    return parts


def _frame(aid: Aid, grips: dict[Side, Array], ahead: Array, left: Array) -> list[Part]:
    """Walking frame (four legs) or rollator (wheels, seat); its base is square to the walk."""
    middle = (grips[Side.LEFT] + grips[Side.RIGHT]) / 2
    base = middle * [1, 1, 0] + ahead * 0.08
    wheels = aid.kind is AidKind.ROLLATOR
    parts, corners = [], {}
    for side in Side:
        out = left if side is Side.LEFT else -left
        grip = grips[side]
        foot = base + out * aid.wide_m / 2
        front, rear = (foot + ahead * aid.long_m / 2, foot - ahead * aid.long_m / 2)
        top_front = grip + ahead * 0.12 + 0.02 * _UP
        top_rear = grip - ahead * 0.06
        floor = (0.09 if wheels else 0.0) * _UP
        corners[side] = (front, rear, top_front)
        parts += [
            tube(top_rear, top_front, aid.thick_m, _METAL),
            tube(grip - 0.06 * ahead, grip + 0.06 * ahead, aid.thick_m * 1.4, _DARK),
            tube(top_front, front + floor, aid.thick_m, _METAL),
            tube(top_front if wheels else top_rear, rear + floor, aid.thick_m, _METAL),
        ]
        for spot in (front, rear):
            if wheels:
                hub = spot + floor
                parts.append(tube(hub - 0.015 * out, hub + 0.015 * out, 0.09, _DARK, sides=14))
            else:
                parts.append(tube(spot, spot + 0.04 * _UP, aid.thick_m * 1.6, _DARK))
    (fl, rl, tl), (fr, rr, tr) = corners[Side.LEFT], corners[Side.RIGHT]
    for part in (0.35, 0.75):
        parts.append(tube(fl + part * (tl - fl), fr + part * (tr - fr), aid.thick_m, _METAL))
    if wheels:
        height = 0.52 * float(middle[2]) * _UP
        for step in np.linspace(-0.12, 0.16, 8):
            shift = ahead * step + height
            parts.append(tube((fl + rl) / 2 + shift, (fr + rr) / 2 + shift, 0.02, _DARK, sides=6))
    return parts
