"""Identifiers that sort by time: UUID version 7 (RFC 9562, section 5.7)."""

from __future__ import annotations

import os
import time
import uuid


def uuid7() -> str:
    """Return a new UUIDv7 in its text form (36 characters, lower case).

    48 bits of milliseconds since 1970, then 12 bits of the fraction of that millisecond (method 3
    of RFC 9562, section 6.2), then 62 random bits: ids made one after the other sort as made.
    The standard library has it only from Python 3.14 on.
    """
    milliseconds, rest_ns = divmod(time.time_ns(), 1_000_000)
    fraction = rest_ns * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random
    return str(uuid.UUID(int=value))
