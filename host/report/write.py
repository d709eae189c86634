"""The output folder: whole or not at all.

Everything is written into a folder of its own beside the target and renamed at the end. On any
failure that folder is removed again and the target is as it was.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from host.codes import ErrorCode
from host.durable import is_full, told_as_input
from host.errors import InputError, MachineError

ASSESSMENT = "assessment.json"
KEYPOINTS = "keypoints.npz"
TRAJECTORIES = "keypoints.trc"
OPENPOSE = "openpose.zip"
OVERLAY = "overlay.mp4"
REPORT = "report.html"
PARAMETERS = "parameters.csv"

_OURS = {ASSESSMENT, KEYPOINTS, TRAJECTORIES, OPENPOSE, OVERLAY, REPORT, PARAMETERS}


@contextmanager
def output_folder(target: Path) -> Iterator[Path]:
    """Give a folder to write into; it becomes ``target`` when the block ends without an error.

    An existing empty folder, or one that holds an earlier result and nothing else, is replaced in
    whole: by two renames, of which the first is taken back when the second fails. Everything else
    is left alone.

    Raises
    ------
    InputError
        ``OUTPUT_EXISTS`` when the target holds something else; ``OUTPUT_NOT_WRITABLE`` when the
        folder cannot be made.
    MachineError
        ``DISK_FULL`` when the disk filled up, also while the caller writes.
    """
    target = target.absolute()
    _refuse_foreign(target)
    made = _make_parents(target)
    working = _beside(target)
    try:
        with told_as_input(target):
            working.mkdir()
        yield working
        with told_as_input(target):
            _put_in_place(working, target)
    except OSError as error:
        if is_full(error):
            raise MachineError(ErrorCode.DISK_FULL, folder=target) from error
        raise
    finally:
        shutil.rmtree(working, ignore_errors=True)
        for parent in made:
            with suppress(OSError):  # holds the result by now
                parent.rmdir()


def keep_overlay(earlier: Path, folder: Path, sha256: str | None) -> None:
    """Take the overlay of an earlier result over into ``folder``, when both are of one recording.

    For an analysis without pictures (from key points), which cannot draw it again.

    Parameters
    ----------
    earlier
        A folder that may hold an earlier result.
    folder
        The folder that is being written, beside it.
    sha256
        Of the recording; None where it is not known.
    """
    overlay = earlier / OVERLAY
    if sha256 is None or not overlay.is_file() or _recording_of(earlier) != sha256:
        return
    try:
        os.link(overlay, folder / OVERLAY)
    except OSError:  # a file system without links
        shutil.copy2(overlay, folder / OVERLAY)


def _recording_of(result: Path) -> str | None:
    try:
        told = json.loads((result / ASSESSMENT).read_text(encoding="utf-8"))
        return str(told["source"]["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _refuse_foreign(target: Path) -> None:
    with told_as_input(target):
        if not target.exists():
            return
        if not target.is_dir():
            raise InputError(ErrorCode.OUTPUT_EXISTS, folder=target)
        names = {entry.name for entry in target.iterdir()}
    if names and (ASSESSMENT not in names or names - _OURS):
        raise InputError(ErrorCode.OUTPUT_EXISTS, folder=target)


def _make_parents(target: Path) -> list[Path]:
    """Make the folders above ``target``; those made here, innermost first."""
    missing = [parent for parent in target.parents if not parent.exists()]
    with told_as_input(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    return missing


def _put_in_place(working: Path, target: Path) -> None:
    if not target.exists():
        working.rename(target)
        return
    old = _beside(target)
    target.rename(old)
    try:
        working.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}")
