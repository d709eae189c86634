import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from host import durable
from host.codes import ErrorCode, RunState
from host.service import supervisor
from host.service.file_records import FileRecords
from host.service.records import Diagnosis
from host.service.supervisor import Supervisor
from host.service.worker import Job

Put = Callable[[str], str]
Ended = Callable[[str], Diagnosis]
Supervise = Callable[..., Supervisor]


def test_a_recording_is_analysed(
    records: FileRecords, put: Put, supervise: Supervise, ended: Ended
) -> None:
    recording_id = put("")
    started = supervise()
    run = ended(recording_id)
    started.stop()
    assert run.state is RunState.DONE
    assert run.software == {"name": "footfall", "version": "test"}
    assert run.models == [{"name": "quick"}]
    assessment = json.loads((records.results(run.id) / "assessment.json").read_text())
    assert assessment["bytes"] == 513
    assert assessment["height_m"] == 1.65
    assert list(records.work.iterdir()) == []


def test_a_refusal_names_the_file_as_its_sender_does(
    put: Put, supervise: Supervise, ended: Ended
) -> None:
    recording_id = put("refuse")
    supervise()
    assert ended(recording_id).values == {"file": "walk.mp4"}


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ("refuse", ErrorCode.NOT_A_VIDEO),
        ("bug", ErrorCode.INTERNAL),
        ("nothing", ErrorCode.INTERNAL),
    ],
)
def test_a_run_that_cannot_succeed_fails_at_the_first_try(
    put: Put, supervise: Supervise, ended: Ended, order: str, code: ErrorCode
) -> None:
    recording_id = put(order)
    supervise()
    run = ended(recording_id)
    assert (run.state, run.code, run.tries) == (RunState.FAILED, code, 1)


def test_results_that_do_not_fit_on_the_disk_fail_the_run_and_keep_the_recording(
    records: FileRecords,
    put: Put,
    supervise: Supervise,
    ended: Ended,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recording_id = put("")

    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(durable, "sync_tree", full)
    supervise()
    run = ended(recording_id)
    assert (run.state, run.code) == (RunState.FAILED, ErrorCode.DISK_FULL)
    assert run.values == {"folder": str(records.work.parent)}
    assert records.original(recording_id).exists()


def test_a_disk_that_refuses_for_a_while_only_delays(
    put: Put, supervise: Supervise, ended: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording_id = put("")
    refusals = iter([True, True])
    write = durable.write_atomically

    def sometimes(path: Path, content: bytes) -> None:
        if next(refusals, False):
            raise OSError(errno.EIO, "Input/output error")
        write(path, content)

    monkeypatch.setattr(durable, "write_atomically", sometimes)
    monkeypatch.setattr(supervisor, "IDLE_S", 0.1)
    supervise()
    assert ended(recording_id).state is RunState.DONE


def test_the_next_recording_is_analysed_after_a_bad_one(
    put: Put, supervise: Supervise, ended: Ended
) -> None:
    bad, good = put("die"), put("")
    supervise()
    assert ended(good).state is RunState.DONE
    assert ended(bad).state is RunState.FAILED


def test_a_worker_that_always_dies_is_tried_three_times(
    put: Put, supervise: Supervise, ended: Ended, tmp_path: Path
) -> None:
    log = tmp_path / "tries"
    recording_id = put(f"die_until {log} 99")
    supervise()
    run = ended(recording_id)
    assert (run.state, run.code) == (RunState.FAILED, ErrorCode.WORKER_DIED)
    assert len(log.read_text().splitlines()) == 3


def test_a_worker_that_dies_twice_succeeds_at_the_third_try(
    put: Put, supervise: Supervise, ended: Ended, tmp_path: Path
) -> None:
    recording_id = put(f"die_until {tmp_path / 'tries'} 3")
    supervise()
    run = ended(recording_id)
    assert (run.state, run.tries) == (RunState.DONE, 3)


def test_a_worker_past_its_deadline_is_killed_and_its_run_failed(
    put: Put, supervise: Supervise, ended: Ended
) -> None:
    recording_id = put("sleep 60")
    supervise(deadline_s=0.5)
    begun_s = time.monotonic()
    run = ended(recording_id)
    assert (run.state, run.code) == (RunState.FAILED, ErrorCode.ANALYSIS_DEADLINE)
    assert run.values == {"deadline_s": 0.5}
    assert time.monotonic() - begun_s < 20


def test_stopping_kills_the_worker_and_leaves_its_run_to_the_next_start(
    records: FileRecords, put: Put, supervise: Supervise, ended: Ended
) -> None:
    recording_id = put("sleep 2")
    first = supervise()
    while records.get(recording_id).state is not RunState.RUNNING:
        time.sleep(0.02)
    time.sleep(0.3)
    first.stop()
    assert not first.is_alive()
    assert records.get(recording_id).state is RunState.RUNNING
    supervise()
    run = ended(recording_id)
    assert (run.state, run.tries) == (RunState.DONE, 2)


def test_runs_go_one_at_a_time(
    records: FileRecords, put: Put, supervise: Supervise, ended: Ended
) -> None:
    ids = [put("sleep 0.3") for _ in range(3)]
    supervise()
    seen = 0
    while records.get(ids[-1]).state is not RunState.DONE:
        running = sum(records.get(i).state is RunState.RUNNING for i in ids)
        assert running <= 1
        seen = max(seen, running)
        time.sleep(0.01)
    runs = [ended(i) for i in ids]
    assert seen == 1
    assert [run.finished_at for run in runs] == sorted(str(run.finished_at) for run in runs)


def test_a_worker_ends_when_the_service_that_started_it_is_gone(tmp_path: Path, quick: str) -> None:
    source = tmp_path / "walk.mp4"
    source.write_bytes(b"\0" * 512 + b"sleep 60")
    job = tmp_path / "job.json"
    Job(quick, str(source), str(tmp_path / "out"), None, {}).write(job)
    worker = subprocess.Popen(
        [sys.executable, "-m", "host.service.worker", str(job)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(1.0)
    assert worker.poll() is None
    assert worker.stdin is not None
    worker.stdin.close()  # what the system does when the other end dies
    try:
        assert worker.wait(timeout=10) == 1
    finally:
        if worker.poll() is None:
            os.kill(worker.pid, signal.SIGKILL)
