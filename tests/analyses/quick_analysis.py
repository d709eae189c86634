"""Quick analyses for the tests of the service: they read the recording and write real files.

The first line of a recording's text says what is to happen; a real video is simply counted.
"""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from host.codes import ErrorCode
from host.errors import InputError
from host.service.records import Subject


def analyze(source: Path, out: Path, settings_file: Path | None, subject: Subject) -> None:
    content = source.read_bytes()
    order = content[512:].split(b"\n")[0].decode(errors="replace").split()
    if order[:1] == ["refuse"]:
        raise InputError(ErrorCode.NOT_A_VIDEO, file=source)
    if order[:1] == ["bug"]:
        raise ZeroDivisionError("a bug in an analysis")
    if order[:1] == ["die"]:
        os.kill(os.getpid(), signal.SIGKILL)
    if order[:1] == ["die_until"]:  # dies until the file named has as many lines as said
        log = Path(order[1])
        with log.open("a") as lines:
            lines.write("try\n")
        if len(log.read_text().splitlines()) < int(order[2]):
            os.kill(os.getpid(), signal.SIGKILL)
    if order[:1] == ["sleep"]:
        time.sleep(float(order[1]))
    if order[:1] == ["nothing"]:
        return
    out.mkdir()
    if order[:1] == ["scales"]:
        from tests.scored import scored_assessment

        (out / "assessment.json").write_text(scored_assessment().to_json())
        return
    assessment = {
        "software": {"name": "footfall", "version": "test"},
        "models": [{"name": "quick"}],
        "quality": {"grade": "limited"},
        "bytes": len(content),
        "height_m": subject.height_m,
        "settings": None if settings_file is None else str(settings_file),
    }
    (out / "assessment.json").write_text(json.dumps(assessment))
    (out / "report.html").write_text(f"<!doctype html><p>{len(content)} bytes")
