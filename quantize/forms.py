"""An integer network as ONNX files: the golden form, and the form the circuit is built from."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper

from quantize.integers import ExportError, IntegerLayer, IntegerNetwork

IR_VERSION = 10
GOLDEN_OPSET = 17
QONNX_OPSET = 13
QONNX_DOMAIN = "qonnx.custom_op.general"
INPUT, OUTPUT = "image", "integers"


class _Builder:
    """Nodes and constants of a graph in the making."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, values: ArrayLike) -> str:
        self.constants.append(numpy_helper.from_array(np.array(values), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output


def golden_form(network: IntegerNetwork) -> onnx.ModelProto:
    """The form that emulation runs: uint8 or int8[N, H, W, C] in, int32[N, H', W', C'] out.

    Layers that read bytes are float32 convolutions on integers (``Conv, Mul, Round, Clip``): 8-bit
    products saturate in the 8-bit instructions of processors without VNNI. Layers that read 4 bits
    are ``QLinearConv`` and ``Clip``, the last one ``MatMulInteger``, both exact everywhere.
    """
    builder = _Builder()
    builder.constant("one", np.float32(1))
    builder.constant("zero", np.uint8(0))
    x = builder.node("Transpose", [INPUT], "planes", perm=[0, 3, 1, 2])
    for layer in network.layers[:-1]:
        x = (_byte_layer if layer.runs_in_bytes else _float_layer)(builder, layer, x)
    _last_layer(builder, network.layers[-1], x)
    rows, columns = network.sizes()[-1]
    channels_in, channels_out = (
        network.layers[0].weight.shape[1],
        network.layers[-1].weight.shape[0],
    )
    used = {name for node in builder.nodes for name in node.input}
    kind = TensorProto.INT8 if network.layers[0].signed_input else TensorProto.UINT8
    graph = helper.make_graph(
        builder.nodes,
        "golden",
        [_info(INPUT, kind, ["N", network.height, network.width, channels_in])],
        [_info(OUTPUT, TensorProto.INT32, ["N", rows, columns, channels_out])],
        [c for c in builder.constants if c.name in used],
    )
    return _model(graph, [helper.make_opsetid("", GOLDEN_OPSET)])


def _float_layer(builder: _Builder, layer: IntegerLayer, x: str) -> str:
    bias, scale, top = _activation(layer)
    x = builder.node("Cast", [x], f"{layer.name}.float", to=TensorProto.FLOAT)
    x = builder.node(
        "Conv",
        [
            x,
            builder.constant(f"{layer.name}.weight", layer.weight.astype(np.float32)),
            builder.constant(f"{layer.name}.bias", bias.astype(np.float32)),
        ],
        f"{layer.name}.sums",
        **_geometry(layer),
    )
    factor = builder.constant(f"{layer.name}.scale", scale.reshape(-1, 1, 1))
    x = builder.node("Mul", [x, factor], f"{layer.name}.scaled")
    x = builder.node("Round", [x], f"{layer.name}.rounded")
    low = builder.constant(f"{layer.name}.lowest", np.float32(0))
    high = builder.constant(f"{layer.name}.highest", np.float32(top))
    x = builder.node("Clip", [x, low, high], f"{layer.name}.clipped")
    return builder.node("Cast", [x], f"{layer.name}.levels", to=TensorProto.UINT8)


def _byte_layer(builder: _Builder, layer: IntegerLayer, x: str) -> str:
    bias, scale, top = _activation(layer)
    inputs = [
        x,
        "one",
        "zero",
        builder.constant(f"{layer.name}.weight", layer.weight.astype(np.int8)),
        builder.constant(f"{layer.name}.scale", scale),
        builder.constant(f"{layer.name}.zeros", np.zeros(len(scale), np.int8)),
        "one",
        "zero",
        builder.constant(f"{layer.name}.bias", bias.astype(np.int32)),
    ]
    x = builder.node("QLinearConv", inputs, f"{layer.name}.sums", **_geometry(layer))
    high = builder.constant(f"{layer.name}.highest", np.uint8(top))
    return builder.node("Clip", [x, "zero", high], f"{layer.name}.levels")


def _last_layer(builder: _Builder, layer: IntegerLayer, x: str) -> None:
    if layer.weight.shape[2:] != (1, 1) or layer.stride != (1, 1) or not layer.runs_in_bytes:
        raise ExportError(f"{layer.name}: the last layer must be 1 x 1 on few bits")
    x = builder.node("Transpose", [x], f"{layer.name}.pixels", perm=[0, 2, 3, 1])
    weight = builder.constant(f"{layer.name}.weight", layer.weight[:, :, 0, 0].T.astype(np.int8))
    builder.node("MatMulInteger", [x, weight], OUTPUT)


def qonnx_form(network: IntegerNetwork) -> onnx.ModelProto:
    """The form the circuit is built from: float32[1, C, H, W] holding bytes in, sums out.

    A chain of ``Conv`` with integer weights and ``MultiThreshold`` with integer thresholds, integer
    types annotated. A dataflow compiler finds nothing left to derive in it.
    """
    first = network.layers[0]
    builder = _Builder()
    types = {INPUT: f"{'INT' if first.signed_input else 'UINT'}{first.input_bits}"}
    x = INPUT
    for layer in network.layers:
        weight = builder.constant(f"{layer.name}.weight", layer.weight.astype(np.float32))
        types[weight] = f"INT{layer.weight_bits}"
        last = layer.output_bits is None
        sums = OUTPUT if last else f"{layer.name}.sums"
        x = builder.node("Conv", [x, weight], sums, **_geometry(layer))
        if not last:
            steps = builder.constant(
                f"{layer.name}.thresholds", layer.thresholds().astype(np.float32)
            )
            types[steps] = "INT32"
            levels = f"{layer.name}.levels"
            types[levels] = f"UINT{layer.output_bits}"
            x = builder.node(
                "MultiThreshold",
                [x, steps],
                levels,
                domain=QONNX_DOMAIN,
                out_dtype=types[levels],
                out_scale=1.0,
                out_bias=0.0,
            )
    rows, columns = network.sizes()[-1]
    head = network.layers[-1]
    graph = helper.make_graph(
        builder.nodes,
        "circuit",
        [
            _info(
                INPUT,
                TensorProto.FLOAT,
                [1, first.weight.shape[1], network.height, network.width],
            )
        ],
        [_info(OUTPUT, TensorProto.FLOAT, [1, head.weight.shape[0], rows, columns])],
        builder.constants,
        value_info=_inner_shapes(network),
    )
    for name, datatype in types.items():
        graph.quantization_annotation.append(_annotation(name, datatype))
    opsets = [helper.make_opsetid("", QONNX_OPSET), helper.make_opsetid(QONNX_DOMAIN, 1)]
    return _model(graph, opsets)


def qcdq_form(network: IntegerNetwork) -> onnx.ModelProto:
    """The integers with standard quantisation operators, for other tools: float32[N, C, H, W] in.

    Scales are multiplied in floating point, so that it agrees only within a tolerance. (A trained
    network's QCDQ form comes from Brevitas itself; this is that of a network without training.)
    """
    builder = _Builder()
    builder.constant("one", np.float32(1))
    builder.constant("zero", np.uint8(0))
    x = INPUT
    for layer in network.layers:
        last = layer.output_bits is None
        scale = np.float32(network.output_scale) if last else _activation(layer)[1]
        names = [
            builder.constant(f"{layer.name}.weight", layer.weight.astype(np.int8)),
            builder.constant(f"{layer.name}.scale", scale),
        ]
        axis = {} if last else {"axis": 0}
        inputs = [x, builder.node("DequantizeLinear", names, f"{layer.name}.real", **axis)]
        if last:
            builder.node("Conv", inputs, OUTPUT, **_geometry(layer))
            break
        bias, factor, top = _activation(layer)
        shift = (bias * factor).astype(np.float32)
        inputs.append(builder.constant(f"{layer.name}.shift", shift))
        x = builder.node("Conv", inputs, f"{layer.name}.sums", **_geometry(layer))
        x = builder.node("QuantizeLinear", [x, "one", "zero"], f"{layer.name}.rounded")
        high = builder.constant(f"{layer.name}.highest", np.uint8(top))
        x = builder.node("Clip", [x, "zero", high], f"{layer.name}.levels")
        x = builder.node("DequantizeLinear", [x, "one", "zero"], f"{layer.name}.output")
    rows, columns = network.sizes()[-1]
    size = ["N", network.layers[0].weight.shape[1], network.height, network.width]
    outputs = ["N", network.layers[-1].weight.shape[0], rows, columns]
    graph = helper.make_graph(
        builder.nodes,
        "qcdq",
        [_info(INPUT, TensorProto.FLOAT, size)],
        [_info(OUTPUT, TensorProto.FLOAT, outputs)],
        builder.constants,
    )
    return _model(graph, [helper.make_opsetid("", QONNX_OPSET)])


def _inner_shapes(network: IntegerNetwork) -> list[onnx.ValueInfoProto]:
    infos = []
    for layer, (rows, columns) in zip(network.layers[:-1], network.sizes()[:-1], strict=True):
        shape = [1, layer.weight.shape[0], rows, columns]
        infos += [
            _info(f"{layer.name}.{what}", TensorProto.FLOAT, shape) for what in ("sums", "levels")
        ]
    return infos


def _annotation(name: str, datatype: str) -> onnx.TensorAnnotation:
    entry = onnx.StringStringEntryProto(key="finn_datatype", value=datatype)
    return onnx.TensorAnnotation(tensor_name=name, quant_parameter_tensor_names=[entry])


def _activation(layer: IntegerLayer) -> tuple[NDArray[np.int64], NDArray[np.float32], int]:
    if layer.bias is None or layer.scale is None or layer.output_bits is None:
        raise ExportError(f"{layer.name} has no activation")
    return layer.bias, layer.scale, 2**layer.output_bits - 1


def _geometry(layer: IntegerLayer) -> dict[str, Any]:
    return {
        "kernel_shape": list(layer.weight.shape[2:]),
        "strides": list(layer.stride),
        "pads": [*layer.padding, *layer.padding],
        "dilations": [1, 1],
        "group": 1,
    }


def _info(name: str, dtype: int, shape: list[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, dtype, shape)


def _model(graph: onnx.GraphProto, opsets: list[onnx.OperatorSetIdProto]) -> onnx.ModelProto:
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    model.producer_name = "footfall"
    return model
