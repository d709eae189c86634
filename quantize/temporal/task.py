"""What the trainer of temporal networks asks of a role: examples, a loss, scores, a head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from quantize.release import HeadPlan

Predict = Callable[[NDArray[np.int8]], NDArray[np.float32]]
"""Network outputs float32[N, W', O] of windows int8[N, 1, T, C]; W' is 1 for a strided chain."""


@dataclass(frozen=True)
class Examples:
    """N windows and what is true in them.

    Attributes
    ----------
    x
        int8[N, 1, T, C] as in :class:`host.pose.windows.Windows`.
    target
        float32[N, ...], whatever the role's loss compares the output with.
    weight
        float32[N, ...], how much each part of the target counts; 0 where it is not known.
    """

    x: NDArray[np.int8]
    target: NDArray[np.float32]
    weight: NDArray[np.float32]

    def __post_init__(self) -> None:
        if not len(self.x) == len(self.target) == len(self.weight):
            counts = f"{len(self.x)}, {len(self.target)}, {len(self.weight)}"
            raise ValueError(f"windows, targets and weights differ in number: {counts}")

    def __len__(self) -> int:
        return len(self.x)


class Task(Protocol):
    """What is learned: everything that differs between roles."""

    @property
    def head(self) -> HeadPlan:
        """How the output channels are to be read."""

    def batch(self, n: int, rng: np.random.Generator) -> Examples:
        """``n`` examples, drawn anew (augmented) at each call."""

    def loss(self, output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """One number to make small.

        Parameters
        ----------
        output
            float[N, W', O], the network's output (not yet scaled by the head).
        target, weight
            Of the batch's :class:`Examples`, as float tensors.
        """

    def scores(self, predict: Predict) -> dict[str, float]:
        """Figures on held-out data, for the learning curve; nothing is chosen by them silently."""

    def golden(self) -> NDArray[np.int8]:
        """A few windows, int8[G, 1, T, C], from data that may ship: part of the golden pair."""


class Renewed:
    """Examples that cost more to draw than to learn from: each is used a few times.

    Keeps ``size`` examples; every batch draws from them at random and replaces the oldest by
    ``fresh`` new ones for each example it takes.

    Parameters
    ----------
    draw
        Makes ``n`` new examples.
    size
        How many are kept.
    fresh
        New examples per example taken, 0 to 1: 0.4 uses each example 2.5 times on the average.
    """

    def __init__(
        self, draw: Callable[[int, np.random.Generator], Examples], size: int, fresh: float
    ) -> None:
        self._draw, self._size, self._fresh = draw, size, fresh
        self._kept: Examples | None = None
        self._oldest, self._due = 0, 0.0

    def batch(self, n: int, rng: np.random.Generator) -> Examples:
        """``n`` of the kept examples."""
        if self._kept is None:
            self._kept = self._draw(self._size, rng)
        kept = self._kept
        self._due += n * self._fresh
        if whole := int(self._due):
            self._due -= whole
            new = self._draw(whole, rng)
            rows = (self._oldest + np.arange(whole)) % self._size
            for name in ("x", "target", "weight"):
                getattr(kept, name)[rows] = getattr(new, name)
            self._oldest = int(rows[-1] + 1) % self._size
        chosen = rng.choice(self._size, n, replace=False)
        return Examples(kept.x[chosen], kept.target[chosen], kept.weight[chosen])
