"""Measuring that a moving body keeps its contact schedule: on the floor and still, or neither."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import Side
from quantize.render.contacts import Contact, Schedule
from quantize.render.legs import Sole

Array = NDArray[np.float64]
FLOOR_MM, SLIDE_MM = 3.0, 5.0
_STILL_M_S = 0.05


class ContactError(RuntimeError):
    """A generated walk breaks its own schedule."""


@dataclass(frozen=True)
class ContactCheck:
    """What was measured, millimetres.

    ``gap_mm``: largest distance of the lowest point of a standing foot from the floor, either way;
    ``slide_mm``: largest horizontal way of the point that bears a standing foot (heel until the
    heel rises, big toe from flat until foot off; toes from the contact on where they land first);
    ``below_mm``: deepest point of a swinging foot under the floor; ``false_stances``: moments
    outside every contact at which a foot touches the floor within 3 mm and its bearing point is
    still; ``stances``: contacts seen at two moments or more.
    """

    gap_mm: float
    slide_mm: float
    below_mm: float
    false_stances: int
    stances: int

    def demand(self) -> None:
        """Raise :class:`ContactError` when a limit is broken."""
        if (
            self.gap_mm > FLOOR_MM
            or self.slide_mm > SLIDE_MM
            or self.below_mm > FLOOR_MM
            or self.false_stances
        ):
            raise ContactError(f"the walk breaks its contact schedule: {self}")


def check_contacts(
    schedule: Schedule,
    soles: dict[Side, Sole],
    feet: dict[Side, NDArray[np.intp]],
    time_s: Array,
    vertices_m: Array,
) -> ContactCheck:
    """Measure a posed body.

    Parameters
    ----------
    feet
        All vertices of each foot, int[N].
    time_s, vertices_m
        Moments float[T] (on the schedule's clock) and the body mesh float[T, V, 3] then, with the
        floor at z = 0.
    """
    gap, slide, below, false_stances, stances = 0.0, 0.0, 0.0, 0, 0
    for side, sole in soles.items():
        low = vertices_m[:, feet[side], 2].min(1)
        heel, toe = (vertices_m[:, sole.vertices[k]] for k in (sole.heel, sole.toe))
        standing = np.zeros(len(time_s), bool)
        for c in schedule.of(side):
            now = (time_s >= c.contact_s) & (time_s <= c.foot_off_s)
            standing |= now
            stances += int(now.sum() >= 2)
            gap = max(gap, 1000 * float(np.abs(low[now]).max(initial=0)))
            slide = max(slide, 1000 * _slide(c, time_s, heel, toe))
        below = max(below, 1000 * float((-low[~standing]).max(initial=0)))
        false_stances += _false(time_s, standing, low, heel, toe)
    return ContactCheck(gap, slide, below, false_stances, stances)


def _slide(c: Contact, time_s: Array, heel: Array, toe: Array) -> float:
    """Largest way in metres, from its mean place, of the two bearing points of one stance."""
    worst = 0.0
    for point, first, last in (
        (heel, c.contact_s if c.landing_deg >= 0 else c.flat_s, c.heel_off_s),
        (toe, c.flat_s if c.landing_deg >= 0 else c.contact_s, c.foot_off_s),
    ):
        held = point[(time_s >= first) & (time_s <= last), :2]
        if len(held) > 1:
            worst = max(worst, float(np.linalg.norm(held - held.mean(0), axis=1).max()))
    return worst


def _false(time_s: Array, standing: NDArray[np.bool_], low: Array, heel: Array, toe: Array) -> int:
    """Moments outside contact at which the foot touches the floor and both points are still."""
    if len(time_s) < 2:
        return 0
    speed = np.minimum(
        *(np.linalg.norm(np.gradient(p, time_s, axis=0), axis=1) for p in (heel, toe))
    )
    # A moment next to a stance shares its gradient with it; only moments in open swing count.
    open_swing = ~standing & ~np.roll(standing, 1) & ~np.roll(standing, -1)
    return int((open_swing & (np.abs(low) < FLOOR_MM / 1000) & (speed < _STILL_M_S)).sum())
