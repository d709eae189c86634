"""The storage's promises, for every implementation of the interface."""

import errno
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from host import durable
from host.codes import ErrorCode, RunState
from host.errors import InputError, MachineError
from host.service.file_records import FileRecords
from host.service.records import MAX_TRIES, Facts, Records, Subject, Upload

IMPLEMENTATIONS = [FileRecords]
FACTS = Facts(None, None, None)
SUBJECT = Subject(height_m=1.65, age=72.0, sex="f")


class Shop:
    """Opens, fills and reopens one storage."""

    def __init__(self, implementation: Callable[[Path], Records], folder: Path) -> None:
        self.implementation = implementation
        self.folder = folder
        self.records = implementation(folder)

    def reopen(self) -> Records:
        self.records.close()
        self.records = self.implementation(self.folder)
        return self.records

    def upload(self, content: bytes = b"some bytes", name: str = "walk.mp4") -> Upload:
        path = self.records.incoming / f"upload-{threading.get_ident()}"
        path.write_bytes(content)
        return Upload(path, name, len(content), "0" * 64)

    def put(self, content: bytes = b"some bytes") -> str:
        return self.records.put(self.upload(content), SUBJECT).id

    def result(self) -> Path:
        folder = self.records.work / "result"
        folder.mkdir()
        (folder / "report.html").write_text("<p>report")
        return folder


