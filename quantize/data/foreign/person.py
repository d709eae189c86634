"""One labelled person of another set, in our points."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.io.matlab import MatReadError

from model_zoo.skeleton import N_KEYPOINTS

Points = NDArray[np.float64]

_FLAWS = (
    ArithmeticError, AttributeError, EOFError, LookupError, MatReadError, MemoryError,
    NotImplementedError, OSError, TypeError, ValueError, zlib.error,
)  # fmt: skip
"""What the readers of JSON, of MATLAB files and of their content raise where these are broken."""


class ForeignLabelsError(ValueError):
    """A label file is not what its format says."""


@dataclass(frozen=True)
class ForeignPerson:
    """A person in a picture.

    ``picture`` is the file's name below the picture folder; ``box_px`` (x0, y0, x1, y1);
    ``keypoints`` float64[23, 3]: x, y, v with v = 0 not labelled (x = y = 0), 1 hidden, 2 visible.
    Pixel i covers i to i + 1.

    Raises ForeignLabelsError when the box is no four numbers.
    """

    picture: str
    box_px: tuple[float, float, float, float]
    keypoints: Points

    def __post_init__(self) -> None:
        if len(self.box_px) != 4 or not all(map(math.isfinite, self.box_px)):
            raise ForeignLabelsError(f"box {self.box_px} is no four numbers")


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Tell any flaw of a label file as one, ``what`` first.

    Raises
    ------
    ForeignLabelsError
        For whatever a broken file makes its readers raise.
    """
    try:
        yield
    except _FLAWS as error:
        told = " ".join(f"{type(error).__name__}: {error}".split())
        raise ForeignLabelsError(f"{what}: {told[:200]}") from error


def masked(points: Points) -> Points:
    """Points float[23, 3] with all of an unlabelled or missing (NaN) point set to 0."""
    if points.shape != (N_KEYPOINTS, 3):
        raise ForeignLabelsError(f"expected 23 points of x, y, v, got {points.shape}")
    there = np.isfinite(points).all(axis=1) & (points[:, 2] > 0)
    return np.where(there[:, None], points, 0.0)


def box_of_points(keypoints: Points, margin: float) -> tuple[float, float, float, float]:
    """Box of the labelled points, widened on each side by ``margin`` of its longer side."""
    there = keypoints[keypoints[:, 2] > 0, :2]
    low, high = there.min(0), there.max(0)
    wide = margin * float(max(high - low))
    return (
        float(low[0] - wide),
        float(low[1] - wide),
        float(high[0] + wide),
        float(high[1] + wide),
    )
