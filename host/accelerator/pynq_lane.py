"""One network on a board: its two DMA engines and two pairs of buffers.

Everything here is called in the board's own thread (:mod:`host.accelerator.deadline`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.accelerator.bundle import Circuit
from host.accelerator.types import LostError
from host.codes import BoardReason, ErrorCode
from host.errors import Reason

# Registers of FINN's IODMA (finn-plus-driver 1.6.1): control, buffer address, repetitions.
_CONTROL, _ADDRESS_LOW, _ADDRESS_HIGH, _REPETITIONS = 0x00, 0x10, 0x14, 0x1C
_START, _DONE, _IDLE = 0x1, 0x2, 0x4
_KNOWN_BITS = 0x28F
"""start, done, idle, ready, auto restart, interrupt; any other bit is no answer of this block."""
_WORD = 0xFFFFFFFF
_SHORTEST_SLEEP_S, _LONGEST_SLEEP_S = 50e-6, 2e-3

Allocate = Callable[[int], Any]
"""A pynq buffer of so many bytes."""


class Engine:
    """One DMA engine.

    Parameters
    ----------
    name
        Instance name.
    registers
        pynq's MMIO over its registers.
    """

    def __init__(self, name: str, registers: Any) -> None:
        self.name = name
        self._registers = registers
        self._written: dict[int, int] = {}

    def control(self) -> int:
        """The control register; reading clears ``done``.

        Raises
        ------
        LostError
            When it holds bits that this block does not have.
        """
        # pynq 3.1.2 gives a negative number when bit 31 is set.
        value = int(self._registers.read(_CONTROL)) & _WORD
        if value & ~_KNOWN_BITS:
            raise LostError(
                ErrorCode.ACCELERATOR_FAILED,
                name=self.name,
                reason=Reason(BoardReason.UNKNOWN_BITS, dma=self.name, value=f"0x{value:08x}"),
            )
        return value

    def demand_idle(self) -> None:
        """Raise :class:`LostError` when the engine works although nobody started it."""
        if not self.control() & _IDLE:
            raise LostError(
                ErrorCode.ACCELERATOR_FAILED,
                name=self.name,
                reason=Reason(BoardReason.NOT_IDLE, dma=self.name),
            )

    def start(self, address: int, repetitions: int) -> None:
        """Move ``repetitions`` items from or to ``address``."""
        self._write(_ADDRESS_LOW, address & _WORD)
        self._write(_ADDRESS_HIGH, address >> 32)
        self._write(_REPETITIONS, repetitions)
        self._registers.write(_CONTROL, _START)

    def _write(self, offset: int, value: int) -> None:
        if self._written.get(offset) != value:  # each write is a round trip to a remote board
            self._registers.write(offset, value)
            self._written[offset] = value


@dataclass
class Slot:
    """The answer to one batch, once it is there.

    Attributes
    ----------
    data
        uint8[N, item_bytes] of the output stream.
    transfer_s, compute_s
        Time of moving input and output; from start to done.
    """

    data: NDArray[np.uint8] | None = None
    transfer_s: float = 0.0
    compute_s: float = 0.0

    def taken(self) -> NDArray[np.uint8]:
        """The data; RuntimeError when the batch was not ended: a mistake of the program."""
        if self.data is None:
            raise RuntimeError("asked for an answer before its batch was ended")
        return self.data


@dataclass
class _Pair:
    """An input and an output buffer for N items."""

    n: int
    input: Any
    output: Any
    input_address: int
    output_address: int


@dataclass
class _Run:
    pair: _Pair
    slot: Slot
    began_s: float


class Lane:
    """Moves batches through one network, the next one while one is being computed.

    Parameters
    ----------
    circuit
        From the manifest.
    source, sink
        Its engines.
    allocate
        Gives a pynq buffer.
    limit_s
        Longest time from start to done.
    """

    def __init__(
        self, circuit: Circuit, source: Engine, sink: Engine, allocate: Allocate, limit_s: float
    ) -> None:
        self._circuit = circuit
        self._source, self._sink = source, sink
        self._allocate = allocate
        self._limit_s = limit_s
        self._pairs: dict[int, list[_Pair]] = {}
        self._running: _Run | None = None
        source.demand_idle()
        sink.demand_idle()

    def step(self, data: NDArray[np.uint8], slot: Slot) -> None:
        """Start a batch, uint8[N, item_bytes], whose answer will be put into ``slot``.

        The batch before it, if any, is ended first and its slot filled.

        Raises
        ------
        LostError
            When the circuit hangs or reports an error; further exceptions are pynq's own.
        """
        began_s = time.perf_counter()
        pair = self._free_pair(len(data))
        pair.input[:] = data.reshape(-1)
        pair.input.sync_to_device()
        slot.transfer_s = time.perf_counter() - began_s
        before = self._wait()
        self._running = _Run(pair, slot, time.perf_counter())
        self._sink.start(pair.output_address, pair.n)
        self._source.start(pair.input_address, pair.n)
        self._fetch(before)

    def drain(self) -> None:
        """End the batch that is being computed; raises as :meth:`step`."""
        self._fetch(self._wait())

    def free(self) -> None:
        """Give the buffers back."""
        for pair in (p for pairs in self._pairs.values() for p in pairs):
            pair.input.freebuffer()
            pair.output.freebuffer()
        self._pairs.clear()

    def _free_pair(self, n: int) -> _Pair:
        """The pair for N items that is not in use: whole buffers are sent, so sizes are exact."""
        if n not in self._pairs:
            self._pairs[n] = [self._pair(n), self._pair(n)]
        first, second = self._pairs[n]
        return second if self._running is not None and self._running.pair is first else first

    def _pair(self, n: int) -> _Pair:
        given = self._allocate(n * self._circuit.input.item_bytes)
        taken = self._allocate(n * self._circuit.output.item_bytes)
        # Asked once: with a remote board every look at the address is a round trip.
        return _Pair(n, given, taken, int(given.device_address), int(taken.device_address))

    def _wait(self) -> _Run | None:
        """Until the running batch is done; a failed one stays, so that what follows fails too."""
        run = self._running
        if run is None:
            return None
        sleep_s, until_s = _SHORTEST_SLEEP_S, run.began_s + self._limit_s
        while not self._sink.control() & _DONE:
            if time.perf_counter() > until_s:
                raise LostError(
                    ErrorCode.ACCELERATOR_TIMEOUT, name=self._circuit.model, limit=self._limit_s
                )
            if sleep_s >= _LONGEST_SLEEP_S:
                self._source.control()  # an error there would keep the sink waiting
            time.sleep(sleep_s)
            sleep_s = min(1.5 * sleep_s, _LONGEST_SLEEP_S)
        run.slot.compute_s = time.perf_counter() - run.began_s
        self._running = None
        return run

    def _fetch(self, run: _Run | None) -> None:
        if run is None:
            return
        began_s = time.perf_counter()
        run.pair.output.sync_from_device()
        # A plain copy: pynq 3.1.2 cannot make a view of a view of a remote buffer.
        data = np.array(run.pair.output, dtype=np.uint8, subok=False)
        run.slot.transfer_s += time.perf_counter() - began_s
        run.slot.data = data.reshape(run.pair.n, self._circuit.output.item_bytes)
