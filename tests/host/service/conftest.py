"""A storage, recordings that say what is to happen, and a supervisor with a quick analysis."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from host.codes import RunState
from host.service.api import Service, create_app
from host.service.file_records import FileRecords
from host.service.guard import LOOPBACK_HOSTS
from host.service.records import Diagnosis, Subject, Upload
from host.service.supervisor import AnalysisOptions, Supervisor
from host.service.upload import Limits
from tests.box import LIMITS, Box
from tests.service import QUICK, QUICK_PATH, video, wait_for


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of the quick analysis, which worker processes can find."""
    monkeypatch.setenv("PYTHONPATH", QUICK_PATH)
    return QUICK


@pytest.fixture
def records(tmp_path: Path) -> Iterator[FileRecords]:
    made = FileRecords(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def put(records: FileRecords) -> Callable[[str], str]:
    def one(order: str = "") -> str:
        path = records.incoming / "upload"
        path.write_bytes(video(order))
        return records.put(Upload(path, "walk.mp4", 1, "0" * 64), Subject(1.65)).id

    return one


@pytest.fixture
def supervise(records: FileRecords, quick: str) -> Iterator[Callable[..., Supervisor]]:
    started: list[Supervisor] = []

    def start(deadline_s: float = 60.0) -> Supervisor:
        options = AnalysisOptions(quick, deadline_s=deadline_s)
        started.append(Supervisor(records, options))
        started[-1].start()
        return started[-1]

    yield start
    for supervisor in started:
        supervisor.stop()


@pytest.fixture
def ended(records: FileRecords) -> Callable[[str], Diagnosis]:
    """Waits until the newest run of a recording has ended."""

    def wait(recording_id: str) -> Diagnosis:
        def look() -> Diagnosis | None:
            run = records.get(recording_id).diagnoses[-1]
            return run if run.state in (RunState.DONE, RunState.FAILED) else None

        found: Diagnosis = wait_for(look)
        return found

    return wait


@pytest.fixture
def make_box(tmp_path: Path, quick: str) -> Iterator[Callable[..., Box]]:
    clients: list[TestClient] = []

    def make(limits: Limits = LIMITS, hosts: frozenset[str] | None = LOOPBACK_HOSTS) -> Box:
        records = FileRecords(tmp_path / "data")
        supervisor = Supervisor(records, AnalysisOptions(quick))
        app = create_app(Service(records, supervisor, limits), hosts)
        client = TestClient(app, base_url="http://127.0.0.1:8400")
        client.__enter__()
        clients.append(client)
        return Box(client, records, supervisor)

    yield make
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def box(make_box: Callable[..., Box]) -> Box:
    return make_box()
