"""Faults on purpose: what a board, its network or its circuit may do wrong, and when."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from fpga.errors import FpgaError

NEVER_DONE = "never-done"
ERROR_BIT = "error-bit"
WRONG_INTEGERS = "wrong-integers"
DROPPED_CONNECTION = "dropped-connection"
RESTART = "restart"
NO_ANSWER = "no-answer"
WRONG_BUFFER_SIZE = "wrong-buffer-size"
SLOW_NETWORK = "slow-network"

FAULTS = {
    NEVER_DONE: "the circuit starts and never ends, until it is loaded again",
    ERROR_BIT: "the output DMA engine ends with an error, until the circuit is loaded again",
    WRONG_INTEGERS: "one integer of the result is wrong",
    DROPPED_CONNECTION: "all connections break while the circuit computes; the board lives on",
    RESTART: "the board restarts while the circuit computes and forgets all but its firmware files",
    NO_ANSWER: "the board stops answering while the circuit computes, until it is restarted",
    WRONG_BUFFER_SIZE: "the next buffer gets half of the bytes asked for",
    SLOW_NETWORK: "every call takes longer",
}
_OF_RUN = (NEVER_DONE, ERROR_BIT, WRONG_INTEGERS)
_OF_CONNECTION = (DROPPED_CONNECTION, RESTART, NO_ANSWER)
_FOR_EVER = 1 << 62


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes
    ----------
    name
        One of :data:`FAULTS`.
    after
        Runs of any network (starts of an output DMA engine) that are served rightly before.
    times
        Runs that it strikes, one after the other; 0 is for ever.
    delay_s
        Time added to every call by ``slow-network``.
    """

    name: str
    after: int = 0
    times: int = 1
    delay_s: float = 0.02


def parse_fault(text: str) -> Fault:
    """Read ``NAME[:key=value[,key=value]]``, keys ``after``, ``times`` and ``delay_ms``.

    Raises
    ------
    FpgaError
        When the name or a key is not known or a value is no number.
    """
    name, _, options = text.strip().partition(":")
    if name not in FAULTS:
        raise FpgaError(f"no fault {name!r}; known: {', '.join(FAULTS)}")
    # A slow network stays slow unless told otherwise; all others strike once.
    fault = Fault(name, times=0 if name == SLOW_NETWORK else 1)
    for option in filter(None, options.split(",")):
        key, _, value = option.partition("=")
        try:
            if key == "after" and int(value) >= 0:
                fault = replace(fault, after=int(value))
            elif key == "times" and int(value) >= 0:
                fault = replace(fault, times=int(value))
            elif key == "delay_ms" and float(value) >= 0:
                fault = replace(fault, delay_s=float(value) / 1000)
            else:
                raise FpgaError(
                    f"fault {name}: {option!r}; known: after=N, times=N (0 for ever), delay_ms=T"
                )
        except ValueError as error:
            raise FpgaError(f"fault {name}: {option!r}: {error}") from error
    return fault


class FaultPlan:
    """Which fault strikes when; counts the runs of all networks. Safe between threads.

    Parameters
    ----------
    faults
        Armed from the start.
    """

    def __init__(self, faults: list[Fault]) -> None:
        self._lock = threading.Lock()
        self._runs = 0
        self._windows: list[tuple[Fault, int, int]] = []
        self._armed: list[str] = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Arm a fault; its ``after`` counts from now."""
        with self._lock:
            first = self._runs + fault.after
            self._windows.append((fault, first, first + (fault.times or _FOR_EVER)))

    def _active(self) -> list[Fault]:
        return [f for f, first, end in self._windows if first <= self._runs < end]

    def run_starts(self) -> frozenset[str]:
        """Count a run; which of the circuit's own faults strike it."""
        with self._lock:
            names = [fault.name for fault in self._active()]
            self._armed += [name for name in names if name in _OF_CONNECTION]
            self._runs += 1
            return frozenset(names).intersection(_OF_RUN)

    def call_starts(self) -> tuple[str | None, float]:
        """Fault of the connection that strikes this call, and the time added to it in seconds."""
        with self._lock:
            struck = self._armed.pop(0) if self._armed else None
            return struck, sum(f.delay_s for f in self._active() if f.name == SLOW_NETWORK)

    def allocation_starts(self) -> bool:
        """Whether this buffer gets the wrong size."""
        with self._lock:
            for index, (fault, first, end) in enumerate(self._windows):
                if fault.name == WRONG_BUFFER_SIZE and self._runs >= first and end > first:
                    self._windows[index] = (fault, first, end - 1)
                    return True
        return False
