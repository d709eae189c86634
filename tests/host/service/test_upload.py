"""Uploads as they arrive: in pieces, too long, cut off, or not at all."""

import asyncio
import hashlib
import shutil
from collections import namedtuple
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from host.codes import ErrorCode
from host.errors import FootfallError
from host.service import upload
from host.service.records import Subject, Upload
from host.service.upload import MB, Limits, receive, safe_name
from tests.service import video

Usage = namedtuple("Usage", "total used free")
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
TAIL = b'\r\n--x\r\nContent-Disposition: form-data; name="age"\r\n\r\n72\r\n--x--\r\n'


class Sender:
    """The other end of the wire; ``last`` is what it does when its pieces are used up."""

    def __init__(self, pieces: list[bytes], last: Callable[[], Awaitable[Any]]) -> None:
        self.left = list(pieces)
        self._last = last

    async def __call__(self) -> Any:
        if not self.left:
            return await self._last()
        return {"type": "http.request", "body": self.left.pop(0), "more_body": True}


async def end() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


async def vanish() -> Any:
    return {"type": "http.disconnect"}


async def be_silent() -> Any:
    await asyncio.sleep(60)


def take(sender: Sender, folder: Path, limits: Limits) -> tuple[Upload, Subject]:
    kind = (b"content-type", b"multipart/form-data; boundary=x")
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [kind]}
    return asyncio.run(receive(Request(scope, sender), folder, limits))


def refusal(sender: Sender, folder: Path, limits: Limits) -> ErrorCode:
    with pytest.raises(FootfallError) as caught:
        take(sender, folder, limits)
    assert list(folder.iterdir()) == [], "something of the upload was left"
    return caught.value.code


LIMITS = Limits(max_upload_bytes=10 * MB, reserve_bytes=MB)


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
def test_pieces_of_any_size_make_the_same_file(tmp_path: Path, size: int) -> None:
    content = video(size=3000)
    whole = HEAD + content + TAIL
    pieces = [whole[i : i + size] for i in range(0, len(whole), size)]
    arrived, subject = take(Sender(pieces, end), tmp_path, LIMITS)
    assert arrived.path.read_bytes() == content
    assert arrived.sha256 == hashlib.sha256(content).hexdigest()
    assert (arrived.file_name, arrived.size_bytes) == ("a.mp4", 3000)
    assert subject == Subject(age=72.0)


def test_too_much_is_refused_on_the_way(tmp_path: Path) -> None:
    sender = Sender([HEAD, video(), *[bytes(10_000)] * 5000], end)
    assert refusal(sender, tmp_path, LIMITS) is ErrorCode.UPLOAD_TOO_LARGE
    assert 3900 < len(sender.left) < 4100


def test_what_is_no_video_is_refused_after_its_first_bytes(tmp_path: Path) -> None:
    sender = Sender([HEAD, *[b"text " * 1000] * 1000], end)
    assert refusal(sender, tmp_path, LIMITS) is ErrorCode.NOT_A_VIDEO
    assert len(sender.left) > 990


def test_a_disk_that_fills_up_on_the_way_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = iter([50 * MB, 20 * MB, MB // 2])  # at the start, after 8 MB, after 16 MB
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, next(free)))
    sender = Sender([HEAD, video(), *[bytes(10_000)] * 5000], end)
    limits = Limits(max_upload_bytes=100 * MB, reserve_bytes=MB)
    assert refusal(sender, tmp_path, limits) is ErrorCode.DISK_RESERVE
    assert 3300 < len(sender.left) < 3500


@pytest.mark.parametrize("last", [end, vanish])
def test_a_sender_that_stops_in_the_middle_leaves_nothing(
    tmp_path: Path, last: Callable[[], Awaitable[Any]]
) -> None:
    sender = Sender([HEAD, video(size=100_000)], last)
    assert refusal(sender, tmp_path, LIMITS) is ErrorCode.UPLOAD_INCOMPLETE


def test_a_silent_sender_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "CHUNK_DEADLINE_S", 0.2)
    sender = Sender([HEAD, video(size=100_000)], be_silent)
    assert refusal(sender, tmp_path, LIMITS) is ErrorCode.UPLOAD_INCOMPLETE


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("walk.mp4", "walk.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\videos\\walk 1.MOV", "walk_1.MOV"),
        ("步态 <b>.mp4", "步态_b_.mp4"),
        ("", "recording"),
        (".hidden", "hidden"),
        ("....", "recording"),
        ("x" * 300 + ".mp4", "x" * 54 + ".mp4"),
        ("a\0b\n.mp4", "a_b_.mp4"),
    ],
)
def test_file_names_become_harmless(given: str, kept: str) -> None:
    assert safe_name(given) == kept
