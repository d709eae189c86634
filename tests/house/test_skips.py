"""A skipped test must not hide: in CI only the allowed reasons skip, and every skip is counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BODY = """
import pytest

def test_passes():
    pass

def test_skips():
    pytest.skip({reason!r})
"""


def run(folder: Path, repository: Path, reason: str, *, ci: bool) -> tuple[int, dict[str, object]]:
    """Run the two tests of :data:`BODY` under the project's conftest; return status and tally."""
    (folder / "test_x.py").write_text(BODY.format(reason=reason))
    (folder / "conftest.py").write_text((repository / "tests/conftest.py").read_text())
    environment = {k: v for k, v in os.environ.items() if k != "CI"} | ({"CI": "1"} if ci else {})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tally=tally.json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads((folder / "tally.json").read_text())


@pytest.mark.parametrize("reason", ["../shared is absent", "Vivado is absent", "board is absent"])
def test_allowed_reason_skips_in_ci(tmp_path: Path, repository: Path, reason: str) -> None:
    status, tally = run(tmp_path, repository, reason, ci=True)
    assert status == 0
    assert tally == {"passed": 1, "failed": 0, "skipped": 1, "reasons": {reason: 1}}


def test_other_reason_fails_in_ci(tmp_path: Path, repository: Path) -> None:
    status, tally = run(tmp_path, repository, "no OpenGL here", ci=True)
    assert status == 1
    assert tally == {"passed": 1, "failed": 1, "skipped": 0, "reasons": {}}


def test_other_reason_skips_elsewhere(tmp_path: Path, repository: Path) -> None:
    status, tally = run(tmp_path, repository, "no OpenGL here", ci=False)
    assert status == 0
    assert tally["reasons"] == {"no OpenGL here": 1}
