"""One labelled person of another set, in our points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import N_KEYPOINTS

Points = NDArray[np.float64]


class ForeignLabelsError(ValueError):
    """A label file is not what its format says."""


@dataclass(frozen=True)
class ForeignPerson:
    """A person in a picture.

    ``picture`` is the file's name below the picture folder; ``box_px`` (x0, y0, x1, y1);
    ``keypoints`` float64[23, 3]: x, y, v with v = 0 not labelled (x = y = 0), 1 hidden, 2 visible.
    Pixel i covers i to i + 1.
    """

    picture: str
    box_px: tuple[float, float, float, float]
    keypoints: Points


def masked(points: Points) -> Points:
    """Points float[23, 3] with all of an unlabelled or missing (NaN) point set to 0."""
    if points.shape != (N_KEYPOINTS, 3):
        raise ForeignLabelsError(f"expected 23 points of x, y, v, got {points.shape}")
    out = np.nan_to_num(points, nan=0.0)
    out[out[:, 2] <= 0] = 0.0
    return out


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
