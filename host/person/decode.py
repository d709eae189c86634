"""From a finder's output integers to boxes of people: the decoder of heads ``box_centre``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.person.types import Array
from model_zoo.package import Head, ReleasedModel

SURE = 0.5
"""Score from which a cell tells of a person: the release's bias puts its best threshold here."""
SAME = 0.45
"""Overlap from which two boxes are one person's."""
_AGREE, _HEARD = 0.7, 0.25
"""Overlap from which two cells tell of one box, and the least score of those that are heard."""
_CHANNELS = 5
_LARGEST = 8.0  # log of px: beyond any picture, below any overflow


@dataclass(frozen=True)
class Boxes:
    """People in one picture, surest first.

    Attributes
    ----------
    box_px
        float64[N, 4]: x0, y0, x1, y1 in pixels of the network's input.
    score
        float64[N] in 0..1.
    """

    box_px: Array
    score: Array


class BoxCentreDecoder:
    """Head of kind ``box_centre``: five channels for every cell.

    The logit that a person's centre lies here; the way from the cell's middle to the centre, x and
    y, in cells; the logarithm of the box's width and height in pixels of the input (Zhou, Wang and
    Kraehenbuehl 2019, "Objects as points", with boxes told by all cells about a centre as by Liu
    et al. 2020, "Training-time-friendly network"). Cells of one person tell nearly the same box:
    of overlapping ones the surest stays, so that two people side by side are kept apart by their
    boxes and not by the distance of their centres. Its box is the mean, by score, of those that
    agree with it, also of less sure cells (box voting of Gidaris and Komodakis 2015).

    Parameters
    ----------
    head
        Scale, bias and channel range.
    output_shape
        Rows, columns and channels of the network's output.
    input_size
        Height and width of the network's input in pixels.
    sure
        Least score.
    same
        Intersection over union from which two boxes are one person's.
    """

    def __init__(
        self,
        head: Head,
        output_shape: tuple[int, ...],
        input_size: tuple[int, int],
        sure: float = SURE,
        same: float = SAME,
    ) -> None:
        first, behind = head.channels
        if behind - first != _CHANNELS:
            raise ValueError(f"head {head.name} has {behind - first} channels, not {_CHANNELS}")
        rows, columns, _ = output_shape
        self._channels = slice(first, behind)
        self._cell_px = np.array([input_size[1] / columns, input_size[0] / rows])
        self._scale = np.asarray(head.scale, dtype=np.float64)
        self._bias = np.asarray(head.bias, dtype=np.float64)
        self._sure = sure
        self._same = same

    def decode(self, output: NDArray[np.int32]) -> list[Boxes]:
        """People in each picture of int32[N, rows, columns, channels]."""
        values = (output[..., self._channels] + self._bias) * self._scale
        return [self.read(one) for one in values]

    def told(self, output: NDArray[np.int32]) -> list[Boxes]:
        """What every cell tells that is heard, for each picture: overlapping boxes as they are."""
        values = (output[..., self._channels] + self._bias) * self._scale
        return [self._heard(one) for one in values]

    def read(self, values: NDArray[np.floating]) -> Boxes:
        """People of one picture, from scaled values, float[rows, columns, 5]."""
        heard = self._heard(values)
        shares = intersection_over_union(heard.box_px, heard.box_px)
        kept = surest(shares, self._same, int((heard.score >= self._sure).sum()))
        return Boxes(_voted(heard.box_px, heard.score, shares, kept), heard.score[kept])

    def _heard(self, values: NDArray[np.floating]) -> Boxes:
        """Boxes of the cells that are heard, the surest first."""
        score = 1.0 / (1.0 + np.exp(-np.clip(values[..., 0], -60, 60)))
        row, column = np.nonzero(score >= min(self._sure, _HEARD))
        chosen = score[row, column].astype(np.float64)
        order = np.argsort(-chosen, kind="stable")  # of equal scores the first, row by row
        row, column, chosen = row[order], column[order], chosen[order]
        told = values[row, column].astype(np.float64)
        middle = np.stack([column, row], axis=1) + 0.5
        centre = (middle + told[:, 1:3]) * self._cell_px
        half = np.exp(np.minimum(told[:, 3:5], _LARGEST)) / 2
        return Boxes(np.concatenate([centre - half, centre + half], axis=1), chosen)


def intersection_over_union(a: Array, b: Array) -> Array:
    """Of float64[N, 4] and float64[M, 4] boxes: float64[N, M]."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=2)
    size = [np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1) for boxes in (a, b)]
    union = size[0][:, None] + size[1][None, :] - common
    return np.asarray(common / np.maximum(union, 1e-9))


def surest(shares: Array, same: float, sure: int) -> list[int]:
    """Of the first ``sure`` boxes, surest first, those that no surer kept one overlaps."""
    kept: list[int] = []
    for i in range(sure):  # some tens at most
        if not kept or shares[i, kept].max() < same:
            kept.append(i)
    return kept


def _voted(boxes: Array, score: Array, shares: Array, kept: list[int]) -> Array:
    """The kept boxes, each the mean of all that agree with it and with no other kept one more."""
    if not kept:
        return boxes[:0]
    agrees = (shares[kept] >= _AGREE) & (shares[kept] >= shares[kept].max(axis=0))
    weight = agrees * score
    return np.asarray(weight @ boxes / weight.sum(axis=1, keepdims=True))


def box_decoder(model: ReleasedModel, sure: float = SURE) -> BoxCentreDecoder:
    """Decoder of a finder's head that tells of boxes with a score of at least ``sure``.

    Raises
    ------
    ValueError
        When the model has no head that can be read as boxes.
    """
    for head in model.output.heads:
        if head.kind == "box_centre":
            height, width = model.input.shape[:2]
            return BoxCentreDecoder(head, model.output.shape, (height, width), sure)
    raise ValueError(f"{model.name} has no head that tells boxes")
