"""One environment that hangs or crashes costs neither the tally nor the others."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools import test as runner

TESTS = {
    "hangs": "import time\ndef test_a(): pass\ndef test_b(): time.sleep(120)\n",
    "crashes": "import os, signal\ndef test_a(): os.kill(os.getpid(), signal.SIGKILL)\n",
    "passes": "def test_a(): pass\ndef test_b(): pass\n",
}


@pytest.fixture
def project(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project whose environments hang, crash and pass."""
    for room, body in TESTS.items():
        (tmp_path / room).mkdir()
        (tmp_path / room / f"test_{room}.py").write_text(body)
    (tmp_path / "conftest.py").write_text((repository / "tests/conftest.py").read_text())
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    monkeypatch.setattr(runner, "ROOMS", {room: (room,) for room in TESTS})
    monkeypatch.setattr(runner, "PYTHON", {room: Path(sys.executable) for room in TESTS})


@pytest.mark.usefixtures("project")
def test_who_does_not_end_in_time_is_stopped_and_the_next_one_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "TOTAL_S", 76.0)
    monkeypatch.setattr(runner, "RESERVE_S", 60.0)
    assert runner.main(["hangs", "passes"], []) == runner.TOO_LATE
    told = capsys.readouterr().out
    assert "hangs did not end within 16 s" in told
    assert told.endswith("3 passed, 1 failed, 0 skipped\n")


@pytest.mark.usefixtures("project")
def test_who_is_killed_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["crashes", "passes"], []) != 0
    told = capsys.readouterr().out
    assert "crashes ended with status -9" in told
    assert told.endswith("2 passed, 1 failed, 0 skipped\n")


@pytest.mark.usefixtures("project")
def test_all_passed(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["passes"], []) == 0
    assert capsys.readouterr().out.endswith("2 passed, 0 failed, 0 skipped\n")
