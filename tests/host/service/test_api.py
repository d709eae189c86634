"""Each request, and each way in which it is refused."""

import errno
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.box import UNKNOWN, Box, Usage
from tests.service import API, video, wait_for


def test_a_recording_is_kept_when_it_is_acknowledged(box: Box) -> None:
    content = video(size=50_000)
    answer = box.send(content, height_m="1.65", age="72", sex="f")
    assert answer.status_code == 201
    recording = answer.json()
    assert answer.headers["location"] == f"{API}/recordings/{recording['id']}"
    assert box.records.original(recording["id"]).read_bytes() == content
    assert recording["sha256"] == hashlib.sha256(content).hexdigest()
    assert recording["size_bytes"] == 50_000
    assert recording["subject"] == {
        "height_m": 1.65,
        "age": 72.0,
        "sex": "f",
        "condition": None,
    }
    assert list(box.records.incoming.iterdir()) == []


def test_a_form_with_empty_fields_says_nothing_of_the_person(box: Box) -> None:
    recording = box.send(height_m="", age=" ", sex="").json()
    assert set(recording["subject"].values()) == {None}


def test_a_recording_knows_how_the_person_was_asked_to_walk(box: Box) -> None:
    assert box.send(condition="dual_task").json()["subject"]["condition"] == "dual_task"
    detail = box.refused(box.send(condition="running"), 422, "error.request_invalid")
    assert "condition: " in detail


def test_from_upload_to_report(box: Box) -> None:
    recording = box.done(box.sent()["id"])
    run = recording["diagnoses"][0]
    document = box.client.get(f"{API}/diagnoses/{run['id']}").json()
    assert document["state"] == "done"
    assert document["recording_id"] == recording["id"]
    assert document["software"] == {"name": "footfall", "version": "test"}
    assert document["grade"] == "limited"
    assert document["models"] == [{"name": "quick"}]
    assert document["assessment"]["bytes"] == 513
    assert document["files"] == ["assessment.json", "report.html"]
    report = box.client.get(document["report"])
    assert report.status_code == 200
    assert report.headers["content-type"].startswith("text/html")
    assert report.text == "<!doctype html><p>513 bytes"
    assert "default-src 'none'" in report.headers["content-security-policy"]


def test_result_files_are_handed_out_by_name_only(box: Box) -> None:
    run = box.done(box.sent()["id"])["diagnoses"][0]
    files = f"{API}/diagnoses/{run['id']}/files"
    assert box.client.get(f"{files}/assessment.json").json()["bytes"] == 513
    for name in ("overlay.mp4", "..%2Frecord.json", "%2E%2E/record.json"):
        box.refused(box.client.get(f"{files}/{name}"), 404, "error.not_found")


def test_a_refused_video_tells_why(box: Box) -> None:
    run = box.done(box.sent("refuse")["id"])["diagnoses"][0]
    assert (run["state"], run["code"]) == ("failed", "error.not_a_video")
    assert run["detail"].startswith("walk.mp4 cannot be read as a video.")
    assert run["report"] is None
    detail = box.refused(
        box.client.get(f"{API}/diagnoses/{run['id']}/report"), 409, "error.diagnosis_not_done"
    )
    assert "failed" in detail


def test_a_report_that_is_not_ready_is_a_conflict(box: Box) -> None:
    run = box.sent("sleep 5")["diagnoses"][0]
    box.refused(
        box.client.get(f"{API}/diagnoses/{run['id']}/report"), 409, "error.diagnosis_not_done"
    )
    document = box.client.get(f"{API}/diagnoses/{run['id']}").json()
    assert document["assessment"] is None


def test_analysing_again_adds(box: Box) -> None:
    first = box.done(box.sent()["id"])
    answer = box.client.post(f"{API}/recordings/{first['id']}/diagnoses")
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{API}/diagnoses/{answer.json()['id']}"
    again = box.done(first["id"])
    assert [run["id"] for run in again["diagnoses"]] == [
        first["diagnoses"][0]["id"],
        answer.json()["id"],
    ]
    for run in again["diagnoses"]:
        assert box.client.get(run["report"]).status_code == 200


def test_analysing_again_waits_for_the_first(box: Box) -> None:
    recording = box.sent("sleep 5")
    answer = box.client.post(f"{API}/recordings/{recording['id']}/diagnoses")
    box.refused(answer, 409, "error.analysis_waiting")


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", f"{API}/recordings/{UNKNOWN}", "error.recording_unknown"),
        ("GET", f"{API}/recordings/nonsense", "error.recording_unknown"),
        ("POST", f"{API}/recordings/{UNKNOWN}/diagnoses", "error.recording_unknown"),
        ("GET", f"{API}/diagnoses/{UNKNOWN}", "error.diagnosis_unknown"),
        ("GET", f"{API}/diagnoses/{UNKNOWN}/report", "error.diagnosis_unknown"),
        ("GET", f"{API}/diagnoses/{UNKNOWN}/files/report.html", "error.diagnosis_unknown"),
        ("GET", f"{API}/nothing", "error.not_found"),
        ("GET", "/site/nothing.js", "error.not_found"),
    ],
)
def test_what_is_not_there(box: Box, method: str, path: str, code: str) -> None:
    box.refused(box.client.request(method, path), 404, code)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", f"{API}/recordings/{UNKNOWN}"),
        ("PUT", f"{API}/diagnoses"),
        ("POST", "/health"),
        ("POST", "/"),
    ],
)
def test_what_is_not_allowed(box: Box, method: str, path: str) -> None:
    answer = box.client.request(method, path)
    box.refused(answer, 405, "error.method_not_allowed")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"height_m": "16.5"}, "height_m: "),
        ({"height_m": "nan"}, "height_m: "),
        ({"age": "old"}, "age: "),
        ({"sex": "x"}, "sex: "),
        ({"weight_kg": "70"}, "weight_kg: "),
        ({"sex": "f" * 2000}, "too long"),
        ({f"field{i}": "1" for i in range(30)}, "form"),
    ],
)
def test_fields_that_cannot_be(box: Box, fields: dict[str, str], words: str) -> None:
    assert words in box.refused(box.send(**fields), 422, "error.request_invalid")


