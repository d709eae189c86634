"""Apply a folding to a hardware graph: parallelism, width converters, FIFOs, names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from fpga.boards import Board
from fpga.compile.finn_environment import finn_environment
from fpga.compile.node_names import NameNodesByLayer
from fpga.fold.folding import NO_FIFO, LayerFolding, NetworkFolding

_DEEPEST_BLOCK = 2028
"""Depth from which FINN's FIFO takes UltraRAM when it may choose."""


def fold(
    graph: ModelWrapper, folding: NetworkFolding, board: Board, log: Path | None = None
) -> ModelWrapper:
    """Folded copy of a hardware graph with width converters and FIFOs in their places.

    Parameters
    ----------
    graph
        From :func:`fpga.compile.hardware.to_hardware`.
    folding
        Must fit the network (``folding.check``).
    board
        Decides which memory deep FIFOs take.
    log
        File that takes what FINN says.
    """
    from finn.transformation.fpgadataflow.insert_dwc import InsertDWC
    from finn.transformation.fpgadataflow.insert_fifo import InsertFIFO
    from finn.transformation.fpgadataflow.specialize_layers import SpecializeLayers
    from qonnx.transformation.infer_datatypes import InferDataTypes
    from qonnx.transformation.infer_shapes import InferShapes

    named = NameNodesByLayer(tuple(folding.layers))
    with finn_environment(log):
        graph = graph.transform(named)
        for layer, chosen in folding.layers.items():
            _fold_layer(graph, layer.replace(".", "_"), chosen)
        graph = graph.transform(InsertDWC()).transform(named)
        for node in graph.graph.node:
            unit = getCustomOp(node)
            unit.set_nodeattr("inFIFODepths", [folding.fifos.get(node.name, NO_FIFO)])
            unit.set_nodeattr("outFIFODepths", [NO_FIFO])
        graph = graph.transform(InsertFIFO(create_shallow_fifos=False))
        for node in graph.graph.node:
            if node.op_type == "StreamingFIFO":
                _choose_memory(getCustomOp(node), board)
        for step in (SpecializeLayers(board.part), named, InferShapes(), InferDataTypes()):
            graph = graph.transform(step)
    return graph


def _fold_layer(graph: ModelWrapper, prefix: str, chosen: LayerFolding) -> None:
    attributes: dict[str, dict[str, int | str | None]] = {
        "padding": {"SIMD": chosen.padding_simd},
        "window": {"SIMD": chosen.window_simd, "ram_style": chosen.window_memory},
        "matrix": {"PE": chosen.pe, "SIMD": chosen.simd, "ram_style": chosen.weight_memory},
        "thresholds": {"PE": chosen.threshold_pe},
    }
    nodes = {node.name: node for node in graph.graph.node}
    for part, values in attributes.items():
        node = nodes.get(f"{prefix}_{part}")
        if node is None:
            continue
        for name, value in values.items():
            getCustomOp(node).set_nodeattr(name, value)


def _choose_memory(fifo: Any, board: Board) -> None:
    """FINN's own choice, but never UltraRAM on a part that has none."""
    if board.resources.uram == 0 and fifo.get_nodeattr("depth") > _DEEPEST_BLOCK:
        fifo.set_nodeattr("ram_style", "block")
