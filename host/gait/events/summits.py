"""Local maxima of a signal as events of one foot."""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks

from host.gait.events.base import Candidate, FootPath, Kind
from host.gait.signals import RATE_HZ, Array, bridged, extremum_offset

# A peak this near to a hole may be made by the hole (samples of the even grid).
_BESIDE = 3
_LEAST = 5  # samples


class Summits:
    """Maxima that stand out, at least part of a stride apart, with a time between the samples.

    Parameters
    ----------
    min_prominence
        Share of the signal's 5-to-95 % range.
    min_period_share
        Least distance, share of the stride time.
    """

    def __init__(self, min_prominence: float, min_period_share: float) -> None:
        self.min_prominence = min_prominence
        self.min_period_share = min_period_share

    def find(self, foot: FootPath, values: Array, kind: Kind) -> list[Candidate]:
        """Candidates in order of time.

        Parameters
        ----------
        foot
            Whose events they are; its stride time and time stamps.
        values
            float64[N], NaN where missing; a maximum beside a hole is left out.
        kind
            What a maximum means.
        """
        seen = values[np.isfinite(values)]
        if len(seen) < _LEAST:
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
