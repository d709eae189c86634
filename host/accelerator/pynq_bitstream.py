"""Bitstreams on their way to pynq: checked, and under names that pynq cannot take for another.

pynq has two traps (3.1 and 4.0). The client sends a bitstream only when the board knows no file of
that name, so a rebuilt one of the same name is never sent: names carry a hash here. And it keeps
the parsed description (.hwh) under the hash of the .bit alone, so an equal .bit with another .hwh
gets the old description: the hash of the description is written into the .bit's header, which
configures nothing.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from host.accelerator.bundle import Manifest
from host.codes import BoardReason, ErrorCode
from host.errors import MachineError, Reason
from model_zoo.package import PackageError

_HASH_DIGITS = 16


def stage(manifest: Manifest, folder: Path) -> Path:
    """Copy the bitstream and its description into ``folder``, checked against the manifest.

    Returns
    -------
    The ``.bit``; the ``.hwh`` lies beside it. The name holds a hash of both contents.

    Raises
    ------
    MachineError
        ``BUNDLE_DAMAGED`` when a file differs from the manifest; ``BITSTREAM_REFUSED`` when there
        is none.
    """
    if manifest.bitstream is None:
        raise MachineError(
            ErrorCode.BITSTREAM_REFUSED,
            name=manifest.bundle,
            board=manifest.board,
            reason=Reason(BoardReason.NO_BITSTREAM, bundle=manifest.folder.name),
        )
    try:
        bit = manifest.read(manifest.bitstream.bit)
        hwh = manifest.read(manifest.bitstream.hwh)
        marked = mark(bit, hashlib.sha256(hwh).hexdigest()[:_HASH_DIGITS])
    except PackageError as error:
        raise MachineError(
            ErrorCode.BUNDLE_DAMAGED, name=manifest.folder.name, reason=str(error)
        ) from error
    name = f"{manifest.bundle}-{hashlib.sha256(marked).hexdigest()[:_HASH_DIGITS]}"
    (folder / f"{name}.hwh").write_bytes(hwh)
    (folder / f"{name}.bit").write_bytes(marked)
    return folder / f"{name}.bit"


def mark(bit: bytes, word: str) -> bytes:
    """The bitstream with ``;FOOTFALL=<word>`` in the design field of its header.

    Raises
    ------
    PackageError
        When it is no ``.bit`` file.
    """
    at = _field(bit, b"a")
    begin = at + 3
    end = begin + int.from_bytes(bit[at + 1 : begin], "big")
    design, separator, rest = bit[begin:end].rstrip(b"\0").partition(b";")
    marked = design + b";FOOTFALL=" + word.encode("ascii") + separator + rest + b"\0"
    return bit[: at + 1] + struct.pack(">H", len(marked)) + marked + bit[end:]


def firmware(bit: bytes) -> bytes:
    """What pynq sends of a ``.bit``: the data without header, its words turned round.

    Raises
    ------
    PackageError
        When it is no ``.bit`` file.
    """
    data = bit[_field(bit, b"e") + 5 :]
    if len(data) % 4:
        raise PackageError("the bitstream is no whole number of words")
    return bytes(np.frombuffer(data, "<u4").byteswap().tobytes())


def _field(bit: bytes, letter: bytes) -> int:
    """Place of a field in the header of a ``.bit``.

    A length-prefixed preamble, two bytes, then fields of one letter, a length of two bytes and text
    that ends with NUL; ``a`` is the design, ``e`` (with a length of four bytes) the data itself.
    """
    try:
        (preamble,) = struct.unpack_from(">H", bit, 0)
        at = 2 + preamble + 2
        while bit[at : at + 1] != letter:
            (length,) = struct.unpack_from(">H", bit, at + 1)
            at += 3 + length
    except struct.error as error:
        raise PackageError("the bitstream has no header") from error
    return int(at)


def description_addresses(hwh: Path) -> dict[str, int]:
    """Base address of each block on the processor's bus, by instance name, from the ``.hwh``."""
    ranges = ElementTree.parse(hwh).iter("MEMRANGE")
    return {r.get("INSTANCE", ""): int(r.get("BASEVALUE", "0"), 16) for r in ranges}