@pytest.fixture(params=IMPLEMENTATIONS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(request.param, tmp_path / "data")
    yield made
    made.records.close()


def test_a_recording_is_there_after_a_restart(shop: Shop) -> None:
    kept = shop.records.put(shop.upload(b"abc"), SUBJECT)
    records = shop.reopen()
    assert records.get(kept.id) == kept
    assert kept.subject == SUBJECT
    assert records.original(kept.id).read_bytes() == b"abc"
    assert records.original(kept.id).name == "walk.mp4"


def test_a_recording_starts_with_one_queued_run(shop: Shop) -> None:
    recording = shop.records.get(shop.put())
    assert recording.state is RunState.QUEUED
    assert len(recording.diagnoses) == 1
    assert shop.records.get_diagnosis(recording.diagnoses[0].id).recording_id == recording.id


def test_runs_are_claimed_oldest_first_and_once(shop: Shop) -> None:
    first, second = shop.put(), shop.put()
    claimed = [shop.records.claim() for _ in range(3)]
    assert [run.recording_id for run in claimed if run] == [first, second]
    assert claimed[2] is None
    assert claimed[0] is not None
    assert (claimed[0].state, claimed[0].tries) == (RunState.RUNNING, 1)
    assert claimed[0].started_at is not None


def test_results_and_versions_of_a_finished_run_survive(shop: Shop) -> None:
    shop.put()
    run = shop.records.claim()
    assert run is not None
    shop.records.finish(run.id, shop.result(), Facts({"version": "1"}, [{"name": "net"}], "good"))
    records = shop.reopen()
    done = records.get_diagnosis(run.id)
    assert done.state is RunState.DONE
    assert (done.software, done.models) == ({"version": "1"}, [{"name": "net"}])
    assert (done.grade, done.files) == ("good", ("report.html",))
    assert (records.results(run.id) / "report.html").read_text() == "<p>report"
    assert records.claim() is None


def test_a_failed_run_keeps_its_code_and_values(shop: Shop) -> None:
    recording_id = shop.put()
    run = shop.records.claim()
    assert run is not None
    shop.records.fail(run.id, ErrorCode.NOT_A_VIDEO, {"file": "walk.mp4"})
    failed = shop.reopen().get(recording_id)
    assert failed.state is RunState.FAILED
    assert failed.diagnoses[0].code is ErrorCode.NOT_A_VIDEO
    assert failed.diagnoses[0].values == {"file": "walk.mp4"}


def test_an_interrupted_run_gets_three_tries_and_then_fails(shop: Shop) -> None:
    recording_id = shop.put()
    for number in range(1, MAX_TRIES + 1):
        run = shop.records.claim()
        assert run is not None
        assert run.tries == number
        shop.reopen().requeue()
    assert shop.records.claim() is None
    last = shop.records.get(recording_id).diagnoses[0]
    assert (last.state, last.code) == (RunState.FAILED, ErrorCode.WORKER_DIED)


def test_requeue_leaves_finished_and_waiting_runs_alone(shop: Shop) -> None:
    done, waiting = shop.put(), shop.put()
    run = shop.records.claim()
    assert run is not None
    shop.records.finish(run.id, shop.result(), FACTS)
    shop.records.requeue()
    assert shop.records.get(done).state is RunState.DONE
    assert shop.records.get(waiting).diagnoses[0].tries == 0


def test_another_run_adds_and_never_replaces(shop: Shop) -> None:
    recording_id = shop.put()
    first = shop.records.claim()
    assert first is not None
    shop.records.finish(first.id, shop.result(), FACTS)
    second = shop.records.add(recording_id)
    runs = shop.reopen().get(recording_id).diagnoses
    assert [run.id for run in runs] == [first.id, second.id]
    assert [run.state for run in runs] == [RunState.DONE, RunState.QUEUED]
    assert (shop.records.results(first.id) / "report.html").exists()


@pytest.mark.parametrize("claimed", [False, True])
def test_no_second_run_while_one_has_not_ended(shop: Shop, claimed: bool) -> None:
    recording_id = shop.put()
    if claimed:
        shop.records.claim()
    with pytest.raises(InputError) as caught:
        shop.records.add(recording_id)
    assert caught.value.code is ErrorCode.ANALYSIS_WAITING


def test_the_list_is_newest_first_and_can_be_continued(shop: Shop) -> None:
    made = [shop.put() for _ in range(5)]
    page = shop.records.list(limit=2)
    assert [run.recording_id for run in page] == [made[4], made[3]]
    shop.put()  # what comes in between does not move the next page
    rest = shop.records.list(after=page[-1].id, limit=10)
    assert [run.recording_id for run in rest] == [made[2], made[1], made[0]]
    recordings = shop.records.list_recordings(after=made[3], limit=2)
    assert [recording.id for recording in recordings] == [made[2], made[1]]


def test_unknown_ids_are_told_by_code(shop: Shop) -> None:
    for call, code in [
        (shop.records.get, ErrorCode.RECORDING_UNKNOWN),
        (shop.records.add, ErrorCode.RECORDING_UNKNOWN),
        (shop.records.original, ErrorCode.RECORDING_UNKNOWN),
        (shop.records.get_diagnosis, ErrorCode.DIAGNOSIS_UNKNOWN),
        (shop.records.results, ErrorCode.DIAGNOSIS_UNKNOWN),
    ]:
        with pytest.raises(InputError) as caught:
            call("../../etc")
        assert caught.value.code is code


def test_results_of_a_run_that_is_not_done_are_refused(shop: Shop) -> None:
    run = shop.records.get(shop.put()).diagnoses[0]
    with pytest.raises(InputError) as caught:
        shop.records.results(run.id)
    assert caught.value.code is ErrorCode.DIAGNOSIS_NOT_DONE


def test_what_was_under_way_is_swept_at_start(shop: Shop) -> None:
    (shop.records.incoming / "half").write_bytes(b"x")
    (shop.records.work / "half").mkdir()
    records = shop.reopen()
    assert list(records.incoming.iterdir()) == []
    assert list(records.work.iterdir()) == []


def test_two_processes_cannot_share_the_folder(shop: Shop) -> None:
    with pytest.raises(MachineError) as caught:
        shop.implementation(shop.folder)
    assert caught.value.code is ErrorCode.DATA_DIR_IN_USE


def test_parallel_writers_lose_nothing(shop: Shop) -> None:
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(shop.put() for _ in range(5))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    listed = {run.recording_id for run in shop.reopen().list(limit=100)}
    assert len(made) == 30
    assert listed == set(made)


def test_a_full_disk_is_told_and_the_old_state_stays(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording_id = shop.put()

    def refuse(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(durable, "sync", refuse)
        with pytest.raises(MachineError) as caught:
            shop.put()
    assert caught.value.code is ErrorCode.DISK_FULL
    assert str(shop.folder) in str(caught.value)
    assert list(shop.records.incoming.iterdir()) == []
    assert [run.recording_id for run in shop.reopen().list()] == [recording_id]


def test_a_damaged_record_is_named_kept_and_does_not_stop_the_rest(tmp_path: Path) -> None:
    shop = Shop(FileRecords, tmp_path)
    good, bad = shop.put(), shop.put()
    record = tmp_path / "recordings" / bad / "record.json"
    record.write_bytes(record.read_bytes()[:50])
    records = shop.reopen()
    assert records.damaged == (bad,)
    assert records.get(good).id == good
    assert record.exists()
    records.close()


def test_record_files_tell_their_schema(tmp_path: Path) -> None:
    shop = Shop(FileRecords, tmp_path)
    record = tmp_path / "recordings" / shop.put() / "record.json"
    assert json.loads(record.read_text())["schema_version"] == 1
    shop.records.close()
