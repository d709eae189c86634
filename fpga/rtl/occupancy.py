"""FIFO depths from how full the FIFOs are in simulation.

The circuit is generated with a FIFO in front of every node and simulated with queues whose depth is
an option of the run (``simulator/fifo_model.sv``), so that one build answers every question:

1. without limits the slowest node alone gives the interval;
2. with the input spread evenly over that interval, the largest fill of each queue is a depth that
   surely keeps it: nothing ever waits for room. A faster source only makes words come earlier, and
   in such a chain nothing that comes earlier makes anything else come later;
3. deep queues hold bursts that a waiting producer would spread by itself, so each is made shallower
   for as long as the interval stays; depths are those that fill a shift register (33) or a whole
   block memory;
4. FIFOs that never held more than a handshake does are left out, again if the interval stays.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from fpga.errors import FpgaError
from fpga.fold.cost.stream import full_depth
from fpga.fold.folding import NO_FIFO, NetworkFolding
from host.accelerator.program import Program, ProgramError, ProgramTimeoutError

SHIFT_DEPTH = 33
"""Words that ``fifo.sv`` holds in one shift register per bit and its output register."""

TOLERANCE = 0.005
"""Share of the interval that all choices together may cost. Measured on gait-pose-s with 0.001: 47
FIFOs with 4 RAMB18 and 110,684 cycles, where 41 by rule take 9 RAMB18 and 111,182, but half the
look-up tables."""

ITEMS = 4
LIMIT_S = 1800.0


@dataclass(frozen=True)
class Measurement:
    """One run: cycles between the last two items, and the largest fill by FIFO."""

    interval_cycles: int
    largest: dict[str, int]


@dataclass(frozen=True)
class Sizing:
    """What was found.

    Attributes
    ----------
    fifos
        Depth by the node behind the FIFO; a node without one is absent.
    largest
        Fill of each queue without limits, the input spread evenly.
    free_cycles, interval_cycles
        Interval without limits and with ``fifos``.
    runs
        Simulations that it took.
    """

    fifos: dict[str, int]
    largest: dict[str, int]
    free_cycles: int
    interval_cycles: int
    runs: int

    @property
    def summary(self) -> str:
        """One line for the console."""
        return (
            f"{len(self.fifos)} FIFOs with {sum(self.fifos.values())} words keep "
            f"{self.interval_cycles} cycles per item (without limits {self.free_cycles}), found in "
            f"{self.runs} simulations"
        )


Measure = Callable[[dict[str, int], int], Measurement]
"""Runs with depths by node (0: a wire; absent: no limit) and a pace in cycles (0: no waiting)."""


class FifoSizing:
    """The search described above.

    Parameters
    ----------
    nodes
        That have a FIFO in front, in the order of the chain.
    measure
        Runs the circuit.
    """

    def __init__(self, nodes: tuple[str, ...], measure: Measure) -> None:
        self.nodes = nodes
        self.measure = measure

    def run(self) -> Sizing:
        """Find the depths.

        Raises
        ------
        FpgaError
            When the depths that held everything do not keep the interval.
        """
        self._runs = 0
        self._bound = free = self._interval({})
        largest = self.measure({}, free).largest
        depths = {node: _rounded(largest[node]) for node in self.nodes}
        self._bound = int(free * (1 + TOLERANCE))
        if not self._keeps(depths):
            raise FpgaError("FIFOs as deep as they were ever filled do not keep the interval")
        deep = [node for node in self.nodes if depths[node] > SHIFT_DEPTH]
        self._lower(depths, deep, SHIFT_DEPTH, self._shrink)
        spare = [n for n in self.nodes if largest[n] <= NO_FIFO or n == self.nodes[0]]
        self._lower(depths, spare, 0, lambda *_: None)
        interval = self._interval(depths)
        chosen = {node: depth for node, depth in depths.items() if depth > NO_FIFO}
        return Sizing(chosen, largest, free, interval, self._runs + 1)

    def _lower(
        self,
        depths: dict[str, int],
        nodes: list[str],
        depth: int,
        otherwise: Callable[[dict[str, int], str], None],
    ) -> None:
        """Give as many as possible that depth, halving a group that cannot have it as a whole."""
        if not nodes:
            return
        if self._keeps({**depths, **dict.fromkeys(nodes, depth)}):
            depths.update(dict.fromkeys(nodes, depth))
        elif len(nodes) == 1:
            otherwise(depths, nodes[0])
        else:
            self._lower(depths, nodes[: len(nodes) // 2], depth, otherwise)
            self._lower(depths, nodes[len(nodes) // 2 :], depth, otherwise)

    def _shrink(self, depths: dict[str, int], node: str) -> None:
        """The shallowest step that keeps the interval, by bisection: deeper is never slower."""
        steps = _steps(depths[node])
        low, high = 1, len(steps) - 1  # the first step was too shallow
        while low < high:
            middle = (low + high) // 2
            if self._keeps({**depths, node: steps[middle]}):
                high = middle
            else:
                low = middle + 1
        depths[node] = steps[high]

    def _keeps(self, depths: dict[str, int]) -> bool:
        return self._interval(depths) <= self._bound

    def _interval(self, depths: dict[str, int]) -> int:
        self._runs += 1
        return self.measure(depths, 0).interval_cycles


def _rounded(words: int) -> int:
    """The depth of at least ``words`` that costs no more."""
    return SHIFT_DEPTH if words <= SHIFT_DEPTH else full_depth(words)


def _steps(depth: int) -> list[int]:
    """Depths up to ``depth`` at which the cost rises."""
    steps = [SHIFT_DEPTH]
    while steps[-1] < depth:
        steps.append(2 * steps[-1] - 1)
    return [*(step for step in steps if step < depth), depth]


class FreeCircuit:
    """A simulator whose FIFO depths are options, as a :data:`Measure`.

    Parameters
    ----------
    program
        Built with ``free_fifos``.
    words
        Input items in the circuit's packing, uint8[n, bytes]; their values do not matter.
    output_bytes
        Of one output item.
    nodes
        FIFO node in front of each node.
    """

    def __init__(
        self,
        program: Path,
        words: NDArray[np.uint8],
        output_bytes: int,
        nodes: dict[str, str],
    ) -> None:
        self.program = program
        self.words = words
        self.output_bytes = output_bytes
        self.nodes = nodes

    def __call__(self, depths: dict[str, int], pace_cycles: int) -> Measurement:
        """Run; raises :class:`FpgaError` when the simulation fails or stands still."""
        with TemporaryDirectory(dir=self.program.parent) as work:
            asked, filled = Path(work, "depths").resolve(), Path(work, "occupancy").resolve()
            asked.write_text("".join(f"{self.nodes[n]} {d}\n" for n, d in depths.items()))
            options = ["--depths", str(asked), "--occupancy", str(filled)]
            options += ["--pace", str(pace_cycles)]
            program = None
            try:
                sizes = (self.words.shape[1], self.output_bytes)
                program = Program(self.program.resolve(), sizes, options)
                program.ask(self.words, LIMIT_S)
                ends = program.answer(LIMIT_S).cycles[:, 1].astype(np.int64)
                program.close()
            except (ProgramError, ProgramTimeoutError) as error:
                raise FpgaError(f"the simulation for FIFO depths failed: {error}") from error
            finally:
                if program is not None:
                    program.kill()
            table = json.loads(filled.read_text())
        largest = {node: int(table[fifo]) for node, fifo in self.nodes.items()}
        return Measurement(int(ends[-1] - ends[-2]), largest)


def with_all_fifos(network: NetworkFolding, nodes: tuple[str, ...]) -> NetworkFolding:
    """The same folding with a FIFO in front of every node and every width converter."""
    everywhere = [name for node in nodes for name in (node, f"{node}_width")]
    return replace(network, fifos=dict.fromkeys(everywhere, SHIFT_DEPTH))


def fifo_nodes(records: list[dict[str, object]]) -> dict[str, str]:
    """FIFO node by the name under which a folding knows the node behind it.

    Parameters
    ----------
    records
        Entries of ``nodes.json`` in the order of the chain.
    """
    found = {}
    for fifo, behind in itertools.pairwise(records):
        if fifo["op"] != "StreamingFIFO_rtl":
            continue
        name = str(behind["name"])
        if behind["op"] == "StreamingDataWidthConverter_rtl":
            at = records.index(behind)
            reader = next(r for r in records[at:] if not str(r["op"]).startswith("Streaming"))
            name = f"{reader['name']}_width"
        found[name] = str(fifo["name"])
    return found
