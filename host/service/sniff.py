"""Tells a video by its first bytes, without decoding anything that came from outside."""

from __future__ import annotations

HEAD_BYTES = 4096
"""As much of the beginning as :func:`is_video` looks at."""

_PREFIXES = (
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM
    b"\x00\x00\x01\xba",  # MPEG program stream
    b"\x00\x00\x01\xb3",  # MPEG video
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF, WMV
    b"FLV\x01",
    b"OggS",
)
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
"""First box of MP4 and QuickTime files (ISO/IEC 14496-12; the last four: old QuickTime)."""
_NOT_MOVING = (b"heic", b"heix", b"mif1", b"avif", b"M4A ", b"M4B ")
"""Brands of still pictures and sound in the same container."""
_TS_SYNC = 0x47
_TS_LAYOUTS = ((0, 188), (4, 192))
"""Offset and packet length of MPEG transport streams (ISO/IEC 13818-1; with time codes: AVCHD)."""


def is_video(head: bytes) -> bool:
    """Whether a file that begins with ``head`` (at most ``HEAD_BYTES``) is a video container."""
    if head[4:8] in _BOXES:
        return head[8:12] not in _NOT_MOVING
    if head[:4] == b"RIFF":
        return head[8:12] == b"AVI "
    return head.startswith(_PREFIXES) or any(_is_ts(head, *layout) for layout in _TS_LAYOUTS)


def _is_ts(head: bytes, offset: int, length: int) -> bool:
    packets = head[offset::length][:5]
    return len(packets) == 5 and set(packets) == {_TS_SYNC}
