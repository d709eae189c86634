"""A board that may fail, and what is done then: load it again, and at last compute without it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from host.accelerator.emulation import Emulation
from host.accelerator.self_test import check_golden
from host.accelerator.types import (
    Accelerator,
    AcceleratorSettings,
    Alert,
    Counters,
    LostError,
)
from host.codes import AlertCode
from host.errors import MachineError
from model_zoo.package import ReleasedModel

MOST_RELOADS = 3
"""Of one accelerator within :data:`WITHIN_S`; whoever fails more often is left."""
WITHIN_S = 3600.0


class Reloadable(Accelerator, Protocol):
    """An accelerator that can be brought back after :class:`LostError`."""

    def reload(self) -> None:
        """Bring it back; raises :class:`MachineError` when that fails."""


class Steady:
    """A board with the emulation behind it: every input is answered, with its own integers.

    Inputs that had no answer yet when the board failed are computed again, in their order.

    Parameters
    ----------
    board
        Proven with the golden pair.
    settings
        Of the emulation that takes over.
    """

    def __init__(self, board: Reloadable, settings: AcceleratorSettings) -> None:
        self._board = board
        self._settings = settings
        self._emulation: Emulation | None = None
        self._reloads = 0
        self._reloaded_at_s: deque[float] = deque(maxlen=MOST_RELOADS)
        self._reloaded_for: MachineError | None = None
        self._lost: Alert | None = None
        self._proofs = Counters()
        self._name = board.description.partition(" on ")

    @property
    def model(self) -> ReleasedModel:
        """The network's description."""
        return self._board.model

    @property
    def description(self) -> str:
        """Backend and board; both backends when the emulation took over."""
        backend, on, where = self._name
        if self._emulation is None:
            return f"{backend}{on}{where}"
        return f"{backend}+{self._emulation.description}"

    @property
    def counters(self) -> Counters:
        """Work of the board and of the emulation together."""
        done = self._board.counters.minus(self._proofs)
        other = Counters() if self._emulation is None else self._emulation.counters
        return replace(done.plus(other), reloads=self._reloads, emulated=other.items)

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """One for all reloads, one when the emulation took over."""
        told: list[Alert] = []
        if self._reloaded_for is not None:
            values: dict[str, object] = {"name": self.model.name, "count": self._reloads}
            told.append(Alert(AlertCode.BOARD_RELOADED, self._reloaded_for, values))
        if self._lost is not None:
            told.append(self._lost)
        return tuple(told)

    def clear_counters(self) -> None:
        """Start counting anew; alerts stay."""
        self._board.clear_counters()
        self._proofs = Counters()
        if self._emulation is not None:
            self._emulation.clear_counters()
        self._reloads = 0

    def run(self, x: NDArray[Any]) -> NDArray[np.int32]:
        """Output integers, int32[N, *output.shape], of x[N, *input.shape]; ValueError as given."""
        (y,) = self.stream([x])
        return y

    def stream(self, batches: Iterable[NDArray[Any]]) -> Iterator[NDArray[np.int32]]:
        """Results of many batches in order."""
        source = iter(batches)
        again: deque[NDArray[Any]] = deque()
        while True:
            unanswered: deque[NDArray[Any]] = deque()
            try:
                for y in self._active.stream(_feed(again, source, unanswered)):
                    unanswered.popleft()
                    yield y
            except LostError as error:
                again.extendleft(reversed(unanswered))
                self._recover(error)
            else:
                return

    def close(self) -> None:
        """Release the board."""
        self._board.close()

    @property
    def _active(self) -> Accelerator:
        return self._board if self._emulation is None else self._emulation

    def _may_reload(self) -> bool:
        """Whether the board was not loaded too often lately."""
        times_s = self._reloaded_at_s
        return len(times_s) < MOST_RELOADS or time.monotonic() - times_s[0] > WITHIN_S

    def _recover(self, error: LostError) -> None:
        """Load the board again and prove it; without success the emulation takes over."""
        cause: MachineError = error
        before = self._board.counters
        if self._may_reload():
            self._reloads += 1
            self._reloaded_at_s.append(time.monotonic())
            try:
                self._board.reload()
                check_golden(self._board, self._name[0])
            except MachineError as failed:
                cause = failed
            else:
                self._proofs = self._proofs.plus(self._board.counters.minus(before))
                self._reloaded_for = error
                return
        self._proofs = self._proofs.plus(self._board.counters.minus(before))
        self._emulation = Emulation(self.model, self._settings)
        check_golden(self._emulation, "emulation")
        self._emulation.clear_counters()
        values: dict[str, object] = {"name": self.model.name, "done": self.counters.items}
        self._lost = Alert(AlertCode.BOARD_LOST, cause, values)


def _feed(
    again: deque[NDArray[Any]], source: Iterator[NDArray[Any]], unanswered: deque[NDArray[Any]]
) -> Iterator[NDArray[Any]]:
    """What has to be computed again, then the rest; each noted until it is answered."""
    while again:
        unanswered.append(again.popleft())
        yield unanswered[-1]
    for x in source:
        unanswered.append(x)
        yield x
