"""The netlist for open place and route: cells of the part, the ports of the circuit, its clock."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from fpga.boards import Board, load_board
from fpga.errors import FpgaError
from fpga.synth import netlist, yosys
from fpga.synth.closure import Extract
from tests.bundles import write_bundle
from tests.networks import write_random_release

COUNTER = """
module top(input ap_clk, input ap_rst_n, output logic [3:0] q);
    always_ff @(posedge ap_clk) q <= ap_rst_n ? q + 1 : 0;
endmodule
"""


def test_a_netlist_names_ports_and_cells_of_the_family(tmp_path: Path) -> None:
    extract = Extract(COUNTER, {}, "top")
    yosys.run_passes(extract, netlist.FAMILY, tmp_path, "write_json out.json", 300)
    module = json.loads((tmp_path / "out.json").read_text())["modules"]["top"]
    assert set(module["ports"]) == {"ap_clk", "ap_rst_n", "q"}
    kinds = [cell["type"] for cell in module["cells"].values()]
    assert kinds.count("FDRE") == 4
    assert not [kind for kind in kinds if kind.startswith("$")], "everything is mapped"


def test_what_yosys_refuses_is_told(tmp_path: Path) -> None:
    extract = Extract("module top(input a; endmodule", {}, "top")
    with pytest.raises(FpgaError, match="Yosys refuses top"):
        yosys.run_passes(extract, netlist.FAMILY, tmp_path, "stat", 300)


def test_the_clock_is_that_of_the_board() -> None:
    board: Board = dataclasses.replace(load_board("pynq-z2"), clock_mhz=125.0)
    assert "create_clock -period 8.000 -name ap_clk [get_ports ap_clk]" in netlist.constraints(
        board
    )


def test_parts_of_another_family_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from fpga.__main__ import main

    model = write_random_release(tmp_path / "model")
    write_bundle(tmp_path / "bundle", [model], board="kv260")
    assert main(["netlist", str(tmp_path / "bundle")]) == 2
    assert "not of the 7 series" in capsys.readouterr().err
