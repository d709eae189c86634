"""Walks are measured once as long as the code is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.validation import state
from tests.validation.state import kept


def test_what_was_made_is_kept_until_code_or_renders_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def make() -> int:
        made.append(len(made))
        return made[-1]

    monkeypatch.setattr(state, "fingerprint", lambda: "one")
    assert kept("old", tmp_path, make, tmp_path) == 0
    assert kept("old", tmp_path, make, tmp_path) == 0
    assert kept("other", tmp_path, make, tmp_path) == 1
    assert kept("old", tmp_path / "elsewhere", make, tmp_path) == 2
    monkeypatch.setattr(state, "fingerprint", lambda: "two")
    assert kept("old", tmp_path / "elsewhere", make, tmp_path) == 3
