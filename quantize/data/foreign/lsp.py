"""Leeds Sports Pose (Johnson and Everingham, BMVC 2010) and its extended set (CVPR 2011).

``joints.mat`` holds ``joints``: float[3, 14, N] in the first set (third row: 1 = hidden; all points
are labelled), float[14, 3, N] in the extended one (third column: 1 = labelled). Pixels count from
1. Pictures are named ``im0001.jpg`` and so on, with five digits in the extended set.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.io import loadmat

from model_zoo.skeleton import from_convention
from quantize.data.foreign.person import (
    ForeignLabelsError,
    ForeignPerson,
    box_of_points,
    masked,
    reading,
)

_MARGIN = 0.12
"""The points end at ankles and head: the box goes further."""


def read_lsp(labels: Path) -> Iterator[ForeignPerson]:
    """Persons with at least one labelled body joint.

    Raises
    ------
    ForeignLabelsError
        When the file holds no such joints.
    """
    with reading(f"{labels} is no joints.mat"):
        joints = np.asarray(loadmat(labels)["joints"], dtype=np.float64)
    if joints.ndim != 3 or joints.shape[:2] not in ((3, 14), (14, 3)):
        raise ForeignLabelsError(f"{labels}: joints of shape {joints.shape}, not 14 points of 3")
    extended = joints.shape[0] == 14
    digits = 5 if extended else 4
    for k in range(joints.shape[2]):
        rows = joints[:, :, k].copy() if extended else joints[:, :, k].T.copy()
        rows[:, 2] = 2 * rows[:, 2] if extended else 2 - rows[:, 2]
        rows[:, :2] -= 0.5  # From MATLAB's number of a pixel to its middle.
        points = masked(from_convention(rows, "lsp_14"))
        if (points[:, 2] > 0).any():
            yield ForeignPerson(f"im{k + 1:0{digits}d}.jpg", box_of_points(points, _MARGIN), points)
