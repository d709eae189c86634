"""The board on the network: it boots, answers, breaks on purpose, and is switched off."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc

from fpga.errors import FpgaError
from fpga.virtual_board.compute import open_compute
from fpga.virtual_board.faults import (
    DROPPED_CONNECTION,
    NO_ANSWER,
    RESTART,
    FaultPlan,
)
from fpga.virtual_board.machine import Journal, Machine, loadable
from fpga.virtual_board.options import BoardOptions
from fpga.virtual_board.services import add_services
from host.accelerator.bundle import Manifest

_WORKERS = 16
_AWAY_S = 0.5
"""How long the network is gone, or a restart takes."""
_BIND_LIMIT_S = 10.0
_RETRY_S = 0.1
_STOP_LIMIT_S = 5.0


class BoardServer:
    """A virtual board that listens from :meth:`start` to :meth:`stop`.

    Parameters
    ----------
    manifest
        Bundle with a bitstream, verified.
    options
        How it is run.

    Raises
    ------
    FpgaError, PackageError
        When a network cannot be computed here.
    """

    def __init__(self, manifest: Manifest, options: BoardOptions) -> None:
        self._manifest, self._options = manifest, options
        self._accepted = loadable(manifest)
        self._computes = {
            circuit.model: open_compute(options.compute, manifest, circuit, list(options.models))
            for circuit in manifest.networks
        }
        self.faults = FaultPlan(list(options.faults))
        self._journal = Journal(options.log)
        self._stopped = threading.Event()
        self._change = threading.Lock()
        self._machine = self._boot()
        self._line: _Line | None = None

    @property
    def endpoint(self) -> str:
        """Address and port."""
        return f"{self._options.address}:{self._options.port}"

    def start(self) -> None:
        """Listen.

        Raises
        ------
        FpgaError
            When the address is in use.
        """
        self._line = self._listen()

    def stop(self) -> None:
        """Break all connections and end all computations; harmless when repeated."""
        self._stopped.set()
        with self._change:
            if self._line is not None:
                self._line.cut()
                self._line = None
            self._machine.power_off()
        self._journal.close()

    def _boot(self) -> Machine:
        return Machine(
            self._manifest, self._accepted, self._computes, self.faults, self._options.real_time
        )

    def _listen(self) -> _Line:
        line = _Line(self._before_call)
        add_services(
            line.server, lambda: self._machine, self._journal, self.faults.allocation_starts
        )
        until_s = time.monotonic() + _BIND_LIMIT_S
        while not line.bind(self.endpoint):
            # After a cut the system may hold the address for a moment; at the start nothing may.
            if self._line is None or time.monotonic() > until_s or self._stopped.wait(_RETRY_S):
                raise FpgaError(f"{self.endpoint} is in use; choose another --address")
        line.server.start()
        return line

    def _before_call(self, line: _Line) -> None:
        """What the network does to a call before it reaches the board."""
        struck, delay_s = self.faults.call_starts()
        if delay_s:
            self._stopped.wait(delay_s)
        if struck is not None:
            self._journal("fault", name=struck)
        if struck == NO_ANSWER:
            line.silent.set()
        if struck in (DROPPED_CONNECTION, RESTART):
            # Not in this call's own thread: cutting the line waits for it.
            threading.Thread(target=self._cut, args=(line, struck == RESTART)).start()
            line.cut_off.wait(_STOP_LIMIT_S)
        while line.silent.is_set() and not line.cut_off.is_set():
            line.cut_off.wait(1.0)

    def _cut(self, line: _Line, forget: bool) -> None:
        with self._change:
            line.cut()
            if forget:
                kept = self._machine.power_off()
                self._machine = self._boot()
                self._machine.files.update(kept)
            if not self._stopped.wait(_AWAY_S):
                self._line = self._listen()


@dataclass
class _Line:
    """One span of being reachable: from listening until it is cut."""

    before_call: Callable[[_Line], None]
    cut_off: threading.Event = field(default_factory=threading.Event)
    silent: threading.Event = field(default_factory=threading.Event)
    server: grpc.Server = field(init=False)

    def __post_init__(self) -> None:
        self.server = grpc.server(
            ThreadPoolExecutor(_WORKERS, thread_name_prefix="virtual-board"),
            interceptors=(_Interceptor(lambda: self.before_call(self)),),
            # Else two boards could listen at one address and share the calls.
            options=(("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", 16 << 20)),
        )

    def bind(self, endpoint: str) -> bool:
        """Take the address; False when it is in use."""
        try:
            return bool(self.server.add_insecure_port(endpoint))
        except RuntimeError:
            return False

    def cut(self) -> None:
        """Break every connection; calls that wait end with an error at the client."""
        self.cut_off.set()
        self.server.stop(grace=None).wait(_STOP_LIMIT_S)


class _Interceptor(grpc.ServerInterceptor):  # type: ignore[misc]
    """Does something before every call, in the call's own thread."""

    def __init__(self, before_call: Callable[[], None]) -> None:
        self._before_call = before_call

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        """See grpc.ServerInterceptor."""
        handler = continuation(details)
        if handler is None:
            return None
        kind = {
            (False, False): "unary_unary",
            (False, True): "unary_stream",
            (True, False): "stream_unary",
            (True, True): "stream_stream",
        }[(handler.request_streaming, handler.response_streaming)]
        answer = getattr(handler, kind)
        wrapped = self._streaming(answer) if handler.response_streaming else self._single(answer)
        return handler._replace(**{kind: wrapped})

    def _single(self, answer: Callable[..., Any]) -> Callable[..., Any]:
        def call(request: Any, context: Any) -> Any:
            self._before_call()
            return answer(request, context)

        return call

    def _streaming(self, answer: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
        def call(request: Any, context: Any) -> Iterator[Any]:
            self._before_call()
            yield from answer(request, context)

        return call
