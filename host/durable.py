"""Writing so that a power cut leaves either the old state or the new one, never a half."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from host.codes import ErrorCode
from host.errors import InputError, MachineError


def is_full(error: OSError) -> bool:
    """Whether the disk, or what this account may use of it, is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def told_as_input(target: Path) -> Iterator[None]:
    """A refusal by the file system, other than a full disk, is a wrong choice of target.

    Raises
    ------
    InputError
        ``OUTPUT_NOT_WRITABLE``.
    MachineError
        ``DISK_FULL``.
    """
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise MachineError(ErrorCode.DISK_FULL, folder=target) from error
        raise InputError(ErrorCode.OUTPUT_NOT_WRITABLE, folder=target) from error


def sync(path: Path) -> None:
    """Bring one file, or the names inside one folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Bring a folder with all it contains to the disk, children before their parents."""
    for root, _, files in os.walk(folder, topdown=False):
        for name in files:
            sync(Path(root) / name)
        sync(Path(root))


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file: written and synced beside it, renamed, and the rename synced.

    Raises
    ------
    OSError
        When the disk refuses; the old content is then still in place, and nothing beside it.
    """
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    sync(path.parent)
