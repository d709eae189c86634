"""FINN stays in one folder and says nothing; another version of it is refused."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import sys
from pathlib import Path

import pytest

from fpga.__main__ import main
from fpga.compile.finn_environment import PROVEN_VERSION, check_finn, finn_environment
from fpga.errors import FpgaError


def test_its_folder_goes_and_the_environment_returns(tmp_path: Path) -> None:
    before = dict(os.environ)
    with finn_environment(tmp_path / "log") as folder:
        assert folder.parent == tmp_path
        assert os.environ["FINN_BUILD_DIR"] == str(folder)
        os.environ["FINN_SOMETHING"] = "1"
    assert dict(os.environ) == before
    assert not folder.exists()


def test_what_it_says_goes_to_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with finn_environment(tmp_path / "log"):
        print("printed")  # noqa: T201 - as FINN does
        sys.stderr.write("complained\n")
        logging.getLogger("finn_logger").warning("logged")
    assert (tmp_path / "log").read_text().split() == ["printed", "complained", "logged"]
    assert capsys.readouterr() == ("", "")


def test_a_failure_inside_cleans_up_too(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), finn_environment(tmp_path / "log"):
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == ["log"]


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    check_finn()
    monkeypatch.setattr(importlib.metadata, "version", lambda name: f"{name} 1.7.0")
    with pytest.raises(FpgaError, match=f"circuits were proven with {PROVEN_VERSION}"):
        check_finn()


def test_the_wrong_environment_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert main(["build", "gait-pose-s", "--board", "pynq-z2"]) == 2
    told = capsys.readouterr().err
    assert "run this from the one that `make setup-fpga` makes" in told
    assert told.count("\n") == 1