def test_two_files_or_none_are_refused(box: Box) -> None:
    two = [("file", ("a.mp4", video())), ("file", ("b.mp4", video()))]
    answer = box.client.post(f"{API}/recordings", files=two)
    assert "exactly one" in box.refused(answer, 422, "error.request_invalid")
    none = box.client.post(f"{API}/recordings", files={"age": (None, "72")})
    assert "no file" in box.refused(none, 422, "error.request_invalid")


def test_a_broken_form_is_refused(box: Box) -> None:
    kind = "multipart/form-data; boundary=frame"
    box.refused(box.post(b"no frame at all", kind), 422, "error.request_invalid")
    cut = b'--frame\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    box.refused(box.post(cut + video(), kind), 422, "error.upload_incomplete")


@pytest.mark.parametrize("kind", ["video/mp4", "application/json", "multipart/form-data"])
def test_anything_but_a_form_is_refused(box: Box, kind: str) -> None:
    box.refused(box.post(video(), kind), 415, "error.not_a_form")


@pytest.mark.parametrize("content", [b"text " * 5, b"text " * 2000, b"\x89PNG\r\n\x1a\n" * 9])
def test_what_is_no_video_is_refused(box: Box, content: bytes) -> None:
    detail = box.refused(box.send(content, "walk.mp4"), 415, "error.not_a_video")
    assert detail.startswith("walk.mp4 ")


def test_a_file_of_the_limit_is_taken_and_one_byte_more_is_not(box: Box) -> None:
    assert box.send(video(size=100_000)).status_code == 201
    box.refused(box.send(video(size=100_001)), 413, "error.upload_too_large")


def test_too_much_is_refused_before_it_is_read(box: Box) -> None:
    """The announced length is enough."""
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "9000000"}
    answer = box.client.post(f"{API}/recordings", content=b"", headers=headers)
    box.refused(answer, 413, "error.upload_too_large")


def test_a_disk_without_reserve_refuses_before_reading(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 1400))
    detail = box.refused(box.send(video(size=50_000)), 507, "error.disk_reserve")
    assert "0 MB free" in detail


def test_a_disk_that_refuses_a_write_refuses(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def full(path: Path, mode: str = "r") -> Any:
        if path.parent == box.records.incoming:
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, mode)

    monkeypatch.setattr(Path, "open", full)
    box.refused(box.send(), 507, "error.disk_full")


def test_a_hostile_file_name_stays_in_its_folder(box: Box) -> None:
    recording = box.send(name="../../../evil.mp4").json()
    stored = box.records.original(recording["id"])
    assert stored.parent.name == "original"
    assert stored.name == recording["file_name"] == "evil.mp4"


@pytest.mark.parametrize("kind", ["recordings", "diagnoses"])
def test_pages_show_each_once_newest_first(box: Box, kind: str) -> None:
    made = [box.sent() for _ in range(5)]
    ids = [one["id"] if kind == "recordings" else one["diagnoses"][0]["id"] for one in made]
    seen: list[str] = []
    after: str | None = None
    for pages in range(1, 4):  # noqa: B007
        query = {"limit": "2"} | ({"after": after} if after else {})
        page = box.client.get(f"{API}/{kind}", params=query).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert pages == 3
    assert seen == ids[::-1]


def test_an_exact_last_page_has_no_next(box: Box) -> None:
    for _ in range(2):
        box.sent()
    assert box.client.get(f"{API}/recordings?limit=2").json()["next"] is None
    assert box.client.get(f"{API}/diagnoses?limit=1").json()["next"] is not None


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "after=yesterday"])
@pytest.mark.parametrize("kind", ["recordings", "diagnoses"])
def test_pages_that_cannot_be(box: Box, kind: str, query: str) -> None:
    answer = box.client.get(f"{API}/{kind}?{query}")
    assert query.split("=")[0] in box.refused(answer, 422, "error.request_invalid")


def test_health_counts_and_is_ok(box: Box) -> None:
    box.sent("sleep 5")
    box.sent()
    wait_for(lambda: box.client.get("/health").json()["running"])
    health = box.client.get("/health").json()
    assert (health["state"], health["reasons"]) == ("ok", [])
    assert (health["queued"], health["running"]) == (1, 1)
    assert health["free_bytes"] > 0


def test_health_names_a_disk_below_its_reserve(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 10))
    health = box.client.get("/health").json()
    assert health["state"] == "degraded"
    assert "reserve" in health["reasons"][0]


def test_health_names_an_end_of_analyses(box: Box) -> None:
    box.supervisor.stop()
    health = box.client.get("/health").json()
    assert health["state"] == "degraded"
    assert "Restart" in health["reasons"][0]


def test_health_names_damaged_records(make_box: Callable[..., Box], tmp_path: Path) -> None:
    (tmp_path / "data" / "recordings" / "broken").mkdir(parents=True)
    health = make_box().client.get("/health").json()
    assert health["state"] == "degraded"
    assert "broken" in health["reasons"][0]


def test_an_error_of_ours_is_a_problem_document_too(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(_: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(box.records, "get", bug)
    client = TestClient(box.client.app, "http://127.0.0.1", raise_server_exceptions=False)
    answer = client.get(f"{API}/recordings/{UNKNOWN}")
    box.refused(answer, 500, "error.internal")
