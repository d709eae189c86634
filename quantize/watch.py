"""Scores that are printed while a network learns: on the validation split only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from host.pose.crop import ArrayPicture, Cropper
from model_zoo.skeleton import INDEX, MIRROR
from quantize.data.pictures import LabelledPicture

_BODY = [
    INDEX[f"{s}_{p}"]
    for p in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for s in ("left", "right")
]


def watch_scores(
    predict: Callable[[np.ndarray], np.ndarray],
    pictures: list[LabelledPicture],
    size: tuple[int, int],
) -> dict[str, float]:
    """PCK@0.2 of the torso over the twelve body joints, percent; also with sides exchanged.

    Parameters
    ----------
    predict
        uint8[N, H, W, 3] crops to float[N, 23, 2] points.
    """
    cropper = Cropper(*size)
    hits, either, total = 0, 0, 0
    for start in range(0, len(pictures), 50):
        part = pictures[start : start + 50]
        windows = [cropper.window(p.box_px) for p in part]
        crops = [
            cropper.cut(ArrayPicture(p.image()), w) for p, w in zip(part, windows, strict=True)
        ]
        predicted = predict(np.stack(crops))
        predicted = np.stack(
            [cropper.to_picture(xy, w) for xy, w in zip(predicted, windows, strict=True)]
        )
        truth = np.stack([p.keypoints for p in part])
        torso = np.linalg.norm(
            truth[:, INDEX["left_shoulder"], :2] - truth[:, INDEX["right_hip"], :2], axis=-1
        )
        labelled = truth[:, _BODY, 2] > 0
        limit = 0.2 * torso[:, None]
        near = np.linalg.norm(predicted - truth[..., :2], axis=-1)[:, _BODY] <= limit
        crossed = np.linalg.norm(predicted[:, MIRROR] - truth[..., :2], axis=-1)[:, _BODY] <= limit
        hits += int((near & labelled).sum())
        either += int(((near | crossed) & labelled).sum())
        total += int(labelled.sum())
    return {
        "validation_pck_02": round(100 * hits / max(1, total), 2),
        "validation_either_side": round(100 * either / max(1, total), 2),
    }
