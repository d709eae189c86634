"""Zeni's rule without the names of the feet: for points whose left and right flicker."""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks

from host.gait.events.base import Candidate, FootPath, Kind
from host.gait.signals import RATE_HZ, Array, bridged, extremum_offset, low_pass

# A peak this near to a hole may be made by the hole (samples of the even grid).
_BESIDE = 3


class FrontFoot:
    """Contact = whichever heel is in front is farthest ahead of the pelvis; foot off = rear toe.

    The front foot is the same whatever it is called, so exchanged legs cost nothing. Each event is
    offered for both feet; the sequence of steps decides between them. Own design after Zeni et al.
    (2008), same definition of the events.

    Limits: a foot that is drawn up to the other but never passes it (step-to gait) has no contact
    here; the named methods see it.

    Parameters
    ----------
    contact_harmonics, off_harmonics
        Low-pass of the two signals, multiples of the stride's frequency.
    min_prominence
        Share of the 5-to-95 % range of the signal.
    min_period_share
        Least distance of two events of any feet, share of the stride time.
    """

    name = "front_foot"

    def __init__(
        self,
        *,
        contact_harmonics: float = 3.0,
        off_harmonics: float = 5.0,
        min_prominence: float = 0.25,
        min_period_share: float = 0.25,
    ) -> None:
        self.contact_harmonics = contact_harmonics
        self.off_harmonics = off_harmonics
        self.min_prominence = min_prominence
        self.min_period_share = min_period_share

    def detect(self, left: FootPath, right: FootPath) -> list[Candidate]:
        """Candidates of both kinds, each offered for both feet."""
        heels = np.stack([foot.ahead for foot in (left, right)])
        toes = np.stack([foot.behind for foot in (left, right)])
        return [
            *self._peaks(left, right, leading(heels), Kind.CONTACT),
            *self._peaks(left, right, leading(toes), Kind.OFF),
        ]

    def _peaks(self, left: FootPath, right: FootPath, values: Array, kind: Kind) -> list[Candidate]:
        seen = values[np.isfinite(values)]
        if len(seen) < 2 * RATE_HZ * 0.25:
            return []
        spread = float(np.percentile(seen, 95) - np.percentile(seen, 5))
        if spread <= 0:
            return []
        period_s = left.period_s if np.isfinite(left.period_s) else 0.8
        harmonics = self.contact_harmonics if kind is Kind.CONTACT else self.off_harmonics
        whole = low_pass(bridged(values), left.cutoff_hz(harmonics))
        found, facts = find_peaks(
            whole,
            prominence=self.min_prominence * spread,
            distance=max(1, int(self.min_period_share * period_s * RATE_HZ)),
        )
        out: list[Candidate] = []
        for peak, prominence in zip(found, facts["prominences"], strict=True):
            if not np.isfinite(values[max(0, peak - _BESIDE) : peak + _BESIDE + 1]).all():
                continue
            shift = extremum_offset(*whole[peak - 1 : peak + 2])
            time_s = float(left.time_s[peak] + shift / RATE_HZ)
            strength = min(1.0, float(prominence) / spread)
            out += [Candidate(kind, foot.side, time_s, strength) for foot in (left, right)]
        return out


def leading(ahead: Array) -> Array:
    """float64[N]: larger of two rows float64[2, N]; of one seen row only what is positive."""
    both = np.isfinite(ahead).all(axis=0)
    larger = np.fmax(ahead[0], ahead[1])
    return np.asarray(np.where(both | (np.nan_to_num(larger, nan=-1.0) > 0), larger, np.nan))
