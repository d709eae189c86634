"""A board with a bundle loaded, reached through pynq: here, over a network, or the virtual one."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from host.accelerator.bundle import Manifest
from host.accelerator.deadline import AbandonedError, Caller, CallTimeoutError
from host.accelerator.pynq_device import Loading
from host.accelerator.pynq_lane import Lane
from host.accelerator.types import LostError
from host.codes import BoardReason, ErrorCode
from host.errors import FootfallError, MachineError, Reason

_T = TypeVar("_T")
_GRACE_S = 1.0
"""Beyond the limit of one step, which ends by itself unless pynq hangs."""


@dataclass(frozen=True)
class Call(Generic[_T]):
    """A call on its way, and the thread that makes it: a board loaded again has another."""

    future: Future[_T]
    caller: Caller


class Board:
    """One bundle on one board; all networks of the bundle share it.

    Parameters
    ----------
    manifest
        What is loaded.
    remote
        Address, or "" for this machine's own board.
    limit_s
        Longest time of one call.

    Raises
    ------
    MachineError
        When there is no board, the bundle is damaged or made for another one, or loading fails.

    Attributes
    ----------
    generation
        Counts how often the bundle was loaded: lanes of an earlier generation are gone.
    """

    def __init__(self, manifest: Manifest, remote: str, limit_s: float) -> None:
        self.manifest = manifest
        self.generation = 0
        self.users = 0
        self._remote = remote
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._staged = tempfile.TemporaryDirectory(prefix="footfall-", ignore_cleanup_errors=True)
        try:
            self._load()
        except MachineError:
            self._staged.cleanup()
            raise

    @property
    def description(self) -> str:
        """The board's own name, the bitstream and the version of pynq."""
        return self._loading.description

    @property
    def lost(self) -> bool:
        """Whether it takes no calls until :meth:`reload`."""
        return self._caller.abandoned

    def submit(self, call: Callable[[], _T]) -> Call[_T]:
        """Make a call in the board's thread; raises :class:`LostError` when the board is lost."""
        caller = self._caller
        try:
            return Call(caller.submit(call), caller)
        except AbandonedError as error:
            raise _lost(error) from error

    def result(self, call: Call[_T], model: str) -> _T:
        """Wait for a call.

        Raises
        ------
        LostError
            When it failed or took too long; no call is made any more until :meth:`reload`.
        """
        try:
            return call.caller.result(call.future, self._limit_s + _GRACE_S)
        except CallTimeoutError as error:
            self._abandon(call.caller)
            raise LostError(
                ErrorCode.ACCELERATOR_TIMEOUT, name=model, limit=self._limit_s
            ) from error
        except LostError:
            self._abandon(call.caller)
            raise
        except Exception as error:  # whatever pynq and gRPC raise
            self._abandon(call.caller)
            raise _lost(error) from error

    def lane(self, model: str) -> Lane:
        """A new lane for one network; raises as :meth:`result`."""
        lane = self.result(self.submit(partial(self._make_lane, model)), model)
        self._lanes.append(lane)
        return lane

    def reload(self) -> None:
        """Load the bundle again, if it is lost and nobody did so already.

        Raises
        ------
        MachineError
            When the board does not come back.
        """
        with self._lock:
            if self.lost:
                self._load()

    def close(self) -> None:
        """Give back buffers and connection."""
        if not self.lost:
            with contextlib.suppress(LostError):  # the connection is closed next in any case
                self.result(self.submit(self._free), self.manifest.bundle)
        self._abandon(self._caller)
        self._staged.cleanup()

    def _load(self) -> None:
        self._caller = Caller(f"pynq-{self.manifest.bundle}")
        self._lanes: list[Lane] = []
        self._loading = Loading(self.manifest, self._remote)
        future = self._caller.submit(partial(self._loading.load, Path(self._staged.name)))
        try:
            self._caller.result(future, self._limit_s + _GRACE_S)
        except FootfallError:
            self._abandon(self._caller)
            raise
        except CallTimeoutError as error:
            self._abandon(self._caller)
            raise _unreachable(Reason(BoardReason.NO_ANSWER, limit=self._limit_s)) from error
        except Exception as error:  # pynq's, gRPC's, the operating system's
            self._abandon(self._caller)
            raise _unreachable(Reason(BoardReason.NO_DEVICE, detail=_short(error))) from error
        self.generation += 1

    def _make_lane(self, model: str) -> Lane:
        circuit, loading = self.manifest.circuit(model), self._loading
        source, sink = loading.engine(circuit.input.dma), loading.engine(circuit.output.dma)
        return Lane(circuit, source, sink, loading.allocate, self._limit_s)

    def _free(self) -> None:
        for lane in self._lanes:
            lane.free()

    def _abandon(self, caller: Caller) -> None:
        """Make no further call and close the connection, unless another one is there by now."""
        caller.abandon()
        if caller is self._caller:
            self._loading.close()


def _lost(error: Exception) -> LostError:
    return LostError(ErrorCode.ACCELERATOR_CONNECTION, reason=_short(error))


def _unreachable(reason: Reason) -> MachineError:
    return MachineError(ErrorCode.BOARD_UNREACHABLE, reason=reason)


def _short(error: Exception) -> str:
    """One line: gRPC's errors print ten."""
    details = getattr(error, "details", None)
    text = details() if callable(details) else str(error)
    return (str(text) or type(error).__name__).splitlines()[0]
