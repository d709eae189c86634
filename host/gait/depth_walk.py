"""A walk towards the camera or away from it: when, how fast, and at what rhythm.

From the front a walk is seen by two things alone. The person grows or shrinks: through a pinhole
the distance is the focal length times the stature over the height in the picture, so that the way
is known as well as the lens is. And the ankles rise and sink in turns: the lift of the swinging
foot, and the foot that stands nearer stands lower in the picture. The networks flatten both, and
what remains is the rhythm, not the shape; so only its first harmonic is read. It tells how often
and roughly when the feet land, the mean of both sides and nothing of their difference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.signal import butter, sosfiltfilt

from host.gait.body import BodySize
from host.gait.bouts import ProgressionBouts
from host.gait.events import Detected, Kind
from host.gait.events.detect import stride_period
from host.gait.parameters.method_error import IN_DEPTH
from host.gait.scale.find import lens
from host.gait.signals import RATE_HZ, Array, bridged
from host.gait.track import Track
from host.gait.types import Bout, Event
from model_zoo.skeleton import Side, part

_MARGIN_S = 0.3
_LEAST_STEPS = 4
_NEAR_S = 0.15
_MOST_SLANT = 0.6  # 31 degrees off the line of sight
_IN_ORDER = 0.9  # share of moments with the left heel to the left: own rule, frontal clips
_EDGE_S = 0.75  # half the running median of the height, which stands still at both ends
_SLOPE_S = 1.0


@dataclass(frozen=True)
class DepthWalk:
    """A walk in depth, as the stages after it need it.

    Attributes
    ----------
    track
        The person in body heights: x along the walk, all points at the place of the body; y to the
        person's left, from the picture's middle, NaN where the feet are not told apart.
    body
        Its size in that unit: 1.
    bouts
        Direction +1 = away from the camera.
    detected
        Initial contacts; no foot offs.
    """

    track: Track
    body: BodySize
    bouts: tuple[Bout, ...]
    detected: Detected


class DepthWalks:
    """Finds walks in depth.

    Walking is what :class:`~host.gait.bouts.ProgressionBouts` finds on the distance, where the
    person comes ``min_distance`` statures nearer or farther and grows or shrinks by
    ``min_growth``, under ankles that alternate (:func:`~host.gait.events.detect.stride_period`).
    A contact falls ``lead`` of a stride before the first harmonic of the ankles' difference in
    height changes its sign when the person walks away, and as much after it when towards (rendered
    walks of the set ``frontal``: 0.14 to 0.21).

    Needs the ankles, the eyes or shoulders, and a still camera.

    Parameters
    ----------
    min_distance
        Statures.
    min_growth
        Logarithm of the ratio of heights in the picture.
    lead
        Share of a stride.
    band
        Of the filter that leaves the first harmonic, strides' frequencies.
    """

    name = IN_DEPTH

    def __init__(
        self,
        *,
        min_distance: float = 1.0,
        min_growth: float = 0.2,
        lead: float = 0.17,
        band: tuple[float, float] = (0.5, 1.6),
    ) -> None:
        self.min_distance = min_distance
        self.min_growth = min_growth
        self.lead = lead
        self.band = band

    def find(
        self, track: Track, body: BodySize, picture_px: tuple[int, int], field_deg: float | None
    ) -> DepthWalk | None:
        """The walks of a recording in pixels; None where nobody walks in depth.

        Parameters
        ----------
        track, body
            The person, in pixels.
        picture_px
            Width and height of the upright picture.
        field_deg
            Angle of view along its longer side; that of a usual lens where None.
        """
        if not body.known:
            return None
        away = _continued(lens(field_deg).focal_px(max(picture_px)) / body.height, track)
        xyz = track.xyz / body.height[:, None, None]
        xyz[..., 0] = np.where(np.isfinite(xyz[..., 0]), away[:, None], np.nan)
        aside = replace(track, xyz=xyz)
        size = replace(body, height=np.ones_like(body.height))
        bouts: list[Bout] = []
        events: list[Event] = []
        periods: dict[int, float] = {}
        across = (track.middle("hip", 0) - picture_px[0] / 2) / body.height
        for bout in ProgressionBouts(min_distance=self.min_distance).find(aside, size):
            slant = _slant(track.time_s, away, across, bout)
            if self._growth(track, body, bout) < self.min_growth or not abs(slant) <= _MOST_SLANT:
                continue
            found, period_s = self._contacts(track, body, replace(bout, index=len(bouts)))
            if len(found) >= _LEAST_STEPS:
                periods[len(bouts)] = period_s
                _stretch(xyz, track.time_s, bout, float(np.hypot(1.0, slant)))
                bouts.append(replace(bout, index=len(bouts)))
                events += found
        if not bouts:
            return None
        aside = replace(aside, xyz=self._with_lateral(aside.xyz, track, body, bouts, picture_px))
        return DepthWalk(aside, size, tuple(bouts), Detected(tuple(events), periods, ()))

    @staticmethod
    def _with_lateral(
        xyz: Array, track: Track, body: BodySize, bouts: list[Bout], picture_px: tuple[int, int]
    ) -> Array:
        """Places with y to the person's left, where the heels are seldom named the wrong way."""
        across = (track.xyz[..., 0] - picture_px[0] / 2) / body.height[:, None]
        out: Array = xyz.copy()
        for bout in bouts:
            rows = (track.time_s >= bout.start_s) & (track.time_s <= bout.end_s)
            left = -bout.direction * across[rows]
            apart = left[:, track.foot("heel", Side.LEFT)] - left[:, track.foot("heel", Side.RIGHT)]
            apart = apart[np.isfinite(apart)]
            if len(apart) and (apart > 0).mean() >= _IN_ORDER:
                out[rows, :, 1] = left
        return out

    @staticmethod
    def _growth(track: Track, body: BodySize, bout: Bout) -> float:
        ends = np.interp((bout.start_s, bout.end_s), track.time_s, body.height)
        return abs(float(np.log(ends[1] / ends[0])))

    def _contacts(self, track: Track, body: BodySize, bout: Bout) -> tuple[list[Event], float]:
        """Contacts in order of time, and the stride time; none without a clear rhythm."""
        rows = (track.time_s >= bout.start_s) & (track.time_s <= bout.end_s)
        left, right = (track.xyz[rows, part("ankle", side), 2] for side in Side)
        apart, time_s = (left - right) / body.height[rows], track.time_s[rows]
        period_s = stride_period(apart)
        if not np.isfinite(period_s) or not np.isfinite(apart).any():
            return [], float("nan")
        low, high = (share / period_s for share in self.band)
        sections = butter(2, [low, high], "bandpass", fs=RATE_HZ, output="sos")
        swing = np.asarray(sosfiltfilt(sections, bridged(apart)))
        lead_s = bout.direction * self.lead * period_s
        crossings = np.flatnonzero(np.sign(swing[:-1]) * np.sign(swing[1:]) < 0)
        out = []
        for row in crossings:
            share = swing[row] / (swing[row] - swing[row + 1])
            at_s = float(time_s[row] + share / RATE_HZ) - lead_s
            if not bout.start_s - _MARGIN_S <= at_s <= bout.end_s + _MARGIN_S:
                continue
            side = Side.LEFT if swing[row] > 0 else Side.RIGHT
            near = np.abs(track.time_s - at_s) <= _NEAR_S
            certain = float(track.side_confidence[near].mean()) if near.any() else 0.0
            out.append(Event(side, Kind.CONTACT.value, at_s, 0.5, certain, bout.index))
        return out, period_s


