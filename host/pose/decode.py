"""From a network's output integers to keypoints: one decoder class per kind of head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.pose.leg_pairs import LegPairs
from model_zoo.package import Head, ReleasedModel
from model_zoo.skeleton import KEYPOINTS, MIRROR

_REACH = np.arange(-1, 2)
_HILL_REACH = 2
"""Cells about a hill's top that belong to it: a second hill lies further away."""


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
    legs
        Reads both legs together; every map for itself when None.
    """

    def __init__(
        self,
        head: Head,
        output_shape: tuple[int, ...],
        input_size: tuple[int, int],
        legs: LegPairs | None = None,
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
        self._legs = legs

    def decode(
        self, output: NDArray[np.int32], mirrored: NDArray[np.int32] | None = None
    ) -> Keypoints:
        """Keypoints of int32[N, rows, columns, channels].

        ``mirrored`` is the network's output for the same crops turned left for right: its maps are
        turned back, their sides exchanged, and the mean of both logits is read.
        """
        logits = self._maps(output[..., self._channels].astype(np.float32))
        if mirrored is not None:
            turned = self._maps(mirrored[..., self._channels].astype(np.float32))
            logits = (logits + turned[:, MIRROR, :, ::-1]) * np.float32(0.5)
        n, k, rows, columns = logits.shape
        maps = np.exp(logits - logits.max(axis=(2, 3), keepdims=True))
        maps /= maps.sum(axis=(2, 3), keepdims=True, dtype=np.float32)
        # Of equal logits the first: exp and the division keep equal values equal.
        best = logits.reshape(n, k, rows * columns).argmax(axis=2)
        xy_px, mass = self._hill(maps, best)
        if self._legs is not None:
            self._read_together(self._legs, maps, best, xy_px, mass)
        return Keypoints(xy_px, mass)

    def _read_together(
        self,
        pairs: LegPairs,
        maps: NDArray[np.float32],
        best: NDArray[np.intp],
        xy_px: NDArray[np.float64],
        mass: NDArray[np.float32],
    ) -> None:
        """Move leg points to their second hill where both legs' points fell on one leg."""
        n, (rows, columns) = len(maps), self._grid
        legs = np.concatenate([pairs.left, pairs.right])
        rest = maps[:, legs].copy()
        y, x = np.divmod(best[:, legs], columns)
        beside_y = np.abs(np.arange(rows) - y[..., None]) <= _HILL_REACH
        beside_x = np.abs(np.arange(columns) - x[..., None]) <= _HILL_REACH
        rest[beside_y[..., :, None] & beside_x[..., None, :]] = 0
        second = rest.reshape(n, len(legs), -1).argmax(axis=2)
        xy_second, mass_second = self._hill(maps[:, legs], second)
        xy = np.stack([xy_px[:, legs], xy_second], axis=2)
        hills = np.stack([mass[:, legs], mass_second], axis=2)
        height_px = rows * self._cell_px[1]
        chosen = np.concatenate(
            pairs.choose(xy.reshape(n, 2, -1, 2, 2) / height_px, hills.reshape(n, 2, -1, 2)),
            axis=1,
        )
        person, point = np.arange(n)[:, None], np.arange(len(legs))
        xy_px[:, legs] = xy[person, point, chosen]
        mass[:, legs] = hills[person, point, chosen]

    def _hill(
        self, maps: NDArray[np.float32], top: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Centroid in pixels, [N, K, 2], and probability, [N, K], of the 3 x 3 cells about top."""
        n, k = top.shape
        rows, columns = self._grid
        flat = maps.reshape(n * k, rows * columns)
        y, x = np.divmod(top.reshape(-1), columns)
        near_y, near_x = y[:, None] + _REACH, x[:, None] + _REACH
        inside = ((near_y >= 0) & (near_y < rows))[:, :, None] & (
            (near_x >= 0) & (near_x < columns)
        )[:, None, :]
        index = (near_y.clip(0, rows - 1) * columns)[:, :, None] + near_x.clip(0, columns - 1)[
            :, None, :
        ]
        window = flat[np.arange(len(flat))[:, None, None], index]
        mass = np.where(inside, window, np.float32(0))
        near = mass.sum(axis=(1, 2))
        offset_x = (mass.sum(axis=1) @ _REACH.astype(np.float32)) / near
        offset_y = (mass.sum(axis=2) @ _REACH.astype(np.float32)) / near
        cell = np.stack([x + 0.5 + offset_x, y + 0.5 + offset_y], axis=1, dtype=np.float64)
        return (cell * self._cell_px).reshape(n, k, 2), near.reshape(n, k)

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
            legs = LegPairs() if model.keypoints == KEYPOINTS else None
            return DECODERS[head.kind](head, model.output.shape, (height, width), legs)
    raise ValueError(f"{model.name} has no keypoint head")
