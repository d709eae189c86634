"""``python -m quantize``: one line where an environment lacks what a command needs."""

import importlib.util
import sys
import types

import pytest

from quantize import __main__ as command


def lacking(name: str) -> types.SimpleNamespace:
    def main(_argv: list[str]) -> int:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    return types.SimpleNamespace(main=main)


@pytest.mark.parametrize("name", ["torch", "moderngl", "brevitas.nn"])
def test_a_missing_package_is_told_with_the_environment_that_has_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setattr(command, "import_module", lambda _: lacking(name))
    assert command.main(["train"]) == 2
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert name in told
    assert sys.executable in told
    assert "setup-train" in told


def test_a_missing_module_of_ours_is_a_mistake_and_no_advice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(command, "import_module", lambda _: lacking("quantize.nothing"))
    with pytest.raises(ModuleNotFoundError):
        command.main(["train"])


@pytest.mark.parametrize("name", command.COMMANDS)
def test_every_command_is_a_module_with_a_line_of_help(name: str) -> None:
    module, what = command.COMMANDS[name]
    assert importlib.util.find_spec(module) is not None
    assert f"{name} " in command.usage()
    assert what in command.usage()


def test_ctrl_c_is_one_word_and_no_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def main(_argv: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "import_module", lambda _: types.SimpleNamespace(main=main))
    assert command.main(["convert"]) == 130
    assert capsys.readouterr().err == "stopped\n"


def test_a_recipe_that_is_not_there_is_told_with_those_that_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["course", "gait-pose-x", "--plan", "night", "--out", "nowhere"]
    assert command.main(words) == 2
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert "gait-pose-x" in told
    assert "gait-pose-m" in told
    assert "teacher" not in told


def test_a_folder_that_is_not_there_is_told_by_every_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def main(_argv: list[str]) -> int:
        raise FileNotFoundError("nowhere holds neither labels.json nor labels.json.gz")

    monkeypatch.setattr(command, "import_module", lambda _: types.SimpleNamespace(main=main))
    assert command.main(["train"]) == 2
    assert capsys.readouterr().err.startswith("nowhere holds neither")
