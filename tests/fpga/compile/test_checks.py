"""Everything that cannot become pure RTL is refused before FINN, with layer, reason and remedy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from fpga.boards import load_board
from fpga.compile.checks import refuse_unbuildable
from fpga.errors import FpgaError
from tests.fpga.compile.graphs import annotate, constant, insert, quantized_chain, small_chain


def refusal(model: onnx.ModelProto, board: str = "pynq-z2") -> str:
    """What is told of a model; empty when it passes."""
    try:
        refuse_unbuildable(model, load_board(board))
    except FpgaError as error:
        return str(error)
    return ""


def attribute(model: onnx.ModelProto, node: int, name: str, value: object) -> None:
    kept = [a for a in model.graph.node[node].attribute if a.name != name]
    del model.graph.node[node].attribute[:]
    model.graph.node[node].attribute.extend([*kept, helper.make_attribute(name, value)])


@pytest.mark.parametrize("board", ["pynq-z2", "kv260"])
def test_a_right_chain_passes(board: str) -> None:
    assert refusal(small_chain(), board) == ""


def test_a_temporal_chain_passes() -> None:
    rng = np.random.default_rng(1)
    first, last = rng.integers(-7, 8, (4, 46, 1, 3)), rng.integers(-7, 8, (5, 4, 1, 1))
    steps = np.sort(rng.integers(-3000, 3000, (4, 15)), axis=1)
    stride = {"strides": [1, 3], "pads": [0, 0, 0, 0]}
    layers = [(first, stride, steps), (last, {}, None)]
    assert refusal(quantized_chain(layers, (1, 46, 1, 27), input_type="INT8")) == ""


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (
            "MaxPool",
            "my_MaxPool: MaxPool: pooling exists in high-level synthesis only; write a con",
        ),
        ("AveragePool", "write a convolution with stride 2"),
        ("Resize", "upsampling exists in high-level synthesis only; write sub-cells in the head"),
        ("Relu", "an activation without a quantizer; write a quantised ReLU"),
        ("BatchNormalization", "folded into thresholds by export"),
        ("Quant", "write integer thresholds"),
        ("Softmax", "no RTL node does this; write convolutions and thresholds only"),
    ],
)
def test_operations_without_rtl(kind: str, told: str) -> None:
    model = small_chain()
    insert(model, 2, kind)
    assert told in refusal(model)


@pytest.mark.parametrize("kind", ["Mul", "Add"])
def test_scale_or_bias_at_the_end(kind: str) -> None:
    model = small_chain()
    insert(model, 3, kind)
    assert "in the head of model.json" in refusal(model)


def test_a_skip() -> None:
    model = small_chain()
    model.graph.node.append(
        helper.make_node("Add", ["trunk.0.levels", "trunk.1.sums"], ["sum"], name="skip")
    )
    model.graph.output[0].name = "sum"
    told = refusal(model)
    assert "layer trunk.0: its output is read 2 times (a skip or a branch)" in told
    assert "layer skip: Add" in told


def test_depthwise_on_seven_series() -> None:
    model = small_chain()
    attribute(model, 0, "group", 3)
    told = refusal(model)
    assert "layer trunk.0: depthwise or grouped convolutions (group 3) have no RTL node" in told
    assert "xc7z020clg400-1 (DSP48E1)" in told
    assert "write an ordinary convolution (group 1)" in told


def set_most_negative(weight: np.ndarray) -> np.ndarray:
    weight[1, 0, 0, 0] = -8
    return weight


def test_weights_that_are_not_narrow_depend_on_the_part() -> None:
    model = small_chain()
    constant(model, "trunk.0.weight", set_most_negative)
    told = refusal(model)
    assert "layer trunk.0: weights are not narrow: -8 is there" in told
    assert "write weights trained with narrow_range=True" in told
    refuse_unbuildable(model, load_board("kv260"))


def test_a_negative_slope() -> None:
    model = small_chain()

    def turn(steps: np.ndarray) -> np.ndarray:
        steps[2] = steps[2, ::-1]
        return steps

    constant(model, "trunk.0.thresholds", turn)
    told = refusal(model)
    assert "layer trunk.0: the thresholds of channel 2 fall (a negative slope)" in told
    assert "write that channel's weights and slope times -1" in told


def test_a_bias_input() -> None:
    model = small_chain()
    model.graph.initializer.append(numpy_helper.from_array(np.ones(5, np.float32), "bias"))
    model.graph.node[2].input.append("bias")
    assert "layer trunk.1: a bias behind the sums" in refusal(model)


def wrong_type(name: str, kind: str) -> Callable[[onnx.ModelProto], None]:
    return lambda model: annotate(model.graph, name, kind)


def wrong_attribute(node: int, name: str, value: object) -> Callable[[onnx.ModelProto], None]:
    return lambda model: attribute(model, node, name, value)


def scaled(name: str, factor: float) -> Callable[[onnx.ModelProto], None]:
    return lambda model: constant(model, name, lambda v: (v * factor).astype(np.float32))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (wrong_type("trunk.0.weight", "INT12"), "weights of 12 bits; write weights of 2 to 8 bits"),
        (wrong_type("trunk.0.weight", "FLOAT32"), "weights are FLOAT32; write signed integer"),
        (wrong_type("trunk.0.weight", "INT3"), "exceed INT3; write a wider type"),
        (scaled("trunk.0.weight", 0.5), "weights are no integers"),
        (scaled("trunk.0.thresholds", 0.5), "thresholds are no integers"),
        (scaled("trunk.1.weight", 2.0**20), "exceed 24 bits; write fewer bits"),
        (wrong_type("image", "UINT4"), "the input is UINT4; write a network that reads UINT8"),
        (wrong_attribute(0, "dilations", [2, 2]), "dilation [2, 2] is not proven in RTL"),
        (wrong_attribute(0, "pads", [1, 1, 0, 0]), "padding differs between the sides"),
        (wrong_attribute(0, "pads", [2, 2, 2, 2]), "exceeds half the kernel"),
        (wrong_attribute(1, "out_scale", 0.5), "its levels are scaled"),
        (wrong_attribute(1, "out_bias", -8.0), "signed or shifted levels"),
        (wrong_attribute(1, "out_dtype", "INT4"), "write an unsigned activation"),
        (wrong_attribute(1, "out_dtype", "UINT3"), "15 thresholds for UINT3; write 7 thresholds"),
        (wrong_attribute(1, "out_dtype", "UINT9"), "2 to 8 bits"),
    ],
)
def test_wrong_numbers(spoil: Callable[[onnx.ModelProto], None], told: str) -> None:
    model = small_chain()
    spoil(model)
    assert told in refusal(model)


def test_layers_must_take_turns() -> None:
    rng = np.random.default_rng(0)
    weight = rng.integers(-7, 8, (3, 3, 1, 1))
    steps = np.sort(rng.integers(-99, 99, (3, 15)), axis=1)
    twice = quantized_chain([(weight, {}, None), (weight, {}, None)], (1, 3, 4, 4))
    assert "layer trunk.1: follows a convolution without thresholds" in refusal(twice)
    ending = quantized_chain([(weight, {}, None), (weight, {}, steps)], (1, 3, 4, 4))
    assert "the last node is MultiThreshold; write a convolution there" in refusal(ending)


def test_every_problem_is_named_at_once() -> None:
    model = small_chain()
    constant(model, "trunk.0.weight", set_most_negative)
    attribute(model, 2, "dilations", [2, 2])
    assert len(refusal(model).splitlines()) == 2
