"""Changes to copies of library files, each with its reason and for one version only.

A file is known by its SHA-256. After an upgrade of the library the build stops and names the file,
instead of building something that nobody has looked at.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from fpga.errors import FpgaError


@dataclass(frozen=True)
class Edit:
    """One change: from ``begin`` to the end of ``end`` (or ``begin`` alone) becomes ``text``.

    Attributes
    ----------
    times
        How often it has to be found.
    """

    begin: str
    text: str
    end: str = ""
    times: int = 1


@dataclass(frozen=True)
class Patch:
    """What is changed in one library file, and why.

    Attributes
    ----------
    file
        Name without folder.
    sha256
        Of the text that the edits were made for.
    reason
        What goes wrong without them.
    """

    file: str
    sha256: str
    reason: str
    edits: tuple[Edit, ...]

    def apply(self, text: str) -> str:
        """The changed text.

        Raises
        ------
        FpgaError
            When the text is another than the one that the patch was made for.
        """
        found = hashlib.sha256(text.encode()).hexdigest()
        if found != self.sha256:
            raise FpgaError(
                f"{self.file} is another version than the one that was patched and proven "
                f"(sha256 {found[:12]} instead of {self.sha256[:12]}); install the locked packages "
                "with `make setup-fpga`, or look at the new file, renew its patch and run "
                "`make parity`"
            )
        for edit in self.edits:
            text = self._changed(text, edit)
        return text

    def _changed(self, text: str, edit: Edit) -> str:
        parts = text.split(edit.begin)
        if len(parts) - 1 != edit.times:
            raise FpgaError(
                f"patch of {self.file}: {edit.begin!r} stands {len(parts) - 1} times, not "
                f"{edit.times}"
            )
        if edit.end:
            parts[1:] = [part.partition(edit.end)[2] for part in parts[1:]]
        return edit.text.join(parts)


def patched(name: str, text: str, patches: tuple[Patch, ...]) -> str:
    """Text of the file ``name`` after its patch, if it has one."""
    for patch in patches:
        if patch.file == name:
            text = patch.apply(text)
    return text
