"""What a board loads: a bundle of one or more networks in one bitstream, described by a manifest.

A bundle is a folder with ``manifest.json`` and what that lists. The manifest is written by
``python -m fpga build``, never by hand. Reading it needs the standard library alone, so that a
board reads it too.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model_zoo.package import PackageError
from model_zoo.table import read_table

MANIFEST = "manifest.json"
FOLDING = "folding.json"
SCHEMA_VERSION = 1
STATUS = ("generated", "rtl-verified", "built", "board-verified")
"""Not simulated; proven in simulation; a bitstream exists; a person has run it on the board."""


@dataclass(frozen=True)
class Stream:
    """One side of a network: how its integers lie in the words of the stream.

    Attributes
    ----------
    dma
        Instance name of the DMA engine, such as ``idma0``.
    shape
        Shape of one item without the batch, channels last.
    folded
        The same elements as ``(..., words, elements per word)``.
    bits, signed
        Element type.
    word_bits
        Width of one word, whole bytes; the elements fill it from the lowest bit without gaps.
    """

    dma: str
    shape: tuple[int, ...]
    folded: tuple[int, ...]
    bits: int
    signed: bool
    word_bits: int

    def __post_init__(self) -> None:
        _demand(math.prod(self.folded) == math.prod(self.shape), f"{self.dma}: folded shape")
        _demand(self.word_bits % 8 == 0, f"{self.dma}: words of {self.word_bits} bits")
        _demand(self.bits * self.folded[-1] <= self.word_bits, f"{self.dma}: word too narrow")

    @property
    def words(self) -> int:
        """Words of one item."""
        return math.prod(self.folded[:-1])

    @property
    def item_bytes(self) -> int:
        """Bytes of one item in memory."""
        return self.words * self.word_bits // 8


@dataclass(frozen=True)
class Circuit:
    """One network of a bundle.

    Attributes
    ----------
    model, version, golden_form_sha256
        The released model whose integers the circuit gives.
    top
        Verilog module of the network.
    interval_cycles, latency_cycles
        Clock cycles between two finished items and until the first, simulated; None before.
    simulator
        Program that runs the Verilated circuit, relative to the bundle (see
        :mod:`host.accelerator.rtl`); None where it was not built.
    """

    model: str
    version: str
    golden_form_sha256: str
    top: str
    input: Stream
    output: Stream
    interval_cycles: int | None = None
    latency_cycles: int | None = None
    simulator: str | None = None


@dataclass(frozen=True)
class Bitstream:
    """The file that configures the board and its hardware description; names carry their hash.

    Attributes
    ----------
    synthetic
        True for the pair that only a virtual board loads; never sent to a real one.
    """

    bit: str
    hwh: str
    synthetic: bool


@dataclass(frozen=True)
class Resources:
    """What the whole bundle takes of the part, counted by synthesis (None: not counted)."""

    lut: int | None = None
    lutram: int | None = None
    ff: int | None = None
    bram18: int | None = None
    dsp: int | None = None


@dataclass(frozen=True)
class Manifest:
    """Everything ``manifest.json`` says; the constructor refuses contradictions.

    Attributes
    ----------
    folder
        Where it lies (not part of the file).
    files
        SHA-256 of each further file of the bundle that the loader trusts, by name.
    tools
        Versions of what made it.
    """

    folder: Path
    bundle: str
    board: str
    part: str
    clock_mhz: float
    status: str
    networks: tuple[Circuit, ...]
    resources: Resources = field(default_factory=Resources)
    bitstream: Bitstream | None = None
    files: dict[str, str] = field(default_factory=dict)
    tools: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _demand(self.status in STATUS, f"status {self.status!r} is not known")
        _demand(bool(self.networks), "no network")
        names = [c.input.dma for c in self.networks] + [c.output.dma for c in self.networks]
        _demand(len(set(names)) == len(names), "a DMA name stands twice")
        models = [c.model for c in self.networks]
        _demand(len(set(models)) == len(models), "a network stands twice")
        if self.bitstream is not None:
            for name in (self.bitstream.bit, self.bitstream.hwh):
                _demand(name in self.files, f"{name} is not listed")
        for name in self.files:
            _demand(Path(name).name == name and name != MANIFEST, f"{name!r} is no file name")

    def circuit(self, model: str) -> Circuit:
        """The network of that name.

        Raises
        ------
        PackageError
            When the bundle does not hold it.
        """
        for circuit in self.networks:
            if circuit.model == model:
                return circuit
        held = ", ".join(c.model for c in self.networks)
        raise PackageError(f"{self.bundle} holds {held}, not {model}")

    def verify(self) -> None:
        """Compare every listed file with its hash.

        Raises
        ------
        PackageError
            Naming the first file that is missing or differs.
        """
        for name in self.files:
            self.read(name)

    def read(self, name: str) -> bytes:
        """Content of one listed file, compared with its hash: these very bytes are the right ones.

        Raises
        ------
        PackageError
            When it is not listed, missing, or differs.
        """
        _demand(name in self.files, f"{name} is not listed")
        try:
            content = (self.folder / name).read_bytes()
        except OSError as error:
            raise PackageError(f"{name} cannot be read: {error.strerror}") from error
        _demand(
            hashlib.sha256(content).hexdigest() == self.files[name],
            f"{name} differs from its hash",
        )
        return content

    def to_json(self) -> str:
        """Text of ``manifest.json``."""
        table = {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(self)}
        del table["folder"]
        return json.dumps(table, indent=1) + "\n"

    def write(self, folder: Path) -> None:
        """Replace the manifest of ``folder`` in one step: somebody else may be reading it."""
        part = folder / f"{MANIFEST}.{os.getpid()}.part"
        part.write_text(self.to_json(), encoding="utf-8")
        part.replace(folder / MANIFEST)


def load_manifest(folder: Path) -> Manifest:
    """Read the manifest of a bundle folder; the files' hashes are checked by ``verify()``.

    Raises
    ------
    PackageError
        When it is missing, cannot be read or contradicts itself.
    """
    try:
        table: Any = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackageError(f"{MANIFEST} cannot be read: {error}") from error
    _demand(isinstance(table, dict), f"{MANIFEST} is no table")
    version = table.pop("schema_version", None)
    _demand(version == SCHEMA_VERSION, f"{MANIFEST} has schema {version}, not {SCHEMA_VERSION}")
    try:
        return read_table(Manifest, {**table, "folder": folder}, MANIFEST)
    except TypeError as error:
        raise PackageError(str(error)) from error


def _demand(condition: bool, reason: str) -> None:
    if not condition:
        raise PackageError(reason)
