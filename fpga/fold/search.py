"""The search: exact over the cost model, by dynamic programming along the chain.

For a given number of cycles per item each layer has a few foldings that no other beats in DSPs,
block RAM and look-up tables at once. Along the chain the sums of these are kept in the same way
(labels, as in resource-constrained shortest paths: Desrochers and Soumis, 1988), so the best
combination within a budget is found, not guessed.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fpga.boards import Board
from fpga.errors import FpgaError
from fpga.fold.fifos import default_depths
from fpga.fold.folding import Folding, NetworkFolding
from fpga.fold.geometry import LayerGeometry
from fpga.fold.options import (
    Option,
    fastest_cycles,
    layer_options,
    least_dsps,
    node_cycles,
    threshold_pe,
)

Chain = tuple[LayerGeometry, ...]

SHARE = 0.75
"""Of the part's LUT, block RAM and DSP: the DMA engines, the interconnect and the placement need
the rest."""

STREAM_LOSS = 0.01
"""Cycles lost on top of the slowest node's; simulated 0.7 % with the default FIFOs."""

FASTER = 2
"""How many times its rate a network may reach, where fewer of its multipliers are then idle."""


@dataclass(frozen=True)
class Budget:
    """What the networks of a bundle may take together."""

    dsp: int
    bram18: int
    lut: int

    @classmethod
    def of(cls, board: Board, share: float = SHARE) -> Budget:
        """A share of the board's part."""
        have = board.resources
        return cls(int(have.dsp * share), int(have.bram18 * share), int(have.lut * share))

    def vector(self) -> NDArray[np.int64]:
        """DSP, RAMB18 and look-up tables, int64[3]."""
        return np.array([self.dsp, self.bram18, self.lut], np.int64)


@dataclass(frozen=True)
class Labels:
    """Sums of resources at the end of a chain, with the way back.

    Attributes
    ----------
    sums
        DSP, RAMB18, look-up tables: int64[n, 3]; none beaten by another.
    options
        Per layer the options; ``came`` and ``took`` per layer say from which earlier label and by
        which option each label was reached, int64[n] each.
    """

    sums: NDArray[np.int64]
    options: tuple[tuple[Option, ...], ...]
    came: tuple[NDArray[np.int64], ...]
    took: tuple[NDArray[np.int64], ...]

    def path(self, label: int) -> list[Option]:
        """The option of every layer that leads to a label."""
        chosen = []
        for options, came, took in zip(
            reversed(self.options), reversed(self.came), reversed(self.took), strict=True
        ):
            chosen.append(options[took[label]])
            label = int(came[label])
        return chosen[::-1]


@dataclass(frozen=True)
class Wish:
    """One network of a bundle and the rate that it must reach; None: as fast as all fit."""

    name: str
    chain: Chain
    model_sha256: str
    rate_fps: float | None = None


