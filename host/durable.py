"""Writing so that a power cut leaves either the old state or the new one, never a half."""

from __future__ import annotations

import os
from pathlib import Path


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
        When the disk refuses; the old content is then still in place.
    """
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)
    sync(path.parent)
