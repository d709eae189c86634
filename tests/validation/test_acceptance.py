"""The table at the head of the document: what is kept, ordered and replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quantize.errors_page import BEGIN, END
from tests.validation.acceptance import at_least, at_most, between, told, write_section


@pytest.mark.parametrize(
    ("bar", "met"),
    [
        (at_most("x", 20.0, 20.0, " ms"), True),
        (at_most("x", 20.4, 20.0, " ms"), False),
        (at_least("x", 0.97, 0.97, "", 3), True),
        (at_least("x", 0.9699, 0.97, "", 3), False),
        (at_most("x", float("nan"), 20.0), False),
        (at_least("x", float("nan"), 20.0), False),
        (between("x", 90.0, 90, 98, " %"), True),
        (between("x", 99.0, 90, 98, " %"), False),
        (told("x", "8"), None),
    ],
)
def test_a_bar_is_met_or_not(bar, met) -> None:
    assert bar.met is met


def test_sections_renew_their_own_lines_alone(tmp_path: Path) -> None:
    out = tmp_path / "validation.md"
    write_section(out, "gait", "## Gait\n", [at_most("step time", 11.0, 12, " ms")])
    write_section(out, "rendered", "## Rendered\n", [at_most("contact", 25.0, 20, " ms")])
    write_section(out, "gait", "## Gait again\n", [at_most("step time", 13.0, 12, " ms")])
    text = out.read_text(encoding="utf-8")
    assert text.count("<!-- begin acceptance -->") == 1
    assert text.index("## Acceptance") < text.index("## Gait again") < text.index("## Rendered")
    assert "0 of 2 lines are met" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert [row.split("|")[1].strip() for row in rows] == ["contact", "step time"]
    assert list(json.loads(out.with_suffix(".json").read_text())) == ["rendered", "gait"]


def test_the_page_of_missed_bars_follows(tmp_path: Path) -> None:
    page = tmp_path / "models.md"
    page.write_text(f"{BEGIN}\n{END}\n")
    (tmp_path / "errors.json").write_text("{}")
    missed = at_least("gait-pose-m 9.9.9, standing_test: PCK@0.2", 61.0, 80, " %")
    write_section(tmp_path / "validation.md", "gait", "## Gait\n", [missed])
    assert page.read_text() == f"{BEGIN}\n{END}\n"
    write_section(tmp_path / "validation.md", "networks", "## Networks\n", [missed])
    assert "| ≥ 80 % | 61 % | not measured |" in page.read_text()


def test_a_section_must_be_known(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no section"):
        write_section(tmp_path / "validation.md", "gaits", "")
