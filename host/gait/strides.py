"""Strides from events: which are complete and clean, and why the others are not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from host.codes import Activity, Exclusion
from host.gait.body import BodySize
from host.gait.track import Track
from host.gait.types import Bout, Event, Segment, Stride
from model_zoo.skeleton import Side

_BESIDE_S = 1.0
_EXCLUDED_BY = {
    Activity.TURNING: Exclusion.TURNING,
    Activity.STANDING: Exclusion.STANDING,
    Activity.STARTING: Exclusion.STARTING,
    Activity.STOPPING: Exclusion.STOPPING,
}


@dataclass(frozen=True)
class StrideRules:
    """Limits of a stride that enters the statistics.

    Attributes
    ----------
    min_time_s, max_time_s
        Plausible stride time: 0.2 to 3.0 s in the Mobilise-D library; 0.4 s as in myogait, longer
        than any stepping on the spot of a pose network that flickers.
    pause_factor
        Longer than this times the median is a pause or a freeze (own rule of the project's facts).
    time_tolerance
        Departure from the median stride time as share of it; a wider spread of the recording itself
        (3 scaled median absolute deviations) widens the limit, so that an irregular gait stays.
    min_length, max_length
        Plausible stride length, body heights (0.15 m as in Mobilise-D, about 0.09 heights; the
        upper limit is a stride at Froude number 1, 2.2 m for 1.70 m).
    slow_share
        First or last stride of a bout slower than this share of the bout's median is start or stop.
    min_seen
        Least share of the stride in which the foot is seen.
    min_side_confidence
        Least mean confidence of left and right.
    """

    min_time_s: float = 0.4
    max_time_s: float = 3.0
    pause_factor: float = 2.5
    time_tolerance: float = 0.3
    min_length: float = 0.09
    max_length: float = 1.3
    slow_share: float = 0.5
    min_seen: float = 0.6
    min_side_confidence: float = 0.5


class StrideBuilder:
    """Strides of each foot from contact to contact, with the enumerated reason of each exclusion.

    A stride without foot off keeps its place in the timing (``excluded`` false) and carries the
    reason MISSING_FOOT_OFF; stance and swing leave it out. So does one whose side is doubtful, with
    SIDE_UNCERTAIN: feet take turns whatever they are called; sides and curves leave it out.
    """

    def __init__(self, rules: StrideRules | None = None) -> None:
        self.rules = rules if rules is not None else StrideRules()

    def build(
        self,
        track: Track,
        body: BodySize,
        bouts: tuple[Bout, ...],
        events: tuple[Event, ...],
        activities: tuple[Segment, ...] = (),
    ) -> tuple[Stride, ...]:
        """All strides in order of their start; ``activities`` name what is not walking."""
        pelvis = track.middle("hip", 0)
        strides: list[Stride] = []
        for bout in bouts:
            own = [e for e in events if e.bout == bout.index]
            for side in Side:
                strides += self._of_foot(side, bout, own)
        strides.sort(key=lambda s: (s.start_s, s.end_s))
        speeds = [_pace(s, track, body, pelvis) for s in strides]
        times = np.array([s.end_s - s.start_s for s in strides])
        usual = [t for t, s in zip(times, strides, strict=True) if not s.excluded]
        marked = [
            s if s.excluded else self._judged(s, track, speed, np.array(usual))
            for s, speed in zip(strides, speeds, strict=True)
        ]
        doing = [s if s.excluded else _told(s, _doing(s, activities)) for s in marked]
        return self._without_edges(tuple(doing), speeds, bouts, activities)

    def _of_foot(self, side: Side, bout: Bout, events: list[Event]) -> list[Stride]:
        contacts = [e.time_s for e in events if e.foot is side and e.kind == "initial_contact"]
        offs = [e.time_s for e in events if e.foot is side and e.kind == "foot_off"]
        others = [e.time_s for e in events if e.foot is not side and e.kind == "initial_contact"]
        out = []
        for start, end in pairwise(contacts):
            inside = [t for t in offs if start < t < end]
            between = sum(start < t < end for t in others)
            off = inside[0] if len(inside) == 1 else float("nan")
            in_order = between == 1 and len(inside) <= 1
            reason = None if in_order else Exclusion.EVENT_ORDER
            out.append(Stride(side, start, off, end, bout.index, reason is not None, reason))
        return out

    def _judged(
        self,
        stride: Stride,
        track: Track,
        speed: float,
        usual: np.ndarray[tuple[int], np.dtype[np.float64]],
    ) -> Stride:
        rules = self.rules
        time_s = stride.end_s - stride.start_s
        median = float(np.median(usual))
        spread = 1.4826 * float(np.median(np.abs(usual - median)))
        tolerance = max(rules.time_tolerance * median, 3 * spread)
        length = speed * time_s
        reason: Exclusion | None = None
        if time_s > rules.pause_factor * median:
            reason = Exclusion.PAUSE
        elif not rules.min_time_s <= time_s <= rules.max_time_s or abs(time_s - median) > tolerance:
            reason = Exclusion.IMPLAUSIBLE_TIME
        elif _seen_share(stride, track) < rules.min_seen:
            reason = Exclusion.POINTS_MISSING
        elif length < rules.min_length:
            reason = Exclusion.STANDING
        elif length > rules.max_length:
            reason = Exclusion.IMPLAUSIBLE_LENGTH
        if reason is not None:
            return replace(stride, excluded=True, reason=reason)
        if _side_confidence(stride, track) < rules.min_side_confidence:
            return replace(stride, reason=Exclusion.SIDE_UNCERTAIN)
        if not np.isfinite(stride.foot_off_s):
            return replace(stride, reason=Exclusion.MISSING_FOOT_OFF)
        return stride

    def _without_edges(
        self,
        strides: tuple[Stride, ...],
        speeds: list[float],
        bouts: tuple[Bout, ...],
        activities: tuple[Segment, ...],
    ) -> tuple[Stride, ...]:
        """Strides that slow down or speed up beside a start, stop or turn are taken out."""
        out = list(strides)
        for bout in bouts:
            own = [i for i, s in enumerate(strides) if s.bout == bout.index]
            clean = [i for i in own if not strides[i].excluded]
            if len(clean) < 3:
                continue
            limit = self.rules.slow_share * float(np.median([speeds[i] for i in clean]))
            for i in (*own[:2], *own[-2:]):
                if not out[i].excluded and speeds[i] < limit:
                    out[i] = replace(out[i], excluded=True, reason=_beside(out[i], activities))
        return tuple(out)


def _pace(
    stride: Stride,
    track: Track,
    body: BodySize,
    pelvis: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> float:
    """Mean pelvis speed over the stride, body heights per second; 0 where it is not seen."""
    rows = (track.time_s >= stride.start_s) & (track.time_s <= stride.end_s) & np.isfinite(pelvis)
    if rows.sum() < 2:
        return 0.0
    x, t = pelvis[rows], track.time_s[rows]
    return float(abs(x[-1] - x[0]) / (t[-1] - t[0]) / np.median(body.height[rows]))


def _seen_share(stride: Stride, track: Track) -> float:
    rows = (track.time_s >= stride.start_s) & (track.time_s <= stride.end_s)
    foot = track.foot("heel", stride.foot)
    points = track.xyz[rows, foot, 0]
    return float(np.isfinite(points).mean()) if len(points) else 0.0


def _side_confidence(stride: Stride, track: Track) -> float:
    rows = (track.time_s >= stride.start_s) & (track.time_s <= stride.end_s)
    return float(track.side_confidence[rows].mean()) if rows.any() else 0.0


def _told(stride: Stride, reason: Exclusion | None) -> Stride:
    return stride if reason is None else replace(stride, excluded=True, reason=reason)


def _doing(stride: Stride, activities: tuple[Segment, ...]) -> Exclusion | None:
    """What the person does, other than walking, for more than half of the stride."""
    half = 0.5 * (stride.end_s - stride.start_s)
    for part in activities:
        shared = min(part.end_s, stride.end_s) - max(part.start_s, stride.start_s)
        if part.kind in (Activity.TURNING, Activity.STANDING) and shared > half:
            return _EXCLUDED_BY[part.kind]
    return None


def _beside(stride: Stride, activities: tuple[Segment, ...]) -> Exclusion:
    """Why a stride is slow: what the person does within ``_BESIDE_S`` of it, a turn first."""
    start_s, end_s = stride.start_s - _BESIDE_S, stride.end_s + _BESIDE_S
    near = {part.kind for part in activities if part.start_s < end_s and start_s < part.end_s}
    for kind in (Activity.TURNING, Activity.STARTING, Activity.STOPPING):
        if kind in near:
            return _EXCLUDED_BY[kind]
    return Exclusion.BOUT_EDGE
