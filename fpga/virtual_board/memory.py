"""The board's memory, as far as buffers were allocated in it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

_PAGE_BYTES = 4096
# Where the contiguous memory of a Pynq-Z2 image lies, and its usual size.
_FIRST_ADDRESS = 0x16000000
_CAPACITY_BYTES = 128 << 20


class MemoryAccessError(Exception):
    """An address outside of every buffer; a real board would read or destroy anything."""


class OutOfMemoryError(Exception):
    """No room for another buffer."""


@dataclass(frozen=True)
class Buffer:
    """Bytes at a physical address."""

    address: int
    data: bytearray


class Memory:
    """Buffers by id. Safe between threads.

    Parameters
    ----------
    prefix
        Of every id, so that an id from before a restart is never known again.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._lock = threading.Lock()
        self._buffers: dict[str, Buffer] = {}
        self._count = 0

    def allocate(self, size: int) -> str:
        """Id of a new buffer of zeros at the lowest address with room.

        Raises
        ------
        OutOfMemoryError
            When there is no room.
        """
        with self._lock:
            address = _FIRST_ADDRESS
            for buffer in sorted(self._buffers.values(), key=lambda b: b.address):
                if address + size <= buffer.address:
                    break
                address = max(address, buffer.address + _pages(len(buffer.data)))
            if size <= 0 or address + size > _FIRST_ADDRESS + _CAPACITY_BYTES:
                raise OutOfMemoryError(f"no room for a buffer of {size} bytes")
            self._count += 1
            name = f"{self._prefix}-buffer-{self._count}"
            self._buffers[name] = Buffer(address, bytearray(size))
            return name

    def buffer(self, name: str) -> Buffer:
        """Raises KeyError for an unknown id."""
        with self._lock:
            return self._buffers[name]

    def free(self, name: str) -> None:
        """Raises KeyError for an unknown id."""
        with self._lock:
            del self._buffers[name]

    def check(self, address: int, size: int) -> None:
        """Raises :class:`MemoryAccessError` unless one buffer holds the whole range."""
        with self._lock:
            self._find(address, size)

    def read(self, address: int, size: int) -> bytes:
        """Bytes of a range inside one buffer; raises :class:`MemoryAccessError`."""
        with self._lock:
            buffer, at = self._find(address, size)
            return bytes(buffer.data[at : at + size])

    def write(self, address: int, data: bytes) -> None:
        """Replace a range inside one buffer; raises :class:`MemoryAccessError`."""
        with self._lock:
            buffer, at = self._find(address, len(data))
            buffer.data[at : at + len(data)] = data

    def _find(self, address: int, size: int) -> tuple[Buffer, int]:
        for buffer in self._buffers.values():
            if buffer.address <= address and address + size <= buffer.address + len(buffer.data):
                return buffer, address - buffer.address
        raise MemoryAccessError(f"{size} bytes at {address:#x} lie outside of every buffer")


def _pages(size: int) -> int:
    return -(-size // _PAGE_BYTES) * _PAGE_BYTES
