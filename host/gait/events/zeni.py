"""Coordinate method of Zeni, Richards and Higginson (2008), Gait Posture 27:710."""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks

from host.gait.events.base import Candidate, FootPath, Kind
from host.gait.signals import RATE_HZ, Array, bridged, extremum_offset, low_pass

# A peak this near to a hole may be made by the hole (samples of the even grid).
_BESIDE = 3


class Zeni:
    """Contact = heel farthest ahead of the pelvis; foot off = toe farthest behind it.

    Needs neither floor nor vertical accuracy nor scale. Deviations: extrema must stand out by
    ``min_prominence`` of the foot's own range (OpenCap's 0.3 m made scale-free), contacts of one
    foot are at least ``min_period_share`` of the stride time apart, and a parabola through three
    samples gives the time between them.

    Limits: leads the force plate by about 47 ms at the heel with markers (the lead depends on the
    key point source: see ``sources.json``); flattens in shuffling.

    Parameters
    ----------
    cutoff_hz
        Low-pass of both coordinates, Hz.
    min_prominence
        Share of the 5-to-95 % range.
    min_period_share
        Share of the stride time.
    """

    name = "zeni"

    def __init__(
        self,
        *,
        cutoff_hz: float = 6.0,
        min_prominence: float = 0.25,
        min_period_share: float = 0.5,
    ) -> None:
        self.cutoff_hz = cutoff_hz
        self.min_prominence = min_prominence
        self.min_period_share = min_period_share

    def detect(self, foot: FootPath) -> list[Candidate]:
        """Candidates of both kinds."""
        ahead = low_pass(foot.heel[:, 0] - foot.pelvis, self.cutoff_hz)
        behind = low_pass(foot.pelvis - foot.toe[:, 0], self.cutoff_hz)
        return [
            *self._peaks(foot, ahead, Kind.CONTACT),
            *self._peaks(foot, behind, Kind.OFF),
        ]

    def _peaks(self, foot: FootPath, values: Array, kind: Kind) -> list[Candidate]:
        seen = values[np.isfinite(values)]
        if len(seen) < 5:
            return []
        spread = float(np.percentile(seen, 95) - np.percentile(seen, 5))
        if spread <= 0:
            return []
        period_s = foot.period_s if np.isfinite(foot.period_s) else 0.8
        distance = max(1, int(self.min_period_share * period_s * RATE_HZ))
        whole = bridged(values)
        found, facts = find_peaks(whole, prominence=self.min_prominence * spread, distance=distance)
        out: list[Candidate] = []
        for peak, prominence in zip(found, facts["prominences"], strict=True):
            if not np.isfinite(values[max(0, peak - _BESIDE) : peak + _BESIDE + 1]).all():
                continue
            shift = extremum_offset(*whole[peak - 1 : peak + 2])
            time_s = float(foot.time_s[peak] + shift / RATE_HZ)
            out.append(Candidate(kind, foot.side, time_s, min(1.0, float(prominence) / spread)))
        return out
