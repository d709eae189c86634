"""The register face of one FINN DMA engine.

Offsets and bits as finn-plus-driver 1.6.1 uses them (``overlays/dma.py``): the control register of
an HLS block, the buffer's address, and the number of items to move.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

CONTROL, ADDRESS_LOW, ADDRESS_HIGH, REPETITIONS = 0x00, 0x10, 0x14, 0x1C
START, DONE, IDLE, READY = 1 << 0, 1 << 1, 1 << 2, 1 << 3
ERROR = 1 << 4
"""Always 0 in a healthy HLS block; a virtual circuit shows with it that it failed."""


class DmaError(Exception):
    """A start that no sound program makes; the text reaches the client."""


class Dma:
    """One engine. Safe between threads.

    Parameters
    ----------
    name
        Instance name.
    on_start
        Called with address and repetitions when a program starts the engine; what it raises as
        :class:`DmaError` leaves the engine idle.
    """

    def __init__(self, name: str, on_start: Callable[[int, int], None]) -> None:
        self.name = name
        self._on_start = on_start
        self._lock = threading.Lock()
        self._registers = {ADDRESS_LOW: 0, ADDRESS_HIGH: 0, REPETITIONS: 0}
        self._busy = self._done = self._failed = False

    def read(self, offset: int) -> int:
        """Value of a register; looking at ``done`` clears it."""
        with self._lock:
            if offset != CONTROL:
                return self._registers.get(offset, 0)
            value = START if self._busy else IDLE
            value |= (DONE | READY) * self._done | ERROR * self._failed
            self._done = False
            return value

    def write(self, offset: int, value: int) -> None:
        """Set a register; bit 0 of the control register starts the engine.

        Raises
        ------
        DmaError
            When it is started while it works, or with an address or a count that cannot be meant.
        """
        with self._lock:
            if offset != CONTROL:
                self._registers[offset] = value
                return
            if not value & START:
                return
            if self._busy:
                raise DmaError(f"{self.name} is started while it works")
            address = self._registers[ADDRESS_HIGH] << 32 | self._registers[ADDRESS_LOW]
            repetitions = self._registers[REPETITIONS]
            self._busy, self._done = True, False
        try:
            self._on_start(address, repetitions)
        except DmaError:
            with self._lock:
                self._busy = False
            raise

    def finish(self) -> None:
        """All items were moved."""
        with self._lock:
            self._busy, self._done = False, True

    def fail(self) -> None:
        """The engine gave up: never done, not idle, and the error bit until it is loaded again."""
        with self._lock:
            self._failed = True
