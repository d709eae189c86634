"""The container of a bitstream: a header of tagged fields, then configuration words.

Format: two bytes length and a preamble, the number 1, the fields ``a`` (design), ``b`` (part),
``c`` (date) and ``d`` (time) as length and zero-ended text, then ``e``, four bytes length, and the
data to the very end of the file (pynq 3.1.2, ``parse_bit_header``).
"""

from __future__ import annotations

import hashlib
import struct

_PREAMBLE = bytes.fromhex("0ff00ff00ff00ff000")
# Dummy words, bus width detection and synchronisation word (Xilinx UG470, UG570).
_SYNCHRONISATION = struct.pack(">8I4I", *[0xFFFFFFFF] * 8, 0xBB, 0x11220044, 0xFFFFFFFF, 0xAA995566)
_FILLER_BYTES = 4048
# A synthetic file has no time of making: equal bundles must give equal bytes.
_DATE = "1970/01/01"
_TIME = "00:00:00"


def synthetic_bit(design: str, part: str, description: bytes) -> bytes:
    """A ``.bit`` that configures nothing and differs for every hardware description.

    pynq caches parsed metadata under the hash of the ``.bit`` alone, so two descriptions must never
    share one: its data are drawn from the description.
    """
    data = _SYNCHRONISATION + hashlib.shake_256(description).digest(_FILLER_BYTES)
    head = struct.pack(">H", len(_PREAMBLE)) + _PREAMBLE + b"\x00\x01"
    fields = ((b"a", f"{design};SYNTHETIC"), (b"b", part), (b"c", _DATE), (b"d", _TIME))
    for tag, text in fields:
        raw = text.encode("ascii") + b"\0"
        head += tag + struct.pack(">H", len(raw)) + raw
    return head + b"e" + struct.pack(">I", len(data)) + data
