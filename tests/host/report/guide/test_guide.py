"""The capture guide: whole in every language, alone on its page, written or refused."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from host.cli import build
from host.errors import InputError
from host.report.guide import drawings
from host.report.guide.cli import guide
from host.report.guide.page import render_guide
from host.text import LANGUAGES, sentence, sentences, speaking


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_and_mistake_is_on_the_page(language: str) -> None:
    with speaking(language):
        page = render_guide()
        said = {k: v for k, v in sentences().items() if k.startswith("guide.")}
    assert f'<html lang="{language}">' in page
    shown = re.sub(r"<[^>]+>", "", page).replace("&#34;", '"').replace("&#39;", "'")
    for key, words in said.items():
        if "{" not in words:
            assert words in shown, key


def test_limits_are_those_of_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.report.guide.page.MIN_RATE_HZ", 37.0)
    assert "at least 37" in render_guide()


def test_the_page_loads_nothing() -> None:
    assert not re.search(r"(src|href)=|url\((?!#)|http", render_guide())


@pytest.mark.parametrize("draw", [drawings.from_above, drawings.in_the_picture, drawings.mistakes])
def test_drawings_are_sound_and_inside_their_frame(draw) -> None:
    root = ElementTree.fromstring(str(draw()))
    width, height = (float(v) for v in root.get("viewBox", "").split()[2:])
    for words in root.iter("text"):
        assert 0 <= float(words.get("x", "nan")) <= width
        assert 0 <= float(words.get("y", "nan")) <= height
    assert root.get("aria-label")


def test_the_file_is_written_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "guide.html"
    guide(out, "en")
    assert out.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert [p.name for p in tmp_path.iterdir()] == ["guide.html"]
    told = capsys.readouterr().out.replace("\n", "")
    assert told.startswith(sentence("guide.written", file=out)[:10])


def test_bad_options_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="klingon"):
        guide(tmp_path / "guide.html", "klingon")
    with pytest.raises(InputError, match="cannot be written"):
        guide(tmp_path / "absent" / "guide.html", "en")
    assert not list(tmp_path.iterdir())


def test_the_command_is_known() -> None:
    assert [c.name for c in build(["guide"]).registered_commands] == ["guide"]
