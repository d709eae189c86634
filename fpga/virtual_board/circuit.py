"""One network of the loaded circuit: words flow from its input engine to its output engine."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from fpga.virtual_board.compute import Compute
from fpga.virtual_board.dma import Dma, DmaError
from fpga.virtual_board.faults import ERROR_BIT, NEVER_DONE, WRONG_INTEGERS, FaultPlan
from fpga.virtual_board.memory import Memory, MemoryAccessError
from host.accelerator.bundle import Circuit, Stream

_LOG = logging.getLogger(__name__)
_ITEMS_INSIDE = 2
"""Finished items that wait inside the circuit: the input engine is done when no more are left."""


class NetworkModel:
    """A network with its two engines, from loading to the next loading.

    Each engine works in a thread of its own, as in the circuit: the input engine takes items when
    it is started, whether or not the output engine runs; the output engine is done when as many
    results as it was told have been written. What one run leaves inside comes out in the next.

    Parameters
    ----------
    circuit
        From the manifest.
    compute
        Gives the output words of input words; closed when the network is unloaded.
    memory
        Where the engines read and write.
    faults
        Asked at every start of the output engine.
    clock_mhz
        When given, a run lasts as long as the manifest's cycles at this clock.
    """

    def __init__(
        self,
        circuit: Circuit,
        compute: Compute,
        memory: Memory,
        faults: FaultPlan,
        clock_mhz: float | None,
    ) -> None:
        self._circuit = circuit
        self._compute = compute
        self._memory = memory
        self._faults = faults
        self._clock_mhz = clock_mhz
        self._changed = threading.Condition()
        self._inside: deque[bytes] = deque()
        self._unloaded = self._stuck = False
        self._free_s = 0.0
        # One for each engine, which refuses a start while it works.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix=circuit.model)
        self.input = Dma(circuit.input.dma, self._start_input)
        self.output = Dma(circuit.output.dma, self._start_output)

    def unload(self) -> None:
        """Another circuit takes its place: what still runs ends without a trace."""
        with self._changed:
            self._unloaded = True
            self._changed.notify_all()
        self._threads.shutdown(wait=False)
        self._compute.close()

    def _start_input(self, address: int, items: int) -> None:
        self._check(self._circuit.input, address, items)
        self._work(lambda: self._feed(address, items))

    def _start_output(self, address: int, items: int) -> None:
        self._check(self._circuit.output, address, items)
        struck = self._faults.run_starts()
        self._work(lambda: self._drain(address, items, struck))

    def _check(self, stream: Stream, address: int, items: int) -> None:
        if items < 1:
            raise DmaError(f"{stream.dma} is started for {items} items")
        try:
            self._memory.check(address, items * stream.item_bytes)
        except MemoryAccessError as error:
            raise DmaError(f"{stream.dma}: {error}") from error

    def _work(self, task: Callable[[], None]) -> None:
        self._threads.submit(task).add_done_callback(self._ended)

    def _ended(self, task: Future[None]) -> None:
        """A failed computation must show on the board."""
        error = task.exception()
        if error is not None and not self._unloaded:
            _LOG.error("%s failed", self._circuit.model, exc_info=error)
            self._fail()

    def _fail(self) -> None:
        with self._changed:
            self._stuck = True
            if not self._unloaded:
                self.output.fail()

    def _feed(self, address: int, items: int) -> None:
        size = self._circuit.input.item_bytes
        data = np.frombuffer(self._memory.read(address, items * size), np.uint8)
        results = self._compute.run(data.reshape(items, size))
        with self._changed:
            self._inside.extend(row.tobytes() for row in results)
            self._changed.notify_all()
            # Waits as long as the circuit stays loaded: hardware has no deadline of its own.
            self._changed.wait_for(lambda: self._unloaded or len(self._inside) <= _ITEMS_INSIDE)
            if not self._unloaded and not self._stuck:
                self.input.finish()

    def _drain(self, address: int, items: int, struck: frozenset[str]) -> None:
        began_s = time.monotonic()
        if ERROR_BIT in struck:
            self._fail()
        with self._changed:
            self._stuck |= NEVER_DONE in struck
            self._changed.wait_for(
                lambda: self._unloaded or (len(self._inside) >= items and not self._stuck)
            )
            if self._unloaded:
                return
            results = [self._inside.popleft() for _ in range(items)]
            self._changed.notify_all()
        data = bytearray(b"".join(results))
        if WRONG_INTEGERS in struck:
            data[len(data) // 2] ^= 1
        if not self._wait_for_cycles(began_s, items):
            return
        self._memory.write(address, bytes(data))
        self.output.finish()

    def _wait_for_cycles(self, began_s: float, items: int) -> bool:
        """Sleep until the real circuit would be done; False when it was unloaded meanwhile."""
        circuit = self._circuit
        if self._clock_mhz is None or not circuit.latency_cycles or not circuit.interval_cycles:
            return True
        cycles = circuit.latency_cycles + (items - 1) * circuit.interval_cycles
        # A run that follows at once is in the pipeline already: only the interval is added.
        follows = self._free_s + items * circuit.interval_cycles / self._clock_mhz / 1e6
        until_s = max(began_s + cycles / self._clock_mhz / 1e6, follows)
        self._free_s = until_s
        with self._changed:
            return not self._changed.wait_for(
                lambda: self._unloaded, timeout=max(0.0, until_s - time.monotonic())
            )
