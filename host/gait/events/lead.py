"""Which event method leads: the one that is wished, where the points bear it."""

from __future__ import annotations

from host.gait.events.detect import Lead
from host.gait.events.learned import LearnedEvents
from host.gait.events.zeni import Zeni
from host.gait.track import Track

STAND_IN = Zeni.name
"""Leads where the learned method cannot, and where no network is open."""


def lead_for(wish: Lead, track: Track) -> Lead:
    """The method whose times count for a track.

    The learned method was trained on heels and toes. On 135 walks whose points end at the ankles it
    is worse than Zeni's rule (``docs/validation.md``), which stands in there.

    Parameters
    ----------
    wish
        What the settings name.
    track
        Points of the subject; it has feet where heels and toes of both sides are seen.
    """
    return STAND_IN if isinstance(wish, LearnedEvents) and not track.has_feet else wish
