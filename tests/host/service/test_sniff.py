from pathlib import Path

import pytest

from host.service.sniff import HEAD_BYTES, is_video


def transport_stream(offset: int, length: int) -> bytes:
    packet = bytes(offset) + b"\x47" + bytes(length - offset - 1)
    return packet * 10


@pytest.mark.parametrize(
    "head",
    [
        b"\x00\x00\x00\x18ftypmp42",
        b"\x00\x00\x00\x14ftypqt  ",
        b"\x00\x00\x10\x00mdat",
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"\x1aE\xdf\xa3\x01",
        b"\x00\x00\x01\xba\x44",
        transport_stream(0, 188),
        transport_stream(4, 192),
    ],
)
def test_videos(head: bytes) -> None:
    assert is_video(head[:HEAD_BYTES])


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"G",
        b"just some text, renamed to walk.mp4",
        b"\x00\x00\x00\x18ftypheic",
        b"\x00\x00\x00\x18ftypM4A ",
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"PK\x03\x04",
        b"%PDF-1.7",
        b"\x7fELF",
    ],
)
def test_other_files(head: bytes) -> None:
    assert not is_video(head)


def test_every_shared_recording_is_taken(shared: Path) -> None:
    files = sorted((shared / "data" / "video").glob("*.mp4"))
    assert len(files) >= 19
    assert [file.name for file in files if not is_video(file.read_bytes()[:HEAD_BYTES])] == []
