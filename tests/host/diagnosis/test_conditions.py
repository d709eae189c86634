"""Two walks: values by hand, signs, intervals, and silence with its reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from host.cli import build
from host.codes import Absence
from host.diagnosis.conditions import (
    MORE_IS_BETTER,
    MORE_IS_WORSE,
    DualTaskEffect,
    SpeedReserve,
    dual_task,
    speed_reserve,
)
from host.errors import InputError
from host.gait.parameters import NAMES
from tests.scored import scored_assessment


@dataclass(frozen=True)
class Told:
    value: float | None
    unit: str = "m/s"
    interval_95: tuple[float, float] | None = None
    absent_reason: Absence | None = None


def test_a_slower_walk_is_a_negative_effect_and_a_longer_step_time_too() -> None:
    effect = DualTaskEffect()
    assert effect.of("walking_speed", Told(1.2), Told(0.9)).value == pytest.approx(-25)
    assert effect.of("stride_time", Told(1.0, "s"), Told(1.1, "s")).value == pytest.approx(-10)


def test_reserve_and_ratio_by_hand() -> None:
    usual = {"walking_speed": Told(0.8), "relative_speed": Told(0.5, "heights/s")}
    fast = {"walking_speed": Told(1.1), "relative_speed": Told(0.7, "heights/s")}
    reserve, ratio = speed_reserve(usual, fast)
    assert (reserve.value, reserve.unit) == (pytest.approx(0.3), "m/s")
    assert (ratio.value, ratio.unit) == (pytest.approx(1.4), "ratio")


def test_what_is_absent_stays_absent_with_its_reason() -> None:
    absent = Told(None, absent_reason=Absence.NO_SCALE)
    found = SpeedReserve().of("walking_speed", Told(0.8), absent)
    assert np.isnan(found.value)
    assert found.absent_reason is Absence.NO_SCALE
    standing = DualTaskEffect().of("walking_speed", Told(0.0), Told(0.5))
    assert standing.absent_reason is Absence.NOT_DEFINED


def test_without_intervals_there_is_none() -> None:
    assert SpeedReserve().of("walking_speed", Told(0.8), Told(1.1)).interval_95 is None


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Simulated: two walks with known errors, 95 % of the intervals hold the true effect."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(2000):
        walks = []
        for true, sd in ((1.2, 0.03), (0.9, 0.05)):
            seen = true + sd * rng.standard_normal()
            walks.append(Told(seen, interval_95=(seen - 1.96 * sd, seen + 1.96 * sd)))
        low, high = DualTaskEffect().of("walking_speed", *walks).interval_95 or (0, 0)
        held += low <= -25 <= high
    assert 0.93 <= held / 2000 <= 0.97


@given(st.floats(0.1, 3), st.floats(0.1, 3), st.floats(0.2, 5))
def test_effects_do_not_depend_on_the_unit(single: float, dual: float, factor: float) -> None:
    effect = DualTaskEffect()
    one = effect.of("step_length", Told(single), Told(dual)).value
    other = effect.of("step_length", Told(factor * single), Told(factor * dual)).value
    assert one == pytest.approx(other, abs=1e-6)


def test_only_parameters_of_the_product_are_compared() -> None:
    assert {*MORE_IS_BETTER, *MORE_IS_WORSE} <= set(NAMES)
    parameters = scored_assessment().parameters
    assert all(
        entry.value == pytest.approx(0)
        for entry in dual_task(parameters, parameters)
        if entry.absent_reason is None
    )


def test_the_command_prints_json(tmp_path: Path) -> None:
    for name in ("usual", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "assessment.json").write_text(scored_assessment().to_json())
    words = ["compare", str(tmp_path / "usual"), str(tmp_path / "other")]
    answer = CliRunner().invoke(build(words), [*words, "--condition", "dual_task", "--json"])
    assert answer.exit_code == 0, answer.output
    found = {entry["parameter"]: entry for entry in json.loads(answer.stdout)}
    assert found["walking_speed"]["value"] == 0
    assert found["cadence"]["first"] == found["cadence"]["second"]
    assert found["stride_time_variability"]["absent_reason"]


def test_the_command_prints_a_table(tmp_path: Path) -> None:
    (tmp_path / "assessment.json").write_text(scored_assessment().to_json())
    words = ["compare", str(tmp_path), str(tmp_path), "--condition", "fast"]
    answer = CliRunner().invoke(build(words), words, env={"COLUMNS": "160"})
    assert answer.exit_code == 0, answer.output
    assert "Speed reserve" in answer.output


def test_what_is_no_assessment_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("{}")
    for path, code in ((file, "error.not_an_assessment"), (tmp_path, "error.file_missing")):
        words = ["compare", str(path), str(path), "--condition", "fast"]
        answer = CliRunner().invoke(build(words), words)
        assert isinstance(answer.exception, InputError)
        assert answer.exception.code.value == code
