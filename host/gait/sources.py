"""What is known of each keypoint source: trust in its scores, offsets of the event methods."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host.gait.body import HEEL

_DEFAULT_MIN_SCORE = 0.3


@dataclass(frozen=True)
class Source:
    """One keypoint source, an entry of ``sources.json``.

    Attributes
    ----------
    min_score
        Least confidence of a usable point, 0..1 (0.3 where not stated: Sports2D's default).
    offsets_s
        ``{method name: {event kind: seconds}}``; positive = the method is late.
    timing_sd_s
        ``{method name: {event kind: seconds}}``, SD of one event's error on what the offsets were
        fitted on, after each recording's mean is taken away.
    angles_deg
        ``{joint: degrees at even steps of the gait cycle}``, mean of found - true angle.
    height_seen
        Stature by this source's eyes and heels over the true one; 1 where it was not measured.
    heel_share
        Height of the resting heel's point above the floor, statures.
    true_metres
        Whether points in metres are measured, not guessed by a network from pictures.
    sure
        ``{joint: (constant, of the score's log odds, of lying on the brighter counterpart)}``: log
        odds that a point lies within 0.2 torso lengths of its joint
        (:func:`host.pose.plausible.probability`).
    fitted_on
        What all of them were fitted on; empty for an unknown source.
    """

    min_score: float = _DEFAULT_MIN_SCORE
    offsets_s: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    timing_sd_s: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    angles_deg: Mapping[str, Sequence[float]] = field(default_factory=dict)
    sure: Mapping[str, Sequence[float]] = field(default_factory=dict)
    fitted_on: str = ""
    height_seen: float = 1.0
    heel_share: float = HEEL
    true_metres: bool = True

    def angle_error_deg(self, joint: str, percent: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean error of an angle at these percents of the cycle; 0 where none was measured."""
        known = self.angles_deg.get(joint, (0.0,))
        return np.interp(percent, np.linspace(0.0, 100.0, len(known)), known)

    def offset_s(self, method: str, kind: str) -> float:
        """Offset in seconds; 0 where none was fitted."""
        return float(self.offsets_s.get(method, {}).get(kind, 0.0))

    def event_sd_s(self, method: str) -> float:
        """The larger SD of the two kinds of event, seconds; NaN where none was measured."""
        return max(self.timing_sd_s.get(method, {}).values(), default=float("nan"))

    def calibrated(self, method: str) -> bool:
        """Whether contact and foot off of this method were fitted, so that stance can be told."""
        fitted = self.offsets_s.get(method, {})
        return "initial_contact" in fitted and "foot_off" in fitted


@lru_cache(maxsize=1)
def known_sources() -> Mapping[str, Source]:
    """All sources with fitted constants, by name."""
    text = (Path(__file__).parent / "sources.json").read_text(encoding="utf-8")
    return {
        name: Source(
            float(entry.get("min_score", _DEFAULT_MIN_SCORE)),
            entry.get("offsets_s", {}),
            entry.get("timing_sd_s", {}),
            entry.get("angles_deg", {}),
            entry.get("sure", {}),
            str(entry.get("fitted_on", "")),
            float(entry.get("height_seen", 1.0)),
            float(entry.get("heel_share", HEEL)),
            bool(entry.get("true_metres", True)),
        )
        for name, entry in json.loads(text)["sources"].items()
    }


def source_named(name: str) -> Source:
    """Facts about a keypoint source; an unknown source has no offsets."""
    return known_sources().get(name, Source())
