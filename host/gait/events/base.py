"""What event detectors get and give."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from host.gait.signals import Array
from model_zoo.skeleton import Side


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