def _continued(away: Array, track: Track) -> Array:
    """The distance with both ends of what is seen continued at the speed beside them."""
    out: Array = away.copy()
    seen = np.flatnonzero(np.isfinite(track.middle("hip", 0)))
    edge, reach = round(_EDGE_S * RATE_HZ), round((_EDGE_S + _SLOPE_S) * RATE_HZ)
    if len(seen) == 0 or seen[-1] - seen[0] < 2 * reach:
        return out
    first, last = int(seen[0]), int(seen[-1])
    for rows, beside in (
        (np.arange(first, first + edge), np.arange(first + edge, first + reach)),
        (np.arange(last - edge + 1, last + 1), np.arange(last - reach + 1, last - edge + 1)),
    ):
        slope, start = np.polyfit(beside, away[beside], 1)
        out[rows] = start + slope * rows
    return out


def _slant(time_s: Array, away: Array, across: Array, bout: Bout) -> float:
    """How far the path leads sideways per way along the line of sight."""
    rows = (time_s >= bout.start_s) & (time_s <= bout.end_s) & np.isfinite(across)
    return float(np.polyfit(away[rows], across[rows], 1)[0]) if rows.any() else float("nan")


def _stretch(xyz: Array, time_s: Array, bout: Bout, factor: float) -> None:
    """Turn the way along the line of sight within a bout into that along its path, in place."""
    rows = np.flatnonzero((time_s >= bout.start_s) & (time_s <= bout.end_s))
    first, last = rows[0], rows[-1]
    start = np.nanmean(xyz[first, :, 0])
    more = (factor - 1) * (xyz[first : last + 1, :, 0] - start)
    xyz[first : last + 1, :, 0] += more
    xyz[last + 1 :, :, 0] += np.nanmean(more[-1])
