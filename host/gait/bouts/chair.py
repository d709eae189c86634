"""Sitting, rising and sitting down, from the inclination of the thighs."""

from __future__ import annotations

import numpy as np

from host.codes import Activity
from host.gait.signals import RATE_HZ, Array, low_pass, runs
from host.gait.track import Track
from host.gait.types import Segment
from model_zoo.skeleton import Side, part


class Chair:
    """Finds who sits, as a camera at the side sees it.

    The thighs of a person who sits lie, those of one who stands hang. *Sitting* lasts while they
    are inclined by more than ``sits_deg``; *rising* goes from the moment when thigh or trunk leaves
    its place by ``moved_deg`` to that when the thighs hang (below ``stands_deg``), *sitting down*
    the other way round. Own limits: a walking person's thighs, both together, stay below 30
    degrees, a seat of usual height makes 80 to 100.

    Limits: a very high seat is not seen; from the front nothing is.

    Parameters
    ----------
    sits_deg, stands_deg, moved_deg
        Degrees to the vertical.
    min_s
        Shortest sitting, seconds.
    longest_s
        Longest rising or sitting down, seconds.
    """

    def __init__(
        self,
        *,
        sits_deg: float = 60.0,
        stands_deg: float = 30.0,
        moved_deg: float = 5.0,
        min_s: float = 0.5,
        longest_s: float = 5.0,
    ) -> None:
        self.sits_deg = sits_deg
        self.stands_deg = stands_deg
        self.moved_deg = moved_deg
        self.min_s = min_s
        self.longest_s = longest_s

    def find(self, track: Track) -> list[Segment]:
        """Segments of the three kinds, in order of time."""
        thigh, trunk = _thigh_deg(track), _trunk_deg(track)
        low = np.asarray(np.nan_to_num(thigh, nan=0.0) > self.sits_deg)
        found: list[Segment] = []
        for start, stop in runs(low):
            if (stop - start) / RATE_HZ < self.min_s:
                continue
            rest = [float(np.nanmedian(v[start:stop])) for v in (thigh, trunk)]
            still = np.ones(stop - start, bool)
            for values, usual in zip((thigh, trunk), rest, strict=True):
                still &= ~(np.abs(values[start:stop] - usual) > self.moved_deg)
            inside = start + np.flatnonzero(still)
            if len(inside) == 0:
                continue
            first, last = int(inside[0]), int(inside[-1])
            found += self._part(
                track, Activity.SITTING_DOWN, self._hanging(thigh, start, -1), first
            )
            found += self._part(track, Activity.SITTING, first, last)
            found += self._part(track, Activity.RISING, last, self._hanging(thigh, stop - 1, 1))
        return found

    def _hanging(self, thigh: Array, row: int, way: int) -> int | None:
        """Nearest row before (-1) or after (+1) in which the thighs hang; None where too far."""
        end = row + way * int(self.longest_s * RATE_HZ)
        for at in range(row, min(max(end, -1), len(thigh)), way):
            if thigh[at] < self.stands_deg:
                return at
        return None

    def _part(
        self, track: Track, kind: Activity, start: int | None, stop: int | None
    ) -> list[Segment]:
        if start is None or stop is None or stop <= start:
            return []
        return [Segment(kind, float(track.time_s[start]), float(track.time_s[stop]))]


def _thigh_deg(track: Track) -> Array:
    """Mean inclination of the thighs, degrees, 0 = hanging; of the one that is seen."""
    each = []
    for side in Side:
        hip, knee = (track.xyz[:, part(name, side)] for name in ("hip", "knee"))
        line = low_pass(hip - knee, 2.0)
        each.append(np.degrees(np.arctan2(np.abs(line[:, 0]), line[:, 2])))
    both = np.mean(each, axis=0)
    one = np.where(np.isfinite(each[0]), each[0], each[1])
    return np.asarray(np.where(np.isfinite(both), both, one))


def _trunk_deg(track: Track) -> Array:
    run, rise = (track.middle("shoulder", a) - track.middle("hip", a) for a in (0, 2))
    return np.degrees(np.arctan2(low_pass(run, 2.0), low_pass(rise, 2.0)))
