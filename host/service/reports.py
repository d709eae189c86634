"""The report of a run as it reads today: with confirmed items, in the reader's language."""

from __future__ import annotations

from datetime import datetime, timezone
from importlib.metadata import version

from pydantic import ValidationError

from host.report import write
from host.report.assess import DISTRIBUTION
from host.report.assessment import Assessment
from host.report.page.html import render_html
from host.service.records import Records, now


def report_html(records: Records, diagnosis_id: str) -> str | None:
    """The report made anew; None where only the one that the analysis wrote can be shown.

    An assessment of another version is not told anew: this version may not know its words.

    Raises
    ------
    InputError
        ``DIAGNOSIS_UNKNOWN`` or ``DIAGNOSIS_NOT_DONE``.
    """
    folder = records.results(diagnosis_id)
    try:
        text = (folder / write.ASSESSMENT).read_text(encoding="utf-8")
        assessment = Assessment.model_validate_json(text)
    except ValidationError:
        return None
    if assessment.software.version != version(DISTRIBUTION):
        return None
    made = datetime.fromisoformat((records.get_diagnosis(diagnosis_id).finished_at or now())[:-1])
    local = made.replace(tzinfo=timezone.utc).astimezone()
    return render_html(assessment, local, records.confirmations(diagnosis_id))
