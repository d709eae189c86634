"""From a track and its bouts to events: paths of the feet, methods, fusion, sequence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from host.gait.body import BodySize
from host.gait.events.base import Candidate, EventMethod, FootPath, Kind
from host.gait.events.fuse import Fused, Fuser
from host.gait.events.heel_speed import HeelSpeed
from host.gait.events.sequence import StepSequence
from host.gait.events.zeni import Zeni
from host.gait.signals import RATE_HZ, Array, bridged, low_pass
from host.gait.sources import Source
from host.gait.track import Track
from host.gait.types import Bout, Event
from model_zoo.skeleton import Side, part

_MARGIN_S = 0.5


@dataclass(frozen=True)
class Detected:
    """Events of one recording.

    Attributes
    ----------
    events
        In order of time.
    period_s
        Stride time per bout index, as read from the alternation of the legs; NaN when unclear.
    spread_s
        Distances of the methods per contact (NaN where one method only).
    """

    events: tuple[Event, ...]
    period_s: dict[int, float]
    spread_s: tuple[float, ...]


class EventDetector:
    """Runs the methods on each bout and joins them.

    Parameters
    ----------
    source
        Constants of the keypoint source.
    methods
        Event methods; the first leads.
    """

    def __init__(
        self,
        source: Source,
        methods: tuple[EventMethod, ...] | None = None,
        fuser: Fuser | None = None,
        sequence: StepSequence | None = None,
    ) -> None:
        self.source = source
        self.methods = methods if methods is not None else (Zeni(), HeelSpeed())
        self.fuser = fuser if fuser is not None else Fuser()
        self.sequence = sequence if sequence is not None else StepSequence()

    def detect(self, track: Track, body: BodySize, bouts: tuple[Bout, ...]) -> Detected:
        """Events of all bouts."""
        events: list[Event] = []
        periods: dict[int, float] = {}
        spreads: list[float] = []
        for bout in bouts:
            feet = foot_paths(track, body, bout)
            periods[bout.index] = feet[0].period_s
            found: dict[str, list[Candidate]] = {
                m.name: [c for foot in feet for c in m.detect(foot)] for m in self.methods
            }
            contacts = self.fuser.fuse(found, self.source, Kind.CONTACT)
            contacts = [c for c in contacts if _inside(c, bout)]
            period_s = feet[0].period_s if np.isfinite(feet[0].period_s) else 1.1
            contacts = self.sequence.choose(contacts, period_s)
            offs = self.fuser.fuse(found, self.source, Kind.OFF)
            offs = self.sequence.choose([o for o in offs if _inside(o, bout)], period_s)
            spreads += [c.spread_s for c in contacts]
            events += [_event(e, bout, track) for e in (*contacts, *offs)]
        events.sort(key=lambda e: e.time_s)
        return Detected(tuple(events), periods, tuple(spreads))


def foot_paths(track: Track, body: BodySize, bout: Bout) -> tuple[FootPath, FootPath]:
    """Paths of left and right foot in and around a bout, body heights, forward positive."""
    rows = (track.time_s >= bout.start_s - _MARGIN_S) & (track.time_s < bout.end_s + _MARGIN_S)
    height = body.height[rows]
    pelvis_raw = bridged(track.middle("hip", 0)[rows])
    moved = np.gradient(pelvis_raw) / height
    pelvis = bout.direction * np.concatenate(([0.0], np.cumsum((moved[1:] + moved[:-1]) / 2)))
    floor = np.nanmin(track.xyz[rows][:, [part("ankle", s) for s in Side], 2])

    def path(name: str, side: Side) -> Array:
        xyz = track.xyz[rows, track.foot(name, side)]
        forward = bout.direction * (xyz[:, 0] - pelvis_raw) / height + pelvis
        return np.stack((forward, (xyz[:, 2] - floor) / height), axis=1)

    heels = {side: path("heel", side) for side in Side}
    period_s = stride_period(heels[Side.LEFT][:, 0] - heels[Side.RIGHT][:, 0])
    time_s = track.time_s[rows]
    left, right = (
        FootPath(side, time_s, heels[side], path("big_toe", side), pelvis, period_s)
        for side in Side
    )
    return left, right


def stride_period(separation: Array, *, shortest_s: float = 0.6, longest_s: float = 3.0) -> float:
    """Stride time from the first clear peak of the autocorrelation of the feet's separation.

    Parameters
    ----------
    separation
        float64[N] forward distance of the feet on the even grid, NaN where missing.
    shortest_s, longest_s
        Range searched, seconds.

    Returns
    -------
    Seconds; NaN when the feet do not alternate clearly (peak below 0.2) or too little is seen.
    """
    seen = np.isfinite(separation)
    if seen.sum() < shortest_s * RATE_HZ:
        return float("nan")
    values = low_pass(bridged(separation), 6.0)
    values = values - values.mean()
    power = float(values @ values)
    if power <= 0:
        return float("nan")
    n = len(values)
    lags = np.arange(int(shortest_s * RATE_HZ), min(int(longest_s * RATE_HZ), int(0.75 * n)))
    if len(lags) < 3:
        return float("nan")
    similarity = np.array(
        [
            float(values[lag:] @ values[:-lag])
            / np.sqrt(
                float(values[lag:] @ values[lag:]) * float(values[:-lag] @ values[:-lag]) + 1e-12
            )
            for lag in lags
        ]
    )
    inner = similarity[1:-1]
    peaks = np.flatnonzero((inner >= similarity[:-2]) & (inner > similarity[2:])) + 1
    if len(peaks) == 0 or similarity[peaks].max() < 0.2:
        return float("nan")
    first = peaks[similarity[peaks] >= 0.6 * similarity[peaks].max()][0]
    return float(lags[first]) / RATE_HZ


def _inside(event: Fused, bout: Bout, tolerance_s: float = 0.1) -> bool:
    return bout.start_s - tolerance_s <= event.time_s <= bout.end_s + tolerance_s


def _event(fused: Fused, bout: Bout, track: Track) -> Event:
    near = np.abs(track.time_s - fused.time_s) <= 0.15
    certain = float(track.side_confidence[near].mean()) if near.any() else 0.0
    return Event(fused.side, fused.kind.value, fused.time_s, fused.confidence, certain, bout.index)
