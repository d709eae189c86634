"""MPII Human Pose (Andriluka et al., CVPR 2014): ``mpii_human_pose_v1_u12_1.mat``.

``RELEASE.annolist[i]``: ``image.name`` and ``annorect`` persons, each with ``annopoints.point``
(``id`` 0 to 15, ``x``, ``y``, ``is_visible``). Only pictures of the training part have points.
Pixels count from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from model_zoo.skeleton import from_convention
from quantize.data.foreign.person import ForeignLabelsError, ForeignPerson, box_of_points, masked

_POINTS, _MARGIN = 16, 0.12


def read_mpii(labels: Path) -> Iterator[ForeignPerson]:
    """Persons with at least two labelled joints of ours.

    Raises
    ------
    ForeignLabelsError
        When the file is not in MPII's format.
    """
    try:
        release = loadmat(labels, struct_as_record=False, squeeze_me=True)["RELEASE"]
        pictures = np.atleast_1d(release.annolist)
    except (
        OSError,
        ValueError,
        KeyError,
        AttributeError,
        NotImplementedError,
        MatReadError,
    ) as error:
        raise ForeignLabelsError(f"{labels} is no MPII label file: {error!r}") from error
    for picture in pictures:
        for person in np.atleast_1d(getattr(picture, "annorect", [])):
            points = _points(person)
            if (points[:, 2] > 0).sum() >= 2:
                box = box_of_points(points, _MARGIN)
                yield ForeignPerson(str(picture.image.name), box, points)


def _points(person: Any) -> np.ndarray:
    rows = np.full((_POINTS, 3), np.nan)
    marked = getattr(getattr(person, "annopoints", None), "point", [])
    for point in np.atleast_1d(marked):
        # Visibility is missing or an empty array where nobody told it: taken as seen.
        told = np.atleast_1d(getattr(point, "is_visible", 1))
        seen = int(told[0]) if told.size else 1
        rows[int(point.id)] = (float(point.x) - 0.5, float(point.y) - 0.5, 2 if seen else 1)
    return masked(from_convention(rows, "mpii_16"))
