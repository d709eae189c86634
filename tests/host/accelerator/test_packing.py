"""Integers in words and back, for every width that a network may have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.accelerator.bundle import Stream
from host.accelerator.packing import pack, unpack


def a_stream(bits, signed, elements, words=3, rows=2):
    return Stream(
        dma="odma0",
        shape=(rows, words * elements),
        folded=(rows, words, elements),
        bits=bits,
        signed=signed,
        word_bits=-(-bits * elements // 8) * 8,
    )


def word_by_word(x, stream):
    """The rule as the manual states it, one Python integer per word."""
    out = bytearray()
    for word in x.reshape(-1, stream.folded[-1]).tolist():
        number = 0
        for place, value in enumerate(word):
            number |= (value % (1 << stream.bits)) << (place * stream.bits)
        out += number.to_bytes(stream.word_bits // 8, "little")
    return np.frombuffer(bytes(out), np.uint8).reshape(len(x), stream.item_bytes)


@given(
    bits=st.sampled_from([1, 2, 3, 4, 7, 8, 11, 13, 16, 17, 19, 24, 30]),
    signed=st.booleans(),
    elements=st.sampled_from([1, 2, 3, 5, 8, 17]),
    n=st.integers(1, 3),
    seed=st.integers(0, 1 << 32),
)
def test_round_trip_and_the_written_rule(bits, signed, elements, n, seed):
    stream = a_stream(bits, signed, elements)
    low = -(1 << (bits - 1)) if signed else 0
    draw = np.random.default_rng(seed)
    x = draw.integers(low, low + (1 << bits), (n, *stream.shape), dtype=np.int64)
    x.flat[0], x.flat[-1] = low, low + (1 << bits) - 1
    packed = pack(x, stream)
    np.testing.assert_array_equal(packed, word_by_word(x, stream))
    y = unpack(packed, stream)
    assert y.dtype == np.int32
    np.testing.assert_array_equal(y, x)


def test_int32_words():
    stream = a_stream(32, True, 3)
    x = np.full((1, *stream.shape), -(1 << 31), np.int32)
    x[0, 0, :3] = [1, -1, (1 << 31) - 1]
    np.testing.assert_array_equal(unpack(pack(x, stream), stream), x)


def test_whole_bytes_are_not_copied_on_the_way_in():
    stream = a_stream(8, False, 3)
    x = np.zeros((4, *stream.shape), np.uint8)
    assert np.shares_memory(pack(x, stream), x)


def test_results_do_not_live_in_the_buffer_they_came_from():
    for bits in (8, 16, 24, 13):
        stream = a_stream(bits, True, 2)
        data = np.zeros((2, stream.item_bytes), np.uint8)
        assert not np.shares_memory(unpack(data, stream), data)


def test_rows_of_a_larger_buffer():
    stream = a_stream(24, True, 4)
    x = np.arange(-24, 24, dtype=np.int32).reshape(2, *stream.shape)
    wide = np.zeros((2, 2 * stream.item_bytes), np.uint8)
    wide[:, : stream.item_bytes] = pack(x, stream)
    np.testing.assert_array_equal(unpack(wide[:, : stream.item_bytes], stream), x)


@pytest.mark.parametrize(
    "x",
    [
        np.zeros((1, 2, 5), np.int8),
        np.zeros((1, 2, 6), np.float32),
        np.full((1, 2, 6), 8, np.int8),
        np.full((1, 2, 6), -9, np.int8),
    ],
    ids=["shape", "floats", "too high", "too low"],
)
def test_what_does_not_fit_is_refused(x):
    with pytest.raises(ValueError, match="odma0"):
        pack(x, a_stream(4, True, 2))


@pytest.mark.parametrize("data", [np.zeros((1, 5), np.uint8), np.zeros((1, 6), np.int8)])
def test_other_buffers_are_refused(data):
    with pytest.raises(ValueError, match="odma0"):
        unpack(data, a_stream(4, True, 2))


def test_wider_than_int32_is_refused():
    stream = a_stream(32, False, 1)
    with pytest.raises(ValueError, match="32 bits"):
        unpack(np.zeros((1, stream.item_bytes), np.uint8), stream)
