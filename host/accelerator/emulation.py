"""The emulation backend: the golden form on this machine's processor."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from host.accelerator.deadline import Caller, CallTimeoutError
from host.accelerator.numpy_executor import NumpyExecutor
from host.accelerator.types import (
    AUTO,
    EXECUTORS,
    AcceleratorSettings,
    Alert,
    Counters,
    check_input,
)
from host.codes import ErrorCode
from host.errors import InputError, MachineError
from model_zoo.package import GOLDEN_FORM, ReleasedModel


class Executor(Protocol):
    """Something that runs the golden form."""

    description: str

    def execute(self, x: NDArray[Any]) -> NDArray[np.int32]:
        """Output integers of one batch."""


class Emulation:
    """A released model on the processor.

    Parameters
    ----------
    model
        Whose files have been verified.
    settings
        ``executor``, ``threads`` and ``deadline_s`` are used.
    alerts
        Why it stands in for another backend.
    """

    def __init__(
        self, model: ReleasedModel, settings: AcceleratorSettings, alerts: tuple[Alert, ...] = ()
    ) -> None:
        self.model = model
        self.alerts = alerts
        self._executor = _executor(model, settings)
        self._deadline_s = settings.deadline_s
        self.counters = Counters()

    @property
    def description(self) -> str:
        """Backend and what it runs on."""
        return f"emulation on {self._executor.description}"

    def clear_counters(self) -> None:
        """Start counting anew."""
        self.counters = Counters()

    def run(self, x: NDArray[Any]) -> NDArray[np.int32]:
        """Output integers, int32[N, *output.shape], of x[N, *input.shape]."""
        check_input(x, self.model)
        start = time.perf_counter()
        y = self._executor.execute(x)
        done = Counters(len(x), 1, busy_s=time.perf_counter() - start)
        self.counters = self.counters.plus(done)
        return y

    def stream(self, batches: Iterable[NDArray[Any]]) -> Iterator[NDArray[np.int32]]:
        """Results of many batches in order; the next batch is fetched while one is being computed.

        Raises
        ------
        MachineError
            When one result takes longer than the deadline.
        """
        caller = Caller("emulation")
        try:
            waiting: Future[NDArray[np.int32]] | None = None
            for x in batches:
                coming = caller.submit(partial(self.run, x))
                if waiting is not None:
                    yield self._result(caller, waiting)
                waiting = coming
            if waiting is not None:
                yield self._result(caller, waiting)
        finally:
            caller.abandon()

    def _result(self, caller: Caller, waiting: Future[NDArray[np.int32]]) -> NDArray[np.int32]:
        try:
            return caller.result(waiting, self._deadline_s)
        except CallTimeoutError as error:
            raise MachineError(
                ErrorCode.ACCELERATOR_TIMEOUT, name=self.model.name, limit=self._deadline_s
            ) from error

    def close(self) -> None:
        """Nothing is held beyond the object itself."""


def _executor(model: ReleasedModel, settings: AcceleratorSettings) -> Executor:
    path = model.path(GOLDEN_FORM)
    if settings.executor not in (AUTO, *EXECUTORS):
        raise InputError(
            ErrorCode.SETTING_INVALID,
            name="accelerator.executor",
            value=settings.executor,
            reason=", ".join((AUTO, *EXECUTORS)),
        )
    if settings.executor != "numpy":
        try:
            from host.accelerator.ort_executor import OnnxruntimeExecutor
        except ImportError:
            if settings.executor != AUTO:
                raise
        else:
            return OnnxruntimeExecutor(path, settings.threads)
    return NumpyExecutor(path)
