"""The service works without a network, and never tries to use one."""

import os
import subprocess
import sys
from pathlib import Path

from tests.service import API, QUICK_PATH, serving, video

NETWORK_WATCH = """
import os, sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
        target = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
        name = target[0] if isinstance(target, tuple) else target
        if name not in ("127.0.0.1", "localhost", "::1", None):
            with open(os.environ["NETWORK_LOG"], "a") as log:
                log.write(f"{event} {target}\\n")

sys.addaudithook(watch)
"""
"""Goes first in the service and in its workers (as ``sitecustomize``) and notes every call out."""

WALK_THROUGH = """
import fcntl, socket, struct, sys
from pathlib import Path
if sys.argv[2] == "alone":  # the loopback of a new network namespace is down
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        fcntl.ioctl(wire, 0x8914, struct.pack("16sh22x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up
from tests.faults.test_service_offline import walk_through
walk_through(Path(sys.argv[1]))
print("done")
try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)  # the watch must see this one
except OSError as error:
    print("outside:", error.strerror)
"""


def walk_through(folder: Path) -> None:
    """A recording goes in, its report comes out, every page is asked for."""
    with serving(folder) as server:
        recording = server.send(video()).json()
        run = server.ended(recording["id"])
        assert run["state"] == "done", run
        pages = ("/", "/docs", "/openapi.json", "/health", "/site/start.js", run["report"])
        for path in (*pages, f"{API}/diagnoses"):
            assert server.client.get(path).status_code == 200, path


def test_it_works_without_a_network_and_calls_nobody(tmp_path: Path) -> None:
    """In a network namespace without a route where the system allows one, and always watched."""
    watch = tmp_path / "watch"
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(NETWORK_WATCH)
    log = tmp_path / "network.log"
    alone = subprocess.run(["unshare", "-rn", "true"], check=False, timeout=30).returncode == 0
    command = [sys.executable, "-c", WALK_THROUGH, str(tmp_path / "data")]
    command = ["unshare", "-rn", *command, "alone"] if alone else [*command, "among others"]
    watched = {"PYTHONPATH": f"{watch}:{QUICK_PATH}", "NETWORK_LOG": str(log)}
    done = subprocess.run(
        command,
        env=os.environ | watched,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = done.stdout.splitlines()
    assert said[:1] == ["done"], done.stderr
    if alone:
        assert said[1] == "outside: Network is unreachable"
    calls = log.read_text().splitlines()
    assert [call for call in calls if "192.0.2.1" not in call] == []
    assert calls, "the watch does not watch"
