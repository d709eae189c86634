"""Keeps one worker at a time busy with the oldest queued run."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from host.codes import ErrorCode
from host.errors import FootfallError, MachineError
from host.service.records import Diagnosis, Facts, Records
from host.service.worker import Job, read_outcome

IDLE_S = 5.0
"""Longest sleep between two looks into the queue."""
POLL_S = 0.1
"""How often a running worker is looked after."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AnalysisOptions:
    """How the worker analyses."""

    analyze: str = "host.service.analysis:analyze"
    """``module:function``, see :data:`host.service.worker.Analyze`; imported in the worker only."""
    settings_file: Path | None = None
    deadline_s: float = 1800.0


class Supervisor(threading.Thread):
    """Thread that takes runs from the queue, starts a worker for each and records how it ended.

    A worker that dies sends its run back to the queue (at most three tries in all). A worker past
    its deadline is killed and its run failed: what took too long once does so again.

    Parameters
    ----------
    records
        The storage; nobody else may claim from it.
    options
        What the workers do.
    """

    def __init__(self, records: Records, options: AnalysisOptions) -> None:
        super().__init__(name="supervisor", daemon=True)
        self._records = records
        self._options = options
        self._wake = threading.Event()
        self._stopping = threading.Event()

    def wake(self) -> None:
        """Look into the queue now."""
        self._wake.set()

    def stop(self) -> None:
        """Kill the worker, leave its run to the next start, and end the thread."""
        self._stopping.set()
        self._wake.set()
        self.join(timeout=10)

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                worked = self._work_once()
            except (FootfallError, OSError):
                log.exception("the queue cannot be worked on; trying again")
                worked = False
            if not worked:
                self._wake.wait(IDLE_S)

    def _work_once(self) -> bool:
        self._records.requeue()  # no worker is running here: what claims to be was interrupted
        run = self._records.claim()
        if run is None:
            return False
        folder = self._records.work / f"{run.id}-{run.tries}"
        folder.mkdir()
        try:
            self._analyse(run, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return True

    def _analyse(self, run: Diagnosis, folder: Path) -> None:
        recording = self._records.get(run.recording_id)
        settings_file = self._options.settings_file
        job_file, results = folder / "job.json", folder / "results"
        Job(
            self._options.analyze,
            str(self._records.original(recording.id)),
            str(results),
            None if settings_file is None else str(settings_file),
            asdict(recording.subject),
        ).write(job_file)
        log.info("run %s, try %d", run.id, run.tries)
        if not self._wait_for_worker(job_file):
            if not self._stopping.is_set():
                deadline = {"deadline_s": self._options.deadline_s}
                self._records.fail(run.id, ErrorCode.ANALYSIS_DEADLINE, deadline)
            return
        outcome = read_outcome(job_file)
        if outcome is None:
            log.warning("the worker of run %s died", run.id)
        elif outcome.code is not None:
            stored = str(self._records.original(recording.id))  # means nothing to the sender
            values = {
                name: recording.file_name if value == stored else value
                for name, value in outcome.values.items()
            }
            self._records.fail(run.id, ErrorCode(outcome.code), values)
        else:
            self._finish(run, results)

    def _finish(self, run: Diagnosis, results: Path) -> None:
        try:
            text = (results / "assessment.json").read_text(encoding="utf-8")
            assessment = json.loads(text)
            grade = assessment["quality"]["grade"]
            facts = Facts(assessment["software"], assessment["models"], grade)
        except (OSError, ValueError, KeyError):
            log.exception("run %s left no assessment", run.id)
            self._records.fail(run.id, ErrorCode.INTERNAL, {})
            return
        try:
            self._records.finish(run.id, results, facts)
        except MachineError as error:
            values = {name: str(value) for name, value in error.values.items()}
            self._records.fail(run.id, error.code, values)

    def _wait_for_worker(self, job_file: Path) -> bool:
        """Run the worker; False when it was killed for its deadline or for the service's end."""
        command = [sys.executable, "-m", "host.service.worker", str(job_file)]
        deadline_s = time.monotonic() + self._options.deadline_s
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        ) as worker:
            while worker.poll() is None:
                if self._stopping.is_set() or time.monotonic() > deadline_s:
                    os.killpg(worker.pid, signal.SIGKILL)
                    worker.wait(timeout=10)
                    return False
                time.sleep(POLL_S)
        return True
