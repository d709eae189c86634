"""The rtl backend: the generated circuit itself, simulated clock cycle by clock cycle.

For proofs, not for speed: about a second per picture. Needs neither FINN nor Verilator at run time,
only the program that ``python -m fpga build`` compiled::

    <bundle>/<model>/simulator [--valid PERCENT] [--ready PERCENT] [--seed N] [--pace CYCLES]
        [--max-idle-cycles N] [--occupancy FILE] [--data FOLDER] [--depths FILE]

Standard input: little-endian uint32 n, then n items in the packing of
:mod:`host.accelerator.packing`; again and again until it ends. Standard output, per batch: uint32
n, n items, then per item two uint64, the clock cycles since reset in which its first input word
was taken and its last output word given. The circuit keeps its state between batches.

``--valid`` and ``--ready`` are the percentage of cycles in which a word is offered and accepted, at
random by ``--seed``; ``--pace`` spreads the words of an item over that many cycles.
``--max-idle-cycles`` without a word moving is a deadlock. ``--occupancy`` writes at the end how
many words each FIFO held at most, as JSON. The circuit's memory files are read from ``--data``, by
default ``rtl`` beside the program. ``--depths`` (lines of ``node depth``) is obeyed only by a
program that was built for choosing them.
Exit status: 0 at the end of the input, 2 wrong options or input, 3 deadlock, 4 the circuit breaks
the rules of its streams; the reason stands on standard error.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.accelerator.bundle import Manifest
from host.accelerator.packing import pack, unpack
from host.accelerator.program import Program, ProgramError, ProgramTimeoutError
from host.accelerator.types import (
    AcceleratorSettings,
    Alert,
    Counters,
    LostError,
    check_input,
)
from host.codes import BoardReason, ErrorCode
from host.errors import MachineError, Reason
from model_zoo.package import ReleasedModel


class Rtl:
    """A network of a bundle in simulation.

    Parameters
    ----------
    model
        Whose integers the circuit gives.
    manifest
        Of a bundle that holds it, with a simulator.
    settings
        ``deadline_s`` is used: longest wait for one item.

    Raises
    ------
    MachineError
        When the bundle has no simulator for the model or it cannot be started.
    """

    alerts: tuple[Alert, ...] = ()

    def __init__(
        self, model: ReleasedModel, manifest: Manifest, settings: AcceleratorSettings
    ) -> None:
        self.model = model
        self._circuit = manifest.circuit(model.name)
        if self._circuit.simulator is None:
            raise MachineError(
                ErrorCode.BUNDLE_UNKNOWN,
                name=model.name,
                backend="rtl",
                reason=Reason(BoardReason.NO_SIMULATOR, bundle=manifest.folder.name),
            )
        self._path = manifest.folder / self._circuit.simulator
        self._bundle = manifest.folder.name
        self._deadline_s = settings.deadline_s
        self._program: Program | None = None
        self.counters = Counters()
        self.reload()

    @property
    def description(self) -> str:
        """Backend and bundle."""
        return f"rtl on {self._bundle}"

    def clear_counters(self) -> None:
        """Start counting anew."""
        self.counters = Counters()

    def run(self, x: NDArray[Any]) -> NDArray[np.int32]:
        """Output integers, int32[N, *output.shape], of x[N, *input.shape].

        Raises
        ------
        ValueError
            When shape or dtype differ from the model's.
        LostError
            When the simulation hangs, ends or breaks its protocol. It was ended then; the next call
            starts it anew, from reset.
        """
        (y,) = self.stream([x])
        return y

    def stream(self, batches: Iterable[NDArray[Any]]) -> Iterator[NDArray[np.int32]]:
        """Results in order; one is fetched while the one before is simulated. Raises as run()."""
        waiting = 0
        try:
            for x in batches:
                check_input(x, self.model)
                words = self._pack(x)
                y = self._answer(waiting) if waiting else None
                waiting = 0
                self._ask(words)
                waiting = len(words)
                if y is not None:
                    yield y
            if waiting:
                n, waiting = waiting, 0
                yield self._answer(n)
        finally:
            if waiting:  # somebody left before the answer: it must not become the next one's
                self._stop()

    def reload(self) -> None:
        """Start the simulation anew, from reset.

        Raises
        ------
        MachineError
            When it cannot be started.
        """
        self._stop()
        sizes = (self._circuit.input.item_bytes, self._circuit.output.item_bytes)
        try:
            self._program = Program(self._path, sizes)
        except ProgramError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """End the program; harmless when repeated."""
        self._stop()

    def _pack(self, x: NDArray[Any]) -> NDArray[np.uint8]:
        began_s = time.perf_counter()
        words = pack(x, self._circuit.input)
        pack_s = time.perf_counter() - began_s
        self.counters = self.counters.plus(Counters(busy_s=pack_s, pack_s=pack_s))
        return words

    def _ask(self, words: NDArray[np.uint8]) -> None:
        if self._program is None:
            self.reload()
        began_s = time.perf_counter()
        try:
            self._running.ask(words, self._deadline_s * len(words))
        except (ProgramError, ProgramTimeoutError) as error:
            self._stop()
            raise self._failed(error) from error
        finally:
            asked_s = time.perf_counter() - began_s
            self.counters = self.counters.plus(Counters(busy_s=asked_s, compute_s=asked_s))

    def _answer(self, n: int) -> NDArray[np.int32]:
        began_s = time.perf_counter()
        try:
            answer = self._running.answer(self._deadline_s * n)
        except (ProgramError, ProgramTimeoutError) as error:
            self._stop()
            raise self._failed(error) from error
        arrived_s = time.perf_counter()
        y = unpack(answer.data, self._circuit.output)
        now_s = time.perf_counter()
        done = Counters(
            n,
            1,
            busy_s=now_s - began_s,
            compute_s=arrived_s - began_s,
            unpack_s=now_s - arrived_s,
        )
        self.counters = self.counters.plus(done)
        return y

    @property
    def _running(self) -> Program:
        if self._program is None:
            raise self._failed(ProgramError(None, ""))
        return self._program

    def _stop(self) -> None:
        if self._program is not None:
            self._program.kill()
        self._program = None

    def _failed(self, error: ProgramError | ProgramTimeoutError) -> LostError:
        name = self.model.name
        if isinstance(error, ProgramTimeoutError):
            return LostError(ErrorCode.ACCELERATOR_TIMEOUT, name=name, limit=self._deadline_s)
        status = "–" if error.status is None else error.status
        return LostError(
            ErrorCode.SIMULATOR_FAILED, name=name, status=status, reason=error.detail or "–"
        )
