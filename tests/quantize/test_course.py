"""A course trains its stages in turn, goes on where it was cut off, and repeats nothing."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from quantize import course, stage, train
from quantize.recipe import RECIPES, read_recipe
from tests.labelled_people import NOISE, STAGE, write_sets

VARIANT = f"""
[small]{STAGE}[float]{STAGE}[qat]{STAGE}guide = 0.5
{NOISE}
[plans.test]
small = 0.008
float = 0.008
qat = 0.008
"""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small sets, and rounds of 0.1 s."""
    write_sets(tmp_path, VARIANT)
    monkeypatch.setattr(stage, "ROUND_S", 0.1)
    return tmp_path


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """Command lines of the stages that began."""
    lines: list[list[str]] = []
    real = train.main

    def main(words: list[str]) -> int:
        lines.append(words)
        return real(words)

    monkeypatch.setattr(train, "main", main)
    return lines


def stages(begun: list[list[str]]) -> list[str]:
    return [words[words.index("--stage") + 1] for words in begun]


def words_of(data: Path, *more: str) -> list[str]:
    words = ["gait-pose-s", "--plan", "test", "--variant", str(data / "variant.toml")]
    words += ["--data", str(data), "--renders", str(data / "drawn"), "--out", str(data / "out")]
    return [*words, "--every", "0.0001", *more]


def lines_of(data: Path, name: str) -> list[dict[str, Any]]:
    text = (data / "out" / "curve.jsonl").read_text()
    return [line for line in map(json.loads, text.splitlines()) if line["stage"] == name]


class _CutOffError(Exception):
    pass


def test_a_course_that_was_cut_off_goes_on_and_repeats_nothing(
    data: Path,
    begun: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is part of the training environment only")

    def cut(trainer: train.Trainer) -> None:
        if trainer.name == "float":
            raise _CutOffError

    with monkeypatch.context() as patch:
        patch.setattr(train.Trainer, "_renew", cut)
        with pytest.raises(_CutOffError):
            course.main(words_of(data, "--control", "pictures"))
    assert stages(begun) == ["small", "float"]
    small = (data / "out" / "small.safetensors").read_bytes()
    (before,) = lines_of(data, "float")
    assert before["renders"] == 0

    begun.clear()
    shutil.copytree(data / "renders", data / "drawn")  # drawn meanwhile
    assert course.main(words_of(data, "--control", "pictures")) == 0
    assert stages(begun) == ["float", "qat", "float"]
    assert (data / "out" / "small.safetensors").read_bytes() == small
    _, *after = lines_of(data, "float")
    assert all(line["samples"] > before["samples"] for line in after)
    assert {line["renders"] for line in after} == {6}
    control = json.loads((data / "out/control/curve.jsonl").read_text().splitlines()[-1])
    assert control["samples"] >= lines_of(data, "qat")[-1]["samples"]
    told = capsys.readouterr().out
    assert "quantize export gait-pose-s" in told
    assert f"validation_pck_02 {lines_of(data, 'qat')[-1]['validation_pck_02']}" in told
    for picture in ("curve.svg", "control/curve.svg"):
        assert "<svg" in (data / "out" / picture).read_text()

    begun.clear()
    assert course.main(words_of(data, "--control", "pictures")) == 0
    assert begun == []


def test_each_stage_starts_from_the_one_before_and_qat_is_guided(data: Path) -> None:
    args, rest = course.parser().parse_known_args(words_of(data, "--control", "time"))
    whole = course.Course(args, rest)
    out = data / "out"
    parsed = {part: train.parser().parse_args(whole.words(part)) for part in whole.parts}
    assert {part: words.init for part, words in parsed.items()} == {
        "small": None,
        "float": str(out / "small.safetensors"),
        "qat": str(out / "float.safetensors"),
        "control": str(out / "float.safetensors"),
    }
    assert {part for part, words in parsed.items() if words.guide} == {"qat"}
    assert parsed["control"].minutes == parsed["qat"].minutes == 0.008
    assert (parsed["control"].out, parsed["qat"].out) == (str(out / "control"), str(out))


def test_trained_weights_leave_the_small_stage_out(data: Path) -> None:
    args, rest = course.parser().parse_known_args(words_of(data, "--init", "given.safetensors"))
    whole = course.Course(args, rest)
    assert whole.parts == ["float", "qat"]
    assert train.parser().parse_args(whole.words("float")).init == "given.safetensors"


def test_a_folder_of_another_training_and_an_unknown_plan_are_refused(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert course.main([*words_of(data), "--plan", "decade"]) == 2
    assert "decade" in capsys.readouterr().err
    (data / "out").mkdir()
    (data / "out" / "curve.jsonl").write_text("")
    assert course.main(words_of(data)) == 2
    assert "another training" in capsys.readouterr().err
    held = {"name": "gait-pose-s", "plan": "night", "init": None, "finished": ["small"]}
    (data / "out" / "course.json").write_text(json.dumps(held))
    assert course.main(words_of(data)) == 2
    assert "another training" in capsys.readouterr().err
    assert json.loads((data / "out" / "course.json").read_text()) == held


def test_a_stage_goes_on_with_its_weights_and_the_time_that_is_left(data: Path) -> None:
    words = ["gait-pose-s", "--variant", str(data / "variant.toml"), "--data", str(data)]
    words += ["--stage", "float", "--out", str(data / "out"), "--resume"]
    assert train.main([*words, "--pictures", "160"]) == 0
    stored = load_file(data / "out" / "float.safetensors")
    again = train.Trainer(train.parser().parse_args(words), 0)
    assert (again.samples, again.seed_offset) == (160, 1)
    assert all(torch.equal(v, stored[k]) for k, v in again.net.state_dict().items())
    again.earlier_s = 90.0
    again.run(1.5, 4.0)  # its minutes are over
    assert [line["samples"] for line in lines_of(data, "float")] == [160, 160]
    assert lines_of(data, "float")[-1]["minutes"] == 1.5


@pytest.mark.parametrize("name", ["gait-pose-m", "gait-pose-s", "person-s"])
def test_plans_of_recipes_are_a_night_and_an_hour_of_known_stages(name: str) -> None:
    recipe = read_recipe(name)
    assert tomllib.loads((RECIPES / f"{name}.toml").read_text())["plans"].keys() == {
        "night",
        "hour",
    }
    for plan, most in (("night", 8 * 60), ("hour", 60)):
        minutes = {s: recipe["plans"][plan][s] for s in course.STAGES if s in recipe["plans"][plan]}
        assert sum(minutes.values()) <= most
        assert {"float", "qat"} <= minutes.keys() <= recipe.keys()
