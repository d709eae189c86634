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
from host.pose.stature import in_statures
from model_zoo.skeleton import Side, part

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_TRACED = ("ankle", "heel", "big_toe", "small_toe")
_FEET = np.array([[part(name, side) for name in _TRACED] for side in (Side.LEFT, Side.RIGHT)])
_HIPS = [part("hip", Side.LEFT), part("hip", Side.RIGHT)]
_WHOLE = np.array([[part(name, side) for name in JOINTS] for side in (Side.LEFT, Side.RIGHT)])
_CUT_S = 0.25  # after a longer gap the legs are traced anew
_HOLE = 1.6  # usual frame intervals: a longer one is a gap
_FIT, _REACT_S = 5, 0.1  # frames of a line; time for which a change of velocity counts
_WALK_S, _SLOWEST, _FORWARD = 1.0, 0.15, 0.6  # s, heights/s, mean agreement of feet and direction
_LINE_S = 2.0  # time over which the line of a walk on the floor is drawn: two strides


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

    1. *Stretches.* While the feet are apart they are followed from frame to frame: their points are
       to continue with constant velocity; what they miss, in body heights and averaged over ankle,
       heel and toes, is the cost of a frame. Knees are left out: a network that exchanges the feet
       often keeps the knees, whose steady course then speaks for the exchange.
    2. *Passings.* Where the legs come together a network sees one leg, or two on one place. Across
       such a gap each leg is to go on with the velocity that it had: the hind leg passes the front
       one, unless it stopped (a step-to gait).

    In both steps every frame named otherwise than by the network costs ``price``, so that its
    majority decides what the motion leaves open. In walks that cross the picture, feet first, a
    stretch is also named by the floor (``near``): the right foot lies to the right of the line on
    which the feet go. Seen from the side this is the lower foot of who walks to the right;
    obliquely the foot in front is lower or higher whichever it is, and the line's slope counts.
    Works on points that nobody has smoothed: smoothing spreads an exchange over its neighbours.
    Last, a walk whose left foot would be to the right and the clearer one of the near side
    throughout is named anew as a whole. All that names the feet;
    :class:`host.pose.leg_joints.LegJoints` then gives each foot its knee and its hip. Everything is
    measured in the person's height in each picture: on the way past a camera it changes threefold.

    ``price`` and ``together`` were chosen on nine rendered walks with truth, read by an early
    network. Frames with the feet apart that the networks exchange, and that stay exchanged: of 31
    oblique walks (``oblique-calibration``, ``oblique-lenses-calibration``, ``oblique-sides``) with
    gait-pose-s 4.0 and 0.7 %, with gait-pose-m 7.4 and 0.8 %; of 57 from the side
    (``calibration``, ``pathological``) 5.9 and 0.7 %, 8.0 and 0.3 %. With knees among the traced
    points, one height for the whole walk and the lower foot as the near one (30 to 60 degrees: as
    often wrong as right) 2.1, 3.6, 1.0 and 0.9 % stayed, in runs of up to 0.8 s.

    Parameters
    ----------
    price
        Body heights per frame.
    together
        Mean distance of the two legs' points in body heights below which they cannot be told apart.
    near
        Share of the feet's place beside the line (body heights, summed over a stretch's frames)
        that counts for a naming. 0.2 to 0.5 leave as many frames of those renders exchanged, within
        0.02 %; with 0.2, 7 of 30 exchanges of half a walk, put in on purpose, stayed. How well a
        leg is seen, added to it, made it worse.
    misnamed
        How far beside the line on the wrong side (body heights) the feet may be, and how much
        better seen (score) the leg named far, on average over a walk that crosses the picture:
        beyond both, all its frames change names. The near leg was lower in 15 of 16 walks of 13
        side views, by 0.027 in the middle, and better seen in all.
    doubt
        Cost in body heights at which the confidence reaches 1 - 1/e. 0.06 is careful: of frames
        with a confidence of 0.1 to 0.3, 0.3 to 0.7 and more, 97, 98 and 99.7 % were named rightly
        on those renders, of fainter ones 67 %.
    joints
        Names hips and knees.
    """

    def __init__(
        self,
        price: float = 0.01,
        together: float = 0.055,
        near: float = 0.3,
        misnamed: tuple[float, float] = (0.01, 0.02),
        doubt: float = 0.06,
        joints: LegJoints | None = None,
    ) -> None:
        self._price = price
        self._together = together
        self._near = near
        self._wrong, self._fainter = misnamed
        self._doubt = doubt
        self._joints = joints or LegJoints()

    def trace(self, time_s: Array, xy_px: Array, score: Array, height_px: float | Array) -> Sides:
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
            The person's height in the picture, one number or float64[T].
        """
        xy = in_statures(xy_px, np.broadcast_to(height_px, len(time_s)), _FEET.ravel())
        legs = xy[:, _FEET]
        weight = np.where(np.isfinite(legs).all(-1), score[:, _FEET], 0.0)
        seen = np.flatnonzero((weight > 0).any(axis=(1, 2)))
        exchanged = np.zeros(len(time_s), bool)
        margin = np.full(len(time_s), np.nan)
        stretches = self._stretches(time_s, legs, seen)
        for rows in stretches:
            exchanged[rows], margin[rows] = self._follow(time_s, legs, weight, rows)
        if stretches:
            from_hips = legs - xy[:, None, None, _HIPS].mean(axis=3)
            favour = self._near * _beside_line(time_s, xy, exchanged)
            self._join(time_s, from_hips, stretches, favour, exchanged, margin)
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
        joints = self._joints.name(time_s, xy[:, _WHOLE], score[:, _WHOLE], exchanged)
        crossed = joints ^ exchanged[:, None]
        exchanged ^= self._misnamed(time_s, xy, score, exchanged)
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
        beside = _beside_line(time_s, xy, exchanged)
        for walk, direction in _feet_first(time_s, xy):
            clearer = np.nanmean((seen[walk, 1] - seen[walk, 0]) * direction)
            out[walk] = np.mean(beside[walk]) < -self._wrong and clearer < -self._fainter
        return out


