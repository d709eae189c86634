"""Cross-entropy over sub-cells, and the decoding used to watch a training."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

SIGMA_CELLS = 0.8
"""Width of the soft label; 0.8 cell learned well in trials, other widths were not tried."""


def cell_logits(head: Tensor, sub_cells: int) -> Tensor:
    """Head output [N, K*s*s, H, W] as maps [N, K, H*s, W*s]."""
    return functional.pixel_shuffle(head, sub_cells)


def cell_loss(head: Tensor, points: Tensor, *, sub_cells: int, stride: int) -> Tensor:
    """Mean cross-entropy of the labelled points against a Gaussian over the cells.

    Parameters
    ----------
    head
        float[N, K*s*s, H, W].
    points
        float[N, K, 3]: x, y in input pixels, weight of the label.
    """
    logits = cell_logits(head, sub_cells)
    n, k, height, width = logits.shape
    cell = stride / sub_cells
    ys = torch.arange(height, device=head.device) + 0.5
    xs = torch.arange(width, device=head.device) + 0.5
    gy = torch.exp(-((ys - points[..., 1:2] / cell) ** 2) / (2 * SIGMA_CELLS**2))
    gx = torch.exp(-((xs - points[..., 0:1] / cell) ** 2) / (2 * SIGMA_CELLS**2))
    gy = gy / gy.sum(-1, keepdim=True).clamp_min(1e-6)
    gx = gx / gx.sum(-1, keepdim=True).clamp_min(1e-6)
    log_p = functional.log_softmax(logits.flatten(2), 2).view(n, k, height, width)
    per_point = -torch.einsum("nky,nkyx,nkx->nk", gy, log_p, gx)
    weight = points[..., 2]
    return (per_point * weight).sum() / weight.sum().clamp_min(1.0)


@torch.no_grad()
def decode_cells(head: Tensor, *, sub_cells: int, stride: int) -> Tensor:
    """Points float[N, K, 2] in input pixels: arg-max cell and 3x3 softmax centroid.

    Only for watching a training; the host decodes with ``host.pose.decode``.
    """
    logits = cell_logits(head.float(), sub_cells)
    n, k, height, width = logits.shape
    p = logits.flatten(2).softmax(2)
    best = p.argmax(2)
    row, column = best // width, best % width
    padded = functional.pad(p.view(n, k, height, width), (1, 1, 1, 1))
    window = torch.stack(
        [
            padded.flatten(2).gather(2, ((row + dy) * (width + 2) + column + dx)[..., None])[..., 0]
            for dy in range(3)
            for dx in range(3)
        ],
        -1,
    ).view(n, k, 3, 3)
    mass = window.sum((2, 3)).clamp_min(1e-9)
    offset = torch.tensor([-1.0, 0.0, 1.0], device=head.device)
    x = column + 0.5 + (window.sum(2) * offset).sum(2) / mass
    y = row + 0.5 + (window.sum(3) * offset).sum(2) / mass
    return torch.stack([x, y], -1) * (stride / sub_cells)
