"""Integers to and from the words of a circuit's stream, in numpy alone.

Within a word, element 0 sits in the lowest bits, the others follow without gaps in two's
complement, the top is padded with zeros to whole bytes, and the bytes lie lowest first. Equal to
the packing of FINN's driver (finn-plus-driver 1.6.1, ``packing``), which a test compares.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.accelerator.bundle import Stream

_WHOLE = (8, 16, 32)


def pack(x: NDArray[Any], stream: Stream) -> NDArray[np.uint8]:
    """Bytes of integers as the circuit's words.

    Parameters
    ----------
    x
        Integers [N, *stream.shape]; 8, 16 and 32 bits are not copied where they come in that type.

    Returns
    -------
    uint8[N, stream.item_bytes].

    Raises
    ------
    ValueError
        When the shape differs, or a value does not fit the stream's element type.
    """
    if x.shape[1:] != stream.shape:
        raise ValueError(f"{stream.dma}: {list(x.shape)} for [N, {stream.shape}]")
    if x.dtype.kind not in "iu":
        raise ValueError(f"{stream.dma}: {x.dtype} is no integer type")
    _check_range(x, stream)
    n = len(x)
    if _is_whole(stream):
        words = np.ascontiguousarray(x, dtype=_element_type(stream))
        return words.view(np.uint8).reshape(n, stream.item_bytes)
    elements = stream.folded[-1]
    values = np.ascontiguousarray(x.astype(np.int64), dtype="<i8").view(np.uint8)
    bits = np.unpackbits(values.reshape(n, -1, 8), axis=-1, count=stream.bits, bitorder="little")
    words = np.zeros((n, stream.words, stream.word_bits), np.uint8)
    words[..., : elements * stream.bits] = bits.reshape(n, stream.words, -1)
    return np.packbits(words, axis=-1, bitorder="little").reshape(n, stream.item_bytes)


def unpack(data: NDArray[np.uint8], stream: Stream) -> NDArray[np.int32]:
    """Integers of the circuit's words.

    Parameters
    ----------
    data
        uint8[N, stream.item_bytes].

    Returns
    -------
    int32[N, *stream.shape], its own memory.

    Raises
    ------
    ValueError
        When the shape differs or the elements do not fit int32.
    """
    if data.ndim != 2 or data.shape[1] != stream.item_bytes or data.dtype != np.uint8:
        raise ValueError(f"{stream.dma}: {data.dtype}{list(data.shape)} for {stream.item_bytes} B")
    if stream.bits > 32 - (not stream.signed):
        raise ValueError(f"{stream.dma}: {stream.bits} bits do not fit int32")
    n, elements = len(data), stream.folded[-1]
    data = np.ascontiguousarray(data)
    if _is_whole(stream):
        values = data.view(_element_type(stream)).astype(np.int32)
    elif stream.bits == 24 and elements * 24 == stream.word_bits:
        values = _top_aligned(data.reshape(-1, 3), 3, stream)
    else:
        bits = np.unpackbits(data.reshape(n, stream.words, -1), axis=-1, bitorder="little")
        each = bits[..., : elements * stream.bits].reshape(-1, stream.bits)
        padded = np.zeros((len(each), 32), np.uint8)
        padded[:, 32 - stream.bits :] = each
        values = _top_aligned(np.packbits(padded, axis=-1, bitorder="little"), 4, stream)
    return values.reshape(n, *stream.shape)


def _top_aligned(raw: NDArray[np.uint8], width: int, stream: Stream) -> NDArray[np.int32]:
    """Values from their bytes, moved down from the top of int32: the shift extends the sign."""
    values = np.zeros(len(raw), "<i4")
    values.view(np.uint8).reshape(-1, 4)[:, 4 - width :] = raw
    shift = 32 - stream.bits
    moved: NDArray[Any] = values >> shift if stream.signed else values.view("<u4") >> shift
    return moved.astype(np.int32, copy=False)


def _is_whole(stream: Stream) -> bool:
    return stream.bits in _WHOLE and stream.bits * stream.folded[-1] == stream.word_bits


def _element_type(stream: Stream) -> np.dtype[Any]:
    return np.dtype(f"<{'i' if stream.signed else 'u'}{stream.bits // 8}")


def _check_range(x: NDArray[Any], stream: Stream) -> None:
    low = -(1 << (stream.bits - 1)) if stream.signed else 0
    high = low + (1 << stream.bits) - 1
    held = np.iinfo(x.dtype)
    if (held.min < low or held.max > high) and x.size and (x.min() < low or x.max() > high):
        raise ValueError(f"{stream.dma}: values outside {low}..{high}")
