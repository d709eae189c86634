"""The service is killed without warning; what it acknowledged is there afterwards."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.service import API, Server, serving, video, wait_for


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "data") as started:
        yield started


def worker_ids(server: Server) -> list[int]:
    """Process ids of the server's children."""
    assert server.process is not None
    children = Path(f"/proc/{server.process.pid}/task")
    return [
        int(word) for task in children.iterdir() for word in (task / "children").read_text().split()
    ]


def test_a_killed_service_goes_on_where_it_was(server: Server, tmp_path: Path) -> None:
    log = tmp_path / "tries"
    running = server.send(video(f"die_until {log} 2")).json()["id"]
    slow = server.send(video("sleep 3")).json()["id"]
    waiting = [server.send(video()).json()["id"] for _ in range(3)]
    wait_for(lambda: server.newest_run(slow)["state"] == "running")
    worker = worker_ids(server)[0]
    server.kill()
    wait_for(lambda: not Path(f"/proc/{worker}").exists(), 10)
    server.start()
    for recording_id in [running, slow, *waiting]:
        assert server.ended(recording_id)["state"] == "done"
    assert server.newest_run(slow)["tries"] == 2
    assert [server.newest_run(i)["tries"] for i in waiting] == [1, 1, 1]
    wait_for(lambda: not list((server.folder / "work").iterdir()), 10)


def test_a_run_that_takes_the_service_down_each_time_is_given_up(server: Server) -> None:
    recording_id = server.send(video("sleep 60")).json()["id"]
    for tries in (1, 2, 3):
        wait_for(lambda: server.newest_run(recording_id)["state"] == "running")
        assert server.newest_run(recording_id)["tries"] == tries
        server.kill()
        server.start()
    run = server.ended(recording_id)
    assert (run["state"], run["code"]) == ("failed", "error.worker_died")
    assert "3 times" in run["detail"]


def test_a_killed_worker_is_replaced(server: Server) -> None:
    recording_id = server.send(video("sleep 1")).json()["id"]
    first = wait_for(lambda: worker_ids(server))[0]
    os.kill(first, signal.SIGKILL)
    run = server.ended(recording_id)
    assert (run["state"], run["tries"]) == ("done", 2)


@pytest.mark.slow
def test_whatever_was_acknowledged_survives_kills_at_random_moments(server: Server) -> None:
    """Senders send without pause while the service is killed five times."""
    acknowledged: dict[str, bytes] = {}
    stop = threading.Event()

    def sender(number: int) -> None:
        count = 0
        with httpx.Client(base_url=server.client.base_url, timeout=10) as client:
            while not stop.is_set():
                count += 1
                content = video(f"note {number} {count}", size=200_000)
                try:
                    answer = client.post(f"{API}/recordings", files={"file": ("a.mp4", content)})
                except httpx.TransportError:
                    time.sleep(0.05)
                    continue
                assert answer.status_code == 201
                acknowledged[answer.json()["id"]] = content

    threads = [threading.Thread(target=sender, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        for pause_s in (0.31, 0.17, 0.43, 0.29, 0.37):
            time.sleep(pause_s)
            server.kill()
            server.start()
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert len(acknowledged) > 5
    assert server.get("/health")["reasons"] == []
    for recording_id, content in acknowledged.items():
        server.get(f"{API}/recordings/{recording_id}")
        [stored] = (server.folder / "recordings" / recording_id / "original").iterdir()
        assert stored.read_bytes() == content


def test_a_service_that_is_told_to_stop_stops_soon(server: Server) -> None:
    recording_id = server.send(video("sleep 60")).json()["id"]
    wait_for(lambda: server.newest_run(recording_id)["state"] == "running")
    worker = worker_ids(server)[0]
    assert server.process is not None
    server.process.terminate()
    server.process.wait(timeout=15)
    assert not Path(f"/proc/{worker}").exists()


@pytest.mark.slow
def test_confirmations_that_were_acknowledged_survive_kills(server: Server) -> None:
    """A clinician changes one item without pause while the service is killed three times."""
    recording_id = server.send(video("scales")).json()["id"]
    run = server.ended(recording_id)["id"]
    path = f"{API}/diagnoses/{run}/confirmations"
    acknowledged: list[dict[str, object]] = []
    stop = threading.Event()

    def clinician() -> None:
        seen = 0
        with httpx.Client(base_url=server.client.base_url, timeout=10) as client:
            while not stop.is_set():
                word = {"scale": "wisconsin", "item": "stance_time", "who": "Dr Li"}
                try:
                    said = client.post(path, json={**word, "points": 1 + seen % 3, "seen": seen})
                    if said.status_code == 201:
                        acknowledged.append(said.json())
                        seen = said.json()["number"]
                    else:  # one that was kept but not acknowledged came before
                        seen = client.get(path).json()["items"][-1]["number"]
                except httpx.TransportError:
                    time.sleep(0.05)

    thread = threading.Thread(target=clinician)
    thread.start()
    try:
        for round_ in range(3):
            before = len(acknowledged)
            wait_for(lambda count=before: len(acknowledged) > count + 5)
            time.sleep(0.01 * round_)
            server.kill()
            server.start()
    finally:
        stop.set()
        thread.join(timeout=30)
    kept = {word["number"]: word for word in server.get(path)["items"]}
    assert len(acknowledged) > 15
    assert all(kept[word["number"]] == word for word in acknowledged)
    assert sorted(kept) == list(range(1, len(kept) + 1))
    assert server.get("/health")["reasons"] == []
