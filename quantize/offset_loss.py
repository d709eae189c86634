"""Cells with offsets: a map of coarse cells per point, and in each cell the way to the point."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from model_zoo.skeleton import N_KEYPOINTS
from quantize.loss import CellLoss, cell_logits


def maps_and_offsets(head: Tensor, sub_cells: int) -> tuple[Tensor, Tensor]:
    """Head output [N, 3*K*s*s, H, W] as raw maps [N, K*s*s, H, W] and ways [N, K, 2, H*s, W*s].

    Ways are in cells, x before y.
    """
    first = N_KEYPOINTS * sub_cells**2
    ways = cell_logits(head[:, first:], sub_cells)
    return head[:, :first], ways.unflatten(1, (N_KEYPOINTS, 2))


@dataclass(frozen=True)
class OffsetLoss(CellLoss):
    """The loss of the cells plus Huber's loss (1964) of the ways from all cells near a point.

    The form of Papandreou et al. 2017 ("Towards accurate multi-person pose estimation in the
    wild"), with cross-entropy over the cells in place of their disk-shaped maps.

    Attributes
    ----------
    radius_cells
        Cells whose middle lies so near a point learn the way to it.
    offset
        Weight of the ways.
    """

    radius_cells: float = 1.5
    offset: float = 1.0

    def __call__(self, head: Tensor, points: Tensor, *, sub_cells: int, stride: int) -> Tensor:
        """Scalar loss of head output float[N, 3*K*s*s, H, W]; points as for :class:`CellLoss`."""
        maps, ways = maps_and_offsets(head, sub_cells)
        cells = super().__call__(maps, points, sub_cells=sub_cells, stride=stride)
        x, y = (points[..., :2] / (stride / sub_cells)).unbind(-1)
        rows, columns = ways.shape[3:]
        dx = x[..., None] - torch.arange(columns, device=head.device) - 0.5
        dy = y[..., None] - torch.arange(rows, device=head.device) - 0.5
        true = torch.stack(torch.broadcast_tensors(dx[..., None, :], dy[..., :, None]), 2)
        near = (true.norm(dim=2) <= self.radius_cells) * points[..., 2, None, None]
        wrong = functional.huber_loss(ways, true, reduction="none", delta=0.5).sum(2)
        return cells + self.offset * (wrong * near).sum() / near.sum().clamp_min(1.0)


@torch.no_grad()
def decode_offsets(head: Tensor, *, sub_cells: int, stride: int) -> Tensor:
    """Points float[N, K, 2] in input pixels: the surest cell and its way. For watching only."""
    maps, ways = maps_and_offsets(head.float(), sub_cells)
    logits = cell_logits(maps, sub_cells)
    best = logits.flatten(2).argmax(2)
    row, column = best // logits.shape[3], best % logits.shape[3]
    way = ways.flatten(3).gather(3, best[..., None, None].expand(-1, -1, 2, 1))[..., 0]
    return (torch.stack([column, row], -1) + 0.5 + way) * (stride / sub_cells)
