"""Integers have one source: thresholds invert the activation, every form computes the same."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import onnx
import pytest
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.infer_shapes import InferShapes
from qonnx.transformation.lower_convs_to_matmul import LowerConvsToMatMul

from host.accelerator.numpy_executor import NumpyExecutor
from quantize.forms import golden_form, qonnx_form
from quantize.integers import ExportError, IntegerLayer, IntegerNetwork, fold
from quantize.release import output_dtype
from quantize.rules import broken_rules
from tests.networks import random_network, random_pictures


def plan(weight: np.ndarray, weight_bits: int = 4, input_bits: int = 4) -> IntegerLayer:
    return IntegerLayer("x", weight, weight_bits, input_bits, (1, 1), (0, 0), output_bits=4)


def test_thresholds_say_the_same_as_the_golden_activation_at_every_sum() -> None:
    for layer in random_network(3).layers[:-1]:
        thresholds, (low, high) = layer.thresholds(), layer.sum_range()
        assert thresholds.shape == (len(layer.weight), 15)
        for channel in range(len(layer.weight)):
            sums = np.arange(low[channel], high[channel] + 1)
            counted = (sums[:, None] >= thresholds[channel]).sum(axis=1)
            shifted = (sums + layer.bias[channel]).astype(np.float32)
            golden = np.clip(np.rint(shifted * layer.scale[channel]), 0, 15)
            assert np.array_equal(counted, golden)
        assert np.all(thresholds >= low[:, None])
        assert np.all(thresholds <= high[:, None] + 1)


def test_ties_go_to_the_even_level() -> None:
    layer = IntegerLayer(
        "x", np.ones((1, 1, 1, 1), int), 4, 4, (1, 1), (0, 0),
        bias=np.array([0]), scale=np.array([0.5], np.float32), output_bits=4,
    )  # fmt: skip
    assert layer.activate(np.arange(8), 0).tolist() == [0, 0, 1, 2, 2, 2, 3, 4]
    assert layer.thresholds()[0, :4].tolist() == [2, 3, 6, 7]


def test_range_of_sums_is_exact() -> None:
    layer = plan(np.array([[[[3]], [[-7]]], [[[0]], [[5]]]]))
    low, high = layer.sum_range()
    assert low.tolist() == [-7 * 15, 0]
    assert high.tolist() == [3 * 15, 5 * 15]


def test_fold_turns_negative_slopes_and_keeps_the_function() -> None:
    rng = np.random.default_rng(0)
    weight = rng.integers(-7, 8, (40, 6, 3, 3))
    step = rng.uniform(0.01, 0.2, 40)
    slope = step * rng.choice([-1, 1], 40)
    shift = rng.integers(-60, 200, 40) * step
    layer = fold(weight, slope, shift, plan(weight))
    assert np.all(layer.scale > 0)
    x = rng.integers(0, 16, (500, 6, 3, 3))
    sums = np.einsum("ncij,ocij->no", x, weight)
    wanted = np.clip(np.rint(slope * sums + shift), 0, 15)
    turned = np.einsum("ncij,ocij->no", x, layer.weight)
    given = np.stack([layer.activate(turned[:, c], c) for c in range(40)], axis=1)
    assert np.mean(given == wanted) > 0.9999, "only float32 rounding at a tie may differ"
    assert np.any(layer.weight != weight)


@pytest.mark.parametrize(
    ("slope", "shift", "level"),
    [(0.0, 6.6, 7), (1e-9, 20.0, 15), (-0.01, -500.0, 0), (0.0, -1.0, 0)],
)
def test_a_channel_that_never_changes_becomes_its_constant(
    slope: float, shift: float, level: int
) -> None:
    weight = np.full((1, 4, 1, 1), 3)
    layer = fold(weight, np.array([slope]), np.array([shift]), plan(weight))
    assert not layer.weight.any()
    assert layer.activate(np.array([0]), 0).tolist() == [level]
    assert (layer.thresholds()[0] <= 0).sum() == level
    layer.check()


def test_what_another_machine_could_compute_differently_is_refused() -> None:
    wide = np.full((1, 2, 1, 1), 8)
    with pytest.raises(ExportError, match="exceeds 4 bits"):
        plan(wide).check()
    with pytest.raises(ExportError, match="not exact in float32"):
        plan(np.full((1, 700, 1, 1), 127), 8, 8).check()
    with pytest.raises(ExportError, match="may saturate"):
        plan(np.full((1, 2, 1, 1), 255), 9, 7).check()
    far = dataclasses.replace(
        plan(np.ones((1, 2, 1, 1), int)), bias=np.array([2**24]), scale=np.ones(1, np.float32)
    )
    with pytest.raises(ExportError, match="not exact in float32"):
        far.check()


def test_a_network_whose_layers_do_not_fit_is_refused() -> None:
    network = random_network()
    with pytest.raises(ExportError, match=r"trunk\.2 does not take"):
        IntegerNetwork(64, 48, (*network.layers[:1], *network.layers[2:]), 1.0)
    with pytest.raises(ExportError, match="last layer"):
        IntegerNetwork(64, 48, network.layers[:-1], 1.0)


def test_output_type_is_the_narrowest_that_holds_every_sum() -> None:
    assert output_dtype((-128, 127)) == "int8"
    assert output_dtype((-129, 0)) == "int16"
    assert output_dtype((0, 2**15)) == "int24"
    with pytest.raises(ExportError):
        output_dtype((0, 2**23))


def test_golden_form_and_circuit_form_give_the_same_integers(tmp_path) -> None:
    network = random_network(5)
    onnx.save(golden_form(network), tmp_path / "golden.onnx")
    onnx.save(qonnx_form(network), tmp_path / "circuit.onnx")
    onnx.checker.check_model(golden_form(network), full_check=True)
    x = random_pictures(6)
    golden = NumpyExecutor(tmp_path / "golden.onnx").execute(x)
    circuit = ModelWrapper(str(tmp_path / "circuit.onnx"))
    for one, expected in zip(x, golden, strict=True):
        planes = one.transpose(2, 0, 1)[None].astype(np.float32)
        sums = execute_onnx(circuit, {"image": planes})["integers"]
        assert np.array_equal(sums[0].transpose(1, 2, 0), expected)


def test_lowering_for_the_circuit_changes_no_threshold() -> None:
    """The first steps of the dataflow compiler: convolutions become windows and matrix products."""
    network = random_network(6)
    model = ModelWrapper(qonnx_form(network))
    for step in (InferShapes(), InferDataTypes(), LowerConvsToMatMul(), InferDataTypes()):
        model = model.transform(step)
    kinds = [n.op_type for n in model.graph.node if n.op_type != "Transpose"]
    assert kinds == [*["Im2Col", "MatMul", "MultiThreshold"] * 5, "MatMul"]
    steps = [n for n in model.graph.node if n.op_type == "MultiThreshold"]
    for node, layer in zip(steps, network.layers[:-1], strict=True):
        assert np.array_equal(model.get_initializer(node.input[1]), layer.thresholds())


def test_circuit_form_says_its_integer_types() -> None:
    model = ModelWrapper(qonnx_form(random_network()))
    assert model.get_tensor_datatype("image").name == "UINT8"
    assert model.get_tensor_datatype("trunk.0.weight").name == "INT8"
    assert model.get_tensor_datatype("trunk.3.weight").name == "INT4"
    assert model.get_tensor_datatype("head.weight").name == "INT6"
    assert model.get_tensor_datatype("trunk.3.levels").name == "UINT4"
    assert qonnx_form(random_network()).ir_version == 10
    assert broken_rules(qonnx_form(random_network())) == []


def weight_of(model: onnx.ModelProto, name: str) -> np.ndarray:
    constant = next(c for c in model.graph.initializer if c.name == name)
    return onnx.numpy_helper.to_array(constant).copy()


def replace(model: onnx.ModelProto, name: str, values: np.ndarray) -> None:
    constant = next(c for c in model.graph.initializer if c.name == name)
    constant.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float32), name))


def set_attribute(node: onnx.NodeProto, name: str, value: object) -> None:
    kept = [a for a in node.attribute if a.name != name]
    del node.attribute[:]
    node.attribute.extend([*kept, onnx.helper.make_attribute(name, value)])


def with_bias(m: onnx.ModelProto) -> None:
    m.graph.node[-1].input.append("trunk.0.weight")


def non_narrow(m: onnx.ModelProto) -> None:
    values = weight_of(m, "trunk.2.weight")
    values.flat[0] = -8
    replace(m, "trunk.2.weight", values)


def broken_weight(m: onnx.ModelProto) -> None:
    replace(m, "trunk.2.weight", weight_of(m, "trunk.2.weight") + 0.25)


def broken_threshold(m: onnx.ModelProto) -> None:
    replace(m, "trunk.2.thresholds", weight_of(m, "trunk.2.thresholds") + 0.5)


def falling(m: onnx.ModelProto) -> None:
    replace(m, "trunk.2.thresholds", weight_of(m, "trunk.2.thresholds")[:, ::-1])


def skip(m: onnx.ModelProto) -> None:
    m.graph.node[6].input[0] = "trunk.1.levels"


def pool(m: onnx.ModelProto) -> None:
    m.graph.node[1].op_type = "MaxPool"


def three_bits(m: onnx.ModelProto) -> None:
    note = next(a for a in m.graph.quantization_annotation if a.tensor_name == "trunk.2.weight")
    note.quant_parameter_tensor_names[0].value = "INT3"


def float_input(m: onnx.ModelProto) -> None:
    note = next(a for a in m.graph.quantization_annotation if a.tensor_name == "image")
    note.quant_parameter_tensor_names[0].value = "FLOAT32"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (with_bias, "head|integers: has a bias"),
        (non_narrow, "not narrow INT4"),
        (broken_weight, "weights are no integers"),
        (broken_threshold, "thresholds are no integers"),
        (falling, "thresholds fall"),
        (skip, "not one chain"),
        (pool, "in turn"),
        (three_bits, "weights are INT3"),
        (float_input, "bytes"),
        (lambda m: set_attribute(m.graph.node[4], "group", 4), "grouped"),
        (lambda m: set_attribute(m.graph.node[4], "dilations", [2, 2]), "dilated"),
        (lambda m: set_attribute(m.graph.node[4], "strides", [4, 4]), "strides"),
        (lambda m: set_attribute(m.graph.node[3], "out_scale", 0.5), "scaled"),
        (lambda m: set_attribute(m.graph.node[3], "out_dtype", "INT4"), "15 steps"),
        (lambda m: replace(m, "trunk.2.weight", np.ones((12, 12, 7, 7))), "kernel"),
        (lambda m: replace(m, "trunk.0.weight", np.full((8, 2000, 3, 3), 9.0)), "not exact"),
    ],
)
def test_every_rule_of_the_circuit_is_checked(spoil, told: str) -> None:
    model = qonnx_form(random_network())
    spoil(model)
    assert any(re.search(told, line) for line in broken_rules(model))
