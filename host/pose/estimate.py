"""Keypoints of the people in one picture: crop, network, decode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import cv2
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
        return self.decode(self.run(crops))

    def read_all(self, batches: Iterable[NDArray[np.uint8]]) -> Iterator[Keypoints]:
        """As :meth:`read`, of many batches; the next is fetched while one is computed."""
        for integers in self._accelerator.stream(map(self._shown, batches)):
            yield self.decode(integers)

    def run(self, crops: NDArray[np.uint8]) -> NDArray[np.int32]:
        """The network's integers: one item for each crop, then one for each mirrored one."""
        return self._accelerator.run(self._shown(crops))

    def decode(self, integers: NDArray[np.int32]) -> Keypoints:
        """Keypoints of what :meth:`run` gave."""
        if not self._mirror:
            return self._decoder.decode(integers)
        half = len(integers) // 2
        return self._decoder.decode(integers[:half], integers[half:])

    def _shown(self, crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if not self._mirror:
            return crops
        shown = np.concatenate([crops, crops])
        for crop, turned in zip(crops, shown[len(crops) :], strict=True):
            cv2.flip(crop, 1, dst=turned)  # numpy's turned view is five times as slow to copy
        return shown


@dataclass(frozen=True)
class Estimate:
    """What a network says about the N people of one picture.

    Attributes
    ----------
    xy_px
        float64[N, 23, 2] in pixels of the picture.
    score
        float32[N, 23] in 0..1.
    integers
        Hash of the network's integers (:func:`integers_hash`); 0 where there was nobody.
    """

    xy_px: NDArray[np.float64]
    score: NDArray[np.float32]
    integers: int = 0


def integers_hash(integers: NDArray[Any]) -> int:
    """CRC-32 of the integers as int32, lowest byte first: equal on every backend.

    One changed integer always changes it, other differences all but once in 2**32. It takes 3 % of
    the network's time in emulation; a cryptographic hash took 10 %.
    """
    return crc32(np.ascontiguousarray(integers, "<i4").data)


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

    def estimate(self, picture: WindowPicture, boxes_px: NDArray[np.floating]) -> Estimate:
        """Keypoints of the people in ``boxes_px``, float[N, 4], all in one run of the network."""
        if not len(boxes_px):
            return Estimate(np.empty((0, N_KEYPOINTS, 2)), np.empty((0, N_KEYPOINTS), np.float32))
        windows = [self._cropper.window(box) for box in boxes_px]
        crops = np.stack([self._cropper.cut(picture, window) for window in windows])
        integers = self._reader.run(crops)
        points = self._reader.decode(integers)
        xy = [self._cropper.to_picture(p, w) for p, w in zip(points.xy_px, windows, strict=True)]
        return Estimate(np.stack(xy), points.score, integers_hash(integers))
