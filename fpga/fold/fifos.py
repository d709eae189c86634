"""How deep the FIFO in front of each node is, before simulation has measured what it needs.

Measured on a network of 38 MMAC (bound 294,912 cycles): no FIFO 476,929 cycles; 32 words everywhere
313,105; 32 words and two rows of the feature map in front of every padding node 295,084. The
padding node stops taking words while it writes its border, and the window generator refills at
every item: the rows carry the stream over both.
"""

from __future__ import annotations

from fpga.fold.cost.stream import full_depth
from fpga.fold.folding import LayerFolding
from fpga.fold.geometry import LayerGeometry

DEPTH = 32
"""Words in front of a node: one shift register per bit holds them."""

ROWS = 2
"""Rows of the feature map in front of a padding node."""


def default_depths(layer: LayerGeometry, folding: LayerFolding, *, first: bool) -> dict[str, int]:
    """Depth of the FIFO in front of each node of a layer.

    Parameters
    ----------
    first
        Whether the layer takes the network's input: a DMA engine needs no rows in front.
    """
    depths = dict.fromkeys(layer.nodes(), DEPTH)
    if folding.padding_simd is not None and not first:
        words = ROWS * layer.size_in[1] * layer.channels_in // folding.padding_simd
        depths[f"{layer.prefix}_padding"] = full_depth(max(DEPTH, words))
    return depths
