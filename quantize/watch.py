"""Scores that are printed while a network learns: on the validation split only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from host.pose.crop import ArrayPicture, Cropper
from quantize.data.pictures import LabelledPicture
from quantize.pose_metric import PoseMetric


def watch_scores(
    predict: Callable[[np.ndarray], np.ndarray],
    pictures: list[LabelledPicture],
    size: tuple[int, int],
) -> dict[str, float | None]:
    """PCK@0.2 of the body joints, per cent; also with persons exchanged, and the swap rate.

    Parameters
    ----------
    predict
        uint8[N, H, W, 3] crops to float[N, 23, 2] points.
    """
    cropper = Cropper(*size)
    points = []
    for start in range(0, len(pictures), 50):
        part = pictures[start : start + 50]
        windows = [cropper.window(p.box_px) for p in part]
        crops = [
            cropper.cut(ArrayPicture(p.image()), w) for p, w in zip(part, windows, strict=True)
        ]
        found = predict(np.stack(crops))
        points += [cropper.to_picture(xy, w) for xy, w in zip(found, windows, strict=True)]
    labels = np.stack([p.keypoints for p in pictures]).astype(np.float64)
    scores = PoseMetric(resamples=1).score(labels, np.stack(points).astype(np.float64))
    return {
        "validation_pck_02": _rounded(scores.pck_02),
        "validation_either_side": _rounded(scores.pck_02_either_side),
        "validation_swap_rate": _rounded(scores.swap_rate),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
