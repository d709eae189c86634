"""What the person does when: stands, starts, walks, turns, stops."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from host.codes import Activity
from host.gait.body import BodySize
from host.gait.bouts.chair import Chair
from host.gait.signals import RATE_HZ, Array, bridged, derivative, low_pass, runs
from host.gait.track import Track
from host.gait.types import Bout, Segment
from model_zoo.skeleton import Side, part

_BESIDE_S = 1.0  # feet may come round before the pelvis has stopped moving on, and after


class Activities:
    """Divides a recording by its bouts.

    *Turning*: the time around the gap between two bouts of opposite direction in which the feet
    change the way they point, from the last moment at ``turned`` of their way out to the first at
    ``turned`` of their way back; the gap where no feet are seen. *Standing*: an upright person
    outside a bout whose pelvis moves slower than ``still``. *Starting*, *stopping*: the ends of a
    bout up to ``steady`` of its median speed, where it begins or ends slower than ``slow`` of it: a
    person who walks into the picture does not start. The rest of a bout is walking.

    Who sits, stands up or sits down is told by :class:`~host.gait.bouts.chair.Chair`.

    The limits are own choices, but for ``still``, the least speed of a bout.

    Parameters
    ----------
    still
        Body heights per second.
    slow, steady
        Shares of the bout's median speed.
    turned
        Share of the foot's usual length in the picture.
    min_s
        Shortest part that is told, seconds.
    longest_turn_s
        Bouts further apart than this are not joined by a turn, seconds.
    """

    def __init__(
        self,
        *,
        still: float = 0.06,
        slow: float = 0.6,
        steady: float = 0.8,
        turned: float = 0.7,
        min_s: float = 0.2,
        longest_turn_s: float = 6.0,
    ) -> None:
        self.still = still
        self.slow = slow
        self.steady = steady
        self.turned = turned
        self.min_s = min_s
        self.longest_turn_s = longest_turn_s

    def find(self, track: Track, body: BodySize, bouts: tuple[Bout, ...]) -> tuple[Segment, ...]:
        """Segments in order of time; they do not overlap, and what is not known is left out.

        Nothing is told of a recording without a bout: who walks towards the camera does not stand.
        """
        if not bouts or not body.known:
            return ()
        pelvis = track.middle("hip", 0)
        velocity = derivative(low_pass(bridged(pelvis), 2.0)) / body.height
        window = int(0.5 * RATE_HZ) | 1
        speed = np.abs(uniform_filter1d(velocity, window, mode="nearest"))
        found = [s for bout in bouts for s in self._of_bout(track.time_s, speed, bout)]
        turns = [
            self._turn(track, body, before, after)
            for before, after in pairwise(bouts)
            if before.direction == -after.direction != 0
            and after.start_s - before.end_s <= self.longest_turn_s
        ]
        seats = Chair().find(track)
        found = [part for s in (*found, *turns) for part in self._without(s, seats)] + seats
        turns = [s for s in found if s.kind is Activity.TURNING]
        found = [p for s in found for p in ([s] if s in turns else self._without(s, turns))]
        taken = np.zeros(len(track.time_s), bool)
        for segment in found:
            taken |= (track.time_s >= segment.start_s) & (track.time_s < segment.end_s)
        standing = np.isfinite(pelvis) & body.upright & (speed < self.still) & ~taken
        for start, stop in runs(np.asarray(standing)):
            if (stop - start) / RATE_HZ >= self.min_s:
                ends = float(track.time_s[start]), float(track.time_s[stop - 1])
                found.append(Segment(Activity.STANDING, *ends))
        return tuple(sorted(found, key=lambda s: s.start_s))

    def _of_bout(self, time_s: Array, speed: Array, bout: Bout) -> list[Segment]:
        rows = np.flatnonzero((time_s >= bout.start_s) & (time_s <= bout.end_s))
        if len(rows) < 2:
            return []
        own = speed[rows]
        usual = float(np.median(own))
        fast = np.flatnonzero(own >= self.steady * usual)
        first, last = int(fast[0]), int(fast[-1])
        least = self.min_s * RATE_HZ
        first = first if first >= least and own[0] < self.slow * usual else 0
        end = len(rows) - 1
        last = last if end - last >= least and own[-1] < self.slow * usual else end
        cuts = [bout.start_s, float(time_s[rows[first]]), float(time_s[rows[last]]), bout.end_s]
        kinds = (Activity.STARTING, Activity.WALKING, Activity.STOPPING)
        return [Segment(k, a, b) for k, (a, b) in zip(kinds, pairwise(cuts), strict=True) if b > a]

    def _without(self, segment: Segment, turns: list[Segment]) -> list[Segment]:
        """The segment less the turns that it runs into; nothing where too little is left."""
        start_s, end_s = segment.start_s, segment.end_s
        for turn in turns:
            if turn.start_s <= start_s < turn.end_s:
                start_s = turn.end_s
            elif start_s < turn.start_s < end_s:
                end_s = turn.start_s
        lasts = end_s - start_s >= self.min_s
        return [replace(segment, start_s=start_s, end_s=end_s)] if lasts else []

    def _turn(self, track: Track, body: BodySize, before: Bout, after: Bout) -> Segment:
        """The part around the gap between two bouts in which the feet come round."""
        whole = Segment(Activity.TURNING, before.end_s, after.start_s)
        pointing = _pointing(track) / body.height
        out = pointing[_rows(track.time_s, before.start_s, before.end_s)]
        back = pointing[_rows(track.time_s, after.start_s, after.end_s)]
        edges = before.end_s - _BESIDE_S, after.start_s + _BESIDE_S
        gap = np.flatnonzero(_rows(track.time_s, *edges))
        seen = np.isfinite(out).any() and np.isfinite(back).any()
        if not seen or len(gap) == 0:
            return whole
        usual = float(np.nanmedian(out)), float(np.nanmedian(back))
        if not usual[0] * usual[1] < 0:
            return whole
        still_out = gap[np.nan_to_num(pointing[gap] / usual[0]) >= self.turned]
        round_again = gap[np.nan_to_num(pointing[gap] / usual[1]) >= self.turned]
        start = still_out[still_out < round_again.min(initial=gap[-1])].max(initial=gap[0])
        stop = round_again[round_again > start].min(initial=gap[-1])
        if (stop - start) / RATE_HZ < self.min_s:
            return whole
        return Segment(Activity.TURNING, float(track.time_s[start]), float(track.time_s[stop]))


def _pointing(track: Track) -> Array:
    """Toe ahead of heel along the picture, mean of the feet that are seen, low-passed at 1 Hz."""
    ahead = np.stack(
        [
            track.xyz[:, part("big_toe", side), 0] - track.xyz[:, part("heel", side), 0]
            for side in Side
        ]
    )
    both = ahead.mean(axis=0)
    one = np.where(np.isfinite(ahead[0]), ahead[0], ahead[1])
    return low_pass(np.where(np.isfinite(both), both, one), 1.0)


def _rows(time_s: Array, start_s: float, end_s: float) -> NDArray[np.bool_]:
    return np.asarray((time_s >= start_s) & (time_s <= end_s))
