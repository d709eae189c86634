"""What the service remembers: recordings and their analysis runs, behind one interface.

A recording is what somebody handed in; a diagnosis is one analysis run of it. A run goes
queued -> running -> done or failed; a run that was interrupted goes back to queued, at most
``MAX_TRIES`` times. Implementations: files (:mod:`host.service.file_records`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Protocol

from host.codes import ErrorCode, RunState
from host.diagnosis.scales.confirm import Confirmation

MAX_TRIES = 3


@dataclass(frozen=True)
class Subject:
    """What the sender said of the person in the picture; None where nothing was said."""

    height_m: float | None = None
    age: float | None = None
    """Years."""
    sex: str | None = None
    """``f`` or ``m``."""
    condition: str | None = None
    """How the person was asked to walk: one of :data:`host.codes.Condition`."""


@dataclass(frozen=True)
class Diagnosis:
    """One analysis run. Times are RFC 3339 texts in UTC."""

    id: str
    recording_id: str
    created_at: str
    state: RunState = RunState.QUEUED
    tries: int = 0
    started_at: str | None = None
    finished_at: str | None = None
    code: ErrorCode | None = None
    """Why it failed."""
    values: dict[str, Any] = field(default_factory=dict)
    """Named values that the sentence of ``code`` quotes."""
    software: Any = None
    """``software`` of the assessment: what computed it."""
    models: Any = None
    """``models`` of the assessment: the networks it used."""
    grade: str | None = None
    """Quality of the recording, of the assessment: ``good``, ``limited`` or ``unusable``."""
    files: tuple[str, ...] = ()
    """Names of the result files, once the run is done."""


@dataclass(frozen=True)
class Recording:
    """One video as it came in."""

    id: str
    created_at: str
    file_name: str
    """The sender's name of the file, reduced to harmless characters."""
    size_bytes: int
    sha256: str
    subject: Subject
    diagnoses: tuple[Diagnosis, ...]
    """In the order of creation; never empty."""

    @property
    def state(self) -> RunState:
        """State of the newest run."""
        return self.diagnoses[-1].state


@dataclass(frozen=True)
class Upload:
    """Bytes that have arrived in ``Records.incoming`` and wait for their record."""

    path: Path
    file_name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Facts:
    """What a run's record repeats of its assessment."""

    software: Any
    models: Any
    grade: str | None


class Records(Protocol):
    """The storage: every change is on the disk when the call returns; any thread may call.

    Unknown ids raise :class:`host.errors.InputError` with ``RECORDING_UNKNOWN`` or
    ``DIAGNOSIS_UNKNOWN``; a disk that refuses raises :class:`host.errors.MachineError`.
    """

    @property
    def incoming(self) -> Path:
        """Folder for uploads under way; emptied at start."""

    @property
    def work(self) -> Path:
        """Folder for runs under way; emptied at start."""

    @property
    def damaged(self) -> tuple[str, ...]:
        """Names of stored recordings that could not be read at start; they are left untouched."""

    def put(self, upload: Upload, subject: Subject) -> Recording:
        """Keep an upload and queue its first run; on return nothing of it can be lost."""

    def add(self, recording_id: str) -> Diagnosis:
        """Queue another run; ``ANALYSIS_WAITING`` when the newest one has not ended."""

    def get(self, recording_id: str) -> Recording:
        """One recording."""

    def get_diagnosis(self, diagnosis_id: str) -> Diagnosis:
        """One run."""

    def list(self, *, after: str | None = None, limit: int = 20) -> Sequence[Diagnosis]:
        """Runs, newest first; with ``after``, only those older than this id."""

    def list_recordings(self, *, after: str | None = None, limit: int = 20) -> Sequence[Recording]:
        """Recordings, newest first; with ``after``, only those older than this id."""

    def counts(self) -> Mapping[RunState, int]:
        """How many runs are in each state."""

    def original(self, recording_id: str) -> Path:
        """The file as it came in."""

    def results(self, diagnosis_id: str) -> Path:
        """Folder of a finished run's files."""

    def confirm(self, diagnosis_id: str, word: Confirmation, seen: int) -> Confirmation:
        """Keep a clinician's word about one item, numbered; on return it cannot be lost.

        ``seen`` is the number of the last word about this item that the clinician saw, 0 for none;
        another one since then raises ``SCALE_ITEM_CHANGED`` and nothing is kept. Words are never
        changed or removed.
        """

    def confirmations(self, diagnosis_id: str) -> Sequence[Confirmation]:
        """All words of clinicians about one run's scales, in the order of their arrival."""

    def claim(self) -> Diagnosis | None:
        """Take the oldest queued run: it is running, and counts one try more."""

    def finish(self, diagnosis_id: str, files: Path, facts: Facts) -> None:
        """Move the folder ``files`` in as the results of a run, which is then done."""

    def fail(self, diagnosis_id: str, code: ErrorCode, values: dict[str, Any]) -> None:
        """End a run without results."""

    def requeue(self) -> None:
        """Send interrupted runs back to the queue; those out of tries fail (``WORKER_DIED``)."""

    def close(self) -> None:
        """Let another process have the folder."""


def now() -> str:
    """Return the present time as an RFC 3339 text in UTC, to the millisecond."""
    text = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
