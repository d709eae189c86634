"""A folding without a search: small numbers that divide what they must."""

from __future__ import annotations

import math

from fpga.boards import Board
from fpga.fold.folding import Folding, LayerFolding, NetworkFolding
from fpga.fold.geometry import LayerGeometry, chain
from model_zoo.package import QONNX_FORM, ReleasedModel

FIFO = 16


def plain_layer(layer: LayerGeometry, wide: int = 4) -> LayerFolding:
    """At most four output channels, and ``wide`` input channels at once."""
    channels = math.gcd(wide, layer.channels_in)
    return LayerFolding(
        pe=math.gcd(4, layer.channels_out),
        simd=channels,
        window_simd=channels if layer.has_window else None,
        padding_simd=channels if layer.has_padding else None,
        threshold_pe=None if layer.output_bits is None else 1,
    )


def plain_network(model: ReleasedModel, wide: int = 4, fifo: int = FIFO) -> NetworkFolding:
    """One FIFO in front of every window generator, matrix unit and thresholding node."""
    layers = chain(model)
    nodes = [node for layer in layers for node in layer.nodes()]
    return NetworkFolding(
        model_sha256=model.files[QONNX_FORM],
        rate_fps=None,
        layers={layer.name: plain_layer(layer, wide) for layer in layers},
        fifos={node: fifo for node in nodes[1:] if fifo > 2},
    )


def plain_folding(models: list[ReleasedModel], board: Board, wide: int = 4) -> Folding:
    """For a bundle of ``models``."""
    networks = {model.name: plain_network(model, wide) for model in models}
    return Folding(board.name, board.clock_mhz, networks)
