"""Sections of a document that scripts replace."""

from __future__ import annotations

from pathlib import Path

_TITLE = (
    "# Validation\n\nWritten by `make validate DATA=FOLDER RENDERS=FOLDER`; do not edit the"
    " sections by hand. The first\nrun looks at every video through the networks; a run that was"
    " broken off goes on where it stopped.\n"
)
_BEGIN = "<!-- begin "


def replace_section(path: Path, name: str, text: str, *, first: bool = False) -> None:
    """Put ``text`` between the markers of section ``name``.

    Where it is not there yet it becomes the last section, or the ``first``.
    """
    begin, end = f"{_BEGIN}{name} -->", f"<!-- end {name} -->"
    old = path.read_text(encoding="utf-8") if path.exists() else _TITLE
    section = f"{begin}\n{text}{end}"
    if begin in old and end in old:
        before, rest = old.split(begin, 1)
        new = before + section + rest.split(end, 1)[1]
    elif first and _BEGIN in old:
        before, rest = old.split(_BEGIN, 1)
        new = f"{before}{section}\n\n{_BEGIN}{rest}"
    else:
        new = f"{old.rstrip()}\n\n{section}\n"
    path.write_text(new, encoding="utf-8")
