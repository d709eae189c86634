"""Coordinate method of Zeni, Richards and Higginson (2008), Gait Posture 27:710."""

from __future__ import annotations

from host.gait.events.base import Candidate, FootPath, Kind
from host.gait.events.summits import Summits
from host.gait.signals import low_pass


class Zeni:
    """Contact = heel farthest ahead of the pelvis; foot off = toe farthest behind it.

    Needs neither floor nor vertical accuracy nor scale. Deviations: extrema must stand out by
    ``min_prominence`` of the foot's own range (OpenCap's 0.3 m made scale-free), contacts of one
    foot are at least ``min_period_share`` of the stride time apart, and a parabola through three
    samples gives the time between them. The low-pass goes with the stride, so that fast and slow
    walks are treated alike; contacts need less of the signal than foot offs (chosen on half of the
    people of 135 walks with sensors; single contacts of networks then scatter by 16 instead of
    23 ms on rendered walks).

    Limits: leads the force plate by about 47 ms at the heel with markers (the lead depends on the
    key point source: see ``sources.json``); flattens in shuffling.

    Parameters
    ----------
    contact_harmonics, off_harmonics
        Low-pass of the two signals, multiples of the stride's frequency.
    min_prominence
        Share of the 5-to-95 % range.
    min_period_share
        Share of the stride time.
    """

    name = "zeni"

    def __init__(
        self,
        *,
        contact_harmonics: float = 3.0,
        off_harmonics: float = 5.0,
        min_prominence: float = 0.25,
        min_period_share: float = 0.5,
    ) -> None:
        self.contact_harmonics = contact_harmonics
        self.off_harmonics = off_harmonics
        self._summits = Summits(min_prominence, min_period_share)

    def detect(self, foot: FootPath) -> list[Candidate]:
        """Candidates of both kinds."""
        ahead = low_pass(foot.ahead, foot.cutoff_hz(self.contact_harmonics))
        behind = low_pass(foot.behind, foot.cutoff_hz(self.off_harmonics))
        return [
            *self._summits.find(foot, ahead, Kind.CONTACT),
            *self._summits.find(foot, behind, Kind.OFF),
        ]
