"""The service with the real pipeline and the released network."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from host.report.assessment import Assessment
from tests.service import API, Server, serving, wait_for
from tests.videos import walk_pictures, write_video

REAL = "host.service.analysis:analyze"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("service") / "data", REAL) as started:
        yield started


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("video") / "walk.mp4"
    return write_video(path, walk_pictures()).read_bytes()


def test_a_video_becomes_a_report(server: Server, walk: bytes) -> None:
    files = {"file": ("my walk.mp4", walk)}
    fields = {"height_m": "1.65", "age": "72", "sex": "f"}
    answer = server.client.post(f"{API}/recordings", files=files, data=fields)
    run = server.ended(answer.json()["id"])
    assert run["state"] == "done", run
    document = server.get(f"{API}/diagnoses/{run['id']}")
    assessment = Assessment.model_validate(document["assessment"])
    assert assessment.source.file == "my_walk.mp4"
    assert assessment.source.frames == 90
    subject = assessment.subject
    assert (subject.height_m, subject.age_years, subject.sex) == (1.65, 72.0, "f")
    assert run["software"] == assessment.software.model_dump()
    assert run["models"] == [model.model_dump() for model in assessment.models]
    assert run["grade"] == assessment.quality.grade
    assert {"report.html", "overlay.mp4", "keypoints.npz", "parameters.csv"} <= set(run["files"])
    assert "my_walk.mp4" in server.client.get(run["report"]).text


def test_a_film_can_be_watched_from_the_middle(server: Server, walk: bytes) -> None:
    run = server.ended(server.send(walk).json()["id"])
    film = f"{API}/diagnoses/{run['id']}/files/overlay.mp4"
    part = server.client.get(film, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == server.client.get(film).content[100:200]


def test_a_damaged_video_fails_and_says_so(server: Server, walk: bytes) -> None:
    run = server.ended(server.send(walk[: len(walk) // 2], "cut.mp4").json()["id"])
    assert (run["state"], run["code"], run["tries"]) == ("failed", "error.video_truncated", 1)
    assert run["detail"].startswith("cut.mp4 is damaged")


def test_nothing_of_the_work_stays(server: Server, walk: bytes) -> None:
    work = server.folder / "work"
    recording = server.send(walk).json()["id"]
    assert wait_for(lambda: list(work.iterdir())), "no work was begun"
    server.ended(recording)
    assert wait_for(lambda: not list(work.iterdir()), 10)


def test_settings_reach_the_pipeline(tmp_path: Path, walk: bytes) -> None:
    from host.service.analysis import analyze
    from host.service.records import Subject

    (tmp_path / "walk.mp4").write_bytes(walk)
    settings = tmp_path / "settings.toml"
    settings.write_text("[output]\noverlay = false\n")
    analyze(tmp_path / "walk.mp4", tmp_path / "out", settings, Subject())
    assert (tmp_path / "out" / "report.html").exists()
    assert not (tmp_path / "out" / "overlay.mp4").exists()
