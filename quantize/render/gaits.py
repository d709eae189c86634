"""Gaits drawn from ranges: people who walk slowly, unevenly, stooped, with one stiff leg."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import Side
from quantize.render.body import BodyModel, Shape
from quantize.render.parametric import ParametricWalk
from quantize.render.plan import Gait, SideGait
from quantize.render.ranges import Span, draw

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GaitRanges:
    """Ranges of parametric walks.

    ``walk_ratio_m_min``: step length over cadence, m per (steps/min); ``uneven_share`` of the walks
    differ between the sides by up to ``uneven_time`` and ``uneven_length`` (parts of the mean).
    """

    cadence_per_min: Span
    walk_ratio_m_min: Span
    step_width_m: Span
    trunk_lean_deg: Span
    head_nod_deg: Span
    arm_swing_deg: Span
    elbow_deg: Span
    uneven_share: float
    uneven_time: float
    uneven_length: float
    swing_knee: Span
    arm_side: Span
    landing_deg: Span
    leaving_deg: Span
    toe_out_deg: Span


def draw_gait(rng: np.random.Generator, ranges: GaitRanges) -> Gait:
    """Draw a gait; unevenness of the sides keeps the mean cadence and speed."""
    cadence = draw(rng, ranges.cadence_per_min)
    uneven = rng.random() < ranges.uneven_share
    time, length = (
        rng.uniform(-limit, limit) * uneven for limit in (ranges.uneven_time, ranges.uneven_length)
    )

    def side(sign: float) -> SideGait:
        return SideGait(
            step_time=1 + sign * time,
            step_length=1 + sign * length,
            swing_knee=draw(rng, ranges.swing_knee),
            arm_swing=draw(rng, ranges.arm_side),
            landing_deg=draw(rng, ranges.landing_deg),
            leaving_deg=draw(rng, ranges.leaving_deg),
            toe_out_deg=draw(rng, ranges.toe_out_deg),
        )

    return Gait(
        cadence_per_min=cadence,
        speed_m_s=draw(rng, ranges.walk_ratio_m_min) * cadence**2 / 60,
        step_width_m=draw(rng, ranges.step_width_m),
        trunk_lean_deg=draw(rng, ranges.trunk_lean_deg),
        head_nod_deg=draw(rng, ranges.head_nod_deg),
        arm_swing_deg=draw(rng, ranges.arm_swing_deg),
        elbow_deg=draw(rng, ranges.elbow_deg),
        left=side(1.0),
        right=side(-1.0),
    )


def random_moments(
    rng: np.random.Generator, model: BodyModel, shape: Shape, gait: Gait, first: Side, n: int
) -> tuple[Array, Array]:
    """Bones float[2n, B, 3, 3] and root float[2n, 3] of one walk that begins with ``first``.

    The first ``n`` are random moments, in order; the others follow each of them by 1/60 s.
    """
    walk = ParametricWalk(model, shape, gait, 2.0, first)
    start, end = walk.span_s
    stride = 120 / walk.gait.cadence_per_min
    moment = np.sort(rng.uniform(start + stride / 2, end - stride / 2, n))
    return walk.pose(np.concatenate([moment, moment + 1 / 60]))
