"""The golden form on processors with other 8-bit instructions: nothing in it can saturate.

Before VNNI, x86 multiplies unsigned by signed bytes in pairs and keeps each pair's sum in 16 bits
(PMADDUBSW, Intel's instruction reference): two products of 255 x 127 are cut off at 32767. With
VNNI sums are kept in 32 bits. Whatever the instruction, 4-bit products fit. The sums in float32
and the rounding to levels are IEEE arithmetic everywhere.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from host.accelerator.onnx_file import Graph, Node, read_graph
from model_zoo.package import GOLDEN_FORM, ReleasedModel, load_released, released_names

INT16 = np.iinfo(np.int16)
EXACT = 2**24


def pair_sums(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Dot products of x[K] with w[K, O] as processors without VNNI form them."""
    products = x[:, None].astype(np.int64) * w
    pairs = products[0::2] + products[1::2]
    return np.clip(pairs, INT16.min, INT16.max).sum(axis=0)


def worst_inputs(w: np.ndarray, top: int) -> np.ndarray:
    """For w[K, O], the inputs x[2 * O, K] that drive each output furthest up and down."""
    return np.concatenate([np.where(w.T > 0, top, 0), np.where(w.T < 0, top, 0)])


def test_pairs_saturate_at_eight_bits_and_not_at_four() -> None:
    rng = np.random.default_rng(0)
    wide = np.where(rng.random((64, 8)) < 0.5, -127, 127)
    narrow = np.where(rng.random((64, 8)) < 0.5, -7, 7)
    assert any(np.any(pair_sums(x, wide) != x @ wide) for x in worst_inputs(wide, 255))
    assert all(np.array_equal(pair_sums(x, narrow), x @ narrow) for x in worst_inputs(narrow, 15))


def byte_layers(graph: Graph) -> list[tuple[Node, np.ndarray, int]]:
    """Each layer that runs on bytes: its node, weights[K, O], and the highest input level."""
    clips = {
        n.outputs[0]: int(graph.constants[n.inputs[2]]) for n in graph.nodes if n.kind == "Clip"
    }
    passed = ("Cast", "Transpose")
    sources = {n.outputs[0]: n.inputs[0] for n in graph.nodes if n.kind in passed}
    found = []
    for node in graph.nodes:
        if node.kind not in ("QLinearConv", "MatMulInteger"):
            continue
        weight = graph.constants[node.inputs[3 if node.kind == "QLinearConv" else 1]]
        matrix = weight.reshape(len(weight), -1).T if weight.ndim == 4 else weight
        source = node.inputs[0]
        while source in sources:
            source = sources[source]
        found.append((node, np.asarray(matrix).astype(np.int64), clips[source]))
    return found


@pytest.fixture(params=[*released_names(), "random"])
def graph(request: pytest.FixtureRequest, tiny_pose: ReleasedModel) -> Graph:
    name = request.param
    model = tiny_pose if name == "random" else load_released(name)
    return read_graph(Path(model.path(GOLDEN_FORM)))


def test_no_pair_of_a_golden_form_saturates(graph: Graph) -> None:
    layers = byte_layers(graph)
    assert len(layers) >= 4
    for node, w, top in layers:
        assert top == 15
        even = np.concatenate([w, np.zeros((len(w) % 2, w.shape[1]), np.int64)])
        for x in worst_inputs(even, top):
            assert np.array_equal(pair_sums(x, even), x @ even), node.outputs[0]


def test_bytes_are_read_by_float_convolutions_whose_sums_are_exact(graph: Graph) -> None:
    """Pictures have eight bits: no 8-bit instruction may touch them."""
    first = next(n for n in graph.nodes if n.kind in ("Conv", "QLinearConv", "MatMulInteger"))
    assert first.kind == "Conv"
    weight = graph.constants[first.inputs[1]]
    assert weight.dtype == np.float32
    reach = np.abs(weight).sum(axis=(1, 2, 3)) * 255 + np.abs(graph.constants[first.inputs[2]])
    assert reach.max() < EXACT


def test_this_processor_is_exact_on_the_worst_inputs() -> None:
    """One long row of largest weights, all inputs driving it to an end of its range."""
    onnxruntime = pytest.importorskip("onnxruntime")
    k, outputs = 1024, 16
    rng = np.random.default_rng(1)
    w = np.where(rng.random((k, outputs)) < 0.5, -7, 7).astype(np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "w"], ["y"])],
        "worst",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, ["N", k])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, ["N", outputs])],
        [numpy_helper.from_array(w, "w")],
    )
    opsets = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    x = worst_inputs(w.astype(np.int64), 15).astype(np.uint8)
    (y,) = session.run(None, {"x": x})
    assert np.array_equal(y, x.astype(np.int64) @ w)
