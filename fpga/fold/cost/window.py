"""The window generator: a cyclic buffer of some rows, read once per output pixel and window place.

Source: ``swg_template_default.sv`` and ``convolutioninputgenerator_rtl.py`` of finn-plus 1.6.1; the
constants are fitted to Yosys counts (docs/hardware.md).
"""

from __future__ import annotations

from fpga.fold.cost.memory import block_memory, dual_port_memory
from fpga.fold.cost.resources import Cost
from fpga.fold.geometry import LayerGeometry

_LUT, _FF = 195, 82
_LUT_STRIDE = 25
"""More where rows are skipped."""
_LUT_BLOCK = 45
"""More beside a buffer in block RAM, whose read must see a write of the same cycle."""


def cycles(layer: LayerGeometry, simd: int) -> int:
    """Clock cycles of an item: fill the first rows, then write windows or read rows.

    Items do not overlap inside the generator; it fills again for each.
    """
    fold = layer.channels_in // simd
    write = layer.size_out[1] * layer.kernel[0] * layer.kernel[1]
    read = layer.stride[1] * layer.size_padded[1]
    return (_kept(layer) + layer.size_out[0] * max(write, read)) * fold


def buffer_depth(layer: LayerGeometry, simd: int) -> int:
    """Words of the buffer; strides keep more so that rows can be loaded early."""
    window = layer.kernel[0] * layer.kernel[1]
    early = max(0, layer.stride[1] - 1 - window) + max(
        0, (layer.stride[0] - 1) * layer.size_padded[1] - window
    )
    return (_kept(layer) + early) * (layer.channels_in // simd)


def cost(layer: LayerGeometry, simd: int, memory: str) -> Cost:
    """The generator; ``memory`` of its buffer is ``block`` or ``distributed``."""
    depth, width = buffer_depth(layer, simd), simd * layer.input_bits
    kept = (block_memory if memory == "block" else dual_port_memory)(depth, width)
    steps = _LUT_STRIDE if layer.stride != (1, 1) else 0
    steps += _LUT_BLOCK if memory == "block" else 0
    return Cost(lut=_LUT + steps, ff=_FF + width) + kept


def _kept(layer: LayerGeometry) -> int:
    return (layer.kernel[0] - 1) * layer.size_padded[1] + layer.kernel[1]
