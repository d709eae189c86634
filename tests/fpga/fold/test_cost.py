"""The cost model against formulas of the library and against counts of Yosys.

Cycles: FINN's own (``get_exp_cycles``, finn-plus 1.6.1) for gait-pose-s. Resources: pyosys 0.70,
``synth_xilinx -family xc7``, nodes of gait-pose-s 0.2.0; "matrix 1", "matrix 2", "thresholds 0" and
"padding 0", which its bundle builds otherwise, of 0.1.2.
"""

import pytest

from fpga.fold.cost import matrix, stream, thresholds, window
from fpga.fold.cost.memory import block_memory, dual_port_memory, single_port_memory
from fpga.fold.cost.resources import Cost
from fpga.fold.geometry import chain
from model_zoo.package import load_released


@pytest.fixture(scope="module")
def layers():
    return {layer.name: layer for layer in chain(load_released("gait-pose-s"))}


@pytest.mark.parametrize(
    ("weights", "inputs", "seven_series"),
    [(4, 4, 4), (8, 4, 2), (4, 8, 2), (8, 8, 2), (6, 4, 3), (3, 4, 4), (3, 3, 5), (2, 2, 8)],
)
def test_lanes_of_a_dsp(weights, inputs, seven_series):
    assert matrix.lanes(weights, inputs) == seven_series
    assert matrix.lanes(weights, inputs, "DSP48E2") >= seven_series


def test_dsps_count_started_columns(layers):
    assert matrix.dsps(layers["trunk.4"], 4, 16, "DSP48E1") == 16
    assert matrix.dsps(layers["trunk.4"], 1, 16, "DSP48E1") == 16
    assert matrix.dsps(layers["trunk.0"], 6, 3, "DSP48E1") == 9
    assert matrix.dsps(layers["head"], 8, 2, "DSP48E1") == 6


def test_cycles_are_those_of_finn(layers):
    assert stream.padding_cycles(layers["trunk.3"], 2) == 14144
    assert stream.padding_cycles(layers["trunk.7"], 2) == 3840
    assert window.cycles(layers["trunk.3"], 8) == 7132
    assert window.cycles(layers["trunk.4"], 16) == 7036
    assert window.cycles(layers["trunk.6"], 16) == 1852
    assert window.cycles(layers["trunk.7"], 16) == 2706
    assert thresholds.cycles(layers["trunk.2"], 1) == 24576
    assert matrix.cycles(layers["trunk.7"], 4, 9, 12) == 110592


def test_a_slow_window_generator_stalls_the_first_pass(layers):
    layer = layers["trunk.4"]
    at_speed = matrix.cycles(layer, 4, 16, 16)
    assert matrix.cycles(layer, 4, 16, 32) == at_speed
    # 576 elements by 8 instead of 16 a cycle: 36 cycles more at each of 192 pixels
    assert matrix.cycles(layer, 4, 16, 8) == at_speed + 192 * 36


def test_shapes_of_memories():
    assert block_memory(512, 36).bram18 == 1
    assert block_memory(513, 36).bram18 == 2
    assert block_memory(1024, 144).bram18 == 8
    assert block_memory(2304, 144).bram18 == 20
    assert block_memory(576, 256).bram18 == 15
    assert single_port_memory(64, 100) == Cost(lutram=100)
    assert single_port_memory(65, 100) == Cost(lut=100, lutram=200)
    assert dual_port_memory(32, 6) == Cost(lutram=4)
    assert dual_port_memory(64, 64).lutram == 88
    assert dual_port_memory(124, 64).lutram == 176


def test_fifos_take_the_memory_that_the_library_chooses():
    assert stream.fifo_cost(2, 64) == Cost()
    assert stream.fifo_cost(32, 24) == Cost(lut=14, lutram=24, ff=32)
    assert stream.fifo_cost(576, 16).lutram == 24
    assert stream.fifo_cost(576, 16).bram18 == 1
    assert stream.fifo_cost(768, 8).lutram == 48
    whole = stream.fifo_cost(stream.full_depth(576), 16)
    assert (whole.bram18, whole.lutram) == (1, 0)
    assert stream.fifo_cost(2049, 8).bram18 == 1


def test_full_depths_hold_what_was_asked():
    for words in (3, 33, 257, 258, 512, 513, 514, 1153, 5000):
        assert stream.full_depth(words) >= words
    assert stream.full_depth(513) == 513
    assert stream.full_depth(514) == 1025


# node of gait-pose-s: (LUT, LUTRAM, FF, RAMB18, DSP) counted
COUNTS = {
    "matrix 0": (401, 418, 1160, 0, 9),
    "matrix 1": (810, 280, 1568, 6, 12),
    "matrix 2": (1039, 356, 1827, 8, 16),
    "matrix 4": (1065, 404, 1862, 15, 16),
    "matrix 7": (972, 204, 1400, 21, 9),
    "matrix head": (624, 236, 755, 14, 6),
    "thresholds 0": (305, 8, 496, 0, 0),
    "thresholds 1": (141, 4, 211, 0, 0),
    "thresholds 4": (308, 4, 231, 0, 0),
    "thresholds 7": (268, 4, 226, 1, 0),
    "window 0": (275, 160, 119, 0, 0),
    "window 1": (320, 320, 140, 0, 0),
    "window 4": (255, 176, 144, 0, 0),
    "padding 0": (57, 0, 66, 0, 0),
    "padding 2": (34, 0, 34, 0, 0),
}


def estimates(layers):
    def of(name):
        return layers[f"trunk.{name}" if name != "head" else name]

    yield "matrix 0", matrix.cost(of(0), 6, 3, "distributed", "DSP48E1")
    yield "matrix 1", matrix.cost(of(1), 4, 12, "block", "DSP48E1")
    yield "matrix 2", matrix.cost(of(2), 4, 16, "block", "DSP48E1")
    yield "matrix 4", matrix.cost(of(4), 4, 16, "block", "DSP48E1")
    yield "matrix 7", matrix.cost(of(7), 4, 9, "block", "DSP48E1")
    yield "matrix head", matrix.cost(of("head"), 8, 2, "block", "DSP48E1")
    for name, pe in ((0, 2), (1, 1), (4, 1), (7, 1)):
        yield f"thresholds {name}", thresholds.cost(of(name), pe)
    for name, simd in ((0, 3), (1, 12), (4, 16)):
        yield f"window {name}", window.cost(of(name), simd, "distributed")
    for name, simd in ((0, 3), (2, 2)):
        yield f"padding {name}", stream.padding_cost(of(name), simd)


def test_estimates_are_near_the_counts(layers):
    for name, cost in estimates(layers):
        lut, lutram, ff, bram18, dsp = COUNTS[name]
        assert cost.dsp == dsp, name
        # one shape of block memory for the whole: at most one block more than synthesis, never less
        assert bram18 <= cost.bram18 <= bram18 + 1, name
        assert cost.lutram == pytest.approx(lutram, rel=0.01), name
        # small nodes: a few dozen look-up tables of control, fewer where thresholds are alike
        assert cost.lut == pytest.approx(lut, rel=0.25, abs=60), name
        assert cost.ff == pytest.approx(ff, rel=0.20), name


def test_width_converters():
    assert stream.converter_cost(8, 8) == Cost()
    assert stream.converter_cost(114, 38) == Cost(lut=160, ff=156)  # counted 161, 156
    assert stream.converter_cost(8, 64).lut == 16
    ragged = stream.converter_cost(64, 36)
    assert ragged.lut == pytest.approx(556, rel=0.1)
    assert ragged.ff == pytest.approx(136, rel=0.1)
