"""From a network's output integers to keypoints: one decoder class per kind of head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_zoo.package import Head, ReleasedModel

_REACH = np.arange(-1, 2)


@dataclass(frozen=True)
class Keypoints:
    """Keypoints of N crops.

    Attributes
    ----------
    xy_px
        float64[N, K, 2] in pixels of the crop, (0, 0) = its upper left corner.
    score
        float32[N, K] in 0..1.
    """

    xy_px: NDArray[np.float64]
    score: NDArray[np.float32]


class CellsDecoder:
    """Head of kind ``cells``: one map of logits per keypoint, softmax over its cells.

    The channels of an output cell are ``keypoint * s * s + row * s + column`` of its s x s
    sub-cells; a pixel shuffle makes one map per keypoint. The point is the softmax centroid of the
    3 x 3 cells about the largest logit (of equal ones the first, row by row), the score is the
    probability inside them (a soft label of 0.8 cells in training spreads it: at most about 0.9).

    Parameters
    ----------
    head
        Scale, bias, channel range and sub-cells.
    output_shape
        Rows, columns and channels of the network's output.
    input_size
        Height and width of the network's input in pixels.
    """

    def __init__(
        self, head: Head, output_shape: tuple[int, ...], input_size: tuple[int, int]
    ) -> None:
        rows, columns, _ = output_shape
        self._channels = slice(*head.channels)
        self._sub = head.sub_cells
        self._grid = (rows * self._sub, columns * self._sub)
        self._cell_px = np.array(
            [input_size[1] / self._grid[1], input_size[0] / self._grid[0]], dtype=np.float64
        )
        self._scale = np.asarray(head.scale, dtype=np.float32)
        # Below 2**24, so that the sum in float32 is exact and equal integers stay equal.
        self._bias = np.asarray(head.bias, dtype=np.float32)

    def decode(self, output: NDArray[np.int32]) -> Keypoints:
        """Keypoints of int32[N, rows, columns, channels]."""
        rows, columns = self._grid
        logits = self._maps(output[..., self._channels].astype(np.float32))
        n, k = logits.shape[:2]
        flat = logits.reshape(n * k, rows * columns)
        best = flat.argmax(axis=1)
        top = flat[np.arange(len(flat)), best]
        total = np.exp(flat - top[:, None]).sum(axis=1, dtype=np.float32)

        y, x = np.divmod(best, columns)
        near_y, near_x = y[:, None] + _REACH, x[:, None] + _REACH
        inside = ((near_y >= 0) & (near_y < rows))[:, :, None] & (
            (near_x >= 0) & (near_x < columns)
        )[:, None, :]
        index = (near_y.clip(0, rows - 1) * columns)[:, :, None] + near_x.clip(0, columns - 1)[
            :, None, :
        ]
        window = flat[np.arange(len(flat))[:, None, None], index]
        mass = np.where(inside, np.exp(window - top[:, None, None]), np.float32(0))
        near = mass.sum(axis=(1, 2))
        offset_x = (mass.sum(axis=1) @ _REACH.astype(np.float32)) / near
        offset_y = (mass.sum(axis=2) @ _REACH.astype(np.float32)) / near
        cell = np.stack([x + 0.5 + offset_x, y + 0.5 + offset_y], axis=1, dtype=np.float64)
        return Keypoints(
            (cell * self._cell_px).reshape(n, k, 2), (near / total).reshape(n, k).astype(np.float32)
        )

    def _maps(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Pixel shuffle: [N, rows, columns, K * s * s] to [N, K, rows * s, columns * s]."""
        n, rows, columns, channels = values.shape
        s = self._sub
        split = ((values + self._bias) * self._scale).reshape(
            n, rows, columns, channels // s**2, s, s
        )
        shuffled = split.transpose(0, 3, 1, 4, 2, 5)
        return np.ascontiguousarray(shuffled).reshape(n, channels // s**2, rows * s, columns * s)


DECODERS = {"cells": CellsDecoder}
"""Decoder of each kind of head that ``host/pose`` can read."""


def keypoint_decoder(model: ReleasedModel) -> CellsDecoder:
    """Decoder of a pose model's keypoint head.

    Raises
    ------
    ValueError
        When the model has no head that can be read as keypoints.
    """
    for head in model.output.heads:
        if head.kind in DECODERS:
            height, width = model.input.shape[:2]
            return DECODERS[head.kind](head, model.output.shape, (height, width))
    raise ValueError(f"{model.name} has no keypoint head")
