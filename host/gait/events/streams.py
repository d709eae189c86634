"""The path of one foot as the integers that ``gait-events`` reads: the one place that says how.

Training and host share this module. A stream is one foot of a bout, told as "own" and "other": the
network does not know left from right, and walks to either side look alike. Moments are 1/50 s
apart. Channels, int8:

====== ==================================================== =======================
0, 1   heel ahead of the hips; above the hips               body heights
2, 3   big toe, the same                                    body heights
4      knee ahead of the hips                               body heights
5, 6   heel, forward and upward speed                       body heights per second
7, 8   big toe, the same                                    body heights per second
9      ankle, forward speed                                 body heights per second
10-12  other foot: heel ahead, toe ahead, heel above hips   body heights
13     other foot: forward speed of the heel                body heights per second
14, 15 whether this foot, the other foot was seen           0 or :data:`SEEN`
====== ==================================================== =======================

Ahead is the walking direction; speeds are against the room (the walked way added). Positions are
low-passed at :data:`CUTOFF_HZ`; holes are bridged by straight lines and told by the flags. The
ankle stands in for a heel or toe that the source does not have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from host.gait.body import BodyHeight, BodySize
from host.gait.signals import RATE_HZ as GRID_HZ
from host.gait.signals import Array, bridged, derivative, low_pass
from host.gait.track import Resampler, Track
from host.gait.types import Bout, Trajectories
from model_zoo.skeleton import Side, part

RATE_HZ = 50.0
CHANNELS = 16
CUTOFF_HZ = 9.0
STEPS_PER_HEIGHT = 240.0
"""Places ahead: one step is 7 mm."""
STEPS_PER_HEIGHT_UP = 400.0
HIP_HEIGHT = 0.45
"""Added to places above the hips, so that a foot on the floor lies near zero."""
STEPS_PER_SPEED = 40.0
STEPS_PER_SPEED_UP = 120.0
SEEN = 64
MARGIN_S = 0.8
"""Of the track around a bout: the network looks so far to both sides."""
_EVERY = round(GRID_HZ / RATE_HZ)


@dataclass(frozen=True)
class FootStream:
    """One foot in and around a bout.

    Attributes
    ----------
    side
        Whose foot, as the side stage named it; the network is not told.
    time_s
        float64[M], 1/50 s apart.
    x
        int8[M, 16].
    """

    side: Side
    time_s: Array
    x: NDArray[np.int8]


@dataclass(frozen=True)
class SummitRule:
    """How events are read from probabilities.

    Attributes
    ----------
    reach_s
        Half the width of one event, seconds.
    least
        Expected number of events from which a summit is one.
    apart_s
        Least time between two events of one kind and foot, seconds.
    """

    reach_s: float = 0.08
    least: float = 0.2
    apart_s: float = 0.35


@dataclass(frozen=True)
class _Leg:
    """Places float64[N, 2] against the hips (ahead, up) and speeds against the room."""

    heel: Array
    toe: Array
    knee: Array
    heel_speed: Array
    toe_speed: Array
    ankle_speed: Array
    seen: NDArray[np.bool_]


def foot_streams(track: Track, body: BodySize, bout: Bout) -> tuple[FootStream, FootStream]:
    """Left and right foot of a bout with a direction."""
    rows = (track.time_s >= bout.start_s - MARGIN_S) & (track.time_s < bout.end_s + MARGIN_S)
    height = body.height[rows]
    hips = np.stack([bridged(track.middle("hip", axis)[rows]) for axis in (0, 2)], axis=1)
    # The way of the hips; their bobbing is no speed of a foot.
    walked = bout.direction * np.gradient(hips[:, 0], 1 / GRID_HZ) / height
    way = np.stack((low_pass(walked, CUTOFF_HZ), np.zeros(len(height))), axis=1)
    legs = {}
    for side in Side:
        points = [track.foot("heel", side), track.foot("big_toe", side)]
        points += [part("knee", side), part("ankle", side)]
        raw = track.xyz[rows][:, points][..., [0, 2]]
        against = (raw - hips[:, None]) / height[:, None, None] * (bout.direction, 1)
        legs[side] = _leg(against, way)
    time_s = track.time_s[rows][::_EVERY]
    left, right = (
        FootStream(side, time_s, _integers(legs[side], legs[side.other])[::_EVERY]) for side in Side
    )
    return left, right


def streams_of(
    trajectories: Trajectories, bout: Bout, min_score: float = 0.3
) -> tuple[FootStream, FootStream]:
    """Left and right foot of keypoints as a source gives them, as the gait room makes them."""
    track = Resampler(min_score=min_score).resample(trajectories)
    return foot_streams(track, BodyHeight().measure(track), bout)


def windows(x: NDArray[np.int8], moments: int, answers: int) -> NDArray[np.int8]:
    """Windows int8[W, 1, T, 16] of a stream int8[M, 16], so that their answers join without a seam.

    The answers of a window belong to the moments in its middle, from :func:`first_answer` on; the
    stream is continued by zeros (nothing seen) at both ends.
    """
    count = -(-len(x) // answers)
    whole = np.zeros((count * answers + moments - answers, x.shape[1]), np.int8)
    first = first_answer(moments, answers)
    whole[first : first + len(x)] = x
    starts = answers * np.arange(count)
    return np.stack([whole[s : s + moments] for s in starts])[:, None]


def first_answer(moments: int, answers: int) -> int:
    """Which moment of a window its first answer belongs to."""
    return (moments - answers + 1) // 2


def summits(chance: Array, rule: SummitRule) -> tuple[Array, Array]:
    """Events of one kind from the probability float64[M] that one falls on each moment.

    The expected number of events within ``reach_s`` of a moment is the sum of the probabilities
    there. A summit of it is one event; its time is their centre of mass.

    Returns
    -------
    Places float64[E] in moments (between them), and expected numbers float64[E], at most 1.
    """
    reach = round(rule.reach_s * RATE_HZ)
    if len(chance) <= 2 * reach:
        return np.zeros(0), np.zeros(0)
    expected = np.convolve(chance, np.ones(2 * reach + 1), mode="same")
    distance = round(rule.apart_s * RATE_HZ)
    peaks, _ = find_peaks(expected, height=rule.least, distance=distance)
    index = np.arange(len(chance))
    places = []
    for peak in peaks:
        near = slice(max(0, peak - reach), peak + reach + 1)
        places.append(index[near] @ chance[near] / chance[near].sum())
    return np.array(places), np.minimum(expected[peaks], 1.0)


def _leg(against: Array, way: Array) -> _Leg:
    """From heel, toe, knee and ankle against the hips, float64[N, 4, 2], and the hips' speed."""
    seen: NDArray[np.bool_] = np.asarray(np.isfinite(against[:, [0, 1, 3]]).all(axis=(1, 2)))
    places = low_pass(bridged(against), CUTOFF_HZ)
    heel, toe, knee, _ = places.swapaxes(0, 1)
    speeds = derivative(places) + way[:, None]
    return _Leg(heel, toe, knee, speeds[:, 0], speeds[:, 1], speeds[:, 3], seen)


