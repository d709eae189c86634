"""Foot velocity algorithm of O'Connor et al. (2007), Gait Posture 25:469."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from host.gait.events.base import Candidate, FootPath, Kind
from host.gait.events.summits import Summits
from host.gait.signals import Array, derivative, low_pass, runs


class FootVelocity:
    """Contact and foot off from the vertical velocity of the middle between heel and toe.

    Foot off = its largest upward velocity of a stride; contact = its fastest downward velocity
    while the heel is low, so that the fall of the foot early in the swing is not taken. The
    published form takes the middle of heel and toe marker; "O'Connor" functions that take the
    heel's forward velocity, or heel and toe apart, are other rules. Published error against plates:
    16 +- 15 ms at the contact, 9 +- 15 ms at foot off (54 children). Deviations: peaks stand out by
    ``min_prominence`` of the velocity's own range instead of limits per person; the low-pass and
    the height that counts as low are our choice.

    Limits: needs heights that are exact and a camera that is level; a foot that is not lifted shows
    nothing. Needs heels and toes: without them it finds nothing.

    Parameters
    ----------
    cutoff_hz
        Low-pass of the positions, Hz.
    min_prominence
        Share of the 5-to-95 % range of the velocity.
    min_period_share
        Least distance of two events of one kind, share of the stride time.
    low
        Height of the heel that is low, share of its own range.
    min_fall
        Least downward velocity of a contact, share of the velocity's 5-to-95 % range: slower is the
        ringing of the low-pass before foot off.
    """

    name = "foot_velocity"

    def __init__(
        self,
        *,
        cutoff_hz: float = 7.0,
        min_prominence: float = 0.25,
        min_period_share: float = 0.5,
        low: float = 0.35,
        min_fall: float = 0.05,
    ) -> None:
        self.cutoff_hz = cutoff_hz
        self._summits = Summits(min_prominence, min_period_share)
        self.low = low
        self.min_fall = min_fall

    def detect(self, foot: FootPath) -> list[Candidate]:
        """Candidates of both kinds; none where heel and toe are one point."""
        if not foot.has_toe:
            return []
        middle = low_pass((foot.heel[:, 1] + foot.toe[:, 1]) / 2, self.cutoff_hz)
        velocity = derivative(middle)
        if not np.isfinite(velocity).any():
            return []
        heel = low_pass(foot.heel[:, 1], self.cutoff_hz)
        bottom, top = np.nanpercentile(heel, [5, 95])
        is_low = np.asarray(np.nan_to_num(heel, nan=np.inf) < bottom + self.low * (top - bottom))
        return [
            *self._summits.find(foot, self._falling_low(velocity, is_low), Kind.CONTACT),
            *self._summits.find(foot, velocity, Kind.OFF),
        ]

    def _falling_low(self, velocity: Array, is_low: NDArray[np.bool_]) -> Array:
        """Downward velocity while the heel is low, 0 elsewhere, NaN where missing.

        A fall that began higher up and only ends here is no maximum of its own: it is left out.
        """
        falling = np.where(is_low, -velocity, 0.0)
        for start, stop in runs(is_low):
            row = start
            while row + 1 < stop and falling[row + 1] <= falling[row]:
                row += 1
            falling[start:row] = 0.0
        slowest, fastest = np.nanpercentile(velocity, [5, 95])
        falling[falling < self.min_fall * (fastest - slowest)] = 0.0
        falling[~np.isfinite(velocity)] = np.nan
        return np.asarray(falling)
