"""A virtual board in a process of its own, for tests and checks: it surely ends with its block."""

from __future__ import annotations

import contextlib
import os
import queue
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from fpga.errors import FpgaError
from fpga.virtual_board.cli import ARMED, LISTENING, REFUSED

_ROOT = Path(__file__).resolve().parents[2]
_START_LIMIT_S = 90.0
_ANSWER_LIMIT_S = 10.0
_STOP_LIMIT_S = 10.0
_TRIES = 5


class VirtualBoard:
    """Context manager: a board listens inside the block.

    Inside, :attr:`address` is what ``PYNQ_REMOTE_DEVICES`` (or the setting of the host's board)
    takes. Each board gets a loopback address of its own, because pynq's port is fixed; several
    boards and several tests may run at once. The board's process ends when the block ends, and
    also when the process that started it dies.

    Parameters
    ----------
    bundle
        Folder with ``manifest.json``; a synthetic pair is written into it when it has no bitstream.
    options
        Further words of ``python -m fpga virtual-board``.
    python
        Interpreter with pynq, by default this one.

    Attributes
    ----------
    address
        Such as ``127.83.4.19``.
    """

    def __init__(
        self, bundle: Path, options: Sequence[str | Path] = (), python: Path | None = None
    ) -> None:
        self._bundle = bundle
        self._options = [str(option) for option in options]
        self._python = str(python or sys.executable)
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.address = ""

    def __enter__(self) -> VirtualBoard:
        for attempt in range(_TRIES):
            # Addresses, not ports: pynq knows only one port.
            self.address = "127." + ".".join(str(random.randint(1, 254)) for _ in range(3))
            try:
                self._start()
            except FpgaError as error:
                self._end()
                if "in use" in str(error) and attempt < _TRIES - 1:
                    continue
                raise
            except BaseException:
                self._end()
                raise
            break
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def inject(self, fault: str) -> None:
        """Arm a fault now, as ``NAME[:after=N,...]``; ``after`` counts runs from now.

        Raises
        ------
        FpgaError
            When the fault is not known or the board does not answer.
        """
        stdin = self._running().stdin
        if stdin is None:
            raise FpgaError("the virtual board has no input")
        stdin.write(fault + "\n")
        stdin.flush()
        while not (answer := self._answer(_ANSWER_LIMIT_S)).startswith((ARMED, REFUSED)):
            continue  # something that went wrong in a run before
        if answer.startswith(REFUSED):
            raise FpgaError(answer.removeprefix(REFUSED))

    def freeze(self) -> None:
        """Stop the process without ending it: connections stay, nothing is answered."""
        os.kill(self._running().pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen board go on."""
        os.kill(self._running().pid, signal.SIGCONT)

    def kill(self) -> None:
        """Pull the plug."""
        process = self._running()
        process.kill()
        process.wait(_STOP_LIMIT_S)

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise FpgaError("the virtual board is not running")
        return self._process

    def _start(self) -> None:
        words = [self._python, "-m", "fpga", "virtual-board", str(self._bundle), *self._options]
        self._process = subprocess.Popen(
            [*words, "--control", "--address", self.address],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines = queue.SimpleQueue()
        threading.Thread(target=_pass_on, args=(self._process, self._lines), daemon=True).start()
        said: list[str] = []
        while True:
            line = self._answer(_START_LIMIT_S, "\n".join(said))
            if line.startswith(LISTENING):
                return
            said.append(line)

    def _answer(self, limit_s: float, said: str = "") -> str:
        try:
            line = self._lines.get(timeout=limit_s)
        except queue.Empty:
            raise FpgaError(f"the virtual board said nothing for {limit_s:.0f} s. {said}") from None
        if line is None:
            raise FpgaError(f"the virtual board ended. {said}")
        return line

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            os.kill(process.pid, signal.SIGCONT)
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()  # its end switches the board off
        try:
            process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP_LIMIT_S)


def _pass_on(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    if process.stdout is not None:
        with process.stdout as stream:
            for line in stream:
                lines.put(line.rstrip("\n"))
    lines.put(None)
