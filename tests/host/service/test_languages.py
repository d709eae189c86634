"""Which language an answer speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from host.gait.quality import GRADES
from host.service.file_records import FileRecords
from host.service.records import Subject
from host.text import ENGLISH, LANGUAGES, own_sentences, sentence, speaking
from tests.box import UNKNOWN, Box
from tests.finished import finished_run
from tests.service import API

NAMED = {"en": "Recordings", "zh": "录像"}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de-DE,de;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.1, zh;q=0.7", "zh"),
        ("zh;q=0, en", "en"),
        ("zh;q=much", "en"),
    ],
)
def test_a_browser_s_language_is_spoken(box: Box, accepted: str, language: str) -> None:
    answer = box.client.get("/", headers={"Accept-Language": accepted})
    assert answer.headers["content-language"] == language
    assert f'<html lang="{language}">' in answer.text
    assert f"<h2>{NAMED[language]}</h2>" in answer.text


def test_a_choice_is_remembered_and_goes_before_the_browser(box: Box) -> None:
    chosen = box.client.get("/?lang=zh", headers={"Accept-Language": "en"})
    assert "SameSite=Strict" in chosen.headers["set-cookie"]
    assert NAMED["zh"] in chosen.text
    again = box.client.get("/", headers={"Accept-Language": "en"})
    assert NAMED["zh"] in again.text
    assert "set-cookie" not in again.headers
    back = box.client.get("/?lang=en")
    assert "<h2>Recordings</h2>" in back.text


@pytest.mark.parametrize("asked", ["xx", "", "zh%00", "%ff", "../zh"])
def test_a_language_that_nobody_speaks_is_passed_over(box: Box, asked: str) -> None:
    answer = box.client.get(f"/?lang={asked}", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.headers["content-language"]) == (200, "en")
    assert "set-cookie" not in answer.headers


def test_refusals_speak_it_too(box: Box) -> None:
    path = f"{API}/recordings/{UNKNOWN}"
    answer = box.client.get(path, headers={"Accept-Language": "zh"})
    assert "本机没有录像" in box.refused(answer, 404, "error.recording_unknown")
    answer = box.client.get(path)
    assert "There is no recording" in box.refused(answer, 404, "error.recording_unknown")


def test_an_unusable_recording_says_what_to_do_next(
    make_box: Callable[..., Box], tmp_path: Path
) -> None:
    records = FileRecords(tmp_path / "data")
    ids = {grade: finished_run(records, Subject(), f"{grade}.mp4", grade)[0] for grade in GRADES}
    records.close()
    box = make_box()
    for language in LANGUAGES:
        with speaking(language):
            words = sentence("page.unusable_next")
        for grade, recording in ids.items():
            page = box.client.get(f"/recordings/{recording}?lang={language}").text
            assert (words in page) == (grade == "unusable")


def _descriptions(part: Any) -> Iterator[str]:
    """Everything that the machine-readable description says in words."""
    if isinstance(part, dict):
        own = part.get("description")
        if isinstance(own, str) and not own.startswith("error."):
            yield " ".join(own.split("\n"))
        part = part.values()
    elif not isinstance(part, list):
        return
    for inner in part:
        yield from _descriptions(inner)


def test_the_interface_is_described_in_every_language(box: Box) -> None:
    description = box.client.get("/openapi.json").json()
    asked = set(_descriptions([description["paths"], description["components"]["schemas"]]))
    asked -= {"Successful Response"}  # the name of status 200, which the page does not show
    shown = box.client.get("/docs").text
    for language in LANGUAGES:
        own = own_sentences(language)
        told = {k.removeprefix("interface.") for k in own if k.startswith("interface.")}
        if language != ENGLISH:
            assert sorted(asked ^ told) == []
        page = box.client.get(f"/docs?lang={language}").text
        assert (page == shown) == (language == ENGLISH)
        assert ("All recordings, newest first." in page) == (language == ENGLISH)
        assert "``" not in page
