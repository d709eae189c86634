"""What a circuit of pure RTL can be built from: the rules that an exported network must keep.

Measured with finn-plus 1.6.1: anything outside them becomes a high-level-synthesis node, an extra
threshold stage or a float operation behind the last layer.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import onnx
from onnx import numpy_helper

from quantize.forms import QONNX_DOMAIN
from quantize.integers import EXACT

WEIGHT_BITS = range(4, 9)
KERNELS = (1, 3, 5)
STRIDES = (1, 2, 3)
INPUTS = ("UINT8", "INT8")


def broken_rules(model: onnx.ModelProto) -> list[str]:
    """What the QONNX form breaks, one line each; empty when a circuit can be built from it.

    Checked: one chain of Conv and MultiThreshold in turn (no skip, pooling, upsampling or input
    quantizer); no bias; no depthwise or dilated convolution; kernels 1, 3, 5 with strides 1 to 3;
    zero padding; integer weights of 4 to 8 bits without the most negative value; unsigned
    activations per tensor with integer thresholds in rising order; bytes in; raw sums out, exact in
    float32.
    """
    graph = model.graph
    constants = {c.name: numpy_helper.to_array(c) for c in graph.initializer}
    types = {
        a.tensor_name: a.quant_parameter_tensor_names[0].value
        for a in graph.quantization_annotation
    }
    broken = _chain(graph, types)
    bits = 8
    for node in graph.node:
        values = constants.get(node.input[1]) if len(node.input) > 1 else None
        if values is None:
            broken.append(f"{node.name}: second input is no constant")
        elif node.op_type == "Conv":
            broken += _convolution(node, values, types.get(node.input[1], ""), bits)
        elif node.op_type == "MultiThreshold":
            broken += _threshold(node, values)
            bits = int(np.log2(values.shape[1] + 1))
    return broken


def _chain(graph: onnx.GraphProto, types: dict[str, str]) -> list[str]:
    broken = []
    if len(graph.input) != 1 or types.get(graph.input[0].name) not in INPUTS:
        broken.append("the input is not one tensor of bytes")
    if len(graph.output) != 1:
        broken.append("more than one output")
    expected = ["Conv", "MultiThreshold"] * (len(graph.node) // 2) + ["Conv"]
    if [n.op_type for n in graph.node] != expected:
        kinds = Counter(n.op_type for n in graph.node)
        broken.append(f"not convolutions and thresholds in turn: {dict(kinds)}")
    flowing = [graph.input[0].name, *(n.output[0] for n in graph.node)]
    read = [n.input[0] for n in graph.node] + [o.name for o in graph.output]
    if flowing != read:
        broken.append("not one chain")
    return broken


def _convolution(node: onnx.NodeProto, weight: np.ndarray, datatype: str, bits: int) -> list[str]:
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    broken = []
    if len(node.input) != 2:
        broken.append(f"{node.name}: has a bias")
    if attributes.get("group", 1) != 1:
        broken.append(f"{node.name}: depthwise or grouped")
    if set(attributes.get("dilations", [1])) != {1}:
        broken.append(f"{node.name}: dilated")
    if not set(weight.shape[2:]) <= set(KERNELS):
        broken.append(f"{node.name}: kernel {weight.shape[2:]}")
    if not set(attributes.get("strides", [1])) <= set(STRIDES):
        broken.append(f"{node.name}: strides {attributes['strides']}")
    width = int(datatype[3:]) if datatype.startswith("INT") else 0
    if width not in WEIGHT_BITS:
        broken.append(f"{node.name}: weights are {datatype or 'not annotated'}")
    elif not np.array_equal(weight, np.rint(weight)):
        broken.append(f"{node.name}: weights are no integers")
    elif np.abs(weight).max() > 2 ** (width - 1) - 1:
        broken.append(f"{node.name}: weights are not narrow {datatype}")
    flat = weight.reshape(len(weight), -1).astype(np.float64)
    sums = np.maximum(flat, 0).sum(axis=1), -np.minimum(flat, 0).sum(axis=1)
    if max(s.max() for s in sums) * (2**bits - 1) >= EXACT:
        broken.append(f"{node.name}: sums are not exact in float32")
    return broken


def _threshold(node: onnx.NodeProto, steps: np.ndarray) -> list[str]:
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    bits = int(np.log2(steps.shape[1] + 1))
    broken = []
    if node.domain != QONNX_DOMAIN:
        broken.append(f"{node.name}: domain {node.domain}")
    if steps.shape[1] != 2**bits - 1 or attributes["out_dtype"] != f"UINT{bits}".encode():
        broken.append(f"{node.name}: {steps.shape[1]} steps for {attributes['out_dtype']!r}")
    if attributes.get("out_scale", 1.0) != 1.0 or attributes.get("out_bias", 0.0) != 0.0:
        broken.append(f"{node.name}: scaled or shifted")
    if not np.array_equal(steps, np.rint(steps)):
        broken.append(f"{node.name}: thresholds are no integers")
    if np.any(np.diff(steps, axis=1) < 0):
        broken.append(f"{node.name}: thresholds fall")
    return broken
