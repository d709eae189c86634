"""Published indices of the symmetry of two sides.

Each takes the mean of the left and of the right (positive numbers; float64, any shape) and gives
the index in the same shape, NaN where it is not defined. Check values: a table of fictitious steps
in Lauziere et al. (2014), J Phys Med Rehabil 2:201.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Index(Protocol):
    """One published index."""

    def of(self, left: Array, right: Array) -> Array:
        """Index of the two sides."""


class SymmetryIndex:
    """Robinson, Herzog and Nigg (1987): 100 (R - L) / (0.5 (R + L)), percent.

    0 = symmetrical, positive = the right is larger. Not defined where both sides cancel.
    """

    def of(self, left: Array, right: Array) -> Array:
        """Index of the two sides, percent."""
        total = 0.5 * (right + left)
        return _where(total != 0, 100 * (right - left), total)


class SymmetryRatio:
    """Larger over smaller side, recommended by Patterson et al. (2010), Gait Posture 31:241.

    1 = symmetrical; which side is larger is told by the symmetry index. Not defined where a side is
    zero or negative (a step-to gait): a ratio says nothing there.
    """

    def of(self, left: Array, right: Array) -> Array:
        """Ratio, at least 1."""
        smaller, larger = np.minimum(left, right), np.maximum(left, right)
        return _where(smaller > 0, larger, smaller)


class SideRatio:
    """Right over left, for quantities whose published limits lie on both sides of 1."""

    def of(self, left: Array, right: Array) -> Array:
        """Ratio of right to left."""
        return _where(np.minimum(left, right) > 0, right, left)


class SymmetryAngle:
    """Zifchock et al. (2008): 100 (45 - arctan(L / R)) / 90, arctangent in degrees; percent.

    0 = symmetrical, positive = the right is larger, +-50 where one side is nothing. Deviation: the
    rule for sides of opposite sign is left out (not checked against the paper): NaN there.
    """

    def of(self, left: Array, right: Array) -> Array:
        """Index of the two sides, percent."""
        defined = (np.minimum(left, right) >= 0) & (np.maximum(left, right) > 0)
        angle = np.degrees(np.arctan2(np.where(defined, left, 1.0), np.where(defined, right, 1.0)))
        return np.asarray(np.where(defined, 100 * (45 - angle) / 90, np.nan))


def _where(defined: NDArray[np.bool_], above: Array, below: Array) -> Array:
    quotient = np.asarray(above, float) / np.where(defined, below, 1.0)
    return np.asarray(np.where(defined, quotient, np.nan))
