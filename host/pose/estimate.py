"""Keypoints of the people in one picture: crop, network, decode."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from host.accelerator.types import Accelerator
from host.pose.crop import Cropper, WindowPicture
from host.pose.decode import Keypoints, keypoint_decoder
from model_zoo.skeleton import N_KEYPOINTS


class CropReader:
    """A pose network seen as crops in and keypoints out.

    Parameters
    ----------
    accelerator
        With a model of role ``pose`` whose input is rows x columns x RGB.
    mirror
        Show every crop a second time, turned left for right, and read the mean of both answers:
        whatever the network prefers on one side then no longer depends on the walking direction.
    """

    def __init__(self, accelerator: Accelerator, *, mirror: bool) -> None:
        self._accelerator = accelerator
        self._mirror = mirror
        self._decoder = keypoint_decoder(accelerator.model)

    def read(self, crops: NDArray[np.uint8]) -> Keypoints:
        """Keypoints, in pixels of the crop, of uint8[N, rows, columns, 3]."""
        if not self._mirror:
            return self._decoder.decode(self._accelerator.run(crops))
        both = self._accelerator.run(np.concatenate([crops, crops[:, :, ::-1]]))
        return self._decoder.decode(both[: len(crops)], both[len(crops) :])


class PoseEstimator:
    """A pose network on an accelerator, seen as pictures in and keypoints out.

    Parameters
    ----------
    accelerator, mirror
        As in :class:`CropReader`.
    """

    def __init__(self, accelerator: Accelerator, *, mirror: bool = True) -> None:
        height, width = accelerator.model.input.shape[:2]
        self._cropper = Cropper(height, width)
        self._reader = CropReader(accelerator, mirror=mirror)

    def estimate(
        self, picture: WindowPicture, boxes_px: NDArray[np.floating]
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Keypoints of the people in ``boxes_px``, float[N, 4].

        Returns
        -------
        float64[N, 23, 2] in pixels of the picture, and float32[N, 23] in 0..1.
        """
        if not len(boxes_px):
            return np.empty((0, N_KEYPOINTS, 2)), np.empty((0, N_KEYPOINTS), np.float32)
        windows = [self._cropper.window(box) for box in boxes_px]
        crops = np.stack([self._cropper.cut(picture, window) for window in windows])
        points = self._reader.read(crops)
        xy = [self._cropper.to_picture(p, w) for p, w in zip(points.xy_px, windows, strict=True)]
        return np.stack(xy), points.score
