"""How deep the FIFO in front of each node is, before simulation has measured what it needs.

Simulated on gait-pose-s (slowest node 110,592 cycles, 895 frames/s wished): two rows of the feature
map in front of every padding node and 32 words in front of every matrix unit give 111,371 cycles, 8
words there 130,272; FIFOs elsewhere gain nothing. The padding node stops taking words while it
writes its border, and the window generator refills at every item: the rows carry the stream over
both; the words in front of the matrix unit let the next window come while it replays the last.
"""

from __future__ import annotations

from fpga.fold.cost.stream import full_depth
from fpga.fold.folding import LayerFolding
from fpga.fold.geometry import LayerGeometry

DEPTH = 32
"""Words in front of a matrix unit: one shift register per bit holds them."""

ROWS = 2
"""Rows of the feature map in front of a padding node."""


def default_depths(layer: LayerGeometry, folding: LayerFolding, *, first: bool) -> dict[str, int]:
    """Depth of the FIFO in front of the nodes of a layer that need one.

    Parameters
    ----------
    first
        Whether the layer takes the network's input: a DMA engine needs no rows in front.
    """
    depths = {f"{layer.prefix}_matrix": DEPTH}
    if folding.padding_simd is not None and not first:
        words = ROWS * layer.size_in[1] * layer.channels_in // folding.padding_simd
        depths[f"{layer.prefix}_padding"] = full_depth(max(DEPTH, words))
    return depths
