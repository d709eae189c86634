"""The second foot of a step-to gait, found without the names of the feet."""

from __future__ import annotations

import numpy as np

from host.gait.events.base import Candidate, FootPath, Kind
from host.gait.signals import RATE_HZ, Array, bridged, derivative, low_pass, runs

# Share of the end of a swing over which the foot that moves is told.
_LAST_S = 0.1


class DrawnUpFoot:
    """Contact of a foot that is drawn up to the other without passing it.

    The positions of the front and of the rear heel are the same whatever the feet are called. A
    swing is a stretch in which one of them gains on the pelvis, and ends with a contact (the rule
    of Zeni et al. 2008, as a zero of the speed). In a usual step the rear heel passes within the
    swing and it is the front one that ends it, where
    :class:`~host.gait.events.front_foot.FrontFoot` finds it. In a step-to gait every other swing is
    ended by the rear heel, beside or behind the front foot: those are found here, and offered for
    both feet. Own design.

    Where the legs cover each other networks lose the feet for a moment; holes up to ``max_hole_s``
    are bridged by a straight line, so that the end of such a swing is less exact.

    Parameters
    ----------
    cutoff_hz
        Low-pass, Hz.
    min_gain
        A swing must reach this share of the 95th percentile of the speed against the pelvis.
    min_swing_s
        Shortest swing, seconds.
    max_hole_s
        Longest hole that is bridged, seconds.
    """

    name = "drawn_up"

    def __init__(
        self,
        *,
        cutoff_hz: float = 6.0,
        min_gain: float = 0.5,
        min_swing_s: float = 0.15,
        max_hole_s: float = 0.25,
    ) -> None:
        self.cutoff_hz = cutoff_hz
        self.min_gain = min_gain
        self.min_swing_s = min_swing_s
        self.max_hole_s = max_hole_s

    def detect(self, left: FootPath, right: FootPath) -> list[Candidate]:
        """Contacts, each offered for both feet; no foot offs."""
        heels = self._whole(np.stack([foot.heel[:, 0] for foot in (left, right)], axis=1))
        heels = low_pass(heels - left.pelvis[:, None], self.cutoff_hz)
        front, rear = derivative(heels.max(axis=1)), derivative(heels.min(axis=1))
        gain = np.fmax(front, rear)
        if not np.isfinite(gain).any():
            return []
        fast = float(np.nanpercentile(gain, 95))
        last = round(_LAST_S * RATE_HZ)
        out: list[Candidate] = []
        gaining = np.asarray(np.nan_to_num(gain, nan=-1.0) > 0)
        for start, stop in runs(gaining):
            peak = float(gain[start:stop].max())
            long_enough = (stop - start) / RATE_HZ >= self.min_swing_s
            if not long_enough or peak < self.min_gain * fast or stop == len(gain):
                continue
            end = slice(max(start, stop - last), stop)
            if not np.isfinite(gain[stop]) or rear[end].mean() <= front[end].mean():
                continue
            share = gain[stop - 1] / (gain[stop - 1] - gain[stop])
            time_s = float(left.time_s[stop - 1] + share / RATE_HZ)
            strength = min(1.0, peak / fast)
            out += [Candidate(Kind.CONTACT, foot.side, time_s, strength) for foot in (left, right)]
        return out

    def _whole(self, heels: Array) -> Array:
        """float64[N, 2]: holes of both heels bridged where they are short."""
        filled = bridged(heels)
        seen = np.isfinite(heels).all(axis=1)
        for start, stop in runs(np.asarray(~seen)):
            inside = start > 0 and stop < len(heels)
            if not inside or (stop - start) / RATE_HZ > self.max_hole_s:
                filled[start:stop] = np.nan
        return filled
