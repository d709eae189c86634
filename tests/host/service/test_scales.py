"""A clinician confirms items: what is kept, what is refused, what survives, what is shown."""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from host import durable
from host.codes import ErrorCode
from host.diagnosis.scales import Confirmation, known_scales
from host.errors import InputError
from host.service.file_records import FileRecords
from host.service.records import Subject
from host.text import sentence
from tests.box import UNKNOWN, Box
from tests.finished import finished_run
from tests.service import API

TINETTI = next(scale for scale in known_scales() if scale.name == "tinetti_gait")


class Scored:
    """A finished run with suggestions, and a clinician before it."""

    def __init__(self, box: Box, recording_id: str) -> None:
        self.box = box
        self.recording = box.client.get(f"{API}/recordings/{recording_id}").json()
        self.run = self.recording["diagnoses"][0]["id"]

    def say(self, **word: Any) -> Any:
        body = {"scale": "wisconsin", "item": "stance_time", "points": 2, "who": "Dr Li"} | word
        return self.box.client.post(f"{API}/diagnoses/{self.run}/confirmations", json=body)

    def item(self, scale: str, code: str, side: str | None = None) -> Any:
        scales = self.box.client.get(f"{API}/diagnoses/{self.run}/scales").json()["items"]
        items = next(one for one in scales if one["scale"] == scale)["items"]
        return next(one for one in items if (one["code"], one["side"]) == (code, side))

    def totals(self, scale: str) -> Any:
        scales = self.box.client.get(f"{API}/diagnoses/{self.run}/scales").json()["items"]
        return next(one for one in scales if one["scale"] == scale)["totals"]

    def history(self) -> Any:
        answer = self.box.client.get(f"{API}/diagnoses/{self.run}/confirmations")
        return answer.json()["items"]

    def page(self, path: str = "", **headers: str) -> str:
        answer = self.box.client.get(f"/recordings/{self.recording['id']}{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.text)


@pytest.fixture
def finished(tmp_path: Path) -> str:
    """A recording whose analysis has ended with suggestions, made before the box starts."""
    records = FileRecords(tmp_path / "data")
    recording, _ = finished_run(records, Subject(1.65, 72.0, "f"), "walk.mp4")
    records.close()
    return recording


@pytest.fixture
def scored(finished: str, make_box: Callable[..., Box]) -> Scored:
    return Scored(make_box(), finished)


def test_an_item_is_suggested_and_not_confirmed_at_first(scored: Scored) -> None:
    item = scored.item("wisconsin", "stance_time")
    assert (item["suggested"], item["confirmed"], item["last"]) == (2.0, None, None)
    assert item["measurements"][0]["parameter"] == "single_support_percent"
    assert all(total["total"] is None for total in scored.totals("wisconsin"))
    assert scored.item("wisconsin", "gait_aid")["gap"] == "scale_gap.needs_person"


def test_a_confirmation_is_kept_with_who_and_when(scored: Scored) -> None:
    answer = scored.say(who="  Dr Li  ")
    assert answer.status_code == 201
    kept = answer.json()
    assert (kept["number"], kept["who"], kept["points"], kept["suggested"]) == (1, "Dr Li", 2, 2)
    assert kept["at"].endswith("Z")
    assert scored.item("wisconsin", "stance_time")["last"] == kept
    assert answer.headers["location"] == f"{API}/diagnoses/{scored.run}/confirmations"


def test_changing_and_taking_back_leave_the_history_as_it_was(scored: Scored) -> None:
    scored.say()
    scored.say(points=3, seen=1, who="Dr Wu")
    scored.say(points=None, seen=2, who="Dr Wu")
    assert [(w["points"], w["who"]) for w in scored.history()] == [
        (2.0, "Dr Li"),
        (3.0, "Dr Wu"),
        (None, "Dr Wu"),
    ]
    item = scored.item("wisconsin", "stance_time")
    assert (item["confirmed"], item["last"]["number"]) == (None, 3)


def test_a_total_is_made_of_confirmed_items_only(scored: Scored) -> None:
    for item in TINETTI.items:
        for side in item.sides:
            assert scored.totals("tinetti_gait")[0]["total"] is None
            side_name = None if side is None else side.value
            answer = scored.say(scale="tinetti_gait", item=item.code, side=side_name, points=1)
            assert answer.status_code == 201, answer.text
    totals = scored.totals("tinetti_gait")
    by_hand = sum(item.weight * len(item.sides) for item in TINETTI.items)
    assert sum(total["total"] for total in totals) == by_hand
    assert all(total["confirmed"] == total["items"] for total in totals)


def test_an_item_that_somebody_else_judged_is_not_overwritten(scored: Scored) -> None:
    scored.say(points=3, who="Dr Wu")
    detail = scored.box.refused(scored.say(points=1), 409, "error.scale_item_changed")
    assert "Dr Wu" in detail
    assert scored.item("wisconsin", "stance_time")["confirmed"] == 3
    scored.box.refused(scored.say(points=1, seen=7), 409, "error.scale_item_changed")
    assert scored.say(points=1, seen=1).status_code == 201


def test_of_many_at_the_same_moment_one_is_kept(scored: Scored) -> None:
    word = Confirmation(0, "wisconsin", "stance_time", None, 2.0, 2.0, "x", "")
    outcomes: list[str] = []

    def say(name: str) -> None:
        try:
            kept = scored.box.records.confirm(scored.run, _named(word, name), 0)
            outcomes.append(kept.who)
        except InputError as error:
            outcomes.append(error.code.value)

    threads = [threading.Thread(target=say, args=(f"clinician {i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert outcomes.count(ErrorCode.SCALE_ITEM_CHANGED.value) == 7
    assert len(scored.history()) == 1


def _named(word: Confirmation, who: str) -> Confirmation:
    return Confirmation(0, word.scale, word.item, word.side, word.points, word.suggested, who, "")


@pytest.mark.parametrize("points", [0, 4, 1.5, -1, 1e300])
def test_points_that_the_item_does_not_have(scored: Scored, points: float) -> None:
    detail = scored.box.refused(scored.say(points=points), 422, "error.scale_points_invalid")
    assert "from 1 to 3" in detail
    assert scored.history() == []


@pytest.mark.parametrize(
    ("word", "field"),
    [
        ({"who": ""}, "who"),
        ({"who": "   "}, "who"),
        ({"who": "x" * 81}, "who"),
        ({"points": "many"}, "points"),
        ({"seen": -1}, "seen"),
        ({"side": "middle"}, "side"),
        ({"at": "2020-01-01"}, "at"),
    ],
)
def test_words_that_cannot_be(scored: Scored, word: dict[str, Any], field: str) -> None:
    detail = scored.box.refused(scored.say(**word), 422, "error.request_invalid")
    assert field in detail
    assert scored.history() == []


@pytest.mark.parametrize(
    "word",
    [
        {"scale": "berg"},
        {"item": "stance"},
        {"side": "left"},
        {"scale": "edinburgh", "item": "clearance"},
    ],
)
def test_items_that_there_are_not(scored: Scored, word: dict[str, Any]) -> None:
    scored.box.refused(scored.say(**word), 404, "error.scale_item_unknown")


def test_what_has_no_points_cannot_be_confirmed(scored: Scored) -> None:
    word = {"scale": "mds_updrs_3_10", "item": "measurements"}
    scored.box.refused(scored.say(**word), 422, "error.scale_item_without_points")


def test_only_finished_runs_can_be_judged(scored: Scored) -> None:
    box = scored.box
    scored.run = box.sent("sleep 5")["diagnoses"][0]["id"]
    box.refused(scored.say(), 409, "error.diagnosis_not_done")
    scored.run = UNKNOWN
    box.refused(scored.say(), 404, "error.diagnosis_unknown")
    answer = box.client.get(f"{API}/diagnoses/{UNKNOWN}/confirmations")
    box.refused(answer, 404, "error.diagnosis_unknown")


def test_a_run_without_scales_shows_none(scored: Scored, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "recordings" / scored.recording["id"] / scored.run
    (folder / "assessment.json").write_text('{"quality": {"grade": "unusable"}}')
    answer = scored.box.client.get(f"{API}/diagnoses/{scored.run}/scales")
    assert answer.json() == {"items": []}
    assert sentence("page.no_scales") in scored.page()


def test_a_word_is_whole_on_the_disk_when_it_is_acknowledged(
    scored: Scored, tmp_path: Path
) -> None:
    scored.say()
    folder = tmp_path / "data" / "recordings" / scored.recording["id"] / "confirmations"
    (file,) = (folder / scored.run).iterdir()
    assert file.name == "000001.json"
    assert json.loads(file.read_text())["who"] == "Dr Li"


@pytest.mark.parametrize("moment", ["open", "replace"])
def test_a_disk_that_refuses_keeps_nothing_and_says_so(
    scored: Scored, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    true = getattr(Path, moment)

    def full(path: Path, *given: Any, **named: Any) -> Any:
        if path.name == "000001.json.new":
            raise OSError(errno.ENOSPC, "No space left on device")
        return true(path, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Path, moment, full)
        scored.box.refused(scored.say(), 507, "error.disk_full")
    assert scored.history() == []
    assert scored.say().json()["number"] == 1


def test_after_a_power_cut_all_acknowledged_words_are_there(
    scored: Scored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cut comes after the temporary file and before its rename."""
    scored.say()

    def cut(path: Path, content: bytes) -> None:
        path.with_name(path.name + ".new").write_bytes(content[:20])
        raise OSError(errno.EIO, "cut")

    with monkeypatch.context() as patch:
        patch.setattr(durable, "write_atomically", cut)
        assert scored.say(points=3, seen=1).status_code == 507
    scored.box.records.close()
    again = FileRecords(tmp_path / "data")
    try:
        assert again.damaged == ()
        assert [word.points for word in again.confirmations(scored.run)] == [2.0]
        word = Confirmation(0, "wisconsin", "stance_time", None, 1.0, 2.0, "Dr Wu", "")
        assert again.confirm(scored.run, word, 1).number == 2
    finally:
        again.close()


def test_a_damaged_word_is_named_and_never_written_over(scored: Scored, tmp_path: Path) -> None:
    scored.say()
    scored.say(points=3, seen=1)
    folder = tmp_path / "data" / "recordings" / scored.recording["id"] / "confirmations"
    last = folder / scored.run / "000002.json"
    last.write_text("{")
    scored.box.records.close()
    again = FileRecords(tmp_path / "data")
    try:
        assert [name.rpartition("/")[2] for name in again.damaged] == ["000002.json"]
        word = Confirmation(0, "wisconsin", "stance_time", None, 1.0, 2.0, "Dr Wu", "")
        assert again.confirm(scored.run, word, 1).number == 3
        assert last.read_text() == "{"
    finally:
        again.close()


def test_the_report_shows_what_is_confirmed(scored: Scored) -> None:
    path = f"{API}/diagnoses/{scored.run}/report"
    assert "Dr Li" not in scored.box.client.get(path).text
    scored.say(points=3)
    answer = scored.box.client.get(path)
    assert "3, confirmed by Dr Li" in answer.text
    assert "1 of 14 items are confirmed; there is no total before all are." in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_report_of_another_version_is_handed_out_as_it_was(
    scored: Scored, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "recordings" / scored.recording["id"] / scored.run
    text = (folder / "assessment.json").read_text()
    scored.say()
    for other in (
        text.replace('"schema_version":', '"schema_of_later":'),
        text.replace('"name": "footfall",', '"name": "footfall", "x": 1,'),
        text.replace('"name": "footfall",\n  "version": "', '"name": "footfall",\n  "version": "9'),
    ):
        assert other != text
        (folder / "assessment.json").write_text(other)
        report = scored.box.client.get(f"{API}/diagnoses/{scored.run}/report").text
        assert report == (folder / "report.html").read_text()


def test_the_page_of_a_recording_shows_items_evidence_and_history(scored: Scored) -> None:
    page = scored.page()
    assert "Time on the affected leg" in page
    assert "Suggested: 2 (of 1 to 3)" in page
    assert "Single support right 25.0\u00a0%" in page
    assert sentence("scale_gap.needs_person").capitalize() in page
    assert sentence("page.history") not in page
    scored.say(who="<b>Dr Li</b>")
    page = scored.page()
    assert "2, confirmed by &lt;b&gt;Dr Li&lt;/b&gt;" in page
    assert sentence("page.history") in page
    assert 'data-seen="1"' in page


def test_the_page_of_an_earlier_run(scored: Scored) -> None:
    scored.say()
    scored.box.client.post(f"{API}/recordings/{scored.recording['id']}/diagnoses")
    scored.box.done(scored.recording["id"])
    assert "confirmed by" not in scored.page()
    earlier = scored.page(f"?run={scored.run}")
    assert "confirmed by Dr Li" in earlier
    assert f'href="?run={scored.run}&amp;lang=zh"' in earlier


def test_pages_that_there_are_not_say_so(scored: Scored) -> None:
    box = scored.box
    answer = box.client.get(f"/recordings/{UNKNOWN}")
    assert answer.status_code == 404
    assert UNKNOWN in answer.text
    answer = box.client.get(f"/recordings/{scored.recording['id']}?run={UNKNOWN}")
    assert answer.status_code == 404


def test_a_waiting_recording_has_a_page(scored: Scored) -> None:
    waiting = scored.box.sent("sleep 5")
    page = scored.box.client.get(f"/recordings/{waiting['id']}").text
    assert sentence("page.no_scales") in page


def test_the_page_and_the_report_speak_chinese(scored: Scored) -> None:
    page = scored.page("?lang=zh")
    assert "患腿支撑时间" in page
    assert "Suggested" not in page
    report = scored.box.client.get(f"{API}/diagnoses/{scored.run}/report").text
    assert '<html lang="zh">' in report
    assert "步态报告" in report
    for english in ("Main numbers", "Cadence", "not measured", "Left", "own choice", "secondary"):
        assert english not in report
