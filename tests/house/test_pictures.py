"""The pictures of the documentation: a browser that fails is told, a frame is the one asked for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import cv2
import pytest

from host.demo.run import CLIP
from tools import pictures


def _browser(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_the_page_is_photographed(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text("<p>")
    script = 'for a in "$@"; do case "$a" in --screenshot=*) echo "$*" > "${a#*=}";; esac; done'
    out = tmp_path / "report.png"
    pictures.photograph(page, out, _browser(tmp_path / "browser", script))
    assert page.as_uri() in out.read_text()
    assert f"--window-size={pictures.WIDTH_PX},{pictures.HEIGHT_PX}" in out.read_text()


def test_a_browser_that_fails_or_writes_nothing_is_told(tmp_path: Path) -> None:
    page, out = tmp_path / "report.html", tmp_path / "report.png"
    with pytest.raises(subprocess.CalledProcessError):
        pictures.photograph(page, out, _browser(tmp_path / "one", "exit 3"))
    with pytest.raises(FileNotFoundError):
        pictures.photograph(page, out, _browser(tmp_path / "two", "exit 0"))
    assert not out.exists()


def test_a_machine_without_a_browser_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit, match="apt install chromium"):
        pictures.find_browser()


def test_the_frame_is_of_the_moment(tmp_path: Path) -> None:
    shots = []
    for time_s in (1.0, 3.0):
        out = tmp_path / f"{time_s}.jpg"
        pictures.frame_at(CLIP, time_s, out)
        shots.append(cv2.imread(str(out)))
    assert shots[0].shape == (540, 960, 3)
    assert cv2.absdiff(*shots).max() > 50
    with pytest.raises(ValueError, match="ends before"):
        pictures.frame_at(CLIP, 99.0, tmp_path / "late.jpg")
