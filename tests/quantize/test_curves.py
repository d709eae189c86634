"""Curves are parted where a training ended, and drawn with everything that their lines hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quantize import curves

LINES = [
    {"stage": "float", "samples": 100, "loss": 4.0, "validation_pck_02": 30.0},
    {"stage": "float", "samples": 250, "loss": 3.5, "validation_pck_02": 41.0},
    {"stage": "float", "samples": 80, "loss": 3.4, "validation_pck_02": 42.5},
    {"stage": "qat", "samples": 90, "loss": 3.6, "validation_pck_02": 40.0},
]


def test_a_new_run_begins_with_a_smaller_count_or_another_stage() -> None:
    runs = curves.runs_of(LINES)
    assert [(r.stage, r.first, r.pictures()) for r in runs] == [
        ("float", 0, [100, 250]),
        ("float", 250, [330]),
        ("qat", 330, [420]),
    ]
    assert curves.runs_of([]) == []
    (run,) = curves.runs_of([LINES[0], LINES[0]])  # the last checkpoint was the end
    assert run.pictures() == [100, 100]


def test_the_picture_shows_each_stage_and_is_the_same_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is part of the training environment only")
    monkeypatch.setattr(curves, "CURVES", tmp_path)
    monkeypatch.setattr(curves, "IMAGES", tmp_path)
    (tmp_path / "tiny.jsonl").write_text(json.dumps(LINES[0]) + "\n")
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, LINES[1:])))
    assert curves.main(["tiny", "--add", str(tmp_path / "more.jsonl")]) == 0
    assert curves.read_curve(tmp_path / "tiny.jsonl") == LINES
    first = (tmp_path / "curve-tiny.svg").read_text()
    assert first.count(">float<") == 2
    assert first.count(">qat<") == 1
    assert "exchanged pairs" not in first, "no line tells them"
    assert curves.main(["tiny"]) == 0
    assert (tmp_path / "curve-tiny.svg").read_text() == first


def test_a_finder_has_a_panel_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is part of the training environment only")
    monkeypatch.setattr(curves, "CURVES", tmp_path)
    line = {"stage": "float", "samples": 10, "loss": 1.0, "validation_subject_found": 50.0}
    (tmp_path / "finder.jsonl").write_text(json.dumps(line) + "\n")
    assert curves.main(["finder", "--out", str(tmp_path / "finder.svg")]) == 0
    drawn = (tmp_path / "finder.svg").read_text()
    assert ">the patient<" in drawn
    assert "PCK" not in drawn


def test_a_curve_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert curves.main(["no-such-network"]) == 2
    assert "no-such-network" in capsys.readouterr().err


def test_lines_are_kept_only_when_the_picture_was_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curves, "CURVES", tmp_path)
    line = {"stage": "float", "samples": 10, "loss": 1.0, "validation_pck_02": 50.0}
    (tmp_path / "more.jsonl").write_text(json.dumps(line) + "\n")
    command = ["first", "--add", str(tmp_path / "more.jsonl")]

    def fails(*_: object) -> None:
        raise ModuleNotFoundError("matplotlib")

    monkeypatch.setattr(curves, "draw", fails)
    with pytest.raises(ModuleNotFoundError):
        curves.main(command)
    assert not (tmp_path / "first.jsonl").exists()
    monkeypatch.setattr(curves, "draw", lambda *_: None)
    assert curves.main(command) == 0
    assert (tmp_path / "first.jsonl").read_text() == json.dumps(line) + "\n"
