"""The modules below one module: less to read for the tool, and a key for what is identical."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from fpga.errors import FpgaError

_UNIT = re.compile(r"^[ \t]*(?:module|package)\s+(?:automatic\s+|static\s+)?(\w+)", re.MULTILINE)
_END = re.compile(r"^[ \t]*end(?:module|package)\b[^\n]*\n?", re.MULTILINE)
_NO_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Design:
    """The text of a circuit, module by module.

    Attributes
    ----------
    units
        Text of each module and package, by name, in compile order.
    folder
        Holds the memory files (``*.dat``).
    """

    units: dict[str, str]
    folder: Path

    def below(self, top: str) -> dict[str, str]:
        """Text of ``top`` and of every module and package that it uses, in compile order.

        Raises
        ------
        FpgaError
            When there is no such module.
        """
        if top not in self.units:
            raise FpgaError(f"no module {top} in {self.folder}")
        found, waiting = {top}, [top]
        while waiting:
            code = _NO_CODE.sub(" ", self.units[waiting.pop()])
            for word in set(_WORD.findall(code)):
                if word in self.units and word not in found:
                    found.add(word)
                    waiting.append(word)
        return {name: text for name, text in self.units.items() if name in found}


@dataclass(frozen=True)
class Extract:
    """One node on its own, under neutral names: equal extracts are equal circuits.

    Attributes
    ----------
    text
        SystemVerilog of all its modules.
    data
        Memory files by name.
    top
        Name of the top module in ``text``.
    """

    text: str
    data: dict[str, str]
    top: str

    def key(self, *further: str) -> str:
        """SHA-256 over everything that decides the result."""
        content = json.dumps([self.text, self.data, self.top, *further])
        return hashlib.sha256(content.encode()).hexdigest()

    def write(self, folder: Path) -> Path:
        """Write the text and the memory files; returns the path of the text."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.data.items():
            (folder / name).write_text(content, encoding="utf-8")
        path = folder / "circuit.sv"
        path.write_text(self.text, encoding="utf-8")
        return path


def read_design(folder: Path, files: list[str], rewrite: dict[str, str] | None = None) -> Design:
    """Read the sources of a circuit.

    Parameters
    ----------
    folder, files
        As in ``sources.json``.
    rewrite
        Other texts for some of the files, by name.

    Raises
    ------
    FpgaError
        When a file is missing or a module stands twice.
    """
    units: dict[str, str] = {}
    for file in files:
        if rewrite and file in rewrite:
            text = rewrite[file]
        else:
            try:
                text = (folder / file).read_text(encoding="utf-8")
            except OSError as error:
                raise FpgaError(f"{file} cannot be read: {error}") from error
        for name, unit in split(text).items():
            if name in units:
                raise FpgaError(f"module {name} stands twice in {folder}")
            units[name] = unit
    return Design(units, folder)


def split(text: str) -> dict[str, str]:
    """Modules and packages of a source text, each with what stands before it."""
    units, position = {}, 0
    while (begin := _UNIT.search(text, position)) is not None:
        end = _END.search(text, begin.end())
        stop = len(text) if end is None else end.end()
        units[begin.group(1)] = text[position:stop]
        position = stop
    return units


def extract(design: Design, top: str, node: str) -> Extract:
    """The module ``top`` with all below it, the node's name replaced by a neutral one."""
    own = re.compile(rf"(?<![A-Za-z0-9]){re.escape(node)}(?![A-Za-z0-9])")
    text = "\n".join(design.below(top).values())
    data = {
        own.sub("node", path.name): path.read_text(encoding="utf-8")
        for path in sorted(design.folder.glob(f"{node}_*.dat"))
    }
    return Extract(own.sub("node", text), data, own.sub("node", top))
