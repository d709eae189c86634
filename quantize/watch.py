"""Scores that are printed while a network learns: on the validation split only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
        found = predict(crops_of(cropper, part, mirrored=mirrored))
        points.append(placed(cropper, part, found, mirrored=mirrored))
    return np.concatenate(points)


def crops_of(
    cropper: Cropper, people: Sequence[LabelledPicture], *, mirrored: bool = False
) -> NDArray[np.uint8]:
    """Crops of persons by their boxes, uint8[N, H, W, 3], or the mirror images of these."""
    cut = (cropper.cut(ArrayPicture(p.image()), cropper.window(p.box_px)) for p in people)
    crops = np.stack(list(cut))
    return np.ascontiguousarray(crops[:, :, ::-1]) if mirrored else crops


def placed(
    cropper: Cropper,
    people: Sequence[LabelledPicture],
    xy_px: NDArray[np.floating],
    *,
    mirrored: bool = False,
) -> NDArray[np.float64]:
    """Points [N, 23, 2] of :func:`crops_of` as points of the persons' pictures."""
    upright = mirrored_back(xy_px, cropper.width) if mirrored else xy_px
    pairs = zip(upright, people, strict=True)
    return np.stack([cropper.to_picture(xy, cropper.window(p.box_px)) for xy, p in pairs])


def mirrored_back(xy_px: NDArray[np.floating], width: int) -> NDArray[np.float64]:
    """Points [N, 23, 2] of mirror images ``width`` px wide, as points of the pictures."""
    points = xy_px[:, MIRROR].astype(np.float64)
    points[..., 0] = width - points[..., 0]
    return points


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
