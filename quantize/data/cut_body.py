"""The box of a body that an edge cuts: training windows cut bodies whose mesh is not at hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import INDEX

_HALF_WIDTHS = {
    ("shoulder", "hip"): 0.22,
    ("shoulder", "elbow"): 0.36,
    ("elbow", "wrist"): 0.42,
    ("hip", "knee"): 0.26,
    ("knee", "ankle"): 0.26,
}
"""Half of a body's thickness, 0.11 m, in lengths of a bone."""
_LIMBS = [
    (INDEX[f"{side}_{a}"], INDEX[f"{side}_{b}"], share)
    for side in ("left", "right")
    for (a, b), share in _HALF_WIDTHS.items()
]
_BELOW_CROWN = [
    *((INDEX[f"{side}_shoulder"], 0.36) for side in ("left", "right")),
    *((INDEX[f"{side}_ear"], 0.9) for side in ("left", "right")),
]
"""The same in heights of the crown above shoulders and ears."""


def cut_box(
    box_px: NDArray[np.float64], points: NDArray[np.float64], window: tuple[float, ...]
) -> NDArray[np.float64]:
    """Box of the part of a body in a window, float64[4]: x0, y0, x1, y1.

    Of a body that an edge cuts, the limbs beyond would widen a box that is only clipped. It ends
    where the bones inside end, plus half a limb's width, which the longest bone tells, or how far
    the crown is above shoulders and face.

    Parameters
    ----------
    box_px
        Box of the body, perhaps cut by its frame already.
    points
        float64[23, 3]: x, y and v, 0 where unknown.
    window
        x0, y0, x1, y1.
    """
    low, high = np.array(window[:2], np.float64), np.array(window[2:], np.float64)
    clipped = np.concatenate([np.clip(box_px[:2], low, high), np.clip(box_px[2:], low, high)])
    cut = (clipped[:2] <= low + 1) | (clipped[2:] >= high - 1)
    there = points[:, 2] > 0
    bones = [(a, b, share) for a, b, share in _LIMBS if there[a] and there[b]]
    if not cut.any() or not there.any():
        return clipped
    xy = points[:, :2]
    lengths = [float(np.linalg.norm(xy[b] - xy[a])) * share for a, b, share in bones]
    lengths += [(xy[k, 1] - box_px[1]) * share for k, share in _BELOW_CROWN if there[k]]
    half = max(lengths, default=0.0)
    steps = np.linspace(0, 1, 9)[:, None]
    along = np.concatenate([xy[there], *(xy[a] + steps * (xy[b] - xy[a]) for a, b, _ in bones)])
    along = along[((along >= low) & (along <= high)).all(1)]
    if not len(along) or half <= 0:
        return clipped
    # A cut above or below narrows the box, one at a side makes it lower.
    for axis in np.flatnonzero(cut[::-1]):
        clipped[axis] = max(clipped[axis], along[:, axis].min() - half)
        clipped[axis + 2] = min(clipped[axis + 2], along[:, axis].max() + half)
    return clipped
