"""What event detectors get and give."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np

from host.gait.signals import Array
from model_zoo.skeleton import Side

USUAL_STRIDE_S = 1.1


class Kind(str, Enum):
    """Kind of a gait event."""

    CONTACT = "initial_contact"
    OFF = "foot_off"


@dataclass(frozen=True)
class FootPath:
    """Heel and toe of one foot in the frame of the walk, on the even grid.

    Attributes
    ----------
    time_s
        float64[N].
    heel, toe
        float64[N, 2]: forward (positive in walking direction) and up, body heights, NaN where
        missing; the ankle where the source has no heel or toe.
    pelvis
        float64[N]: forward position of the mid-hip, body heights.
    period_s
        Stride time as read from the alternation of the legs; NaN when unknown.
    """

    side: Side
    time_s: Array
    heel: Array
    toe: Array
    pelvis: Array
    period_s: float

    @property
    def has_toe(self) -> bool:
        """Whether heel and toe are two points."""
        return not np.array_equal(self.heel, self.toe, equal_nan=True)

    @property
    def ahead(self) -> Array:
        """float64[N]: how far the heel is ahead of the pelvis."""
        return np.asarray(self.heel[:, 0] - self.pelvis)

    @property
    def behind(self) -> Array:
        """float64[N]: how far the toe is behind the pelvis.

        An ankle that stands for the toe leaves its hindmost place when the heel rises, long before
        the toe leaves the floor: there it is how far it is behind and above, which grows on until
        the push-off ends (stance times of 135 walks with sensors: 16 instead of 23 ms off).
        """
        back = self.pelvis - self.toe[:, 0]
        return np.asarray(back if self.has_toe else back + self.toe[:, 1])

    def cutoff_hz(self, harmonics: float) -> float:
        """Frequency of this multiple of the stride; of a usual one where it is not known."""
        return harmonics / (self.period_s if np.isfinite(self.period_s) else USUAL_STRIDE_S)


@dataclass(frozen=True)
class Candidate:
    """One event as one method sees it."""

    kind: Kind
    side: Side
    time_s: float
    strength: float
    """0..1: how far the event stands out, 1 = as much as the largest of this foot."""


class EventMethod(Protocol):
    """A published rule that finds contacts and foot offs of one foot."""

    name: str

    def detect(self, foot: FootPath) -> list[Candidate]:
        """Candidates in order of time per kind."""
