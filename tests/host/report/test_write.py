"""The output folder is whole or absent, whatever happens."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from host.codes import ErrorCode
from host.errors import FootfallError, InputError, MachineError
from host.report.write import ASSESSMENT, OVERLAY, keep_overlay, output_folder


def fill(target: Path, text: str = "{}") -> None:
    with output_folder(target) as folder:
        (folder / ASSESSMENT).write_text(text)


def siblings(target: Path) -> list[str]:
    return sorted(entry.name for entry in target.parent.iterdir())


def test_appears_only_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "result"
    with output_folder(target) as folder:
        (folder / ASSESSMENT).write_text("{}")
        assert folder.parent == target.parent  # the same file system, so that a rename is enough
        assert not target.exists()
    assert siblings(target) == ["result"]
    assert (target / ASSESSMENT).read_text() == "{}"


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_nothing(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "deep" / "deeper" / "result"
    with pytest.raises(failure), output_folder(target) as folder:  # noqa: PT012
        (folder / ASSESSMENT).write_text("{}")
        raise failure
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_result_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "result"
    with output_folder(target) as folder:
        (folder / ASSESSMENT).write_text("first")
        (folder / OVERLAY).write_text("video")
    fill(target, "second")
    assert siblings(target) == ["result"]
    assert [entry.name for entry in target.iterdir()] == [ASSESSMENT]
    assert (target / ASSESSMENT).read_text() == "second"


@pytest.mark.parametrize("links", [True, False])
def test_an_overlay_of_the_same_recording_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    target = tmp_path / "result"
    with output_folder(target) as folder:
        (folder / ASSESSMENT).write_text('{"source": {"sha256": "ab"}}')
        (folder / OVERLAY).write_text("video")
    for sha256, kept in (("ab", True), ("ab", True), (None, False)):
        with output_folder(target) as folder:
            (folder / ASSESSMENT).write_text('{"source": {"sha256": "ab"}}')
            keep_overlay(target, folder, sha256)
        assert (target / OVERLAY).exists() is kept
    assert siblings(target) == ["result"]


@pytest.mark.parametrize("told", ["", "[]", "{}", '{"source": {"sha256": "cd"}}'])
def test_an_overlay_of_another_recording_is_not(tmp_path: Path, told: str) -> None:
    earlier, folder = tmp_path / "earlier", tmp_path / "new"
    for place in (earlier, folder):
        place.mkdir()
    (earlier / ASSESSMENT).write_text(told)
    (earlier / OVERLAY).write_text("video")
    keep_overlay(earlier, folder, "ab")
    assert list(folder.iterdir()) == []


def test_a_failure_keeps_the_earlier_result(tmp_path: Path) -> None:
    target = tmp_path / "result"
    fill(target, "first")
    with pytest.raises(RuntimeError), output_folder(target):
        raise RuntimeError
    assert (target / ASSESSMENT).read_text() == "first"
    assert siblings(target) == ["result"]


def test_a_failing_last_rename_restores_the_earlier_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "result"
    fill(target, "first")
    rename, calls = Path.rename, []

    def second_fails(self: Path, other: Path) -> Path:
        calls.append(self)
        if len(calls) == 2:
            raise OSError(errno.EIO, "pulled out")
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", second_fails)
    with pytest.raises(InputError) as refused:
        fill(target, "second")
    assert refused.value.code is ErrorCode.OUTPUT_NOT_WRITABLE
    assert (target / ASSESSMENT).read_text() == "first"
    assert siblings(target) == ["result"]


@pytest.mark.parametrize("names", [["holiday.jpg"], [ASSESSMENT, "walk.mp4"], [OVERLAY]])
def test_folders_with_other_content_are_refused(tmp_path: Path, names: list[str]) -> None:
    target = tmp_path / "result"
    target.mkdir()
    for name in names:
        (target / name).write_text("precious")
    with pytest.raises(InputError) as refused:
        fill(target)
    assert refused.value.code is ErrorCode.OUTPUT_EXISTS
    assert "\n" not in str(refused.value)
    assert sorted(entry.name for entry in target.iterdir()) == sorted(names)
    assert all((target / name).read_text() == "precious" for name in names)


def test_an_empty_folder_is_taken_and_a_file_is_not(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    fill(tmp_path / "empty")
    (tmp_path / "file").write_text("precious")
    with pytest.raises(InputError) as refused:
        fill(tmp_path / "file")
    assert refused.value.code is ErrorCode.OUTPUT_EXISTS
    assert (tmp_path / "file").read_text() == "precious"


def test_below_a_file_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    with pytest.raises(InputError) as refused:
        fill(tmp_path / "file" / "result")
    assert refused.value.code is ErrorCode.OUTPUT_NOT_WRITABLE
    assert str(tmp_path / "file" / "result") in str(refused.value)


def test_an_unwritable_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write everywhere, so the refusal is played."""

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(InputError) as refused:
        fill(tmp_path / "result")
    assert refused.value.code is ErrorCode.OUTPUT_NOT_WRITABLE
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_while_the_caller_writes(tmp_path: Path, number: int) -> None:
    with pytest.raises(MachineError) as told, output_folder(tmp_path / "result"):
        raise OSError(number, os.strerror(number))
    assert told.value.code is ErrorCode.DISK_FULL
    assert list(tmp_path.iterdir()) == []


def test_other_errors_of_the_caller_pass_unchanged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), output_folder(tmp_path / "result"):
        (tmp_path / "no such file").read_text()
    with pytest.raises(FootfallError) as told, output_folder(tmp_path / "result"):
        raise InputError(ErrorCode.NOT_A_VIDEO, file="x")
    assert told.value.code is ErrorCode.NOT_A_VIDEO


def test_a_really_full_disk(tmp_path: Path) -> None:
    """The kernel's own refusal, not a played one: /dev/full never has space left."""
    with pytest.raises(MachineError) as told, output_folder(tmp_path / "result") as folder:  # noqa: PT012
        (folder / OVERLAY).symlink_to("/dev/full")
        (folder / OVERLAY).write_bytes(bytes(1 << 20))
    assert told.value.code is ErrorCode.DISK_FULL
    assert list(tmp_path.iterdir()) == []
