import dataclasses
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from host.errors import MachineError
from host.machine_cli import doctor, models
from host.text import number
from model_zoo import package
from tests.networks import write_random_release

app = typer.Typer()
app.command()(doctor)
app.command()(models)


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(package, "RELEASED", tmp_path / "released")
    (tmp_path / "released").mkdir()
    model = write_random_release(tmp_path / "released" / "tiny-pose")
    metric = package.Metric("standing_test", {"pck_02": 68.25, "swap_rate": None}, "evaluate")
    measured = dataclasses.replace(model, metrics=(metric,))
    (model.folder / package.DESCRIPTION).write_text(measured.to_json())
    return model.folder


def run(*words: str) -> tuple[int, str]:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


@pytest.mark.usefixtures("released")
def test_doctor_is_content_with_a_complete_machine(tmp_path: Path) -> None:
    code, output = run("doctor", "--data-dir", str(tmp_path))
    assert code == 0
    for part in ("Python", "Packages", "Model", "Speed", "Video encoder", "Disk", "Board"):
        assert part in output
    assert "Everything that is needed works." in output


def test_doctor_ends_with_3_when_something_needed_fails(released: Path, tmp_path: Path) -> None:
    (released / package.GOLDEN_FORM).unlink()
    code, output = run("doctor", "--data-dir", str(tmp_path))
    assert code == 3
    assert "Needed and not working: 1" in output


def test_doctor_for_programs(released: Path, tmp_path: Path) -> None:
    code, output = run("doctor", "--json", "--data-dir", str(tmp_path))
    report = json.loads(output)
    assert (code, report["ok"]) == (0, True)
    assert {"code", "state", "found", "advice"} == set(report["checks"][0])
    (released / package.CARD).write_text("changed")
    code, output = run("doctor", "--json", "--data-dir", str(tmp_path))
    assert (code, json.loads(output)["ok"]) == (3, False)


def test_models_lists_the_numbers_of_the_cards(released: Path) -> None:
    model = package.load_released(released)
    code, output = run("models")
    assert code == 0
    assert "tiny-pose 0.0.1" in output
    assert f"{model.macs / 1e6:.1f} M" in output
    row = next(line for line in output.splitlines() if "standing_test" in line)
    assert row.split() == ["standing_test", "68.2", "–"]
    assert "PCK@0.2" in output


def test_models_lists_every_network_that_is_released() -> None:
    code, output = run("models")
    assert code == 0
    for name in package.released_names():
        model = package.load_released(package.RELEASED / name)
        assert f"{name} {model.version} · {model.role}" in output
        for metric in model.metrics:
            rows = [line.strip() for line in output.splitlines()]
            row = next(line for line in rows if line.startswith(f"{metric.dataset}  "))
            figures = row.removeprefix(metric.dataset).split()
            assert len(figures) > 1, "a set without figures that have a heading"
            assert figures[0] != "–"


def test_models_breaks_no_figure_in_80_columns() -> None:
    output = CliRunner(env={"COLUMNS": "80"}).invoke(app, ["models"]).output
    assert "…" not in output
    [metric] = package.load_released(package.RELEASED / "person-s").metrics
    row = next(line for line in output.splitlines() if " 1000 " in line)
    names = ("frames", "subject_found", "subject_found_low", "subject_found_high")
    assert row.split()[1:5] == [number(metric.values[name] or 0.0) for name in names]


def test_a_figure_without_a_heading_is_left_to_the_card(released: Path) -> None:
    model = package.load_released(released)
    metric = package.Metric("standing_test", {"pck_02": 68.25, "of_tomorrow": 1.0}, "evaluate")
    measured = dataclasses.replace(model, metrics=(metric,))
    (released / package.DESCRIPTION).write_text(measured.to_json())
    code, output = run("models")
    assert code == 0
    assert ["standing_test", "68.2"] in [line.split() for line in output.splitlines()]


def test_models_for_programs(released: Path) -> None:
    [table] = json.loads(run("models", "--json")[1])
    assert table == json.loads((released / package.DESCRIPTION).read_text())


def test_models_refuses_a_damaged_one(released: Path) -> None:
    (released / package.CARD).write_text("changed")
    with pytest.raises(MachineError):
        run("models")


def test_no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "RELEASED", tmp_path)
    assert run("models") == (0, "No released model is installed.\n")
    assert run("models", "--json") == (0, "[]\n")
