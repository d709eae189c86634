"""The shape of one person in one picture, small and always in the same place.

Kept only where an operator asks for it: many of them together show how somebody looks
(:mod:`host.subject.likeness`).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from host.person.types import Array, Image

OUTLINE_HEIGHT, OUTLINE_WIDTH = 64, 44
OUTLINE_BYTES = OUTLINE_HEIGHT * OUTLINE_WIDTH // 8
_FEWEST_PX = 16
_UPPER_SHARE = 0.5


def aligned_outline(mask: Image, box: Array) -> NDArray[np.uint8]:
    """Outline inside ``box``, scaled to 64 rows; the middle of the upper body in the middle column.

    After Han and Bhanu (2006), "Individual recognition using gait energy image": size-normalised
    by height, aligned along x. Arms and head sway less than legs, so the upper half decides.

    Parameters
    ----------
    mask
        uint8[h, w], not 0 where the picture differs from the room.
    box
        float64[4] in pixels of the mask.

    Returns
    -------
    uint8[352], bits of uint8[64, 44], rows first, most significant first; all 0 where there is no
    outline or where it is cut by the border of the picture.
    """
    x0, y0 = np.maximum(np.floor(box[:2]).astype(int), 0)
    x1, y1 = np.maximum(np.ceil(box[2:]).astype(int), 0)
    inside = (mask[y0:y1, x0:x1] > 0).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(inside) if inside.size else (0, 0, 0, 0)
    cut = x0 + left <= 0 or x0 + left + width >= mask.shape[1]
    if height < _FEWEST_PX or cut:
        return np.zeros(OUTLINE_BYTES, np.uint8)
    shape = inside[top : top + height, left : left + width]
    columns = shape[: round(_UPPER_SHARE * height)].sum(axis=0)
    middle = (np.arange(width) + 0.5) @ columns / max(int(columns.sum()), 1)
    scale = OUTLINE_HEIGHT / height
    matrix = np.array([[scale, 0, OUTLINE_WIDTH / 2 - scale * middle], [0, scale, 0.0]])
    # Shapes are at most a few times larger than 64 rows: linear interpolation is enough.
    aligned = cv2.warpAffine(255 * shape, matrix, (OUTLINE_WIDTH, OUTLINE_HEIGHT))
    return np.packbits(aligned > 127)
