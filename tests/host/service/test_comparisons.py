"""Two walks of one person, by their recordings' conditions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from host.service.file_records import FileRecords
from host.service.records import Subject
from host.text import sentence
from tests.box import UNKNOWN, Box
from tests.finished import finished_run
from tests.service import API


@pytest.fixture
def walks(tmp_path: Path) -> dict[str, tuple[str, str]]:
    """(recording, run) of a usual, a silent, a fast, a dual-task and an unusable usual walk."""
    records = FileRecords(tmp_path / "data")
    out = {}
    for condition in ("comfortable", None, "fast", "dual_task"):
        subject = Subject(1.65, 72.0, "f", condition)
        out[str(condition)] = finished_run(records, subject, f"{condition}.mp4")
    usual = Subject(1.65, 72.0, "f", "comfortable")
    out["unusable"] = finished_run(records, usual, "unusable.mp4", "unusable")
    records.close()
    return out


@pytest.fixture
def shop(walks: dict[str, tuple[str, str]], make_box: Callable[..., Box]) -> Box:
    """The box over these walks, which were kept before it starts."""
    assert walks
    return make_box()


def ask(box: Box, first: str, second: str):
    return box.client.get(f"{API}/comparisons", params={"first": first, "second": second})


@pytest.mark.parametrize("usual", ["comfortable", "None"])
def test_a_second_task_has_an_effect(shop: Box, walks, usual: str) -> None:
    answer = ask(shop, walks[usual][1], walks["dual_task"][1]).json()
    assert answer["condition"] == "dual_task"
    found = {entry["parameter"]: entry for entry in answer["items"]}
    assert found["walking_speed"]["value"] == 0
    assert found["walking_speed"]["interval_95"][0] < 0
    assert found["stride_time"]["value"] is None
    assert found["stride_time"]["absent_reason"] == "absent.too_few_strides"


def test_a_fast_walk_has_a_reserve(shop: Box, walks) -> None:
    answer = ask(shop, walks["comfortable"][1], walks["fast"][1]).json()
    assert answer["condition"] == "fast"
    assert [entry["name"] for entry in answer["items"]] == ["speed_reserve", "speed_ratio"]


@pytest.mark.parametrize(
    ("first", "second", "word"),
    [("fast", "dual_task", "first"), ("comfortable", "None", "second")],
)
def test_conditions_that_are_not_compared(
    shop: Box, walks, first: str, second: str, word: str
) -> None:
    answer = ask(shop, walks[first][1], walks[second][1])
    assert word in shop.refused(answer, 422, "error.request_invalid")


def test_runs_that_are_not_there(shop: Box, walks) -> None:
    shop.refused(ask(shop, UNKNOWN, walks["fast"][1]), 404, "error.diagnosis_unknown")
    answer = shop.client.get(f"{API}/comparisons", params={"first": walks["fast"][1]})
    shop.refused(answer, 422, "error.request_invalid")


def test_an_assessment_of_another_version_is_named(shop: Box, walks, tmp_path: Path) -> None:
    recording, run = walks["fast"]
    file = tmp_path / "data" / "recordings" / recording / run / "assessment.json"
    file.write_text("{}")
    answer = ask(shop, walks["comfortable"][1], run)
    assert run in shop.refused(answer, 422, "error.request_invalid")


def test_the_page_offers_usual_walks_and_shows_the_comparison(shop: Box, walks) -> None:
    path = f"/recordings/{walks['dual_task'][0]}"
    page = shop.client.get(path).text
    assert "comfortable.mp4" in page
    assert "None.mp4" in page
    assert "fast.mp4" not in page
    assert "unusable.mp4" not in page
    page = shop.client.get(f"{path}?usual={walks['comfortable'][1]}").text
    assert "Effect of the second task" in page
    assert shop.client.get(f"{path}?usual={UNKNOWN}").status_code == 404
    usual = shop.client.get(f"/recordings/{walks['comfortable'][0]}").text
    assert "Compare with a usual walk" not in usual


def test_a_run_that_was_stored_years_ago_is_compared(shop: Box, walks, tmp_path: Path) -> None:
    recording, run = walks["comfortable"]
    stored = Path(__file__).parents[1] / "report" / "data" / "assessment-first.json"
    kept = tmp_path / "data" / "recordings" / recording / run / "assessment.json"
    same = ask(shop, run, walks["fast"][1]).json()
    kept.write_bytes(stored.read_bytes())
    answer = ask(shop, run, walks["fast"][1]).json()
    assert [one["measured_alike"] for one in (same, answer)] == [True, False]
    assert answer["items"][0]["first"] == pytest.approx(1.14, abs=0.01)
    page = shop.client.get(f"/recordings/{walks['fast'][0]}?usual={run}").text
    assert sentence("compare.measured_otherwise") in page
