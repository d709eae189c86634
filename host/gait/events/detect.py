"""From a track and its bouts to events: paths of the feet, methods, fusion, sequence."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from host.gait.body import BodySize
from host.gait.events.base import Candidate, EventMethod, FootPath, Kind
from host.gait.events.drawn_up import DrawnUpFoot
from host.gait.events.foot_velocity import FootVelocity
from host.gait.events.front_foot import FrontFoot
from host.gait.events.fuse import Fused, Fuser
from host.gait.events.heel_speed import HeelSpeed
from host.gait.events.learned import LearnedEvents
from host.gait.events.sequence import StepSequence
from host.gait.events.zeni import Zeni
from host.gait.signals import RATE_HZ, Array, bridged, low_pass
from host.gait.sources import Source
from host.gait.track import Track
from host.gait.types import Bout, Event
from model_zoo.skeleton import Side, part

_MARGIN_S = 0.5
_CLEAR = 0.5  # least likeness of a stride
_USUAL_LOG_SD = 0.5
_LEAST_STEPS = 3
_LEAST_SEEN_S = 1.0
_SAME_FOOT = 0.2  # likeness of the feet's distance one step later; of a usual walk it is below 0
_FASTEST_STEP_S = 0.4
_STEP_TO = 0.6  # drawn-up contacts per contact of the leading foot: one, some of them unseen
# Steps of any foot for the pace alone: at least 0.4 s apart (150 steps/min), half the default
# stride.
_PACE = FrontFoot(min_period_share=0.5)


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


METHODS: dict[str, type[Zeni] | type[HeelSpeed] | type[FootVelocity]] = {
    method.name: method for method in (Zeni, HeelSpeed, FootVelocity)
}
"""Event methods by name; one of them leads, as the settings say."""

Lead = str | LearnedEvents
"""What leads: one of :data:`METHODS` by name, or the learned method with its network open."""


def methods_led_by(name: str) -> tuple[EventMethod, ...]:
    """The named method, and the one that confirms it or stands in: Zeni's or the heel's speed."""
    second = HeelSpeed if name != HeelSpeed.name else Zeni
    return METHODS[name](), second()


class EventDetector:
    """Runs the methods on each bout and joins them.

    Parameters
    ----------
    source
        Constants of the keypoint source.
    methods
        Event methods of a named foot; the first leads. :func:`methods_led_by` gives the usual ones.
    unnamed
        Method that does not need names; left out where only ``methods`` is given, and where the
        leading method is not Zeni's, whose definition of the events it shares.
    learned
        The learned model; leads where given, confirmed by ``methods`` and ``unnamed``.
    """

    def __init__(
        self,
        source: Source,
        methods: tuple[EventMethod, ...] | None = None,
        unnamed: FrontFoot | None = None,
        fuser: Fuser | None = None,
        sequence: StepSequence | None = None,
        learned: LearnedEvents | None = None,
    ) -> None:
        self.source = source
        self.learned = learned
        self.methods = methods if methods is not None else methods_led_by(Zeni.name)
        self.unnamed = FrontFoot() if unnamed is None and methods is None else unnamed
        self.drawn_up = DrawnUpFoot()
        self.fuser = fuser if fuser is not None else Fuser()
        self.sequence = sequence if sequence is not None else StepSequence()

    def detect(self, track: Track, body: BodySize, bouts: tuple[Bout, ...]) -> Detected:
        """Events of all bouts."""
        events: list[Event] = []
        periods: dict[int, float] = {}
        spreads: list[float] = []
        for bout in bouts:
            feet = self.with_period(foot_paths(track, body, bout))
            drawn_up = self._drawn_up(*feet)
            if drawn_up:
                feet = _step_to(feet, drawn_up)
            periods[bout.index] = feet[0].period_s
            found: dict[str, list[Candidate]] = {}
            if self.learned is not None:
                found[self.learned.name] = self.learned.detect(track, body, bout)
            found |= {m.name: [c for foot in feet for c in m.detect(foot)] for m in self.methods}
            if self.unnamed is not None:
                found[self.unnamed.name] = [*self.unnamed.detect(*feet), *drawn_up]
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

    def _drawn_up(self, left: FootPath, right: FootPath) -> list[Candidate]:
        """Contacts of feet that do not pass the other; none where they are no part of a pattern.

        Single ones are the noise of the points: in a step-to gait every other contact is one, at
        the pace of a walk.
        """
        if self.unnamed is None:
            return []
        front = _front_steps(left, right)
        found = [
            c
            for c in self.drawn_up.detect(left, right)
            if all(abs(c.time_s - t) > self.fuser.match_s for t in front)
        ]
        return found if _takes_turns(front, _times(found)) else []

    def with_period(self, feet: tuple[FootPath, FootPath]) -> tuple[FootPath, FootPath]:
        """Stride time from the named feet, or from the time between steps of the front foot.

        In front the feet take turns, and a stride is two such steps; unless the feet are apart in
        the same way at each: then one foot leads and the other is drawn up.
        """
        left, right = feet
        apart = left.heel[:, 0] - right.heel[:, 0]
        period_s = stride_period(apart)
        if not np.isfinite(period_s):
            steps = _front_steps(left, right)
            if len(steps) >= _LEAST_STEPS:
                step_s = float(np.median(np.diff(steps)))
                again = _likeness(apart, np.array([round(step_s * RATE_HZ)]))[0]
                period_s = step_s if again > _SAME_FOOT else 2 * step_s
        return replace(left, period_s=period_s), replace(right, period_s=period_s)


def detector_led_by(lead: Lead, source: Source) -> EventDetector:
    """The detector whose times are those of one method, confirmed by others.

    Parameters
    ----------
    lead
        One of :data:`METHODS` by name, or the learned method with its network open.
    source
        Constants of the keypoint source.
    """
    if isinstance(lead, LearnedEvents):
        return EventDetector(source, (Zeni(),), FrontFoot(), learned=lead)
    if lead == Zeni.name:
        return EventDetector(source)
    return EventDetector(source, methods_led_by(lead))


def _times(found: list[Candidate]) -> list[float]:
    """Times of the contacts, each once, in order."""
    return sorted({c.time_s for c in found if c.kind is Kind.CONTACT})


def _front_steps(left: FootPath, right: FootPath) -> list[float]:
    """Times of the front foot's contacts, whatever stride time was read from the named feet."""
    left, right = (replace(foot, period_s=float("nan")) for foot in (left, right))
    return _times(_PACE.detect(left, right))


