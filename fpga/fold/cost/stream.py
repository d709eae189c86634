"""Nodes that only pass a stream on: FIFOs, width converters, padding.

Source: ``fifo.sv``, ``dwc_axi.sv`` (as patched in ``fpga/rtl``) and ``fmpadding.sv`` of finn-plus
1.6.1; the constants are fitted to Yosys counts (docs/hardware.md).
"""

from __future__ import annotations

from math import ceil, lcm

from fpga.fold.cost.memory import block_memory, dual_port_memory
from fpga.fold.cost.resources import Cost
from fpga.fold.geometry import LayerGeometry

_SHIFT_DEPTH, _DISTRIBUTED_DEPTH = 33, 257
_BLOCK_BITS = 9
"""Address bits of the smallest block memory."""


def bytes_wide(bits: int) -> int:
    """Width of a stream: whole bytes."""
    return 8 * ceil(bits / 8)


def fifo_cost(depth: int, width: int) -> Cost:
    """A FIFO of ``depth`` words of ``width`` bits, in the memory that ``fifo.sv`` chooses."""
    if depth <= 2:
        return Cost()
    if depth <= _SHIFT_DEPTH:
        return Cost(lut=14, lutram=width, ff=width + 8)
    if depth <= _DISTRIBUTED_DEPTH or width < 5:
        return Cost(lut=27, ff=width + 30) + dual_port_memory(depth - 1, width)
    low, high = _split(depth - 1)
    memory = block_memory(2**low, width)
    if high:
        memory += (
            block_memory(2**high, width)
            if high >= _BLOCK_BITS
            else dual_port_memory(2**high, width) + Cost(ff=width)
        )
    return Cost(lut=30, ff=width + 48) + memory


def full_depth(words: int) -> int:
    """The depth of at least ``words`` that uses a whole block memory without a second part."""
    if words <= _DISTRIBUTED_DEPTH:
        return words
    return 2 ** max(_BLOCK_BITS, (words - 2).bit_length()) + 1


def _split(words: int) -> tuple[int, int]:
    """Address bits of the two parts into which ``fifo.sv`` decomposes a deep memory."""
    low = (words - 1).bit_length()
    if low > _BLOCK_BITS:
        high = max(1, (words - 2 ** (low - 1) - 1).bit_length())
        if high < low - 1:
            return low - 1, high
    return max(low, _BLOCK_BITS), 0


def converter_cost(width_in: int, width_out: int) -> Cost:
    """A width converter between streams of so many used bits."""
    if width_in == width_out:
        return Cost()
    if width_in % width_out == 0:
        return Cost(lut=width_in + width_out + 8, ff=width_in + width_out + 4)
    ratio = ceil(width_out / width_in)
    if width_out % width_in == 0:
        return Cost(lut=width_in + 8, ff=width_in + width_out + ratio.bit_length())
    # A barrel shifter over a vector of the least common multiple's steps.
    shifts = (lcm(width_in, width_out) // min(width_in, width_out)).bit_length()
    return Cost(lut=round(1.1 * (width_in + width_out) * shifts), ff=width_in + width_out + 24)


def padding_cycles(layer: LayerGeometry, simd: int) -> int:
    """Clock cycles of the padding node for an item: every padded pixel."""
    height, width = layer.size_padded
    return height * width * layer.channels_in // simd


def padding_cost(layer: LayerGeometry, simd: int) -> Cost:
    """The padding node: counters, and a choice between the stream and zero for each bit."""
    bits = bytes_wide(simd * layer.input_bits)
    return Cost(lut=round(25 + 1.4 * bits), ff=18 + 2 * bits)
