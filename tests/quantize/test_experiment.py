"""Experiments name what they ask and are compared with; the page says what was measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quantize import experiment, experiment_table
from quantize.experiment import EXPERIMENTS, read_experiment

NAMES = sorted(path.stem for path in EXPERIMENTS.glob("*.toml"))


def test_every_experiment_has_a_question_and_a_control_of_equal_pictures() -> None:
    assert len(NAMES) > 10
    for name in NAMES:
        plan = read_experiment(name)
        assert plan.asks
        if plan.against:
            assert read_experiment(plan.against).pictures == plan.pictures, name
        if plan.start not in ("given", "nothing"):
            assert plan.start in NAMES


def a_run(name: str, pck: float, swap: float, **more: object) -> dict[str, object]:
    figures = {"pck_02": pck, "pck_02_feet": None, "either_side": 70.0, "swap_rate": swap}
    kinds = {k: {**figures, "mirror_consistency": 50.0} for k in ("photographs", "renders")}
    told = {"name": name, "asks": "why?", "stage": "float", "pictures": 24000, "start": "given"}
    return {**told, "against": "", "scores": kinds, **more}


def test_the_page_compares_the_last_run_of_each_with_its_control(tmp_path: Path) -> None:
    runs = [
        a_run("control", 50.0, 9.0),
        a_run("idea", 1.0, 1.0, against="control"),
        a_run("idea", 53.5, 7.5, against="control"),
    ]
    results = tmp_path / "results.jsonl"
    results.write_text("\n".join(map(json.dumps, runs)))
    (tmp_path / "later.toml").write_text("")
    text = experiment_table.page(results)
    assert "| `idea` | why? | float, 24 | given | 53.5 / 70.0 / 7.5 / 50.0 |" in text
    assert "`control`: photographs +3.5, swap -1.5; renders +3.5, swap -1.5" in text
    assert text.count("`idea`") == 1
    assert "not run yet: `later`." in text


def test_the_committed_page_is_what_the_results_give(repository: Path) -> None:
    told = (repository / "docs" / "experiments.md").read_text(encoding="utf-8")
    assert told == experiment_table.page(), (
        "run `python -m quantize experiment --table docs/experiments.md`"
    )


def test_what_cannot_start_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment, "RESULTS", tmp_path / "results.jsonl")
    assert experiment.main(["no-such-experiment"]) == 2
    assert "no-such-experiment" in capsys.readouterr().err
    assert not (tmp_path / "results.jsonl").exists()
