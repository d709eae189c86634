"""Markdown tables, and sections of a document that scripts replace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_TITLE = (
    "# Validation\n\nWritten by `make validate DATA=FOLDER`; do not edit the sections by hand.\n"
)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def replace_section(path: Path, name: str, text: str) -> None:
    """Put ``text`` between the markers of section ``name``; append it where it is not there yet."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    old = path.read_text(encoding="utf-8") if path.exists() else _TITLE
    section = f"{begin}\n{text}{end}"
    if begin in old and end in old:
        before, rest = old.split(begin, 1)
        new = before + section + rest.split(end, 1)[1]
    else:
        new = f"{old.rstrip()}\n\n{section}\n"
    path.write_text(new, encoding="utf-8")
