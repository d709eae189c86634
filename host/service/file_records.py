"""Records as plain files: one folder per recording, readable without this program.

::

    recordings/<id>/original/<name>      the bytes as they came in
    recordings/<id>/record.json          facts and runs, always replaced as a whole
    recordings/<id>/<diagnosis id>/      results of one finished run
    recordings/<id>/confirmations/       words of clinicians about its scales
    incoming/, work/                     under way; emptied at start

A recording is put together in ``incoming`` and renamed into place: it is there whole or not at all.
One process at a time (``lock``), so what is read at start stays true in memory.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import shutil
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from host import durable
from host.codes import ErrorCode, RunState
from host.diagnosis.scales.confirm import Confirmation
from host.errors import InputError, MachineError
from host.service import file_confirmations
from host.service.ids import uuid7
from host.service.records import MAX_TRIES, Diagnosis, Facts, Recording, Subject, Upload, now

SCHEMA_VERSION = 1
log = logging.getLogger(__name__)


class FileRecords:
    """:class:`host.service.records.Records` on files.

    Parameters
    ----------
    folder
        Data folder on a local disk; made when it is missing.

    Raises
    ------
    MachineError
        ``DATA_DIR_IN_USE`` when another process has it, ``OUTPUT_NOT_WRITABLE``, ``DISK_FULL``.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._recordings = folder / "recordings"
        self.incoming = folder / "incoming"
        self.work = folder / "work"
        with self._disk():
            folder.mkdir(parents=True, exist_ok=True)
            self._lock_file = (folder / "lock").open("w")
            self._lock_folder()
            for scratch in (self.incoming, self.work):
                shutil.rmtree(scratch, ignore_errors=True)
                scratch.mkdir()
            self._recordings.mkdir(exist_ok=True)
            durable.sync(folder)
        self._guard = threading.RLock()
        self._by_id: dict[str, Recording] = {}
        self._recording_of: dict[str, str] = {}
        self._words: dict[str, list[Confirmation]] = {}
        self.damaged = self._load()

    def put(self, upload: Upload, subject: Subject) -> Recording:
        """Keep an upload and queue its first run; on return nothing of it can be lost."""
        recording_id, created = uuid7(), now()
        run = Diagnosis(uuid7(), recording_id, created)
        recording = Recording(
            recording_id,
            created,
            upload.file_name,
            upload.size_bytes,
            upload.sha256,
            subject,
            (run,),
        )
        staged = self.incoming / recording_id
        with self._disk():
            try:
                (staged / "original").mkdir(parents=True)
                upload.path.replace(staged / "original" / upload.file_name)
                (staged / "record.json").write_bytes(_to_json(recording))
                durable.sync_tree(staged)
                staged.replace(self._recordings / recording_id)
                durable.sync(self._recordings)
            except OSError:
                shutil.rmtree(staged, ignore_errors=True)
                raise
        with self._guard:
            self._remember(recording)
        return recording

    def add(self, recording_id: str) -> Diagnosis:
        """Queue another run; ``ANALYSIS_WAITING`` when the newest one has not ended."""
        with self._guard:
            recording = self.get(recording_id)
            if recording.state in (RunState.QUEUED, RunState.RUNNING):
                raise InputError(ErrorCode.ANALYSIS_WAITING, state=recording.state.value)
            run = Diagnosis(uuid7(), recording_id, now())
            self._store(replace(recording, diagnoses=(*recording.diagnoses, run)))
            return run

    def get(self, recording_id: str) -> Recording:
        """One recording."""
        with self._guard:
            found = self._by_id.get(recording_id)
        if found is None:
            raise InputError(ErrorCode.RECORDING_UNKNOWN, id=recording_id)
        return found

    def get_diagnosis(self, diagnosis_id: str) -> Diagnosis:
        """One run."""
        with self._guard:
            recording_id = self._recording_of.get(diagnosis_id)
            if recording_id is None:
                raise InputError(ErrorCode.DIAGNOSIS_UNKNOWN, id=diagnosis_id)
            runs = self._by_id[recording_id].diagnoses
        return next(run for run in runs if run.id == diagnosis_id)

    def list(self, *, after: str | None = None, limit: int = 20) -> Sequence[Diagnosis]:
        """Runs, newest first; with ``after``, only those older than this id."""
        with self._guard:
            return [self.get_diagnosis(i) for i in _page(self._recording_of, after, limit)]

    def list_recordings(self, *, after: str | None = None, limit: int = 20) -> Sequence[Recording]:
        """Recordings, newest first; with ``after``, only those older than this id."""
        with self._guard:
            return [self._by_id[i] for i in _page(self._by_id, after, limit)]

    def counts(self) -> Mapping[RunState, int]:
        """How many runs are in each state."""
        with self._guard:
            return Counter(run.state for run in self._runs())

    def original(self, recording_id: str) -> Path:
        """The file as it came in."""
        recording = self.get(recording_id)
        return self._recordings / recording.id / "original" / recording.file_name

    def results(self, diagnosis_id: str) -> Path:
        """Folder of a finished run's files."""
        run = self.get_diagnosis(diagnosis_id)
        if run.state is not RunState.DONE:
            raise InputError(ErrorCode.DIAGNOSIS_NOT_DONE, state=run.state.value)
        return self._recordings / run.recording_id / run.id

    def confirm(self, diagnosis_id: str, word: Confirmation, seen: int) -> Confirmation:
        """Keep a clinician's word, unless another one came since; see the interface."""
        with self._guard, self._disk():
            run = self.get_diagnosis(diagnosis_id)
            words = self._words.get(diagnosis_id, [])
            last = next((one for one in reversed(words) if one.key == word.key), None)
            if (last.number if last else 0) != seen:
                who = last.who if last else ""
                raise InputError(ErrorCode.SCALE_ITEM_CHANGED, who=who)
            folder = self._recordings / run.recording_id
            kept = file_confirmations.keep(folder, diagnosis_id, replace(word, at=now()))
            self._words[diagnosis_id] = [*words, kept]
            return kept

    def confirmations(self, diagnosis_id: str) -> Sequence[Confirmation]:
        """All words of clinicians about one run's scales, in the order of their arrival."""
        self.get_diagnosis(diagnosis_id)
        with self._guard:
            return self._words.get(diagnosis_id, [])

    def claim(self) -> Diagnosis | None:
        """Take the oldest queued run: it is running, and counts one try more."""
        with self._guard:
            queued = sorted(run.id for run in self._runs() if run.state is RunState.QUEUED)
            if not queued:
                return None
            tries = self.get_diagnosis(queued[0]).tries + 1
            return self._change(queued[0], state=RunState.RUNNING, tries=tries, started_at=now())

    def finish(self, diagnosis_id: str, files: Path, facts: Facts) -> None:
        """Move the folder ``files`` in as the results of a run, which is then done."""
        with self._guard, self._disk():
            target = self._recordings / self._recording_of[diagnosis_id] / diagnosis_id
            shutil.rmtree(target, ignore_errors=True)  # of a try that was cut off just here
            durable.sync_tree(files)
            names = tuple(sorted(path.name for path in files.iterdir() if path.is_file()))
            files.replace(target)
            self._change(
                diagnosis_id,
                state=RunState.DONE,
                finished_at=now(),
                software=facts.software,
                models=facts.models,
                grade=facts.grade,
                files=names,
            )

    def fail(self, diagnosis_id: str, code: ErrorCode, values: dict[str, Any]) -> None:
        """End a run without results."""
        with self._guard:
            self._change(
                diagnosis_id, state=RunState.FAILED, finished_at=now(), code=code, values=values
            )

    def requeue(self) -> None:
        """Send interrupted runs back to the queue; those out of tries fail (``WORKER_DIED``)."""
        with self._guard:
            for run in [run for run in self._runs() if run.state is RunState.RUNNING]:
                if run.tries < MAX_TRIES:
                    self._change(run.id, state=RunState.QUEUED)
                else:
                    self.fail(run.id, ErrorCode.WORKER_DIED, {"tries": run.tries})

    def close(self) -> None:
        """Let another process have the folder."""
        self._lock_file.close()

    def _lock_folder(self) -> None:
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock_file.close()
            raise MachineError(ErrorCode.DATA_DIR_IN_USE, folder=self._folder) from error

    def _load(self) -> tuple[str, ...]:
        damaged = []
        for folder in sorted(self._recordings.iterdir()):
            try:
                self._remember(_from_json((folder / "record.json").read_bytes()))
            except (OSError, ValueError, KeyError, TypeError):
                log.exception("record of %s cannot be read", folder.name)
                damaged.append(folder.name)
                continue
            words, unreadable = file_confirmations.load(folder)
            self._words.update(words)
            damaged += unreadable
        return tuple(damaged)

    def _runs(self) -> Iterator[Diagnosis]:
        return (run for recording in self._by_id.values() for run in recording.diagnoses)

    def _change(self, diagnosis_id: str, **fields: Any) -> Diagnosis:
        changed = replace(self.get_diagnosis(diagnosis_id), **fields)
        recording = self._by_id[changed.recording_id]
        runs = tuple(changed if run.id == changed.id else run for run in recording.diagnoses)
        self._store(replace(recording, diagnoses=runs))
        return changed

    def _store(self, recording: Recording) -> None:
        with self._disk():
            path = self._recordings / recording.id / "record.json"
            durable.write_atomically(path, _to_json(recording))
        self._remember(recording)

    def _remember(self, recording: Recording) -> None:
        self._by_id[recording.id] = recording
        self._recording_of.update((run.id, recording.id) for run in recording.diagnoses)

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        """Tell a disk that refuses as a code."""
        try:
            yield
        except OSError as error:
            code = ErrorCode.DISK_FULL if durable.is_full(error) else ErrorCode.OUTPUT_NOT_WRITABLE
            raise MachineError(code, folder=self._folder) from error


def _page(ids: Iterable[str], after: str | None, limit: int) -> list[str]:
    return sorted((i for i in ids if after is None or i < after), reverse=True)[:limit]


def _to_json(recording: Recording) -> bytes:
    document = {"schema_version": SCHEMA_VERSION, **asdict(recording)}
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


def _from_json(content: bytes) -> Recording:
    document = json.loads(content)
    if document.pop("schema_version") != SCHEMA_VERSION:
        raise ValueError("record.json of another schema")
    document["subject"] = Subject(**document["subject"])
    document["diagnoses"] = tuple(_run(fields) for fields in document["diagnoses"])
    return Recording(**document)


def _run(fields: dict[str, Any]) -> Diagnosis:
    fields["state"] = RunState(fields["state"])
    fields["code"] = ErrorCode(fields["code"]) if fields["code"] else None
    fields["files"] = tuple(fields["files"])
    return Diagnosis(**fields)
