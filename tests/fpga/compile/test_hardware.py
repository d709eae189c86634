"""Released integers become RTL nodes, arrive unchanged, and compute what the emulation computes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from fpga.boards import Board, load_board
from fpga.compile.arrival import check_arrival
from fpga.compile.bundle import streams
from fpga.compile.execute import finn_python
from fpga.compile.fold_graph import fold
from fpga.compile.golden import layer_integers
from fpga.compile.hardware import to_hardware
from fpga.errors import FpgaError
from fpga.rtl.stitch import write_rtl
from host.accelerator.numpy_executor import NumpyExecutor
from model_zoo.chain import ChainSpec, ConvSpec
from model_zoo.package import ReleasedModel, load_released
from quantize.random_model import TEST_CHAINS, Plan, plan, random_inputs, write_random
from quantize.release import HeadPlan
from tests.fpga.compile.graphs import constant
from tests.fpga.foldings import plain_network

NAMES = ("tiny", "tiny-temporal")
Models = Callable[[str], ReleasedModel]


@pytest.fixture(scope="module")
def graphs(random_model: Models, board: Board) -> dict[str, ModelWrapper]:
    return {name: to_hardware(random_model(name), board) for name in NAMES}


def inputs(name: str, n: int = 20) -> np.ndarray:
    return random_inputs(plan(name).spec, n, np.random.default_rng(11))


@pytest.mark.parametrize("name", NAMES)
def test_finn_python_equals_the_emulation(
    name: str, graphs: dict[str, ModelWrapper], random_model: Models
) -> None:
    x = inputs(name)
    expected = NumpyExecutor(random_model(name).path("model.int.onnx")).execute(x)
    assert np.array_equal(finn_python(graphs[name], x), expected)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wide", [1, 4])
def test_folding_changes_no_integer(
    name: str, wide: int, graphs: dict[str, ModelWrapper], random_model: Models, board: Board
) -> None:
    model = random_model(name)
    folded = fold(graphs[name], plain_network(model, wide), board)
    check_arrival(folded, layer_integers(model))
    kinds = {node.op_type for node in folded.graph.node}
    assert all(kind.endswith("_rtl") for kind in kinds)
    assert {"StreamingFIFO_rtl", "StreamingDataWidthConverter_rtl"} <= kinds
    x, expected = model.golden()
    assert np.array_equal(finn_python(folded, x), expected)


def test_nodes_carry_the_numbers_of_the_folding(
    graphs: dict[str, ModelWrapper], tiny: ReleasedModel, board: Board
) -> None:
    folding = plain_network(tiny, fifo=40)
    folding.fifos["trunk_1_window_width"] = 3000
    del folding.fifos["trunk_1_matrix"]
    folding.layers["trunk.1"] = folding.layers["trunk.1"].__class__(8, 6, 2, 8, 2, "block", "block")
    nodes = {n.name: getCustomOp(n) for n in fold(graphs["tiny"], folding, board).graph.node}
    value = {name: unit.get_nodeattr for name, unit in nodes.items()}
    assert (value["trunk_1_matrix"]("PE"), value["trunk_1_matrix"]("SIMD")) == (8, 6)
    assert value["trunk_1_matrix"]("ram_style") == "block"
    assert value["trunk_1_window"]("SIMD") == 2
    assert value["trunk_1_window"]("ram_style") == "block"
    assert value["trunk_1_padding"]("SIMD") == 8
    assert value["trunk_1_thresholds"]("PE") == 2
    assert value["trunk_1_window_fifo"]("depth") == 40
    assert "trunk_1_matrix_fifo" not in nodes
    assert "trunk_1_matrix_width" in nodes
    # No UltraRAM on this part, which FINN would take for a queue of this depth.
    assert value["trunk_1_window_width_fifo"]("ram_style") == "block"
    assert list(nodes)[-1] == "head_matrix"


def test_sums_have_the_exact_types_of_the_model(
    graphs: dict[str, ModelWrapper], tiny: ReleasedModel
) -> None:
    graph = graphs["tiny"]
    for layer in tiny.layers[:-1]:
        (unit,) = [
            n for n in graph.graph.node if n.name == f"{layer.name.replace('.', '_')}_matrix"
        ]
        held = graph.get_tensor_datatype(unit.output[0])
        low, high = layer.accumulator
        assert held.min() <= low
        assert high <= held.max()
        narrower = 2 ** (held.bitwidth() - 2)
        assert low < -narrower or high >= narrower, f"{layer.name}: {held} is wider than needed"
    assert graph.get_tensor_datatype(graph.graph.output[0].name).name == "INT16"


def test_ultrascale_becomes_rtl_too(tiny: ReleasedModel) -> None:
    graph = to_hardware(tiny, load_board("ultra96-v2"))
    x, expected = tiny.golden()
    assert np.array_equal(finn_python(graph, x[:1]), expected[:1])


@pytest.mark.parametrize("part", ["weight", "thresholds"])
def test_one_changed_number_stops_the_build(
    part: str, graphs: dict[str, ModelWrapper], tiny: ReleasedModel
) -> None:
    graph = ModelWrapper(graphs["tiny"].model, make_deepcopy=True)
    node_name = "trunk_1_matrix" if part == "weight" else "trunk_1_thresholds"
    (node,) = [n for n in graph.graph.node if n.name == node_name]
    values = graph.get_initializer(node.input[1]).copy()
    index = (3, 5) if part == "weight" else (5, 3)
    values[index] += 1
    graph.set_initializer(node.input[1], values)
    what = "weights" if part == "weight" else "thresholds"
    with pytest.raises(FpgaError, match=f"layer trunk.1: {what} of 1 channels.*first channel 5"):
        check_arrival(graph, layer_integers(tiny))


def test_a_missing_node_stops_the_build(
    graphs: dict[str, ModelWrapper], tiny: ReleasedModel
) -> None:
    graph = ModelWrapper(graphs["tiny"].model, make_deepcopy=True)
    (node,) = [n for n in graph.graph.node if n.name == "trunk_2_thresholds"]
    node.name = "thresholds_2"
    with pytest.raises(FpgaError, match=r"layer trunk\.2: its node trunk_2_thresholds is missing"):
        check_arrival(graph, layer_integers(tiny))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("trunk.1.weight", r"layer trunk\.1: weights differ from those of the golden form"),
        ("trunk.1.thresholds", r"layer trunk\.1: the thresholds of channel 2 are not those"),
    ],
)
@pytest.mark.parametrize("step", [-1, 1])
def test_a_circuit_form_of_another_network_is_refused(
    name: str, told: str, step: int, tmp_path: Path
) -> None:
    write_random("tiny", tmp_path / "m", seed=5)
    model = load_released(tmp_path / "m")
    form = onnx.load(model.path("model.qonnx.onnx"))

    def change(values: np.ndarray) -> np.ndarray:
        values[2].reshape(-1)[7] += step
        return values

    constant(form, name, change)
    onnx.save(form, model.path("model.qonnx.onnx"))
    with pytest.raises(FpgaError, match=told):
        layer_integers(model)


def test_finn_leaves_no_trace(tiny: ReleasedModel, board: Board, tmp_path: Path) -> None:
    before = dict(os.environ)
    log = tmp_path / "log"
    to_hardware(tiny, board, log)
    assert dict(os.environ) == before
    assert log.exists()
    assert not (Path.home() / ".finn").exists()


def test_sums_too_wide_for_16_bits_leave_as_24(
    board: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = ChainSpec(
        height=8,
        width=6,
        trunk=(ConvSpec(3, 160, stride=2, weight_bits=8),),
        head=ConvSpec(160, 6, kernel=1, weight_bits=8),
    )
    wide = Plan(spec, "gait", HeadPlan("values", "vector"))
    monkeypatch.setitem(TEST_CHAINS, "wide", wide)
    write_random("wide", tmp_path / "wide")
    model = load_released(tmp_path / "wide")
    assert model.output.dtype == "int24"
    folding = plain_network(model)
    folded = fold(to_hardware(model, board), folding, board)
    x, expected = model.golden()
    assert np.array_equal(finn_python(folded, x), expected)
    write_rtl(folded, tmp_path / "rtl", board)
    given = streams(tmp_path / "rtl", model, 0)[1]
    assert (given.bits, given.word_bits) == (24, 24 * folding.layers["head"].pe)
