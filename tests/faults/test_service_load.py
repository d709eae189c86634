"""Many senders, long recordings, senders that vanish: over real connections."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.service import API, Server, serving, video, wait_for


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "data") as started:
        yield started


def peak_memory_mb(server: Server) -> float:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def test_a_long_recording_does_not_fill_the_memory(server: Server) -> None:
    """150 MB arrive; the service takes less than 20 MB more than it had."""
    boundary = b"--x\r\n"
    name = b'Content-Disposition: form-data; name="file"; filename="long.mp4"\r\n\r\n'

    def pieces() -> Iterator[bytes]:
        yield boundary + name + video(size=1_000_000)
        for _ in range(149):
            yield bytes(1_000_000)
        yield b"\r\n--x--\r\n"

    server.send(video())
    before = peak_memory_mb(server)
    answer = server.client.post(
        f"{API}/recordings",
        content=pieces(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 201
    assert answer.json()["size_bytes"] == 150_000_000
    assert peak_memory_mb(server) - before < 20


def test_a_large_file_that_is_no_video_is_refused_in_a_way_the_sender_can_read(
    server: Server,
) -> None:
    """The answer comes while most of the file has not been sent yet."""
    answer = server.send(b"text " * 4_000_000, "walk.mp4")
    assert answer.status_code == 415
    assert answer.json()["code"] == "error.not_a_video"
    assert server.client.get("/health").status_code == 200


def test_parallel_senders_all_get_what_they_sent(server: Server) -> None:
    answers: dict[int, httpx.Response] = {}

    def send(number: int) -> None:
        with httpx.Client(base_url=server.client.base_url, timeout=60) as client:
            content = video(f"note {number}", size=500_000 + number)
            files = {"file": (f"walk{number}.mp4", content)}
            answers[number] = client.post(f"{API}/recordings", files=files)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for number, answer in answers.items():
        assert answer.status_code == 201
        assert answer.json()["size_bytes"] == 500_000 + number
        assert answer.json()["file_name"] == f"walk{number}.mp4"
    assert len({answer.json()["id"] for answer in answers.values()}) == 12
    for answer in answers.values():
        assert server.ended(answer.json()["id"])["state"] == "done"


def test_a_sender_that_vanishes_leaves_nothing(server: Server) -> None:
    port = server.client.base_url.port
    assert port is not None
    incoming = server.folder / "incoming"
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(
            f"POST {API}/recordings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900000\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode()
        )
        wire.sendall(body + video(size=100_000))
        wait_for(lambda: list(incoming.iterdir()))
    wait_for(lambda: not list(incoming.iterdir()))
    assert server.get(f"{API}/recordings")["items"] == []
    assert server.send(video()).status_code == 201