class FoldingSearch:
    """Foldings for the networks of one bundle on one board.

    With rates: every network reaches its rate, and the smallest share of all multipliers is idle
    (up to :data:`FASTER` times the rate). Without: the fastest common rate that fits. Of equally
    fast foldings with equally few DSPs, the one that takes block RAM and look-up tables evenly.

    Parameters
    ----------
    board
        Gives clock, DSP type and, by ``budget``, the resources.
    budget
        Default: :data:`SHARE` of the part.
    """

    def __init__(self, board: Board, budget: Budget | None = None) -> None:
        self.board = board
        self.budget = budget or Budget.of(board)

    def run(self, wishes: tuple[Wish, ...]) -> Folding:
        """Search.

        Raises
        ------
        FpgaError
            When a rate is out of reach or the budget does not hold the networks.
        """
        rated = [wish.rate_fps is not None for wish in wishes]
        if all(rated):
            found = self._least_idle(wishes)
        elif not any(rated):
            found = self._fastest(wishes)
        else:
            raise FpgaError("give every network of the bundle a rate, or none of them")
        networks = {
            wish.name: _network(wish, options) for wish, options in zip(wishes, found, strict=True)
        }
        return Folding(self.board.name, self.board.clock_mhz, networks)

    def _labels(self, chain: Chain, cycles: int) -> Labels:
        return _chain_labels(chain, cycles, self.board.dsp_type, self.budget)

    def _least_idle(self, wishes: tuple[Wish, ...]) -> list[list[Option]]:
        speeds = [self._speeds(wish) for wish in wishes]
        macs = [sum(layer.macs for layer in wish.chain) for wish in wishes]
        ranked = []
        for combined in itertools.product(*speeds):
            dsps = sum(count for _, count in combined)
            used = sum(n / (4 * c) for n, (c, _) in zip(macs, combined, strict=True))
            if dsps <= self.budget.dsp:
                ranked.append((1 - used / dsps, [c for c, _ in combined]))
        for _, cycles in sorted(ranked):
            found = self._together(wishes, cycles)
            if found is not None:
                return found
        raise self._too_much(wishes, [self._most_cycles(wish) for wish in wishes])

    def _speeds(self, wish: Wish) -> list[tuple[int, int]]:
        """Cycles that reach the network's rate, and the fewest DSPs with which they can be kept."""
        most = self._most_cycles(wish)
        least = max(fastest_cycles(layer) for layer in wish.chain)
        if least > most:
            slow = max(wish.chain, key=fastest_cycles)
            reachable = self.board.clock_mhz * 1e6 / least / (1 + STREAM_LOSS)
            raise FpgaError(
                f"{wish.name}: {wish.rate_fps:g} frames/s leave {most} cycles, layer {slow.name} "
                f"needs {least} however many multipliers it gets; at most {reachable:.0f} frames/s "
                f"at {self.board.clock_mhz:g} MHz"
            )
        speeds = []
        for cycles in _speeds(wish.chain, max(least, most // FASTER), most):
            counts = [least_dsps(x, cycles, self.board.dsp_type) for x in wish.chain]
            speeds.append((cycles, sum(n for n in counts if n is not None)))
        return speeds

    def _most_cycles(self, wish: Wish) -> int:
        """Cycles of the slowest node that reach the rate, the loss of streams included."""
        rate = wish.rate_fps or 1.0
        return int(self.board.clock_mhz * 1e6 / rate / (1 + STREAM_LOSS))

    def _fastest(self, wishes: tuple[Wish, ...]) -> list[list[Option]]:
        least = max(fastest_cycles(layer) for wish in wishes for layer in wish.chain)
        most = max(layer.macs for wish in wishes for layer in wish.chain)
        speeds = sorted({c for wish in wishes for c in _speeds(wish.chain, least, most)})
        low, high, best = 0, len(speeds) - 1, None
        while low <= high:
            middle = (low + high) // 2
            found = self._together(wishes, [speeds[middle]] * len(wishes))
            if found is None:
                low = middle + 1
            else:
                best, high = found, middle - 1
        if best is None:
            raise self._too_much(wishes, [most] * len(wishes))
        return best

    def _together(self, wishes: tuple[Wish, ...], cycles: list[int]) -> list[list[Option]] | None:
        """The best foldings of all networks within the shared budget; None where none fits."""
        parts = [self._labels(w.chain, c) for w, c in zip(wishes, cycles, strict=True)]
        if not all(len(part.sums) for part in parts):
            return None
        sums = np.zeros((1, 3), np.int64)
        ways = np.zeros((1, 0), np.int64)
        limit = self.budget.vector()
        for part in parts:
            n, m = len(sums), len(part.sums)
            sums = (sums[:, None] + part.sums[None]).reshape(n * m, 3)
            ways = np.hstack([np.repeat(ways, m, axis=0), np.tile(np.arange(m), n)[:, None]])
            fits = np.flatnonzero((sums <= limit).all(axis=1))
            kept = fits[_unbeaten(sums[fits])]
            sums, ways = sums[kept], ways[kept]
        if not len(sums):
            return None
        shares = sums / np.maximum(limit, 1)
        best = np.lexsort((shares[:, 1] ** 2 + shares[:, 2] ** 2, sums[:, 0]))[0]
        return [part.path(int(way)) for part, way in zip(parts, ways[best], strict=True)]

    def _too_much(self, wishes: tuple[Wish, ...], cycles: list[int]) -> FpgaError:
        """Say which resource is missing: the least of each that the networks need alone."""
        needs = []
        for k, (what, limit) in enumerate(
            zip(("DSP", "RAMB18", "LUT"), self.budget.vector(), strict=True)
        ):
            least = sum(
                _least(w.chain, c, self.board.dsp_type, k)
                for w, c in zip(wishes, cycles, strict=True)
            )
            needs.append(f"at least {least} of {limit} {what}")
        names = "+".join(wish.name for wish in wishes)
        return FpgaError(
            f"{names} does not fit {self.board.name} at this rate: {', '.join(needs)}, each taken "
            "alone; lower the rate, raise the share, or take a larger board"
        )


def _network(wish: Wish, options: list[Option]) -> NetworkFolding:
    layers = {layer.name: option.folding for layer, option in zip(wish.chain, options, strict=True)}
    fifos: dict[str, int] = {}
    for i, layer in enumerate(wish.chain):
        fifos |= default_depths(layer, layers[layer.name], first=i == 0)
    return NetworkFolding(wish.model_sha256, wish.rate_fps, layers, fifos)


@lru_cache(maxsize=256)
def _options(chain: Chain, cycles: int, dsp_type: str) -> tuple[tuple[Option, ...], ...]:
    found, before = [], None
    for layer in chain:
        found.append(layer_options(layer, cycles, before, dsp_type))
        before = (threshold_pe(layer, cycles) or 1) * (layer.output_bits or 0)
    return tuple(found)


def _least(chain: Chain, cycles: int, dsp_type: str, resource: int) -> int:
    rows = [[_vector(o)[resource] for o in found] for found in _options(chain, cycles, dsp_type)]
    return sum(min(row, default=0) for row in rows)


def _speeds(chain: Chain, least: int, most: int) -> list[int]:
    """Numbers of cycles at which some layer's choice changes, within bounds, and the slower one."""
    every = {c for layer in chain for c in node_cycles(layer)}
    return sorted({c for c in every if least <= c <= most} | {most})


@lru_cache(maxsize=256)
def _chain_labels(chain: Chain, cycles: int, dsp_type: str, budget: Budget) -> Labels:
    limit = budget.vector()
    found = _options(chain, cycles, dsp_type)
    rows = [np.array([_vector(o) for o in x], np.int64).reshape(-1, 3) for x in found]
    behind = np.zeros((len(rows) + 1, 3), np.int64)
    for i in range(len(rows) - 1, -1, -1):
        behind[i] = behind[i + 1] + (rows[i].min(axis=0) if len(rows[i]) else limit + 1)
    sums, came, took = np.zeros((1, 3), np.int64), [], []
    for i, row in enumerate(rows):
        n, m = len(sums), len(row)
        reached = (sums[:, None] + row[None]).reshape(n * m, 3)
        fits = np.flatnonzero((reached + behind[i + 1] <= limit).all(axis=1))
        kept = fits[_unbeaten(reached[fits])]
        sums = reached[kept]
        came.append(kept // max(m, 1))
        took.append(kept % max(m, 1))
    return Labels(sums, found, tuple(came), tuple(took))


def _vector(option: Option) -> tuple[int, int, int]:
    return option.cost.dsp, option.cost.bram18, option.cost.lut_sites


def _unbeaten(sums: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows that no other row beats or equals in all three sums: their numbers, int64[k].

    In rising order of DSPs, the best look-up tables so far for each number of block memories
    decide.
    """
    order = np.lexsort((sums[:, 2], sums[:, 1], sums[:, 0]))
    if not len(order):
        return order
    best = np.full(int(sums[:, 1].max()) + 1, np.iinfo(np.int64).max)
    kept = []
    for row in order:
        _, blocks, luts = sums[row]
        if luts < best[blocks]:
            kept.append(row)
            np.minimum(best[blocks:], luts, out=best[blocks:])
    return np.array(kept, np.int64)
