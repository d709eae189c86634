"""Which modules belong together, what is identical, and what Yosys counts of a known module."""

import dataclasses
import json
from pathlib import Path

import pytest

from fpga.errors import FpgaError
from fpga.fold.cost.resources import Cost
from fpga.synth import yosys
from fpga.synth.cli import enter_counts
from fpga.synth.closure import extract, read_design, split
from fpga.synth.counts import SRL_BANK, Counter, read_nodes
from fpga.synth.result import NetworkCount, NodeCount, Synthesis, read_synthesis
from host.accelerator.bundle import load_manifest
from tests.bundles import write_bundle

SHELL = """
// not a user of top: the word stands in a comment only
module {name}_shell(input ap_clk, input [7:0] d, output [7:0] q);
  delay #(.MEMORY("./{name}_m.dat")) core (.clk(ap_clk), .d(d), .q(q));
endmodule
"""
DELAY = """
module delay #(parameter MEMORY = "")(input clk, input [7:0] d, output [7:0] q);
  logic [7:0] R;
  always_ff @(posedge clk) R <= d & {d[0], d[7:1]};
  assign q = R;
endmodule
module unused; endmodule
"""


def test_counts_are_entered_beside_what_was_simulated_meanwhile(tmp_path, tiny):
    manifest = write_bundle(tmp_path / "bundle", [tiny])
    counts = manifest.folder / "synthesis.json"
    counts.write_text("{}")
    simulated = dataclasses.replace(manifest.networks[0], interval_cycles=1777)
    dataclasses.replace(manifest, networks=(simulated,)).write(manifest.folder)
    enter_counts(manifest.folder, counts, Cost(lut=7, dsp=3))
    stored = load_manifest(manifest.folder)
    stored.verify()
    assert (stored.resources.lut, stored.resources.dsp) == (7, 3)
    assert stored.networks[0].interval_cycles == 1777
    assert counts.name in stored.files
    assert not list(manifest.folder.glob("*.part"))


@pytest.fixture
def circuit(tmp_path):
    files = {
        "delay.sv": DELAY,
        "top.sv": SHELL.format(name="a_1")
        + SHELL.format(name="a_10")
        + "module top; a_1_shell a_1(); a_10_shell a_10(); endmodule\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "a_1_m.dat").write_text("1\n")
    (tmp_path / "a_10_m.dat").write_text("1\n")
    finn = {"lut": 3, "bram18": 0, "dsp": 0, "uram": 0, "cycles": 1}
    nodes = [
        {"name": n, "op": "X_rtl", "module": f"{n}_shell", "folding": {}, "finn": finn}
        for n in ("a_1", "a_10")
    ]
    (tmp_path / "nodes.json").write_text(json.dumps(nodes))
    (tmp_path / "sources.json").write_text(json.dumps({"top": "top", "files": list(files)}))
    return tmp_path


def test_only_what_a_module_uses_belongs_to_it(circuit):
    design = read_design(circuit, ["delay.sv", "top.sv"])
    assert list(design.below("a_1_shell")) == ["delay", "a_1_shell"]
    with pytest.raises(FpgaError, match="no module b_shell"):
        design.below("b_shell")


def test_equal_nodes_have_equal_keys_and_others_not(circuit):
    design = read_design(circuit, ["delay.sv", "top.sv"])
    one = extract(design, "a_1_shell", "a_1")
    ten = extract(design, "a_10_shell", "a_10")
    assert one.key("flow") == ten.key("flow")
    assert one.key("flow") != one.key("another flow")
    assert one.data == {"node_m.dat": "1\n"}
    (circuit / "a_10_m.dat").write_text("2\n")
    assert extract(design, "a_10_shell", "a_10").key("flow") != one.key("flow")


def test_cells_are_counted_by_the_sites_that_they_take():
    cells = {"LUT6": 5, "INV": 1, "RAM64M": 2, "SRLC32E": 3, "FDRE": 7, "FDSE": 1}
    cells |= {"RAMB18E1": 1, "RAMB36E1": 2, "DSP48E1": 4, "CARRY4": 9, "MUXF7": 2}
    assert yosys.count(cells) == Cost(lut=6, lutram=11, ff=8, bram18=5, dsp=4)
    with pytest.raises(FpgaError, match="cells of type PUZZLE"):
        yosys.count({"PUZZLE": 1})


def test_a_result_survives_its_file(tmp_path):
    node = NodeCount("trunk_0_matrix", Cost(1, 2, 3, 4, 5), None, Cost(lut=7))
    other = dataclasses.replace(node, name="trunk_0_matrix_fifo", estimated=Cost(lut=2))
    network = NetworkCount("0.1.2", 10, 20, 30, (node, other))
    synthesis = Synthesis("pynq-z2", "command", {"pyosys": "0"}, "xc7", "0" * 64, {"n": network})
    path = synthesis.write(tmp_path)
    assert read_synthesis(path) == synthesis
    assert any('"trunk_0_matrix_fifo"' in x and '"dsp"' in x for x in path.read_text().splitlines())
    assert network.estimated() is None
    assert [n.kind for n in network.nodes] == ["matrix", "fifo"]
    path.write_text("{}")
    with pytest.raises(FpgaError, match="schema None"):
        read_synthesis(path)


def test_yosys_counts_equal_nodes_once_and_knows_them_again(circuit, monkeypatch):
    pytest.importorskip("pyosys", reason="pyosys is not installed in this environment")
    ran = []
    synthesise = yosys.synthesise

    def counting(part, family, timeout_s):
        ran.append(part.top)
        return synthesise(part, family, timeout_s)

    monkeypatch.setattr(yosys, "synthesise", counting)
    counter = Counter("xc7", circuit / "cache", 240.0)
    nodes, told = read_nodes(circuit), []
    counts = counter.nodes(circuit, nodes, told.append)
    assert ran == ["node_shell"]
    assert told == ["a_1", "a_10"]
    # eight times two neighbours and a flip-flop
    assert counts["a_1"] == counts["a_10"]
    assert counts["a_1"].ff == 8
    assert counts["a_1"].lut == 8
    assert counter.nodes(circuit, nodes, told.append) == counts
    assert ran == ["node_shell"]


def test_what_yosys_refuses_is_told(circuit):
    pytest.importorskip("pyosys", reason="pyosys is not installed in this environment")
    (circuit / "delay.sv").write_text("module delay; this is no module\nendmodule\n")
    with pytest.raises(FpgaError, match="Yosys refuses node_shell"):
        Counter("xc7", circuit / "cache", 240.0).nodes(circuit, read_nodes(circuit), print)


def test_a_folder_without_a_circuit_is_told(tmp_path):
    with pytest.raises(FpgaError, match="build the bundle first"):
        read_nodes(tmp_path)


def test_the_shift_register_is_part_of_every_design():
    assert list(split(SRL_BANK.read_text())) == ["srl_bank"]
    assert Path(SRL_BANK).is_file()
