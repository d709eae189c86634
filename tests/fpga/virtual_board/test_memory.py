"""The board's memory: buffers do not overlap, and nothing lies outside of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fpga.virtual_board.memory import Memory, MemoryAccessError, OutOfMemoryError


@given(st.lists(st.tuples(st.integers(1, 20_000), st.booleans()), max_size=30))
def test_buffers_begin_at_pages_and_never_overlap(steps: list[tuple[int, bool]]) -> None:
    memory = Memory("m")
    held: dict[str, tuple[int, int]] = {}
    for size, free in steps:
        if free and held:
            name = min(held)
            memory.free(name)
            del held[name]
        name = memory.allocate(size)
        begin = memory.buffer(name).address
        assert begin % 4096 == 0
        for other, end in held.values():
            assert begin >= end or begin + size <= other
        held[name] = (begin, begin + size)


def test_what_is_written_can_be_read() -> None:
    memory = Memory("m")
    address = memory.buffer(memory.allocate(100)).address
    memory.write(address + 10, b"walk")
    assert memory.read(address + 8, 8) == b"\0\0walk\0\0"


def test_only_the_inside_of_one_buffer_can_be_reached() -> None:
    memory = Memory("m")
    first, second = (memory.buffer(memory.allocate(4096)).address for _ in range(2))
    assert second == first + 4096
    for address, size in ((first - 1, 2), (first, 4097), (second, 4097), (0, 1)):
        with pytest.raises(MemoryAccessError, match="outside of every buffer"):
            memory.read(address, size)
        with pytest.raises(MemoryAccessError):
            memory.write(address, bytes(size))


def test_memory_ends_and_is_given_back() -> None:
    memory = Memory("m")
    name = memory.allocate(100 << 20)
    with pytest.raises(OutOfMemoryError, match="no room for a buffer of"):
        memory.allocate(100 << 20)
    for size in (0, -4):
        with pytest.raises(OutOfMemoryError):
            memory.allocate(size)
    memory.free(name)
    assert memory.allocate(100 << 20) != name


def test_an_unknown_buffer_is_not_found() -> None:
    memory = Memory("m")
    with pytest.raises(KeyError):
        memory.buffer("m-buffer-1")
    with pytest.raises(KeyError):
        memory.free("m-buffer-1")
