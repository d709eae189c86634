"""Left and right kept apart over time.

A network looks at one picture at a time; in a side view it exchanges the legs for some frames, or
draws both on one. The legs themselves move smoothly.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from host.pose.courses import WORST, best_course, step_costs, through
from host.pose.leg_joints import JOINTS, LegJoints
from model_zoo.skeleton import Side, part

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_TRACED = ("knee", "ankle", "heel", "big_toe")
_LEGS = np.array([[part(name, side) for name in _TRACED] for side in (Side.LEFT, Side.RIGHT)])
_FEET = np.array([[part(n, side) for n in _TRACED[1:]] for side in (Side.LEFT, Side.RIGHT)])
_HIPS = [part("hip", Side.LEFT), part("hip", Side.RIGHT)]
_WHOLE = np.array([[part(name, side) for name in JOINTS] for side in (Side.LEFT, Side.RIGHT)])
_CUT_S = 0.25  # after a longer gap the legs are traced anew
_HOLE = 1.6  # usual frame intervals: a longer one is a gap
_FIT, _REACT_S = 5, 0.1  # frames of a line; time for which a change of velocity counts
_WALK_S, _SLOWEST, _FORWARD = 1.0, 0.15, 0.6  # s, heights/s, mean agreement of feet and direction


@dataclass(frozen=True)
class Sides:
    """What the side stage found for one track.

    Attributes
    ----------
    exchanged
        bool[T]: the feet (ankle, heel, toes) carry each other's names in this frame.
    crossed
        bool[T, 2]: the hips, the knees belong to the other foot than their names say.
    confidence
        float64[T] in 0..1: how much worse the best course with the other naming would be; NaN where
        no legs were seen.
    """

    exchanged: Mask
    crossed: Mask
    confidence: Array


class SideTracer:
    """Best course over both namings of the legs, in two steps (Viterbi 1967 in each).

    1. *Stretches.* While the legs are apart they are followed from frame to frame: their points are
       to continue with constant velocity; what they miss, in body heights and averaged over knee,
       ankle, heel and toe, is the cost of a frame.
    2. *Passings.* Where the legs come together a network sees one leg, or two on one place. Across
       such a gap each leg is to go on with the velocity that it had: the hind leg passes the front
       one, unless it stopped (a step-to gait).

    In both steps every frame named otherwise than by the network costs ``price``, so that its
    majority decides what the motion leaves open. In walks across the picture, feet first, a stretch
    is also named by the foot that is lower in the picture, which is the near one: who walks to the
    right shows the right side (``near``). Works on points that nobody has smoothed:
    smoothing spreads an exchange over its neighbours. Last, a walk across the picture whose far leg
    would be the lower and clearer one throughout is named anew as a whole. All that names the
    feet; :class:`host.pose.leg_joints.LegJoints` then gives each foot its knee and its hip.

    ``price`` and ``together`` were chosen on nine rendered walks with truth, read by an early
    network that exchanged 34 % of the frames with the legs apart: 17 % remain. Of BlazePose's
    points on 13 side views, 12 % of the frames exchanged on purpose, 2 % remain.

    Parameters
    ----------
    price
        Body heights per frame.
    together
        Mean distance of the two legs' points in body heights below which they cannot be told apart.
    near
        Share of the near leg's missing height (body heights, summed over a stretch's frames) that
        counts against a naming. Of 0.05 to 0.4, 0.2 left the fewest frames of the ``calibration``
        and ``pathological`` renders exchanged, 2.5 instead of 2.7 % with gait-pose-s and 1.2
        instead of 1.4 % with gait-pose-m; how well a leg is seen, added to it, made both worse.
    misnamed
        How much lower in the picture (body heights) and better seen (score) the leg named far may
        be on average over a walk across the picture: beyond both, all its frames change names. The
        near leg was lower in 15 of 16 walks of 13 side views, by 0.027 in the middle, and better
        seen in all.
    doubt
        Cost in body heights at which the confidence reaches 1 - 1/e. With 0.06 the confidence is
        about twice the share of rightly named frames less one, as counted on the rendered walks
        (margins of 0.01, 0.03, 0.08, 0.2: 60, 74, 86, 93 % right).
    joints
        Names hips and knees.
    """

    def __init__(
        self,
        price: float = 0.01,
        together: float = 0.055,
        near: float = 0.2,
        misnamed: tuple[float, float] = (0.01, 0.02),
        doubt: float = 0.06,
        joints: LegJoints | None = None,
    ) -> None:
        self._price = price
        self._together = together
        self._near = near
        self._lower, self._fainter = misnamed
        self._doubt = doubt
        self._joints = joints or LegJoints()

    def trace(self, time_s: Array, xy_px: Array, score: Array, height_px: float) -> Sides:
        """Tell in which frames left and right are exchanged, of the feet, the knees and the hips.

        Parameters
        ----------
        time_s
            float64[T], increasing.
        xy_px
            float64[T, 23, 2] as the network gave them; NaN where missing.
        score
            float64[T, 23] in 0..1, the weight of each point.
        height_px
            The person's height in the picture.
        """
        legs = xy_px[:, _LEGS] / height_px
        weight = np.where(np.isfinite(legs).all(-1), score[:, _LEGS], 0.0)
        seen = np.flatnonzero((weight > 0).any(axis=(1, 2)))
        exchanged = np.zeros(len(time_s), bool)
        margin = np.full(len(time_s), np.nan)
        stretches = self._stretches(time_s, legs, seen)
        for rows in stretches:
            exchanged[rows], margin[rows] = self._follow(time_s, legs, weight, rows)
        if stretches:
            from_hips = legs - xy_px[:, None, None, _HIPS].mean(axis=3) / height_px
            height = _near_lower(time_s, xy_px / height_px, exchanged)
            self._join(time_s, from_hips, stretches, self._near * height, exchanged, margin)
            known = np.concatenate(stretches)
            # Legs that are together take the names of the nearest frame where they are apart.
            later = np.searchsorted(known, seen).clip(1, max(len(known) - 1, 1))
            later = np.minimum(later, len(known) - 1)
            sooner = np.maximum(later - 1, 0)
            is_sooner = time_s[seen] - time_s[known[sooner]] <= time_s[known[later]] - time_s[seen]
            nearest = known[np.where(is_sooner, sooner, later)]
            exchanged[seen], margin[seen] = exchanged[nearest], margin[nearest]
        else:
            margin[seen] = 0.0
        whole = xy_px[:, _WHOLE] / height_px
        joints = self._joints.name(time_s, whole, score[:, _WHOLE], exchanged)
        crossed = joints ^ exchanged[:, None]
        exchanged ^= self._misnamed(time_s, xy_px / height_px, score, exchanged)
        return Sides(exchanged, crossed, 1 - np.exp(-margin / self._doubt))

    def _stretches(
        self, time_s: Array, legs: Array, seen: NDArray[np.intp]
    ) -> list[NDArray[np.intp]]:
        """Runs of frames in which the legs are apart, without holes."""
        apart = np.linalg.norm(legs[seen, 0] - legs[seen, 1], axis=-1).mean(axis=1)
        clear = seen[apart >= self._together]
        if not len(clear):
            return []
        usual = np.median(np.diff(time_s[seen])) if len(seen) > 1 else 0.0
        cuts = np.flatnonzero(np.diff(time_s[clear]) > _HOLE * usual) + 1
        return np.split(clear, cuts)

    def _follow(
        self, time_s: Array, legs: Array, weight: Array, rows: NDArray[np.intp]
    ) -> tuple[Mask, Array]:
        """Exchanges within one stretch, up to the naming of the whole, and their margins."""
        if len(rows) < 3:
            return np.zeros(len(rows), bool), np.full(len(rows), self._doubt)
        cost = step_costs(time_s[rows], np.nan_to_num(legs[rows]), weight[rows])
        return best_course(cost, self._price * np.array([[0.0, 1.0]] * len(rows)))

    def _join(
        self,
        time_s: Array,
        legs: Array,
        stretches: list[NDArray[np.intp]],
        favour: Array,
        exchanged: Mask,
        margin: Array,
    ) -> None:
        """Name the stretches in a row, in ``exchanged`` and ``margin``; legs: from the hips.

        ``favour`` float64[T] speaks for the names as they are.
        """
        prices = [
            (self._price * np.sum(exchanged[r]), self._price * np.sum(~exchanged[r]))
            for r in stretches
        ]
        favours = np.array([favour[r].sum() for r in stretches])
        unary = np.array(prices) + favours[:, None] * (-1.0, 1.0)
        pair = np.zeros((len(stretches) - 1, 2))
        for number, (before, after) in enumerate(pairwise(stretches)):
            pair[number] = _passing_costs(time_s, legs, before, after, exchanged)
        total = through(unary, pair)
        for rows, (as_is, turned) in zip(stretches, total, strict=True):
            exchanged[rows] ^= turned < as_is
            margin[rows] = np.minimum(margin[rows], abs(turned - as_is))

    def _misnamed(self, time_s: Array, xy: Array, score: Array, exchanged: Mask) -> Mask:
        """Frames of walks in which the leg that must be near is seen as the far one.

        Who walks to the right shows the right side. xy: float64[T, 23, 2] in body heights.
        """
        out = np.zeros(len(time_s), bool)
        feet = _feet(exchanged)
        seen = score[np.arange(len(time_s))[:, None, None], feet].mean(axis=2)
        lower = _near_lower(time_s, xy, exchanged)
        for walk, direction in _feet_first(time_s, xy):
            clearer = np.nanmean((seen[walk, 1] - seen[walk, 0]) * direction)
            out[walk] = np.mean(lower[walk]) < -self._lower and clearer < -self._fainter
        return out


def _feet(exchanged: Mask) -> NDArray[np.intp]:
    """Points of the left and of the right foot in each frame, int[T, 2, 3]."""
    return np.where(exchanged[:, None, None], _FEET[::-1], _FEET)


def _near_lower(time_s: Array, xy: Array, exchanged: Mask) -> Array:
    """How much lower the leg named near is than the far one, float64[T] in body heights.

    0 outside of walks across the picture and where a foot is missing. Who walks to the right shows
    the right side.
    """
    feet_y = xy[np.arange(len(time_s))[:, None, None], _feet(exchanged), 1].mean(axis=2)
    out = np.zeros(len(time_s))
    for walk, direction in _feet_first(time_s, xy):
        out[walk] = np.nan_to_num((feet_y[walk, 1] - feet_y[walk, 0]) * direction)
    return out


def _feet_first(time_s: Array, xy: Array) -> list[tuple[NDArray[np.intp], int]]:
    """Walks of float64[T, 23, 2] across the picture and their directions (+1, -1)."""
    feet_x = xy[:, _FEET, 0]
    heading = np.sign((feet_x[:, :, 2] - feet_x[:, :, 1]).mean(axis=1))
    return _walks(time_s, xy[:, _HIPS, 0].mean(axis=1), heading)


def _passing_costs(
    time_s: Array,
    legs: Array,
    before: NDArray[np.intp],
    after: NDArray[np.intp],
    exchanged: Mask,
) -> tuple[float, float]:
    """Cost of going on with the same names, and with exchanged ones, over the gap between two runs.

    What the legs' mean points miss when each goes on with its mean velocity, and how much their
    velocities change, both legs together; equal when the gap is too long to tell.
    """
    gap_s = time_s[after[0]] - time_s[before[-1]]
    if gap_s > _CUT_S:
        return 0.0, 0.0
    place, speed = _end_of(time_s, legs, before[-_FIT:], exchanged, before[-1])
    later, later_speed = _end_of(time_s, legs, after[:_FIT], exchanged, after[0])
    known = max(int(np.isfinite(speed).all()) + int(np.isfinite(later_speed).all()), 1)
    costs = []
    for order in (slice(None), slice(None, None, -1)):
        mean = (np.nan_to_num(speed) + np.nan_to_num(later_speed[order])) / known
        missed = np.linalg.norm(later[order] - place - mean * gap_s, axis=-1)
        turned = np.linalg.norm(np.nan_to_num(later_speed[order] - speed), axis=-1) * _REACT_S
        costs.append(float(np.minimum(missed + turned, WORST * 2).sum()))
    return costs[0], costs[1]


def _end_of(
    time_s: Array, legs: Array, rows: NDArray[np.intp], exchanged: Mask, at: np.intp
) -> tuple[Array, Array]:
    """Place and velocity of each leg at ``at``, float64[2, 2] each, by a line through rows."""
    named = np.where(exchanged[rows, None, None, None], legs[rows, ::-1], legs[rows])
    points = np.nanmean(named, axis=2).reshape(len(rows), 4)
    if len(rows) < 3:
        return points.mean(axis=0).reshape(2, 2), np.full((2, 2), np.nan)
    slope, place = np.polyfit(time_s[rows] - time_s[at], points, 1)
    return place.reshape(2, 2), slope.reshape(2, 2)


def _walks(time_s: Array, hip_x: Array, heading: Array) -> list[tuple[NDArray[np.intp], int]]:
    """Frames of each stretch across the picture, feet first, and its direction (+1, -1)."""
    known = np.flatnonzero(np.isfinite(hip_x))
    if len(known) < 3:
        return []
    half = 0.5 * _WALK_S
    early = np.interp(time_s[known] - half, time_s[known], hip_x[known])
    late = np.interp(time_s[known] + half, time_s[known], hip_x[known])
    speed = (late - early) / _WALK_S
    direction = np.where(np.abs(speed) > _SLOWEST, np.sign(speed), 0.0)
    edges = np.flatnonzero(np.diff(direction)) + 1
    stretches = []
    for part_of in np.split(np.arange(len(known)), edges):
        frames, way = known[part_of], direction[part_of[0]]
        lasts = time_s[frames[-1]] - time_s[frames[0]] >= _WALK_S
        if way and lasts and np.nanmean(heading[frames] * way) > _FORWARD:
            stretches.append((frames, int(way)))
    return stretches
