"""The proof that a circuit holds the released integers: every weight and every threshold."""

from __future__ import annotations

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from fpga.compile.golden import Integers, LayerIntegers
from fpga.errors import FpgaError


def check_arrival(graph: ModelWrapper, layers: tuple[LayerIntegers, ...]) -> None:
    """Compare what the matrix units and thresholding nodes hold with the released integers.

    Parameters
    ----------
    graph
        Hardware graph, its nodes named by :class:`fpga.compile.node_names.NameNodesByLayer`.
    layers
        From :func:`fpga.compile.golden.layer_integers`.

    Raises
    ------
    FpgaError
        Naming the layer and the first channel that differs, or the node that is missing.
    """
    nodes = {node.name: node for node in graph.graph.node}
    for layer in layers:
        prefix = layer.name.replace(".", "_")
        expected = [("matrix", "weights", layer.matrix.T)]
        if layer.thresholds is not None:
            expected.append(("thresholds", "thresholds", layer.thresholds))
        for part, what, values in expected:
            node = nodes.get(f"{prefix}_{part}")
            if node is None:
                raise FpgaError(f"layer {layer.name}: its node {prefix}_{part} is missing")
            held = graph.get_initializer(node.input[1])
            _compare(layer.name, what, held.T if part == "matrix" else held, values)


def _compare(layer: str, what: str, held: np.ndarray, expected: Integers) -> None:
    if held.shape != expected.shape:
        raise FpgaError(
            f"layer {layer}: {what} of shape {held.shape} instead of {expected.shape} arrived"
        )
    differing = np.flatnonzero(np.any(held != expected, axis=1))
    if len(differing):
        raise FpgaError(
            f"layer {layer}: {what} of {len(differing)} channels changed on the way, first channel "
            f"{differing[0]}; nothing was built"
        )
