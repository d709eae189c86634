"""The search for FIFO depths, on chains whose needs are known."""

import pytest

from fpga.errors import FpgaError
from fpga.rtl.occupancy import FifoSizing, Measurement, fifo_nodes

NODES = ("a_padding", "a_window", "a_matrix", "b_matrix")
BOUND = 1000


class Chain:
    """A circuit that keeps its interval while every FIFO has the depth that it needs."""

    def __init__(self, needs: dict[str, int], filled: dict[str, int]) -> None:
        self.needs = needs
        self.filled = filled
        self.paces: list[int] = []

    def __call__(self, depths: dict[str, int], pace_cycles: int) -> Measurement:
        self.paces.append(pace_cycles)
        late = sum(depths.get(node, need) < need for node, need in self.needs.items())
        return Measurement(BOUND + 50 * late, self.filled)


def test_depths_are_the_least_steps_that_keep_the_interval() -> None:
    filled = {"a_padding": 900, "a_window": 2, "a_matrix": 300, "b_matrix": 1}
    chain = Chain({"a_padding": 0, "a_window": 0, "a_matrix": 70, "b_matrix": 2}, filled)
    sizing = FifoSizing(NODES, chain).run()
    # The first FIFO is not needed although it was full; the last is, although it held one word.
    assert sizing.fifos == {"a_matrix": 129, "b_matrix": 33}
    assert (sizing.free_cycles, sizing.interval_cycles) == (BOUND, BOUND)
    assert sizing.largest == filled
    assert chain.paces.count(BOUND) == 1
    assert len(chain.paces) == sizing.runs
    assert "2 FIFOs with 162 words" in sizing.summary


def test_what_every_fifo_needs_is_kept() -> None:
    filled = dict.fromkeys(NODES, 33)
    sizing = FifoSizing(NODES, Chain(dict.fromkeys(NODES, 20), filled)).run()
    assert sizing.fifos == dict.fromkeys(NODES, 33)


def test_a_deep_fifo_fills_its_block_memory() -> None:
    filled = {**dict.fromkeys(NODES, 1), "b_matrix": 600}
    sizing = FifoSizing(NODES, Chain({"b_matrix": 550}, filled)).run()
    assert sizing.fifos == {"b_matrix": 1025}


def test_fills_that_do_not_explain_the_interval_are_refused() -> None:
    chain = Chain({"a_matrix": 5000}, dict.fromkeys(NODES, 3))
    with pytest.raises(FpgaError, match="do not keep the interval"):
        FifoSizing(NODES, chain).run()


def test_fifos_are_known_by_the_node_behind_them() -> None:
    ops = [
        ("StreamingFIFO_rtl", "x0"),
        ("FMPadding_rtl", "a_padding"),
        ("StreamingFIFO_rtl", "x1"),
        ("StreamingDataWidthConverter_rtl", "y"),
        ("StreamingFIFO_rtl", "x2"),
        ("MVAU_rtl", "a_matrix"),
    ]
    records = [{"op": op, "name": name} for op, name in ops]
    assert fifo_nodes(records) == {"a_padding": "x0", "a_matrix_width": "x1", "a_matrix": "x2"}


def test_few_deep_fifos_among_many_are_found_in_few_runs() -> None:
    nodes = tuple(f"n{i}" for i in range(64))
    needs = {"n9": 100, "n40": 300}
    chain = Chain(needs, dict.fromkeys(nodes, 500))
    sizing = FifoSizing(nodes, chain).run()
    expected = dict.fromkeys(nodes[1:], 33) | {"n9": 129, "n40": 513}
    assert sizing.fifos == expected
    assert sizing.runs < 40
