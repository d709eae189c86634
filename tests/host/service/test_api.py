"""Each request, and each way in which it is refused."""

import errno
import hashlib
import re
import shutil
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from host.service.api import Service, create_app
from host.service.file_records import FileRecords
from host.service.guard import LOOPBACK_HOSTS
from host.service.problems import STATUS
from host.service.supervisor import AnalysisOptions, Supervisor
from host.service.upload import Limits
from tests.service import API, video, wait_for

UNKNOWN = "00000000-0000-7000-8000-000000000000"
LIMITS = Limits(max_upload_bytes=100_000, reserve_bytes=1000)
Usage = namedtuple("Usage", "total used free")


class Box:
    """A client of an application on a fresh folder."""

    def __init__(self, client: TestClient, records: FileRecords, supervisor: Supervisor) -> None:
        self.client = client
        self.records = records
        self.supervisor = supervisor

    def send(self, content: bytes = b"", name: str = "walk.mp4", **fields: str) -> Response:
        files = {"file": (name, content or video())}
        return self.client.post(f"{API}/recordings", files=files, data=fields)

    def post(self, body: bytes, kind: str) -> Response:
        headers = {"Content-Type": kind}
        return self.client.post(f"{API}/recordings", content=body, headers=headers)

    def sent(self, order: str = "") -> Any:
        return self.send(video(order)).json()

    def done(self, recording_id: str) -> Any:
        def look() -> Any:
            recording = self.client.get(f"{API}/recordings/{recording_id}").json()
            return recording if recording["state"] in ("done", "failed") else None

        return wait_for(look)

    def refused(self, response: Response, status: int, code: str) -> str:
        """Checks a problem document and that nothing is left of an upload; gives the detail."""
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert (problem["status"], problem["code"]) == (status, code)
        assert problem["type"] == f"/docs#{code}"
        assert problem["title"]
        assert list(self.records.incoming.iterdir()) == []
        return str(problem["detail"])


@pytest.fixture
def make_box(tmp_path: Path, quick: str) -> Iterator[Callable[..., Box]]:
    clients: list[TestClient] = []

    def make(limits: Limits = LIMITS, hosts: frozenset[str] | None = LOOPBACK_HOSTS) -> Box:
        records = FileRecords(tmp_path / "data")
        supervisor = Supervisor(records, AnalysisOptions(quick))
        app = create_app(Service(records, supervisor, limits), hosts)
        client = TestClient(app, base_url="http://127.0.0.1:8400")
        client.__enter__()
        clients.append(client)
        return Box(client, records, supervisor)

    yield make
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def box(make_box: Callable[..., Box]) -> Box:
    return make_box()


def test_a_recording_is_kept_when_it_is_acknowledged(box: Box) -> None:
    content = video(size=50_000)
    answer = box.send(content, height_m="1.65", age="72", sex="f")
    assert answer.status_code == 201
    recording = answer.json()
    assert answer.headers["location"] == f"{API}/recordings/{recording['id']}"
    assert box.records.original(recording["id"]).read_bytes() == content
    assert recording["sha256"] == hashlib.sha256(content).hexdigest()
    assert recording["size_bytes"] == 50_000
    assert recording["subject"] == {"height_m": 1.65, "age": 72.0, "sex": "f"}
    assert list(box.records.incoming.iterdir()) == []


def test_a_form_with_empty_fields_says_nothing_of_the_person(box: Box) -> None:
    recording = box.send(height_m="", age=" ", sex="").json()
    assert recording["subject"] == {"height_m": None, "age": None, "sex": None}


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


@pytest.mark.parametrize("path", ["/", f"{API}/recordings", "/docs"])
def test_a_name_that_was_made_to_point_here_is_refused(box: Box, path: str) -> None:
    answer = box.client.get(path, headers={"Host": "evil.example:8400"})
    box.refused(answer, 403, "error.origin_refused")


@pytest.mark.parametrize("host", ["localhost:8400", "127.0.0.1", "[::1]:8400"])
def test_our_own_names_are_answered(box: Box, host: str) -> None:
    assert box.client.get("/health", headers={"Host": host}).status_code == 200


def test_on_a_network_every_name_is_answered(make_box: Callable[..., Box]) -> None:
    box = make_box(hosts=None)
    assert box.client.get("/health", headers={"Host": "footfall.lan"}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999"])
def test_a_page_from_elsewhere_cannot_send(box: Box, origin: str) -> None:
    files = {"file": ("walk.mp4", video())}
    answer = box.client.post(f"{API}/recordings", files=files, headers={"Origin": origin})
    box.refused(answer, 403, "error.origin_refused")
    assert box.client.get(f"{API}/recordings").json()["items"] == []


def test_our_own_page_can_send(box: Box) -> None:
    files = {"file": ("walk.mp4", video())}
    own = {"Origin": "http://127.0.0.1:8400"}
    assert box.client.post(f"{API}/recordings", files=files, headers=own).status_code == 201


@pytest.mark.parametrize("path", ["/", "/docs", "/site/start.js", "/site/style.css"])
def test_pages_load_nothing_from_elsewhere(box: Box, path: str) -> None:
    answer = box.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert not re.search(r"""(src|href)=["'](https?:)?//|@import|url\(""", answer.text)


def test_every_problem_leads_to_its_description(box: Box) -> None:
    page = box.client.get("/docs").text
    for code, status in STATUS.items():
        assert f'id="{code.value}"' in page
        assert f"{status.value}" in page


def test_every_request_and_type_is_described(box: Box) -> None:
    description = box.client.get("/openapi.json").json()
    page = box.client.get("/docs").text
    anchors = set(re.findall(r'id="([^"]+)"', page))
    linked = set(re.findall(r'href="#([^"]+)"', page))
    assert linked <= anchors
    for path, methods in description["paths"].items():
        assert path in page
        for request in methods.values():
            assert request["operationId"] in anchors
            assert request["description"] in page
    form = description["paths"][f"{API}/recordings"]["post"]["requestBody"]["content"]
    fields = form["multipart/form-data"]["schema"]["properties"]
    assert set(fields) == {"file", "height_m", "age", "sex"}
    assert fields["height_m"] == {"type": "number", "minimum": 0.4, "maximum": 2.6}
    assert fields["sex"]["enum"] == ["f", "m"]


def test_the_start_page_knows_its_words(box: Box) -> None:
    script = box.client.get("/site/start.js").text
    page = box.client.get("/").text
    for key in re.findall(r'text\("(page\.\w+)"', script):
        assert f'"{key}"' in page
