"""A bundle folder takes the place of an older one as a whole; nothing else is ever replaced."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fpga.errors import FpgaError
from host.accelerator.bundle import FOLDING, MANIFEST


def refuse_other(folder: Path) -> None:
    """Refuse to replace a folder that holds something else than a bundle.

    Raises
    ------
    FpgaError
        When there is something in it, but neither a manifest nor a folding.
    """
    if not folder.exists() or any((folder / name).is_file() for name in (MANIFEST, FOLDING)):
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise FpgaError(
            f"{folder} would be replaced, but holds no bundle (no {MANIFEST}, no {FOLDING}); "
            "choose another --out"
        )


@contextmanager
def only_build(log: Path) -> Iterator[None]:
    """Empty the log and hold it: two builds of one folder would write into each other's files.

    Raises
    ------
    FpgaError
        When another build holds it.
    """
    with log.open("a", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FpgaError(
                f"another build is writing {log.with_suffix('')}; wait for its end, or choose "
                "another --out"
            ) from None
        held.truncate(0)
        yield


def replace(folder: Path, fresh: Path) -> None:
    """Put ``fresh``, which lies beside it under a name of its own, in the place of ``folder``."""
    old = fresh.with_name(f"{fresh.name}.old")
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
