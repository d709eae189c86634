"""``python -m fpga netlist``: a network as netlist and constraints for open place and route.

What an openXC7 user starts from (https://github.com/openXC7): the JSON netlist of Yosys, which
nextpnr-xilinx reads, and the clock's constraint. It is the circuit alone: one stream in, one out,
clock and reset. The processor system, its DMA engines and the pins are not in it; see
``bitstreams/README.md``. Placing and routing it is untested.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from fpga.boards import Board, load_board
from fpga.errors import FpgaError
from fpga.synth import yosys
from fpga.synth.closure import Extract
from fpga.synth.counts import read_circuit
from host.accelerator.bundle import Circuit, load_manifest

FAMILY = "xc7"
NETLIST, CONSTRAINTS = "netlist.json", "clock.xdc"
_TOP = "top"


def add_parser(subparsers: Any) -> None:
    """Describe the command's options."""
    p = subparsers.add_parser("netlist", help="write a netlist", description=__doc__)
    p.add_argument("bundle", type=Path, metavar="BUNDLE_FOLDER", help="made by build")
    p.add_argument("--timeout", type=float, default=3600.0, metavar="SECONDS", help="per network")


def run(args: argparse.Namespace) -> int:
    """Write ``<model>/openxc7/`` in the bundle folder for each network.

    Raises
    ------
    FpgaError
        When the part is not of the 7 series, the bundle was not built, or Yosys refuses it.
    """
    manifest = load_manifest(args.bundle)
    board = load_board(manifest.board)
    if yosys.FAMILIES[board.dsp_type] != FAMILY:
        raise FpgaError(f"{board.title} is not of the 7 series, for which openXC7 is made")
    console = Console(stderr=True, file=sys.stderr, highlight=False)
    for circuit in manifest.networks:
        with console.status(f"{circuit.model}: Yosys"):
            folder = write_netlist(args.bundle, circuit, board, args.timeout)
        console.print(f"{folder}: {NETLIST}, {CONSTRAINTS}")
    return 0


def write_netlist(bundle: Path, circuit: Circuit, board: Board, timeout_s: float) -> Path:
    """Write netlist and constraints of one network; returns their folder."""
    rtl = bundle / circuit.model / "rtl"
    design = read_circuit(rtl)
    data = {path.name: path.read_text(encoding="utf-8") for path in sorted(rtl.glob("*.dat"))}
    everything = Extract("\n".join(design.below(_TOP).values()), data, _TOP)
    out = bundle / circuit.model / "openxc7"
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="footfall-netlist-") as name:
        yosys.run_passes(everything, FAMILY, Path(name), f"write_json {NETLIST}", timeout_s)
        (Path(name) / NETLIST).replace(out / NETLIST)
    (out / CONSTRAINTS).write_text(constraints(board), encoding="utf-8")
    return out


def constraints(board: Board) -> str:
    """The clock of the circuit; ports get no pins, since streams stay inside the part."""
    return (
        f"# {board.title}, {board.part}: the network alone, its streams inside the part.\n"
        f"create_clock -period {board.clock_period_ns:.3f} -name ap_clk [get_ports ap_clk]\n"
    )