def _feet(exchanged: Mask) -> NDArray[np.intp]:
    """Points of the left and of the right foot in each frame, int[T, 2, 4]."""
    return np.where(exchanged[:, None, None], _FEET[::-1], _FEET)


def _beside_line(time_s: Array, xy: Array, exchanged: Mask) -> Array:
    """How far right of the left foot the right one is, across the line of the walk, float64[T].

    In body heights. From above any floor, right of a direction in the picture is right of the walk
    on it, however the camera stands. 0 outside of walks that cross the picture and where a foot is
    missing.
    """
    feet = xy[np.arange(len(time_s))[:, None, None], _feet(exchanged)]
    middle, apart = feet.mean(axis=(1, 2)), (feet[:, 1] - feet[:, 0]).mean(axis=1)
    out = np.zeros(len(time_s))
    for walk, direction in _feet_first(time_s, xy):
        seen = walk[np.isfinite(middle[walk]).all(axis=1)]
        if not len(seen):
            continue
        slope = _slope(time_s[seen], middle[seen])
        across = (apart[seen, 1] - slope * apart[seen, 0]) / np.hypot(1.0, slope)
        out[seen] = across * direction
    return out


def _slope(time_s: Array, xy: Array) -> Array:
    """Slope of the line by least squares through float64[T, 2] in a window around each frame."""
    first = np.searchsorted(time_s, time_s - _LINE_S / 2)
    last = np.searchsorted(time_s, time_s + _LINE_S / 2, side="right")
    x, y = (xy - xy.mean(axis=0)).T
    sums = np.pad(np.cumsum([x, y, x * x, x * y], axis=1), ((0, 0), (1, 0)))
    mean_x, mean_y, xx, xy_ = (sums[:, last] - sums[:, first]) / (last - first)
    return np.asarray((xy_ - mean_x * mean_y) / np.maximum(xx - mean_x**2, 1e-9))


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
    moment = time_s[known]
    early, late = (np.clip(moment + way * _WALK_S / 2, moment[0], moment[-1]) for way in (-1, 1))
    there, here = (np.interp(at, moment, hip_x[known]) for at in (late, early))
    speed = (there - here) / (late - early)
    direction = np.where(np.abs(speed) > _SLOWEST, np.sign(speed), 0.0)
    edges = np.flatnonzero(np.diff(direction)) + 1
    stretches = []
    for part_of in np.split(np.arange(len(known)), edges):
        frames, way = known[part_of], direction[part_of[0]]
        lasts = time_s[frames[-1]] - time_s[frames[0]] >= _WALK_S
        if way and lasts and np.nanmean(heading[frames] * way) > _FORWARD:
            stretches.append((frames, int(way)))
    return stretches
