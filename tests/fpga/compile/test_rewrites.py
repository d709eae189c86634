"""Each rewrite on a tiny graph: build, run, transform, run, compare."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.infer_shapes import InferShapes

from fpga.compile.channels_last import DropOuterTransposes
from fpga.compile.node_names import NameNodesByLayer
from fpga.compile.threshold_types import NarrowThresholdTypes
from fpga.errors import FpgaError


def transposed(inner: int = 1) -> ModelWrapper:
    """To channels last, ``inner`` times the negative of everything, back to channels first."""
    info = helper.make_tensor_value_info
    nodes = [helper.make_node("Transpose", ["x"], ["t0"], perm=[0, 2, 3, 1])]
    for i in range(inner):
        nodes.append(helper.make_node("Neg", [f"t{i}"], [f"t{i + 1}"]))
    nodes.append(helper.make_node("Transpose", [f"t{inner}"], ["y"], perm=[0, 3, 1, 2]))
    ends = [info(name, TensorProto.FLOAT, [1, 3, 4, 5]) for name in ("x", "y")]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:])
    opset = [helper.make_opsetid("", 13)]
    model = ModelWrapper(helper.make_model(graph, opset_imports=opset, ir_version=8))
    model.set_tensor_datatype("x", DataType["INT8"])
    model = model.transform(InferShapes())
    model.set_tensor_datatype("t0", DataType["INT8"])
    return model


def test_without_outer_transposes_the_values_stay() -> None:
    before = transposed()
    x = np.random.default_rng(0).integers(-9, 9, (1, 3, 4, 5)).astype(np.float32)
    expected = execute_onnx(before, {"x": x})["y"]
    after = before.transform(DropOuterTransposes())
    assert [n.op_type for n in after.graph.node] == ["Neg"]
    source, target = after.graph.input[0].name, after.graph.output[0].name
    assert after.get_tensor_shape(source) == [1, 4, 5, 3]
    assert after.get_tensor_datatype(source) == DataType["INT8"]
    got = execute_onnx(after, {source: x.transpose(0, 2, 3, 1)})[target]
    assert np.array_equal(got.transpose(0, 3, 1, 2), expected)
    onnx.checker.check_model(after.model)


def test_an_inner_transpose_is_refused() -> None:
    model = transposed(inner=2)
    turn = helper.make_node("Transpose", ["t1"], ["u"], perm=[0, 1, 2, 3])
    model.graph.node[2].input[0] = "u"
    model.graph.node.insert(2, turn)
    with pytest.raises(FpgaError, match=r"transposes at positions \[0, 2, 4\] of 5 nodes"):
        model.transform(DropOuterTransposes())


def thresholding(steps: np.ndarray, sums: str = "INT6") -> ModelWrapper:
    """One thresholding hardware node on four channels."""
    info = helper.make_tensor_value_info
    node = helper.make_node(
        "Thresholding",
        ["x", "steps"],
        ["y"],
        domain="finn.custom_op.fpgadataflow",
        backend="fpgadataflow",
        NumChannels=4,
        PE=1,
        numSteps=3,
        inputDataType=sums,
        weightDataType="INT32",
        outputDataType="UINT2",
        numInputVectors=[1, 2, 2],
        ActVal=0,
        name="t",
    )
    ends = [info(name, TensorProto.FLOAT, [1, 2, 2, 4]) for name in ("x", "y")]
    graph = helper.make_graph([node], "g", ends[:1], ends[1:])
    opset = [helper.make_opsetid("", 13)]
    model = ModelWrapper(helper.make_model(graph, opset_imports=opset, ir_version=8))
    model.set_initializer("steps", steps.astype(np.float32))
    model.set_tensor_datatype("x", DataType[sums])
    model.set_tensor_datatype("steps", DataType["INT32"])
    return model


@pytest.mark.parametrize(("highest", "expected"), [(31, "INT6"), (32, "INT7")])
def test_thresholds_get_the_type_of_the_sums_or_one_bit_more(highest: int, expected: str) -> None:
    steps = np.array([[-32, 0, highest]] * 4)
    before = thresholding(steps)
    x = np.random.default_rng(0).integers(-32, 32, (1, 2, 2, 4)).astype(np.float32)
    levels = execute_onnx(before, {"x": x})["y"]
    after = before.transform(NarrowThresholdTypes())
    assert after.get_tensor_datatype("steps") == DataType[expected]
    assert getCustomOp(after.graph.node[0]).get_nodeattr("weightDataType") == expected
    assert np.array_equal(after.get_initializer("steps"), steps)
    assert np.array_equal(execute_onnx(after, {"x": x})["y"], levels)
    assert np.array_equal(levels, (x[..., None] >= steps).sum(axis=-1))


def test_thresholds_far_outside_are_refused() -> None:
    with pytest.raises(FpgaError, match="thresholds 0 to 64 lie outside sums of type INT6"):
        thresholding(np.array([[0, 1, 64]] * 4)).transform(NarrowThresholdTypes())


def row(kinds: list[str]) -> ModelWrapper:
    """A row of nodes of these kinds, names left out."""
    info = helper.make_tensor_value_info
    nodes = [
        helper.make_node(kind, [f"t{i}"], [f"t{i + 1}"], domain="finn.custom_op.fpgadataflow.rtl")
        for i, kind in enumerate(kinds)
    ]
    ends = [info(f"t{i}", TensorProto.FLOAT, [1]) for i in (0, len(kinds))]
    return ModelWrapper(helper.make_model(helper.make_graph(nodes, "g", ends[:1], ends[1:])))


def test_nodes_are_named_after_layers_and_readers() -> None:
    kinds = {
        "FMPadding_rtl": "trunk_0_padding",
        "StreamingDataWidthConverter_rtl": "trunk_0_window_width",
        "StreamingFIFO_rtl": "trunk_0_window_fifo",
        "ConvolutionInputGenerator_rtl": "trunk_0_window",
        "MVAU_rtl": "trunk_0_matrix",
        "StreamingFIFO": "trunk_0_thresholds_width_fifo",
        "StreamingDataWidthConverter": "trunk_0_thresholds_width",
        "Thresholding_rtl": "trunk_0_thresholds",
        "MVAU": "head_matrix",
    }
    named = row(list(kinds)).transform(NameNodesByLayer(("trunk.0", "head")))
    assert [node.name for node in named.graph.node] == list(kinds.values())


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        (["MVAU", "MVAU"], "more matrix units than the 1 layers"),
        (["MVAU", "FMPadding"], "a node of kind FMPadding behind the last layer"),
        (["FMPadding"], "behind the last layer"),
        (["Pool"], "a node of kind Pool"),
    ],
)
def test_other_chains_are_refused(kinds: list[str], told: str) -> None:
    with pytest.raises(FpgaError, match=told):
        row(kinds).transform(NameNodesByLayer(("head",)))
