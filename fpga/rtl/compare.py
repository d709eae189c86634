"""Runs inputs through a simulated network and compares every integer with the emulation's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fpga.errors import FpgaError
from host.accelerator.bundle import Circuit, Manifest, load_manifest
from host.accelerator.packing import pack, unpack
from host.accelerator.program import Program, ProgramError, ProgramTimeoutError

ITEM_LIMIT_S = 600.0
"""Longest simulation of one item; on a busy machine gait-pose-m takes half a minute."""


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes
    ----------
    what
        What was run.
    items, integers, differing
        Items that came out, their integers, and those that are not the emulation's.
    latency_cycles, interval_cycles
        First input word to last output word of the first item; between the last two items of a
        batch. None where not measured.
    """

    what: str
    items: int
    integers: int
    differing: int
    latency_cycles: int | None = None
    interval_cycles: int | None = None


class Comparison:
    """A network of a bundle beside the integers that it must give.

    Parameters
    ----------
    manifest
        Of a bundle that was built with its simulators.
    circuit
        One of its networks.
    x, expected
        Inputs [N, *input.shape] and the emulation's outputs int32[N, *output.shape], N >= 2.

    Raises
    ------
    FpgaError
        When the bundle has no simulator; the methods raise it when a simulation fails.
    """

    def __init__(
        self, manifest: Manifest, circuit: Circuit, x: NDArray[Any], expected: NDArray[np.int32]
    ) -> None:
        if circuit.simulator is None:
            raise FpgaError(f"{circuit.model} was built without its simulator; build it again")
        self.circuit = circuit
        self.program = (manifest.folder / circuit.simulator).resolve()
        self.words = pack(x, circuit.input)
        self.expected = expected

    def batch(self, what: str, options: tuple[str, ...] = (), repeats: int = 1) -> Row:
        """All inputs in one batch, ``repeats`` times without a reset between.

        Parameters
        ----------
        what
            For the row.
        options
            Of the program; see :mod:`host.accelerator.rtl`.
        """
        differing, cycles = 0, np.zeros((0, 2), np.int64)
        with self._running(options) as program:
            for _ in range(repeats):
                y, stamps = self._exchange(program, np.arange(len(self.words)))
                differing += y
                cycles = stamps if not len(cycles) else cycles
        return Row(
            what,
            repeats * len(self.words),
            repeats * self.expected.size,
            differing,
            int(cycles[0, 1] - cycles[0, 0]),
            int(cycles[-1, 1] - cycles[-2, 1]),
        )

    def interleaved(self, what: str, options: tuple[str, ...] = ()) -> Row:
        """Each input alone, twice, with the next one between: nothing of a call may remain.

        finn issue 796: there the second call gives other integers than the first.
        """
        n = len(self.words)
        order = [i for k in range(n) for i in (k, (k + 1) % n, k)]
        with self._running(options) as program:
            differing = sum(self._exchange(program, np.array([i]))[0] for i in order)
        return Row(what, len(order), len(order) * self.expected[0].size, differing)

    @contextmanager
    def _running(self, options: tuple[str, ...]) -> Iterator[Program]:
        sizes = (self.circuit.input.item_bytes, self.circuit.output.item_bytes)
        program = None
        try:
            program = Program(self.program, sizes, options)
            yield program
            program.close()
        except ProgramTimeoutError as error:
            raise FpgaError(f"{self.circuit.model}: the simulation hangs") from error
        except ProgramError as error:
            raise FpgaError(f"{self.circuit.model}: the simulation failed: {error}") from error
        finally:
            if program is not None:
                program.kill()

    def _exchange(
        self, program: Program, which: NDArray[np.int64]
    ) -> tuple[int, NDArray[np.int64]]:
        """Differing integers of some inputs in one batch, and the cycles of each."""
        limit_s = ITEM_LIMIT_S * len(which)
        program.ask(self.words[which], limit_s)
        answer = program.answer(limit_s)
        differing = unpack(answer.data, self.circuit.output) != self.expected[which]
        return int(np.count_nonzero(differing)), answer.cycles.astype(np.int64)


def compare_arrays(what: str, y: NDArray[np.int32], expected: NDArray[np.int32]) -> Row:
    """A row for integers that something else computed."""
    return Row(what, len(y), y.size, int(np.count_nonzero(y != expected)))


def gap_options(valid_percent: int, ready_percent: int, seed: int) -> tuple[str, ...]:
    """Options for random gaps on both streams."""
    values = {"--valid": valid_percent, "--ready": ready_percent, "--seed": seed}
    return tuple(str(word) for pair in values.items() for word in pair)


def save_cycles(folder: Path, rows: dict[str, Row]) -> None:
    """Enter interval and latency of each network in the manifest of ``folder``.

    It is read again: what was counted or paired during a long simulation stays.
    """
    manifest = load_manifest(folder)
    networks = tuple(
        replace(
            circuit,
            interval_cycles=rows[circuit.model].interval_cycles,
            latency_cycles=rows[circuit.model].latency_cycles,
        )
        if circuit.model in rows
        else circuit
        for circuit in manifest.networks
    )
    replace(manifest, networks=networks).write(folder)
