"""The per-frame lifter of Martinez, Hossain, Romero and Little (ICCV 2017), to compare with.

A fully connected layer, residual blocks of two (batch norm, ReLU, dropout), a linear answer. It
sees the middle moment of a window only, no neighbours and no velocity. Float only: the residual
additions are no plain chain. Deviations: width 288 instead of 1024 (about 1.5 times the weights of
``gait-lift``), dropout 0.1 instead of 0.5, which is meant for the wide one, no limit on the norm of
the weights.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model_zoo.blocks import INPUT_SCALE
from model_zoo.skeleton import N_KEYPOINTS

_SEEN = 3 * N_KEYPOINTS


class Block(nn.Module):
    """Two layers and the way past them."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(
                part
                for _ in range(2)
                for part in (
                    nn.Linear(width, width),
                    nn.BatchNorm1d(width),
                    nn.ReLU(),
                    nn.Dropout(dropout),
                )
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """float[N, width] to the same."""
        out: Tensor = x + self.layers(x)
        return out


class SimpleLinear(nn.Module):
    """Windows float[N, 72, 1, T] to answers float[N, 69, 1, 1], like the temporal chain.

    Parameters
    ----------
    width, blocks, dropout
        As in the paper.
    """

    def __init__(self, width: int = 288, blocks: int = 2, dropout: float = 0.1) -> None:
        super().__init__()
        self.first = nn.Sequential(
            nn.Linear(_SEEN, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(dropout)
        )
        self.blocks = nn.Sequential(*(Block(width, dropout) for _ in range(blocks)))
        self.last = nn.Linear(width, 3 * N_KEYPOINTS)

    def forward(self, x: Tensor) -> Tensor:
        """The answer for the middle moment."""
        middle = x[:, :_SEEN, 0, x.shape[-1] // 2] * INPUT_SCALE
        out: Tensor = self.last(self.blocks(self.first(middle)))
        return out[:, :, None, None]

    def weights(self) -> int:
        """Number of weights of the matrices."""
        return sum(int(torch.numel(p)) for p in self.parameters() if p.dim() == 2)
