"""The thresholds: a binary search per element, one stage and memory per output bit.

Source: ``thresholding.sv`` of finn-plus 1.6.1; the constants are fitted to Yosys counts
(docs/hardware.md).
"""

from __future__ import annotations

from math import ceil

from fpga.fold.cost.memory import block_memory
from fpga.fold.cost.resources import Cost
from fpga.fold.geometry import LayerGeometry

_LUT_PER_BIT, _FF_PER_BIT = 3.0, 15
_LUT, _LUT_PER_ADDRESS_BIT = 10, 6
_DEEPEST_TABLE = 512
"""Words of a stage; deeper ones go into block RAM."""


def cycles(layer: LayerGeometry, pe: int) -> int:
    """Clock cycles of an item."""
    return layer.pixels_out * layer.channels_out // pe


def cost(layer: LayerGeometry, pe: int) -> Cost:
    """Memories as tables of 64 words per look-up table, comparators, and the output queue."""
    if layer.output_bits is None:
        return Cost()
    bits, fold = layer.accumulator_bits, layer.channels_out // pe
    depths = [fold * 2**stage for stage in range(layer.output_bits)]
    words = [ceil(depth / 64) for depth in depths if depth <= _DEEPEST_TABLE]
    tables = sum(n + ceil(n / 4) // 2 for n in words)
    blocks = [block_memory(depth, bits).bram18 for depth in depths if depth > _DEEPEST_TABLE]
    return Cost(
        lut=round(pe * bits * (tables + _LUT_PER_BIT))
        + _LUT
        + _LUT_PER_ADDRESS_BIT * fold.bit_length(),
        lutram=pe * layer.output_bits,
        ff=_FF_PER_BIT * bits * pe,
        bram18=pe * sum(blocks),
    )
