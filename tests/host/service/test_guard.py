"""Who may ask what from where, and what the pages load."""

import re
from collections.abc import Callable

import pytest

from host.service.problems import STATUS
from tests.box import Box
from tests.service import API, video


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
            words = request["description"].split("``")
            assert all(part in page for part in words)
    form = description["paths"][f"{API}/recordings"]["post"]["requestBody"]["content"]
    fields = form["multipart/form-data"]["schema"]["properties"]
    assert set(fields) == {"file", "height_m", "age", "sex", "condition"}
    assert fields["height_m"] == {"type": "number", "minimum": 0.4, "maximum": 2.6}
    assert fields["sex"]["enum"] == ["f", "m"]


def test_the_start_page_knows_its_words(box: Box) -> None:
    script = box.client.get("/site/start.js").text
    page = box.client.get("/").text
    keys = re.findall(r'text\("(page\.\w+)"', script)
    assert "page.report" in keys
    for key in keys:
        assert f'"{key}"' in page
