"""An analysis that has ended, written into a service's records before the service starts."""

from __future__ import annotations

from datetime import datetime

from host.report.page.html import render_html
from host.service.file_records import FileRecords
from host.service.records import Facts, Subject, Upload
from tests.scored import scored_assessment


def finished_run(
    records: FileRecords, subject: Subject, file: str, grade: str = "good"
) -> tuple[str, str]:
    """Ids of a recording and of its one run, which found :func:`tests.scored.scored_assessment`."""
    path = records.incoming / "upload"
    path.write_bytes(b"bytes")
    recording = records.put(Upload(path, file, 5, "0" * 64), subject)
    run = records.claim()
    assert run is not None
    out = records.work / "out"
    out.mkdir()
    assessment = scored_assessment()
    (out / "assessment.json").write_text(assessment.to_json())
    (out / "report.html").write_text(render_html(assessment, datetime(2026, 11, 21)))
    records.finish(run.id, out, Facts(None, None, grade))
    return recording.id, run.id
