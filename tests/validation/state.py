"""What results depend on, and walks that several sections judge, measured once."""

from __future__ import annotations

import fcntl
import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.validation.recorded import CACHE

T = TypeVar("T")
KEPT = CACHE.parent / "walks"
_CODE = ("host", "model_zoo", "quantize", "tests/validation")
_SUFFIXES = {".py", ".json", ".csv", ".toml"}


def fingerprint() -> str:
    """SHA-256 over the code, the tables and what tells the networks apart."""
    told = hashlib.sha256()
    for path in sorted(p for folder in _CODE for p in Path(folder).rglob("*")):
        if path.suffix in _SUFFIXES and path.is_file():
            told.update(f"{path}\n".encode())
            told.update(path.read_bytes())
    return told.hexdigest()


def kept(name: str, renders: Path, make: Callable[[], T], folder: Path = KEPT) -> T:
    """What ``make`` gives, from the file of an earlier call with the same code and renders.

    Processes that ask for the same wait for the first of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = fingerprint(), str(renders.resolve())
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = folder / f"{name}.pkl"
        if path.exists():
            with path.open("rb") as stream:
                known, found = pickle.load(stream)  # our own file
            if known == state:
                return found  # type: ignore[no-any-return]
        made = make()
        part = path.with_suffix(".part")
        with part.open("wb") as stream:
            pickle.dump((state, made), stream)
        part.replace(path)
        return made
