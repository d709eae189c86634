"""The simulator program of a circuit as a child process, with a deadline on every wait.

``python -m fpga build`` makes one program per network. It runs in a process of its own for as long
as it is used; :mod:`host.accelerator.rtl` documents what it reads and writes.
"""

from __future__ import annotations

import contextlib
import os
import select
import struct
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CHUNK = 1 << 20
_STDERR_TAIL = 2000
_END_S = 5.0


class ProgramTimeoutError(Exception):
    """The program neither took its input nor answered in time; it was ended."""


class ProgramError(Exception):
    """The program ended or answered something else.

    Attributes
    ----------
    status
        Its exit status, negative for a signal; None when it still ran.
    detail
        What it wrote to its standard error, or what was wrong with its answer.
    """

    def __init__(self, status: int | None, detail: str) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail


@dataclass(frozen=True)
class Answer:
    """What came out for one batch.

    Attributes
    ----------
    data
        uint8[N, output bytes].
    cycles
        uint64[N, 2]: clock cycle in which the first input word of an item was taken and in which
        its last output word was given, since reset.
    """

    data: NDArray[np.uint8]
    cycles: NDArray[np.uint64]


class Program:
    """One running simulator.

    Parameters
    ----------
    path
        The program.
    item_bytes
        Bytes of one input and of one output item.
    options
        Its command line.

    Raises
    ------
    ProgramError
        When it cannot be started.
    """

    def __init__(
        self, path: Path, item_bytes: tuple[int, int], options: Sequence[str] = ()
    ) -> None:
        self._input_bytes, self._output_bytes = item_bytes
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        try:
            self._process = subprocess.Popen(
                [str(path), *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                bufsize=0,
            )
        except OSError as error:
            self._stderr.close()
            raise ProgramError(None, str(error)) from error
        # Pipes are always given: Popen's types only do not say so.
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        if self._stdin is None or self._stdout is None:
            raise ProgramError(None, "no pipes")
        os.set_blocking(self._stdin.fileno(), False)
        os.set_blocking(self._stdout.fileno(), False)
        self._asked = 0

    def ask(self, items: NDArray[np.uint8], limit_s: float) -> None:
        """Hand over uint8[N, input bytes]; :meth:`answer` must be called before the next batch.

        Raises
        ------
        ProgramError
            When the program has ended.
        ProgramTimeoutError
            When it does not take the whole input within ``limit_s``.
        """
        if items.shape[1:] != (self._input_bytes,) or items.dtype != np.uint8:
            raise ValueError(f"{items.dtype}{list(items.shape)} for {self._input_bytes} B")
        self._asked = len(items)
        deadline = time.monotonic() + limit_s
        self._write(memoryview(struct.pack("<I", len(items))), deadline)
        self._write(memoryview(np.ascontiguousarray(items).data).cast("B"), deadline)

    def answer(self, limit_s: float) -> Answer:
        """What comes out for the batch that was handed over last.

        Raises
        ------
        ProgramError
            When the program ends before the whole answer, or answers another number of items.
        ProgramTimeoutError
            When the answer is not complete within ``limit_s``.
        """
        deadline = time.monotonic() + limit_s
        n = self._asked
        (told,) = struct.unpack("<I", self._read(4, deadline))
        if told != n:
            self.kill()
            raise ProgramError(None, f"{told} items came back for {n}")
        data = np.frombuffer(self._read(n * self._output_bytes, deadline), np.uint8)
        cycles = np.frombuffer(self._read(n * 16, deadline), "<u8").astype(np.uint64)
        return Answer(data.reshape(n, self._output_bytes), cycles.reshape(n, 2))

    def close(self, limit_s: float = _END_S) -> None:
        """End the program in order, so that it writes what it was asked to; harmless twice.

        Raises
        ------
        ProgramError
            When it complains at its end.
        ProgramTimeoutError
            When it does not end within ``limit_s``.
        """
        if self._stderr.closed:
            return
        if self._stdin is not None:
            self._stdin.close()
        try:
            status = self._process.wait(limit_s)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise ProgramTimeoutError from error
        detail = self._complaint()
        self._release()
        if status:
            raise ProgramError(status, detail)

    def kill(self) -> None:
        """End the program at once; harmless twice.

        One that the system cannot end yet, such as one that waits for a disk, is left behind.
        """
        if self._stderr.closed:
            return
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)
        self._release()

    def _release(self) -> None:
        for stream in (self._stdin, self._stdout, self._stderr):
            if stream is not None:
                stream.close()

    def _write(self, data: memoryview[Any], deadline: float) -> None:
        while data:
            self._wait(deadline, writing=True)
            try:
                data = data[os.write(self._descriptor(writing=True), data[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                self._ended(deadline)

    def _read(self, n: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < n:
            self._wait(deadline, writing=False)
            part = os.read(self._descriptor(writing=False), min(n - len(parts), _CHUNK))
            if not part:
                self._ended(deadline)
            parts += part
        return bytes(parts)

    def _descriptor(self, *, writing: bool) -> int:
        stream = self._stdin if writing else self._stdout
        if stream is None or stream.closed:
            raise ProgramError(self._process.poll(), "it was ended before")
        return stream.fileno()

    def _wait(self, deadline: float, *, writing: bool) -> None:
        """Until the pipe takes or gives something."""
        descriptor = self._descriptor(writing=writing)
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT if writing else select.POLLIN)
        remaining_s = deadline - time.monotonic()
        if remaining_s <= 0 or not poll.poll(remaining_s * 1000):
            self.kill()
            raise ProgramTimeoutError

    def _ended(self, deadline: float) -> None:
        """Tell why the other end of a pipe is closed."""
        try:
            status = self._process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            status = None
        detail = self._complaint()
        self.kill()
        raise ProgramError(status, detail)

    def _complaint(self) -> str:
        """The end of what it wrote to its standard error."""
        self._stderr.seek(0)
        return self._stderr.read()[-_STDERR_TAIL:].decode(errors="replace").strip()
