"""One SystemVerilog top for a chain of RTL nodes: FINN's templates, copies of its library, wires.

FINN's own stitching is a script for Vivado's block designs. Here every node gets a shell module
with one stream in and one out, and the top wires the shells in a row; its instances carry the
names of the nodes.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from fpga.boards import Board
from fpga.compile.finn_environment import finn_environment
from fpga.errors import FpgaError
from fpga.rtl.node_table import node_record
from fpga.rtl.patches import PATCHES
from fpga.rtl.patching import patched

SOURCES, NODES = "sources.json", "nodes.json"
TOP = "top"
_STREAM = ("tdata", "tvalid", "tready")
# Of the matrix unit's weight memory, which PrepareIP writes but does not list.
_MEMORY_FILES = (
    "memstream/hdl/memstream.sv",
    "memstream/hdl/memstream_axi.sv",
    "axi/hdl/axilite.sv",
)
_WEIGHT_PORTS = (
    *("AWVALID", "AWPROT", "AWADDR", "WVALID", "WDATA", "WSTRB", "BREADY"),
    *("ARVALID", "ARPROT", "ARADDR", "RREADY"),
)
_THRESHOLD_PORTS = (
    *("AWVALID", "AWADDR", "WVALID", "WDATA", "WSTRB", "BREADY", "ARVALID", "ARADDR", "RREADY"),
)


@dataclass
class _Circuit:
    """The text of a circuit in the making."""

    folder: Path
    library: Path
    files: list[str] = field(default_factory=list)
    shells: list[str] = field(default_factory=list)

    def add(self, path: Path) -> None:
        """Copy a source file once, patched if there is a patch for it."""
        if path.name not in self.files:
            self.write(path.name, patched(path.name, path.read_text(), PATCHES))

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)
        if not name.endswith(".dat"):
            self.files.append(name)


def write_rtl(
    graph: ModelWrapper, folder: Path, board: Board, log: Path | None = None
) -> dict[str, Any]:
    """Write SystemVerilog, memory files, ``sources.json`` and ``nodes.json`` of a folded graph.

    Parameters
    ----------
    graph
        From :func:`fpga.compile.fold_graph.fold`.
    folder
        Made anew.
    board
        Part and clock decide the matrix units' pipeline.
    log
        File that takes what FINN says.

    Returns
    -------
    The table of ``sources.json``: ``top`` and ``files`` in compile order, packages first.

    Raises
    ------
    FpgaError
        When a library file is another version than the patched one.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with finn_environment(log):
        from finn.transformation.fpgadataflow.prepare_ip import PrepareIP
        from finn.util.settings import get_settings

        graph = graph.transform(PrepareIP(board.part, board.clock_period_ns))
        circuit = _Circuit(folder, Path(get_settings().finn_rtllib))
        units = [getCustomOp(node) for node in graph.graph.node]
        for unit in units:
            _write_node(circuit, unit)
        records = [node_record(unit, board.part) for unit in units]
    circuit.write(f"{TOP}.sv", "\n".join([*circuit.shells, *_top(records)]))
    sources = {
        "top": TOP,
        "files": sorted(circuit.files, key=lambda name: not name.endswith("_pkg.sv")),
    }
    (folder / SOURCES).write_text(json.dumps(sources, indent=1) + "\n")
    (folder / NODES).write_text(json.dumps(records, indent=1) + "\n")
    return sources


