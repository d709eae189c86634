"""The report of a run as it reads today: with what clinicians confirmed, in another language."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version

from pydantic import ValidationError

from host.report import write
from host.report.assess import DISTRIBUTION
from host.report.assessment import Assessment
from host.report.page.html import render_html
from host.service.records import Records
from host.text import ENGLISH, spoken


def report_html(records: Records, diagnosis_id: str) -> str | None:
    """The report made anew; None when the one that the analysis wrote says the same or more.

    An assessment of another version is not written anew: this version does not know its words.

    Raises
    ------
    InputError
        ``DIAGNOSIS_UNKNOWN`` or ``DIAGNOSIS_NOT_DONE``.
    """
    folder = records.results(diagnosis_id)
    words = records.confirmations(diagnosis_id)
    if not words and spoken() == ENGLISH:
        return None
    try:
        text = (folder / write.ASSESSMENT).read_text(encoding="utf-8")
        assessment = Assessment.model_validate_json(text)
    except ValidationError:
        return None
    if assessment.software.version != version(DISTRIBUTION):
        return None
    return render_html(assessment, datetime.now().astimezone(), words)
