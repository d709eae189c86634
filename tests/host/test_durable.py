import errno
import os
from pathlib import Path

import pytest

from host.codes import ErrorCode
from host.durable import told_as_input, write_atomically
from host.errors import FootfallError, InputError, MachineError


def test_new_content_takes_the_place_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    for content in (b"old", b"new"):
        write_atomically(path, content)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        (errno.ENOSPC, MachineError, ErrorCode.DISK_FULL),
        (errno.EDQUOT, MachineError, ErrorCode.DISK_FULL),
        (errno.EROFS, InputError, ErrorCode.OUTPUT_NOT_WRITABLE),
    ],
)
def test_what_the_disk_refuses_leaves_the_old_and_nothing_beside_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[FootfallError],
    code: ErrorCode,
) -> None:
    path = tmp_path / "page.html"
    write_atomically(path, b"old")

    def refuse(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(kind) as told, told_as_input(path):
        write_atomically(path, b"new")
    assert told.value.code is code
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
