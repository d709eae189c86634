"""The boards' data files are complete and agree with the build flow's own"""

from __future__ import annotations

import pytest

from fpga.boards import board_names, load_board
from fpga.errors import FpgaError

EXPECTED = ("kv260", "pynq-z1", "pynq-z2", "ultra96-v2", "zcu104")


def test_the_promised_boards_are_there() -> None:
    assert board_names() == EXPECTED


@pytest.mark.parametrize("name", EXPECTED)
def test_seven_series_parts_have_the_narrow_multiplier(name: str) -> None:
    board = load_board(name)
    assert (board.dsp_type == "DSP48E1") == board.part.startswith("xc7")
    assert board.resources.lutram < board.resources.lut < board.resources.ff
    assert board.clock_period_ns * board.clock_mhz == pytest.approx(1000)


def test_an_unknown_board_is_told_with_the_known_ones() -> None:
    with pytest.raises(FpgaError, match=r"no board 'pynq-z9'; known: kv260, pynq-z1"):
        load_board("pynq-z9")


def test_a_path_is_no_board() -> None:
    with pytest.raises(FpgaError, match="no board"):
        load_board("../boards/pynq-z2")


@pytest.mark.parametrize("name", EXPECTED)
def test_parts_are_those_of_the_vendor_flow(name: str) -> None:
    from finn.util.basic import pynq_native_port_width, pynq_part_map

    board = load_board(name)
    assert pynq_part_map[board.vendor_flow_name] == board.part
    assert pynq_native_port_width[board.vendor_flow_name] == board.port_bits
