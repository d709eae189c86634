"""A bundle folder takes the place of an older one as a whole; nothing else is ever replaced."""

from __future__ import annotations

import shutil
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


def replace(folder: Path, fresh: Path) -> None:
    """Put ``fresh``, which lies beside it, in the place of ``folder``."""
    old = folder.parent / f".{folder.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
