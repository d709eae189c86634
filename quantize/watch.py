"""Scores that are printed while a network learns: on the validation split only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from host.pose.crop import ArrayPicture, Cropper
from model_zoo.skeleton import MIRROR
from quantize.data.pictures import LabelledPicture
from quantize.pose_metric import PoseMetric

Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""uint8[N, H, W, 3] crops to float[N, 23, 2] points in pixels of the crop."""


def watch_scores(
    predict: Predict, pictures: list[LabelledPicture], size: tuple[int, int]
) -> dict[str, float | None]:
    """PCK@0.2 of the body joints, per cent; also with persons exchanged, and the swap rate."""
    points = read_people(predict, pictures, size)
    scores = PoseMetric(resamples=1).score(labels_of(pictures), points)
    return {
        "validation_pck_02": _rounded(scores.pck_02),
        "validation_either_side": _rounded(scores.pck_02_either_side),
        "validation_swap_rate": _rounded(scores.swap_rate),
    }


def labels_of(pictures: list[LabelledPicture]) -> NDArray[np.float64]:
    """Labels of persons, float64[N, 23, 3]."""
    return np.stack([p.keypoints for p in pictures]).astype(np.float64)


def read_people(
    predict: Predict,
    pictures: list[LabelledPicture],
    size: tuple[int, int],
    *,
    mirrored: bool = False,
) -> NDArray[np.float64]:
    """Points of persons in their pictures, float64[N, 23, 2].

    With ``mirrored`` the network sees the mirror image of each crop, and its points are mirrored
    back.
    """
    cropper = Cropper(*size)
    points = []
    for start in range(0, len(pictures), 50):
        part = pictures[start : start + 50]
        windows = [cropper.window(p.box_px) for p in part]
        crops = np.stack(
            [cropper.cut(ArrayPicture(p.image()), w) for p, w in zip(part, windows, strict=True)]
        )
        found = predict(np.ascontiguousarray(crops[:, :, ::-1]) if mirrored else crops)
        upright = mirrored_back(found, cropper.width) if mirrored else found
        points += [cropper.to_picture(xy, w) for xy, w in zip(upright, windows, strict=True)]
    return np.stack(points).astype(np.float64)


def mirrored_back(xy_px: NDArray[np.floating], width: int) -> NDArray[np.float64]:
    """Points [N, 23, 2] of mirror images ``width`` px wide, as points of the pictures."""
    points = xy_px[:, MIRROR].astype(np.float64)
    points[..., 0] = width - points[..., 0]
    return points


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
