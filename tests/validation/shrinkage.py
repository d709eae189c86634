"""How much of a true asymmetry is found: events of a limp are drawn towards an even walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tests.validation.intervals import Measured

Array = NDArray[np.float64]
NAMES = ("step_time_asymmetry", "stance_asymmetry", "step_length_difference")
"""Asymmetries that are 0 in an even walk, of which the others are functions."""
_DRAWS, _SEED = 4000, 20261121


def found_share(true: Array, found: Array) -> tuple[float, float, float]:
    """Slope of found against true asymmetries through 0, and its 95 % interval over clips.

    1 where nothing is lost. An error that has nothing to do with the true asymmetry leaves the
    slope where it is, so that less than 1 is a bias towards symmetry.

    Parameters
    ----------
    true, found
        float64[clips], 0 in an even walk.
    """
    draws = np.random.default_rng(_SEED).integers(0, len(true), (_DRAWS, len(true)))
    drawn = (true * found)[draws].sum(axis=1) / (true**2)[draws].sum(axis=1)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(true @ found / (true @ true)), float(low), float(high)


def words(clips: Mapping[str, Sequence[Measured]]) -> str:
    """The shares of one network and view; empty where nothing was measured."""
    told = []
    for name in NAMES:
        own = clips.get(name, ())
        if not own:
            continue
        true, found = np.array([(c.seen, c.found.value) for c in own]).T
        share, low, high = found_share(true, found)
        told.append(f"{name} {share:.2f} ({low:.2f} to {high:.2f})")
    return ", ".join(told)
