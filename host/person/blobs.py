"""From a mask of differing pixels to boxes that could be people."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from host.person.types import Array, Image

_JOIN_WIDTH, _JOIN_HEIGHT = 5, 17  # px of the small picture: trousers may look like the wall
_ASPECT = (0.6, 7.0)  # height by width: full stride with a shadow on the floor, to upright
_FILL = 0.15  # a person covers at least this share of the box


def person_blobs(mask: Image, smallest_px: float) -> Array:
    """Boxes of upright connected regions.

    Parameters
    ----------
    mask
        uint8[h, w], not 0 where the picture differs from the room.
    smallest_px
        Least height of a region in pixels of the mask.

    Returns
    -------
    float64[N, 4]: x0, y0, x1, y1 in pixels of the mask, largest area first.
    """
    kernel = np.ones((_JOIN_HEIGHT, _JOIN_WIDTH), np.uint8)
    joined = cv2.dilate(mask, kernel)
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    if count < 2:
        return np.empty((0, 4))
    boxes, area = _tight_boxes(mask, np.asarray(labels, dtype=np.int32))
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        # A person who enters shows a slice first: at the side border any width will do.
        cut = (boxes[:, 0] <= 1) | (boxes[:, 2] >= mask.shape[1] - 1)
        upright = (height >= _ASPECT[0] * width) & (cut | (height <= _ASPECT[1] * width))
        good = upright & (height >= smallest_px) & (area >= _FILL * width * height)
    order = np.argsort(-area[good], kind="stable")
    return np.asarray(boxes[good][order])


def _tight_boxes(mask: Image, labels: NDArray[np.int32]) -> tuple[Array, NDArray[np.intp]]:
    """Box and area of each label's pixels in the mask, which has some.

    Only those pixels are looked at: a twentieth of the picture where a person walks.
    """
    x, y = cv2.findNonZero(mask)[:, 0].T
    label = labels[y, x].astype(np.uint16)  # a small picture has no more regions; sorts faster
    order = np.argsort(label, kind="stable")  # y still grows within a label
    area = np.bincount(label)
    area = area[area > 0]
    last = np.cumsum(area) - 1
    first = last - area + 1
    x, y = x[order], y[order]
    edges = (
        np.minimum.reduceat(x, first),
        y[first],
        np.maximum.reduceat(x, first) + 1,
        y[last] + 1,
    )
    return np.stack(edges, axis=1).astype(np.float64), area


def silhouette_signals(mask: Image, luma: Image, box: Array, scale: float) -> Array:
    """Signals of the silhouette inside ``box`` (see ``SILHOUETTE_NAMES``); NaN where it is empty.

    Parameters
    ----------
    mask, luma
        uint8[h, w] of the small picture.
    box
        float64[4] in pixels of the small picture.
    scale
        Pixels of the picture per pixel of the small one.
    """
    x0, y0 = np.maximum(np.floor(box[:2]).astype(int), 0)
    x1, y1 = np.maximum(np.ceil(box[2:]).astype(int), 0)
    inside = mask[y0:y1, x0:x1]
    out = np.full(6, np.nan)
    if not inside.size:
        return out
    out[5] = luma[y0:y1, x0:x1].mean()
    _, _, width, height = cv2.boundingRect(inside)
    if width:
        moments = cv2.moments(inside, binaryImage=True)
        centre = np.array([moments["m10"], moments["m01"]]) / moments["m00"] + 0.5 + (x0, y0)
        out[:5] = (moments["m00"] * scale**2, width * scale, height * scale, *(centre * scale))
    return out
