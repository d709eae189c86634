"""Figures of the released weights, and of no others, are held against what was asked."""

from __future__ import annotations

from model_zoo.package import GOLDEN_FORM, load_released
from quantize.leaderboard import Run
from tests.validation.networks import Runs, bars


def _run(dataset: str, pck: float, sha256: str) -> Run:
    return Run(
        "gait-pose-m", "x", "pose", dataset, None, {"pck_02": pck}, "2026-11-21", sha256=sha256
    )


def test_only_runs_of_the_released_weights_count() -> None:
    now = load_released("gait-pose-m").files[GOLDEN_FORM]
    runs = Runs([_run("standing_test", 81.0, now), _run("standing_test", 99.0, "older weights")])
    assert runs.value("gait-pose-m", "standing_test", "pck_02") == 81.0
    told = {bar.what.split(": ", 1)[0].split()[0]: bar for bar in bars(runs)}
    assert told["person-s"].measured == "not measured"
    assert told["person-s"].met is False


def test_what_is_read_twice_is_told_and_not_judged() -> None:
    now = load_released("gait-pose-m").files[GOLDEN_FORM]
    judged = bars(
        Runs([_run("standing_test", 79.0, now), _run("standing_test, read twice", 81.0, now)])
    )
    once, twice = (
        bar
        for bar in judged
        if "standing_test: PCK@0.2" in bar.what
        and "aim" not in bar.what
        and "gait-pose-m" in bar.what
    )
    assert (once.measured, once.met) == ("79.0 %", False)
    assert (twice.measured, twice.met) == ("81.0 %", None)
