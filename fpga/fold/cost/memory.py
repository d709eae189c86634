"""What a memory of so many words of so many bits takes, in block RAM or in look-up tables.

Shapes of the primitives: Xilinx UG473 (block memories of the 7 series) and UG474 (distributed
memory). The look-up tables beside them are Yosys counts (pyosys 0.70, ``synth_xilinx``).
"""

from __future__ import annotations

from math import ceil

from fpga.fold.cost.resources import Cost

BLOCK_SHAPES = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
"""Words and bits of a RAMB18 with one port for reading and one for writing."""

_REST_SHAPES = 3
_ROW_WORDS = 64
"""Words that one look-up table holds as memory, of one bit."""


def block_memory(depth: int, width: int) -> Cost:
    """Block RAM and the selection among its rows.

    One shape, or columns of the widest and another shape for the bits that are left (2,592 words
    of 80 bits: twelve of 512 x 36 and two of 2,048 x 9), as synthesis was seen to do; other
    mixtures, and narrow shapes for the rest, it was not.
    """
    choices = _one_shape(depth, width, BLOCK_SHAPES)
    words, bits = BLOCK_SHAPES[0]
    columns, rest = divmod(width, bits)
    if columns and rest:
        rows = ceil(depth / words)
        blocks, luts = min(_one_shape(depth, rest, BLOCK_SHAPES[:_REST_SHAPES]))
        choices.append((rows * columns + blocks, luts + _selection(rows, columns * bits)))
    blocks, luts = min(choices)
    return Cost(lut=luts, bram18=blocks)


def _one_shape(
    depth: int, width: int, shapes: tuple[tuple[int, int], ...]
) -> list[tuple[int, int]]:
    """Blocks and look-up tables with each shape alone."""
    return [
        (ceil(depth / words) * ceil(width / bits), _selection(ceil(depth / words), width))
        for words, bits in shapes
    ]


def single_port_memory(depth: int, width: int) -> Cost:
    """Distributed memory with one address (weights): RAM64X1S and a selection among them."""
    rows = ceil(depth / _ROW_WORDS)
    return Cost(lut=_selection(rows, width), lutram=rows * width)


def dual_port_memory(depth: int, width: int) -> Cost:
    """Distributed memory that is read and written at two addresses: RAM32M and RAM64M.

    Four look-up tables hold 6 bits of 32 words or 3 bits of 64 words.
    """
    rows, rest = divmod(depth, _ROW_WORDS)
    half = _ROW_WORDS // 2
    small = 0 < rest < half or depth == half
    rows += rest > 0 and not small
    sites = 4 * rows * ceil(width / 3) + (4 * ceil(width / 6) if small else 0)
    return Cost(lut=_selection(rows + small, width), lutram=sites)


def _selection(rows: int, width: int) -> int:
    """Look-up tables that choose one of the rows for each bit: each takes four of them to one."""
    return width * ceil((rows - 1) / 3)
