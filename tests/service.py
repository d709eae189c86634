"""What tests of the service share: orders to the quick analysis, and a real server process."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
QUICK = "quick_analysis:analyze"
QUICK_PATH = f"{ROOT / 'tests' / 'analyses'}:{ROOT}"
"""``PYTHONPATH`` that lets worker processes find the quick analysis."""
API = "/api/v1"
WAIT_S = 60.0

_SERVE = """
import sys
from pathlib import Path
from host.service.cli import run
from host.service.supervisor import AnalysisOptions
from host.service.upload import Limits
run("127.0.0.1", int(sys.argv[1]), Path(sys.argv[2]), Limits(), AnalysisOptions(sys.argv[3]))
"""


def video(order: str = "", size: int = 0) -> bytes:
    """Bytes that begin as an MP4 does; the quick analysis does what ``order`` says."""
    head = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2".ljust(512, b"\0")
    return (head + order.encode() + b"\n").ljust(size, b"\0")


def wait_for(ready: Callable[[], Any], limit_s: float = WAIT_S) -> Any:
    """First true value that ``ready`` gives."""
    end_s = time.monotonic() + limit_s
    while time.monotonic() < end_s:
        value = ready()
        if value:
            return value
        time.sleep(0.02)
    raise TimeoutError(f"not within {limit_s} s")


class Server:
    """``footfall serve`` in a process of its own, with the quick analysis or another one."""

    def __init__(self, folder: Path, analyze: str = QUICK) -> None:
        self.folder = folder
        self._analyze = analyze
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self._port}", timeout=30)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-c", _SERVE, str(self._port), str(self.folder), self._analyze]
        path = os.environ.get("PYTHONPATH", "")
        environment = os.environ | {"PYTHONPATH": f"{path}:{QUICK_PATH}".strip(":")}
        with (self.folder.parent / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        wait_for(self._answers)

    def kill(self) -> None:
        """As a power cut would: no chance to tidy up."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def close(self) -> None:
        self.client.close()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)

    def send(self, content: bytes, name: str = "walk.mp4") -> httpx.Response:
        return self.client.post(f"{API}/recordings", files={"file": (name, content)})

    def get(self, path: str) -> Any:
        return self.client.get(path).raise_for_status().json()

    def newest_run(self, recording_id: str) -> Any:
        return self.get(f"{API}/recordings/{recording_id}")["diagnoses"][-1]

    def ended(self, recording_id: str) -> Any:
        """Newest run of a recording, once it has ended."""

        def look() -> Any:
            run = self.newest_run(recording_id)
            return run if run["state"] in ("done", "failed") else None

        return wait_for(look)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "the server ended"
        with contextlib.suppress(httpx.TransportError):
            return self.client.get("/health").status_code == 200
        return False


@contextlib.contextmanager
def serving(folder: Path, analyze: str = QUICK) -> Iterator[Server]:
    """A started server that is stopped at the end."""
    server = Server(folder, analyze)
    try:
        server.start()
        yield server
    finally:
        server.close()
