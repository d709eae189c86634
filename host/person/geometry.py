"""Boxes: overlap, points to boxes, masks."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from host.person.types import Array, Image
from model_zoo.skeleton import INDEX

_SURE = 0.2  # points below this score do not shape a box
_FEWEST = 8
_MARGIN = 0.05  # of the points' height: flesh beyond the joints, sideways and under the soles
_SKULL = 0.09  # of the points' height: from the eyes to the top of the head
_FACE = [INDEX[name] for name in ("nose", "left_eye", "right_eye", "left_ear", "right_ear")]

CORE = [INDEX[f"{s}_{p}"] for p in ("shoulder", "hip", "knee", "ankle") for s in ("left", "right")]
"""Points that tell whether a body is there."""
_TWIN_APART = 0.15  # heights between two sets of points below which they are one person's


def overlap(a: Array, b: Array) -> Array:
    """Intersection of float64[N, 4] and float64[M, 4] boxes as a share of the smaller: [N, M]."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=2)
    size = [np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 1e-9, None), axis=1) for boxes in (a, b)]
    return np.asarray(common / np.minimum(size[0][:, None], size[1][None, :]))


def box_of_points(xy_px: Array, score: ArrayLike) -> Array | None:
    """Box of a person as the networks learn it: the body with a small margin, and the skull.

    Parameters
    ----------
    xy_px
        float64[23, 2].
    score
        float[23] in 0..1.

    Returns
    -------
    float64[4], or None with fewer than eight sure points.
    """
    sure = np.asarray(score) >= _SURE
    if sure.sum() < _FEWEST:
        return None
    low, high = xy_px[sure].min(axis=0), xy_px[sure].max(axis=0)
    height = high[1] - low[1]
    top = _SKULL if sure[_FACE].any() else _MARGIN
    margin = _MARGIN * height
    return np.array([low[0] - margin, low[1] - top * height, high[0] + margin, high[1] + margin])


def one_body(a_px: Array, b_px: Array, height_px: float) -> bool:
    """Whether two sets of keypoints, float64[23, 2], lie on one person of ``height_px``."""
    apart = np.linalg.norm(a_px - b_px, axis=1)[CORE].mean()
    return bool(apart < _TWIN_APART * height_px)


def boxes_mask(shape: tuple[int, int], boxes: NDArray[np.float64], grow: float = 0.1) -> Image:
    """uint8[shape]: 1 inside the boxes, enlarged by ``grow`` of their size to each side."""
    mask = np.zeros(shape, np.uint8)
    for box in boxes:
        margin = grow * np.tile(box[2:] - box[:2], 2) * (-1, -1, 1, 1)
        x0, y0, x1, y1 = np.clip(np.rint(box + margin), 0, 1 << 20).astype(int)
        mask[y0:y1, x0:x1] = 1
    return mask
