"""The matrix unit: ``pe`` output channels times ``simd`` products per cycle, and its weights.

Source: finn-rtllib of finn-plus 1.6.1 (``mvu.sv``, ``replay_buffer.sv``, ``memstream.sv``); the
constants are fitted to Yosys counts of pose networks (command and error in docs/hardware.md).
"""

from __future__ import annotations

from math import ceil

from fpga.fold.cost.memory import block_memory, dual_port_memory, single_port_memory
from fpga.fold.cost.resources import Cost
from fpga.fold.geometry import LayerGeometry

_A_WIDTH = {"DSP48E1": 25, "DSP48E2": 27}
"""Bits of the multiplier's wide input, with the pre-adder (Xilinx UG479, UG579)."""

_LUT_PER_LANE = 15.5
_FF_PER_DSP = {3: 85}
_FF_PER_FULL_DSP = 110
_LUT_PER_PE, _FF_PER_PE = 13, 21
_LUT_BASE, _FF_BASE = 30, 85
_REPLAY_BLOCK_BITS = 2304
"""A buffer of the replayed window from this size on goes into one block RAM or more."""


def lanes(weight_bits: int, input_bits: int, dsp_type: str = "DSP48E1") -> int:
    """Products that one DSP computes at once, for narrow signed weights.

    The weights of several output channels stand side by side on the wide input, as far apart as
    a product is wide (``mvu_pkg.sv`` and ``mvu.sv`` of finn-rtllib: 4 for 4 x 4 bits).
    """
    return 1 + (_A_WIDTH[dsp_type] - weight_bits) // (weight_bits + input_bits - 1)


def dsps(layer: LayerGeometry, pe: int, simd: int, dsp_type: str) -> int:
    """DSPs: columns of output channels, one multiplier per product in each."""
    return ceil(pe / lanes(layer.weight_bits, _factor_bits(layer), dsp_type)) * simd


def cycles(layer: LayerGeometry, pe: int, simd: int, window_simd: int | None) -> int:
    """Clock cycles of an item.

    For every output pixel the unit takes the window once and replays it for its other passes. A
    window generator that delivers fewer elements per cycle than ``simd`` makes the first pass
    longer (measured on a network of 300 MMAC: 22 % slower with 1 against 2).
    """
    passes = layer.channels_out // pe
    words = layer.matrix_width // simd
    first = words if window_simd is None else max(words, ceil(layer.matrix_width / window_simd))
    return layer.pixels_out * (first + (passes - 1) * words)


def weight_shape(layer: LayerGeometry, pe: int, simd: int) -> tuple[int, int]:
    """Words and bits of the weight memory."""
    return layer.weights // (pe * simd), pe * simd * layer.weight_bits


def weight_memory(layer: LayerGeometry, pe: int, simd: int, memory: str) -> Cost:
    """The weights alone; ``memory`` is ``block`` or ``distributed``."""
    depth, width = weight_shape(layer, pe, simd)
    return (block_memory if memory == "block" else single_port_memory)(depth, width)


def cost(layer: LayerGeometry, pe: int, simd: int, memory: str, dsp_type: str) -> Cost:
    """Everything: multipliers, adders, replay buffer, output queue, weights and their queue."""
    count = dsps(layer, pe, simd, dsp_type)
    _, width = weight_shape(layer, pe, simd)
    per_lane = lanes(layer.weight_bits, _factor_bits(layer), dsp_type)
    logic = Cost(
        lut=round(_LUT_BASE + _LUT_PER_PE * pe + _LUT_PER_LANE * per_lane * count),
        lutram=width + pe * layer.accumulator_bits,
        ff=_FF_BASE + _FF_PER_PE * pe + _FF_PER_DSP.get(per_lane, _FF_PER_FULL_DSP) * count,
        dsp=count,
    )
    return logic + _replay(layer, pe, simd) + weight_memory(layer, pe, simd, memory)


def _replay(layer: LayerGeometry, pe: int, simd: int) -> Cost:
    if pe == layer.channels_out:
        return Cost()
    depth, width = layer.matrix_width // simd, simd * layer.input_bits
    depth = 2 ** (depth - 1).bit_length()
    if depth > 64 and depth * width >= _REPLAY_BLOCK_BITS:
        # The read that may meet a write in the same cycle is mended outside the block.
        return block_memory(depth, width) + Cost(lut=2 * width, ff=6 * width)
    return dual_port_memory(depth, width)


def _factor_bits(layer: LayerGeometry) -> int:
    """The unit's signed datapath: unsigned inputs keep their width."""
    return layer.input_bits