def _takes_turns(front: list[float], drawn_up: list[float]) -> bool:
    """Whether drawn-up contacts lie one by one between the contacts of the front foot."""
    if len(drawn_up) < _LEAST_STEPS or len(drawn_up) < _STEP_TO * len(front):
        return False
    between = np.bincount(np.searchsorted(front, drawn_up), minlength=len(front) + 1)
    steps = np.diff(sorted([*front, *drawn_up]))
    return bool(between.max() == 1 and np.median(steps) >= _FASTEST_STEP_S)


def _step_to(
    feet: tuple[FootPath, FootPath], drawn_up: list[Candidate]
) -> tuple[FootPath, FootPath]:
    """Feet with the stride time of a step-to gait: from one step of the leading foot to the next.

    The separation of the feet repeats itself once a stride, not once a step, and where left and
    right are not told apart it cannot be known from it which.
    """
    left, right = feet
    steps = np.array(sorted([*_front_steps(left, right), *_times(drawn_up)]))
    # Two steps together: one alone is short or long in such a gait.
    period_s = float(np.median(steps[2:] - steps[:-2]))
    return replace(left, period_s=period_s), replace(right, period_s=period_s)


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
    time_s = track.time_s[rows]
    left, right = (
        FootPath(side, time_s, heels[side], path("big_toe", side), pelvis, float("nan"))
        for side in Side
    )
    return left, right


def stride_period(
    separation: Array,
    *,
    shortest_s: float = 0.6,
    longest_s: float = 3.0,
    usual_s: float = 1.15,
    first_share: float = 0.55,
) -> float:
    """Stride time: the first lag at which the separation of the feet is like itself.

    Likeness of a lag is the mean of two correlations with itself that much later: of the signed
    separation (left - right), which tells a stride from a step, and of its size, which does not
    know left and right and so survives exchanged legs. Multiples and halves are alike too: lags are
    weighted by how usual they are as a stride time (log-normal around ``usual_s``, SD of a factor
    1.65, wide enough for a shuffle of 2 s and a child of 0.7 s), and the first high peak is taken.

    Parameters
    ----------
    separation
        float64[N] forward distance of the feet on the even grid, NaN where missing.
    shortest_s, longest_s
        Range searched, seconds.
    usual_s
        Usual stride time, seconds.
    first_share
        A peak of this share of the highest is taken when it comes first.

    Returns
    -------
    Seconds; NaN when the feet do not alternate clearly (likeness below 0.5) or too little is seen.
    """
    last = min(int(longest_s * RATE_HZ), int(0.75 * len(separation)))
    lags = np.arange(int(shortest_s * RATE_HZ), last)
    if len(lags) < 3 or np.isfinite(separation).sum() < shortest_s * RATE_HZ:
        return float("nan")
    likeness = (_likeness(separation, lags) + _likeness(np.abs(separation), lags)) / 2
    inner = likeness[1:-1]
    peaks = np.flatnonzero((inner >= likeness[:-2]) & (inner > likeness[2:])) + 1
    if len(peaks) == 0 or not likeness[peaks].max() > 0:
        return float("nan")
    usual = np.exp(-(np.log(lags[peaks] / RATE_HZ / usual_s) ** 2) / (2 * _USUAL_LOG_SD**2))
    weighted = likeness[peaks] * usual
    first = peaks[weighted >= first_share * weighted.max()][0]
    return float(lags[first]) / RATE_HZ if likeness[first] >= _CLEAR else float("nan")


def _likeness(values: Array, lags: NDArray[np.intp]) -> Array:
    """Correlation of a signal with itself at each lag (samples), over what is seen both times.

    0 where that is less than ``_LEAST_SEEN_S``.
    """
    seen = np.isfinite(values)
    smooth = low_pass(values, 6.0)
    smooth = np.where(seen, smooth - smooth[seen].mean(), 0.0)
    out = np.zeros(len(lags))
    for i, lag in enumerate(lags):
        both = seen[lag:] & seen[:-lag]
        late, early = smooth[lag:] * both, smooth[:-lag] * both
        power = float(late @ late) * float(early @ early)
        enough = both.sum() >= _LEAST_SEEN_S * RATE_HZ
        out[i] = float(late @ early) / np.sqrt(power) if enough and power > 0 else 0.0
    return out


def _inside(event: Fused, bout: Bout, tolerance_s: float = 0.1) -> bool:
    return bout.start_s - tolerance_s <= event.time_s <= bout.end_s + tolerance_s


def _event(fused: Fused, bout: Bout, track: Track) -> Event:
    near = np.abs(track.time_s - fused.time_s) <= 0.15
    certain = float(track.side_confidence[near].mean()) if near.any() else 0.0
    return Event(fused.side, fused.kind.value, fused.time_s, fused.confidence, certain, bout.index)