def _integers(own: _Leg, other: _Leg) -> NDArray[np.int8]:
    out = np.empty((len(own.heel), CHANNELS))
    for first, place, speed in ((0, own.heel, own.heel_speed), (2, own.toe, own.toe_speed)):
        out[:, first] = place[:, 0] * STEPS_PER_HEIGHT
        out[:, first + 1] = (place[:, 1] + HIP_HEIGHT) * STEPS_PER_HEIGHT_UP
        at = 5 + first
        out[:, at] = speed[:, 0] * STEPS_PER_SPEED
        out[:, at + 1] = speed[:, 1] * STEPS_PER_SPEED_UP
    out[:, 4] = own.knee[:, 0] * STEPS_PER_HEIGHT
    out[:, 9] = own.ankle_speed[:, 0] * STEPS_PER_SPEED
    out[:, 10] = other.heel[:, 0] * STEPS_PER_HEIGHT
    out[:, 11] = other.toe[:, 0] * STEPS_PER_HEIGHT
    out[:, 12] = (other.heel[:, 1] + HIP_HEIGHT) * STEPS_PER_HEIGHT_UP
    out[:, 13] = other.heel_speed[:, 0] * STEPS_PER_SPEED
    out[:, 14] = own.seen * SEEN
    out[:, 15] = other.seen * SEEN
    integers: NDArray[np.int8] = np.clip(np.nan_to_num(np.rint(out)), -128, 127).astype(np.int8)
    return integers
