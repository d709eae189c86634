"""A storage, videos that say what is to happen, and a supervisor with a quick real analysis."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from host.codes import RunState
from host.service.file_records import FileRecords
from host.service.records import Diagnosis, Subject, Upload
from host.service.supervisor import AnalysisOptions, Supervisor

ANALYSES = Path(__file__).parent / "analyses"
QUICK = "quick_analysis:analyze"


@pytest.fixture
def quick_path(monkeypatch: pytest.MonkeyPatch) -> str:
    """Lets the worker processes find the quick analysis; gives its name."""
    root = Path(__file__).parents[3]
    monkeypatch.setenv("PYTHONPATH", f"{ANALYSES}:{root}")
    return QUICK


def video(order: str = "") -> bytes:
    """Bytes that begin as an MP4 does; the quick analysis does what ``order`` says."""
    return (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2").ljust(512, b"\0") + order.encode()


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
def supervise(records: FileRecords, quick_path: str) -> Iterator[Callable[..., Supervisor]]:
    started: list[Supervisor] = []

    def start(deadline_s: float = 60.0) -> Supervisor:
        options = AnalysisOptions(quick_path, deadline_s=deadline_s)
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
        limit_s = time.monotonic() + 60
        while time.monotonic() < limit_s:
            run = records.get(recording_id).diagnoses[-1]
            if run.state in (RunState.DONE, RunState.FAILED):
                return run
            time.sleep(0.02)
        raise TimeoutError(run)

    return wait
