"""A hardware graph run in Python, node by node, as FINN understands it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from fpga.compile.finn_environment import finn_environment


def finn_python(graph: ModelWrapper, x: NDArray[Any]) -> NDArray[np.int32]:
    """Output integers of a hardware graph, folded or not.

    Parameters
    ----------
    graph
        From :func:`fpga.compile.hardware.to_hardware` or :func:`fpga.compile.fold_graph.fold`.
    x
        uint8 or int8[N, *input shape]; the items run one after the other.

    Returns
    -------
    int32[N, *output shape].
    """
    from finn.core.onnx_exec import execute_onnx

    graph = ModelWrapper(graph.model, make_deepcopy=True)
    for node in graph.graph.node:
        # FINN's name for "not simulated"; the RTL nodes then run in Python, no compiler needed.
        getCustomOp(node).set_nodeattr("exec_mode", "cppsim")
    source, target = graph.graph.input[0].name, graph.graph.output[0].name
    with finn_environment():
        results = [
            execute_onnx(graph, {source: item[None].astype(np.float32)})[target][0] for item in x
        ]
    return np.stack(results).astype(np.int32)
