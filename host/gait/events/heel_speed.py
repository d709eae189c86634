"""Speed-threshold method after Ghoussayni et al. (2004), Gait Posture 20:266, made scale-free."""

from __future__ import annotations

import numpy as np

from host.gait.events.base import Candidate, FootPath, Kind
from host.gait.signals import RATE_HZ, Array, derivative, low_pass, runs


class HeelSpeed:
    """Contact = the heel slows down below a threshold; foot off = the toe speeds up above it.

    Works for flat-footed and toe contact, where the foot does not pass the pelvis cleanly.
    Deviations: forward speed only (height is the worst coordinate of a video), and the threshold is
    0.18 body heights per second (0.3 m/s for an adult; the paper: 0.5 m/s of both coordinates) or
    ``rest_share`` of the foot's own fast swing, whichever is less, so that slow walkers and
    children are seen.

    Limits: needs key points whose noise is well below the threshold; useless along the line of
    sight.

    Parameters
    ----------
    cutoff_hz
        Low-pass, Hz.
    rest
        Threshold, body heights per second.
    rest_share
        Threshold as share of the 95th percentile of the foot's forward speed.
    swing_share
        A swing must reach this share of that percentile.
    min_swing_s
        Shortest swing, seconds.
    """

    name = "heel_speed"

    def __init__(
        self,
        *,
        cutoff_hz: float = 7.0,
        rest: float = 0.18,
        rest_share: float = 0.25,
        swing_share: float = 0.5,
        min_swing_s: float = 0.15,
    ) -> None:
        self.cutoff_hz = cutoff_hz
        self.rest = rest
        self.rest_share = rest_share
        self.swing_share = swing_share
        self.min_swing_s = min_swing_s

    def detect(self, foot: FootPath) -> list[Candidate]:
        """Candidates of both kinds."""
        heel = derivative(low_pass(foot.heel[:, 0], self.cutoff_hz))
        toe = derivative(low_pass(foot.toe[:, 0], self.cutoff_hz))
        contacts = self._crossings(foot, heel, Kind.CONTACT)
        return contacts + self._crossings(foot, toe, Kind.OFF)

    def _crossings(self, foot: FootPath, speed: Array, kind: Kind) -> list[Candidate]:
        seen = speed[np.isfinite(speed)]
        if len(seen) < 5:
            return []
        fast = float(np.percentile(seen, 95))
        if fast <= 0:
            return []
        limit = min(self.rest, self.rest_share * fast)
        out: list[Candidate] = []
        for start, stop in runs(np.nan_to_num(speed, nan=-np.inf) > limit):
            peak = float(speed[start:stop].max())
            long_enough = (stop - start) / RATE_HZ >= self.min_swing_s
            if not long_enough or peak < self.swing_share * fast:
                continue
            edge = stop - 1 if kind is Kind.CONTACT else start - 1
            if edge < 0 or edge + 1 >= len(speed) or not np.isfinite(speed[edge : edge + 2]).all():
                continue
            before, after = speed[edge], speed[edge + 1]
            share = (limit - before) / (after - before)
            time_s = float(foot.time_s[edge] + share / RATE_HZ)
            out.append(Candidate(kind, foot.side, time_s, min(1.0, peak / fast)))
        return out
