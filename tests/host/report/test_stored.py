"""Assessments that a clinic stored years ago stay readable and comparable.

``data/assessment-first.json`` was written by the first version that wrote any (schema 1, before
alerts, activities, scales and comparisons with references), of the demonstration walk; all but two
of its curves are cut off.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from host.cli import build
from host.errors import InputError
from host.report.assessment import Assessment
from host.report.page.html import render_html
from host.text import LANGUAGES, sentence, speaking
from tests.scored import scored_assessment

FIRST = (Path(__file__).parent / "data" / "assessment-first.json").read_text(encoding="utf-8")


@pytest.fixture
def first() -> Assessment:
    return Assessment.model_validate_json(FIRST)


def test_every_number_of_the_first_version_is_read(first: Assessment) -> None:
    stored = json.loads(FIRST)
    assert stored.keys() < Assessment.model_fields.keys()
    again = json.loads(first.to_json())
    for part in ("source", "subject", "view", "quality", "events", "strides", "parameters"):
        assert again[part] == stored[part]
    assert first.parameters["cadence"].value == pytest.approx(105.94, abs=0.01)


def test_what_was_not_recorded_is_not_called_empty(first: Assessment) -> None:
    assert first.activities is None
    assert first.not_recorded == ("alerts", "activities", "deviations")
    assert scored_assessment().not_recorded == ()
    assert Assessment.model_validate_json(first.to_json()) == first


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_report_says_what_was_not_recorded(first: Assessment, language: str) -> None:
    with speaking(language):
        page = render_html(first, datetime(2027, 1, 1))
        for name in first.not_recorded:
            assert sentence(f"not_recorded.{name}") in page
        assert sentence("reference.none_outside") not in page
        new = render_html(scored_assessment(), datetime(2027, 1, 1))
        assert sentence("not_recorded.activities") not in new


@pytest.fixture
def visits(tmp_path: Path) -> list[str]:
    """Folders of the stored and of a new visit."""
    folders = []
    for name, text in (("first", FIRST), ("now", scored_assessment().to_json())):
        (tmp_path / name).mkdir()
        (tmp_path / name / "assessment.json").write_text(text, encoding="utf-8")
        folders.append(str(tmp_path / name))
    return folders


def test_the_command_compares_a_stored_visit_and_says_that_the_method_differs(
    visits: list[str],
) -> None:
    words = ["compare", *visits, "--condition", "later_visit", "--json"]
    answer = CliRunner().invoke(build(words), words)
    assert answer.exit_code == 0, answer.output
    found = {entry["parameter"]: entry for entry in json.loads(answer.stdout)}
    assert found["walking_speed"]["before"] == pytest.approx(1.14, abs=0.01)
    assert found["walking_speed"]["difference"] < 0
    assert sentence("compare.measured_otherwise") in answer.stderr
    words = ["compare", visits[1], visits[1], "--condition", "later_visit"]
    answer = CliRunner().invoke(build(words), words)
    assert sentence("compare.measured_otherwise") not in answer.stderr


def test_an_assessment_of_a_later_schema_is_refused_with_one_line(visits: list[str]) -> None:
    path = Path(visits[0]) / "assessment.json"
    path.write_text(FIRST.replace('"schema_version":1', '"schema_version":2'), encoding="utf-8")
    words = ["compare", *visits, "--condition", "later_visit"]
    answer = CliRunner().invoke(build(words), words)
    assert isinstance(answer.exception, InputError)
    assert str(answer.exception) == sentence("error.not_an_assessment", file=path)
