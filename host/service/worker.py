"""The process that analyses one recording and ends: ``python -m host.service.worker JOB.json``.

A video that crashes a decoder or eats the memory takes this process with it, not the service. The
outcome is written to ``outcome.json`` beside the job; no such file means that the process died.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from host import durable
from host.codes import ErrorCode
from host.errors import FootfallError
from host.service.records import Subject

NICENESS = 5
"""Answers to people go before the analysis."""

Analyze = Callable[[Path, Path, "Path | None", Subject], None]
"""``(source, out, settings file, subject)``: writes the results into the new folder ``out``."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """What one worker is to do; it travels as a JSON file."""

    analyze: str
    """``module:function`` of type :data:`Analyze`."""
    source: str
    out: str
    settings_file: str | None
    subject: dict[str, Any]

    def write(self, path: Path) -> None:
        """Leave the job where the worker reads it."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


@dataclass(frozen=True)
class Outcome:
    """How it ended; ``code`` is None when the results are complete."""

    code: str | None
    values: dict[str, Any]


def outcome_file(job_file: Path) -> Path:
    """Where the outcome of a job is written."""
    return job_file.with_name("outcome.json")


def read_outcome(job_file: Path) -> Outcome | None:
    """Outcome of a worker that has ended, or None when it died before it could tell."""
    try:
        return Outcome(**json.loads(outcome_file(job_file).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def main(job_file: Path) -> None:
    """Do one job. Ends at once when the service that started it is gone."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(NICENESS)
    job = Job(**json.loads(job_file.read_text(encoding="utf-8")))
    outcome = json.dumps(asdict(_run(job)), default=str)
    durable.write_atomically(outcome_file(job_file), outcome.encode())


def _run(job: Job) -> Outcome:
    module, _, name = job.analyze.partition(":")
    analyze: Analyze = getattr(importlib.import_module(module), name)
    settings_file = None if job.settings_file is None else Path(job.settings_file)
    try:
        analyze(Path(job.source), Path(job.out), settings_file, Subject(**job.subject))
    except FootfallError as error:
        log.warning("refused: %s %s", error.code, error.values)
        return Outcome(error.code.value, error.values)
    except Exception:  # the border of the process: a bug is not a crash
        log.exception("the analysis of %s failed", job.source)
        return Outcome(ErrorCode.INTERNAL.value, {})
    return Outcome(None, {})


def _end_with_parent() -> None:
    """Wait for the end of the pipe from the service: it closes when the service ends, however."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    main(Path(sys.argv[1]))
