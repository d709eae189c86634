"""The way of the foot through the air: clearance and circumduction.

Clearance (minimum toe clearance) = lowest height of the big toe between its two highest points of
the swing, less the height of the same toe on the floor before and after (a straight line between
the two stances, so that a slightly tilted camera does no harm). 3 % of the swings of young and 19 %
of older people have no such lowest point (treadmill, 15 and 15 people); they give no value.

Circumduction = largest way of the ankle outwards during the swing from the straight line between
its two places on the floor; own definition, after the path that observers of the Wisconsin Gait
Scale are asked to look at. Outwards = away from the other hip. Needs a lateral coordinate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from host.codes import Absence, Exclusion
from host.gait.parameters.samples import Measured, Samples
from host.gait.signals import Array, low_pass
from host.gait.track import Track
from host.gait.types import Stride
from model_zoo.skeleton import Side, part

# Part of the stride after a contact in which the foot is flat (Perry 1992: 12 to 31 %).
_REST = (0.12, 0.31)
_MM = 1000.0


class SwingFoot:
    """Measures ``foot_clearance`` in millimetres and ``circumduction`` in metres.

    Parameters
    ----------
    cutoff_hz
        Low-pass of the points, Hz.
    """

    def __init__(self, cutoff_hz: float = 6.0) -> None:
        self.cutoff_hz = cutoff_hz

    def measure(self, track: Track, strides: tuple[Stride, ...], scale: Array | None) -> Measured:
        """Samples of the clean strides with a foot off and a certain side.

        Parameters
        ----------
        track, strides
            Results of the stages before.
        scale
            float64[N] metres per unit of the track; None without one.
        """
        if scale is None:
            return {"foot_clearance": Absence.NO_SCALE, "circumduction": Absence.NO_SCALE}
        usable = [
            s
            for s in strides
            if not s.excluded
            and s.reason is not Exclusion.SIDE_UNCERTAIN
            and np.isfinite(s.foot_off_s)
        ]
        return {
            "foot_clearance": self._clearance(track, usable, scale),
            "circumduction": self._circumduction(track, usable, scale),
        }

    def _clearance(self, track: Track, strides: list[Stride], scale: Array) -> Samples | Absence:
        if not track.has_feet:
            return Absence.FEET_HIDDEN
        toes = {side: self._path(track, "big_toe", side, 2) * scale for side in Side}
        found = []
        for stride in strides:
            height = _above_rest(track.time_s, toes[stride.foot], stride)
            if height is not None:
                found.append((_MM * _lowest_between_peaks(height), stride.foot))
        samples = Samples.of(found)
        return Absence.NO_TOE_MINIMUM if found and samples.n == 0 else samples

    def _circumduction(
        self, track: Track, strides: list[Stride], scale: Array
    ) -> Samples | Absence:
        hips = {side: track.xyz[:, part("hip", side), 1] for side in Side}
        if not np.isfinite(hips[Side.LEFT]).any():
            return Absence.NOT_OBSERVABLE
        ankles = {side: self._path(track, "ankle", side, 1) * scale for side in Side}
        found = []
        for stride in strides:
            side = stride.foot
            path = _above_rest(track.time_s, ankles[side], stride)
            rows = _rows(track.time_s, stride.start_s, stride.end_s)
            apart = (hips[side] - hips[side.other])[rows]
            if path is not None and np.isfinite(apart).any():
                found.append((float((np.sign(np.nanmedian(apart)) * path).max()), side))
        return Samples.of(found)

    def _path(self, track: Track, name: str, side: Side, axis: int) -> Array:
        return low_pass(track.xyz[:, part(name, side), axis], self.cutoff_hz)


def _rows(time_s: Array, start_s: float, end_s: float) -> NDArray[np.bool_]:
    return np.asarray((time_s >= start_s) & (time_s <= end_s))


def _above_rest(time_s: Array, values: Array, stride: Stride) -> Array | None:
    """Values of the swing less the line between the rests before and after; None if not seen."""
    whole = stride.end_s - stride.start_s
    places = []
    for contact_s in (stride.start_s, stride.end_s):
        start_s, end_s = (contact_s + share * whole for share in _REST)
        rest = values[_rows(time_s, start_s, end_s)]
        if not np.isfinite(rest).any():
            return None
        places.append(((start_s + end_s) / 2, float(np.nanmedian(rest))))
    swing = _rows(time_s, stride.foot_off_s, stride.end_s)
    if swing.sum() < 3 or not np.isfinite(values[swing]).all():
        return None
    (before_s, before), (after_s, after) = places
    share = (time_s[swing] - before_s) / (after_s - before_s)
    return np.asarray(values[swing] - (before + share * (after - before)))


def _lowest_between_peaks(height: Array) -> float:
    """Lowest value between the first and the last local maximum; NaN with fewer than two."""
    peaks, _ = find_peaks(height)
    if len(peaks) < 2:
        return float("nan")
    return float(height[peaks[0] : peaks[-1] + 1].min())
