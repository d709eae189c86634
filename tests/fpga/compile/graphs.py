"""Small QONNX graphs, right ones and wrong ones, without a model around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

DOMAIN = "qonnx.custom_op.general"
FLOAT = TensorProto.FLOAT


def quantized_chain(
    layers: list[tuple[NDArray[Any], dict[str, Any], NDArray[Any] | None]],
    shape: tuple[int, int, int, int],
    weight_type: str = "INT4",
    input_type: str = "UINT8",
) -> onnx.ModelProto:
    """Convolutions (weight, attributes) with thresholds where given, on an NCHW input."""
    nodes, constants, notes = [], [], {"image": input_type}
    x, size = "image", shape[2:]
    for i, (weight, attributes, steps) in enumerate(layers):
        name = f"trunk.{i}"
        constants.append(numpy_helper.from_array(weight.astype(np.float32), f"{name}.weight"))
        notes[f"{name}.weight"] = weight_type
        kernel = list(weight.shape[2:])
        fixed = {
            "kernel_shape": kernel,
            "pads": [k // 2 for k in kernel] * 2,
            "strides": [1, 1],
            **attributes,
        }
        y = f"{name}.sums"
        nodes.append(helper.make_node("Conv", [x, f"{name}.weight"], [y], name=y, **fixed))
        size = [
            (n + 2 * p - k) // s + 1
            for n, p, k, s in zip(size, fixed["pads"], kernel, fixed["strides"], strict=False)
        ]
        x = y
        if steps is not None:
            constants.append(
                numpy_helper.from_array(steps.astype(np.float32), f"{name}.thresholds")
            )
            notes[f"{name}.thresholds"] = "INT32"
            kind = f"UINT{int(np.log2(steps.shape[1] + 1))}"
            y = f"{name}.levels"
            notes[y] = kind
            nodes.append(
                helper.make_node(
                    "MultiThreshold",
                    [x, f"{name}.thresholds"],
                    [y],
                    name=y,
                    domain=DOMAIN,
                    out_dtype=kind,
                    out_scale=1.0,
                    out_bias=0.0,
                )
            )
            x = y
    channels = layers[-1][0].shape[0]
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "chain",
        [info("image", FLOAT, list(shape))],
        [info(x, FLOAT, [1, channels, *size])],
        constants,
    )
    for name, kind in notes.items():
        annotate(graph, name, kind)
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid(DOMAIN, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def annotate(graph: onnx.GraphProto, name: str, kind: str) -> None:
    """Give a tensor a FINN data type, instead of an older one."""
    for old in [a for a in graph.quantization_annotation if a.tensor_name == name]:
        graph.quantization_annotation.remove(old)
    entry = onnx.StringStringEntryProto(key="finn_datatype", value=kind)
    graph.quantization_annotation.append(
        onnx.TensorAnnotation(tensor_name=name, quant_parameter_tensor_names=[entry])
    )


def small_chain() -> onnx.ModelProto:
    """Two layers on 6 x 4 pixels, right in every respect."""
    rng = np.random.default_rng(0)
    first, last = rng.integers(-7, 8, (4, 3, 3, 3)), rng.integers(-7, 8, (5, 4, 1, 1))
    steps = np.sort(rng.integers(-3000, 3000, (4, 15)), axis=1)
    return quantized_chain([(first, {}, steps), (last, {}, None)], (1, 3, 6, 4))


def constant(model: onnx.ModelProto, name: str, change: Callable[[Any], Any]) -> None:
    """Change the values of a constant in place."""
    for i, old in enumerate(model.graph.initializer):
        if old.name == name:
            values = change(numpy_helper.to_array(old).copy())
            model.graph.initializer[i].CopyFrom(numpy_helper.from_array(values, name))


def insert(model: onnx.ModelProto, position: int, kind: str, **attributes: Any) -> None:
    """Put a node of one input into the chain."""
    nodes = list(model.graph.node)
    source = nodes[position - 1].output[0] if position else "image"
    node = helper.make_node(kind, [source], [f"inserted.{kind}"], name=f"my_{kind}", **attributes)
    if position < len(nodes):
        nodes[position].input[0] = node.output[0]
    else:
        model.graph.output[0].name = node.output[0]
    nodes.insert(position, node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