def _write_node(circuit: _Circuit, unit: Any) -> None:
    name = unit.onnx_node.name
    generated = Path(unit.get_nodeattr("code_gen_dir_ipgen"))
    for path in unit.get_rtl_file_list(abspath=True):
        circuit.add(Path(path))
    for path in sorted(generated.glob("*.dat")):
        own = f"{name}_memblock.dat" if path.name == "memblock.dat" else path.name
        circuit.write(own, path.read_text())
    ports = {
        **dict(zip(_ports(unit, "s_axis"), (f"s_{x}" for x in _STREAM), strict=True)),
        **dict(zip(_ports(unit, "m_axis"), (f"m_{x}" for x in _STREAM), strict=True)),
    }
    body: list[str] = []
    if unit.onnx_node.op_type == "MVAU_rtl":
        body = _weight_memory(circuit, unit, generated)
        ports |= {"ap_clk2x": "ap_clk"}
        ports |= {f"in1_V_{x.upper()}": f"weights_{x}" for x in _STREAM}
    elif unit.onnx_node.op_type == "Thresholding_rtl":
        ports |= {f"s_axilite_{port}": "'0" for port in _THRESHOLD_PORTS}
        ports |= {"in1_V_TVALID": "1'b0", "in1_V_TDATA": "'0"}
    wired = ", ".join(f".{port}({wire})" for port, wire in ports.items())
    circuit.shells += [
        f"module {name}_shell (",
        "  input ap_clk, input ap_rst_n,",
        f"  input [{unit.get_instream_width_padded() - 1}:0] s_tdata,",
        "  input s_tvalid, output s_tready,",
        f"  output [{unit.get_outstream_width_padded() - 1}:0] m_tdata,",
        "  output m_tvalid, input m_tready",
        ");",
        *body,
        f"  {unit.get_nodeattr('gen_top_module')} core (",
        f"    .ap_clk(ap_clk), .ap_rst_n(ap_rst_n), {wired}",
        "  );",
        "endmodule",
        "",
    ]


def _ports(unit: Any, side: str) -> list[str]:
    stream = unit.get_verilog_top_module_intf_names()[side][0][0]
    return [f"{stream}_{x.upper()}" for x in _STREAM]


def _weight_memory(circuit: _Circuit, unit: Any, generated: Path) -> list[str]:
    """The memory that streams the weights into a matrix unit, as lines of its shell."""
    name = unit.onnx_node.name
    if unit.get_nodeattr("mem_mode") != "internal_decoupled":
        raise FpgaError(f"{name}: weights in {unit.get_nodeattr('mem_mode')} memory")
    for path in _MEMORY_FILES:
        circuit.add(circuit.library / path)
    wrapper = f"{name}_memstream_wrapper"
    text = (generated / f"{wrapper}.v").read_text()
    # The path is absolute, and every node's file has the same name.
    absolute = str(generated / "memblock.dat")
    if text.count(absolute) != 1:
        raise FpgaError(f"{wrapper}.v names its memory file {text.count(absolute)} times, not once")
    circuit.write(f"{wrapper}.v", text.replace(absolute, f"./{name}_memblock.dat"))
    ties = ", ".join(f".s_axilite_{port}('0)" for port in _WEIGHT_PORTS)
    stream = ", ".join(f".m_axis_0_{x}(weights_{x})" for x in _STREAM)
    return [
        f"  wire [{unit.get_instream_width_padded(1) - 1}:0] weights_tdata;",
        "  wire weights_tvalid, weights_tready;",
        f"  {wrapper} memory (",
        "    .ap_clk(ap_clk), .ap_clk2x(ap_clk), .ap_rst_n(ap_rst_n),",
        f"    {ties},",
        f"    .s_axis_0_tvalid(1'b0), .s_axis_0_tdata('0), {stream}",
        "  );",
    ]


def _top(records: list[dict[str, Any]]) -> list[str]:
    lines = [
        f"module {TOP} (",
        "  input ap_clk, input ap_rst_n,",
        f"  input [{records[0]['in_width'] - 1}:0] s_axis_tdata,",
        "  input s_axis_tvalid, output s_axis_tready,",
        f"  output [{records[-1]['out_width'] - 1}:0] m_axis_tdata,",
        "  output m_axis_tvalid, input m_axis_tready",
        ");",
    ]
    before = "s_axis"
    for i, record in enumerate(records):
        behind = f"stream{i}"
        lines += [
            f"  wire [{record['out_width'] - 1}:0] {behind}_tdata;",
            f"  wire {behind}_tvalid, {behind}_tready;",
            f"  {record['module']} {record['name']} (",
            "    .ap_clk(ap_clk), .ap_rst_n(ap_rst_n),",
            "    " + ", ".join(f".s_{x}({before}_{x})" for x in _STREAM) + ",",
            "    " + ", ".join(f".m_{x}({behind}_{x})" for x in _STREAM),
            "  );",
        ]
        before = behind
    return [
        *lines,
        f"  assign m_axis_tdata = {before}_tdata;",
        f"  assign m_axis_tvalid = {before}_tvalid;",
        f"  assign {before}_tready = m_axis_tready;",
        "endmodule",
        "",
    ]
