"""Calls that may hang, made in a thread that can be left behind.

pynq sets no deadline on anything: a board that stops answering blocks the caller for ever. So all
calls of one board run, one after the other, in a thread of their own. When one lasts too long the
caller goes on without it, and the thread never gets another call.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

_T = TypeVar("_T")
_LOOK_S = 0.05


class CallTimeoutError(Exception):
    """A call lasted longer than it may; the caller was abandoned."""


class AbandonedError(Exception):
    """The caller was abandoned before this call began or ended."""


class Caller:
    """One thread that makes calls in order.

    Parameters
    ----------
    name
        Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = (
            queue.SimpleQueue()
        )
        self._began_s: float | None = None
        self._abandoned = threading.Event()
        # A daemon: a thread that hangs in a call must not keep the program from ending.
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    @property
    def abandoned(self) -> bool:
        """Whether calls are refused from now on."""
        return self._abandoned.is_set()

    def submit(self, call: Callable[[], _T]) -> Future[_T]:
        """Make ``call`` after those before it.

        Raises
        ------
        AbandonedError
            When the caller was abandoned.
        """
        if self.abandoned:
            raise AbandonedError(self._thread.name)
        future: Future[_T] = Future()
        self._calls.put((future, call))
        return future

    def result(self, future: Future[_T], limit_s: float) -> _T:
        """What the call returned or raised; no call before it, nor itself, may last ``limit_s``.

        Raises
        ------
        CallTimeoutError
            When the call being made lasts too long; the caller is abandoned then.
        AbandonedError
            When it was abandoned earlier.
        """
        while True:
            if wait([future], timeout=_LOOK_S).done:
                return future.result()
            began_s = self._began_s
            if self.abandoned:
                raise AbandonedError(self._thread.name)
            if began_s is not None and time.monotonic() - began_s > limit_s:
                self.abandon()
                raise CallTimeoutError(self._thread.name)

    def call(self, call: Callable[[], _T], limit_s: float) -> _T:
        """Make one call and wait for it; raises as :meth:`result`."""
        return self.result(self.submit(call), limit_s)

    def abandon(self) -> None:
        """Make no further call; the one being made, if any, is left to itself."""
        self._abandoned.set()
        self._calls.put(None)

    def _work(self) -> None:
        while (item := self._calls.get()) is not None:
            future, call = item
            if self.abandoned:
                future.set_exception(AbandonedError(self._thread.name))
                continue
            self._began_s = time.monotonic()
            try:
                answer = call()
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the result
                self._began_s = None
                future.set_exception(error)
            else:
                self._began_s = None
                future.set_result(answer)
            del item, future, call
