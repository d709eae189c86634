"""Synthesis of one module with Yosys (pyosys), in a process of its own, and the count of its cells.

Look-up tables that hold data count as sites of a SLICEM: Xilinx UG474 (tables of the distributed
memory primitives).
"""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from fpga.errors import FpgaError
from fpga.fold.cost.resources import Cost
from fpga.synth.closure import Extract

FAMILIES = {"DSP48E1": "xc7", "DSP48E2": "xcup"}
"""Yosys' name of the family, by the DSP type of the part."""

_PRIMITIVES = Path(__file__).parent / "primitives.sv"
_READ = (
    "read_slang -D SYNTHESIS --ignore-assertions --ignore-timing --allow-use-before-declare "
    "--top {top} {files}"
)
_SYNTHESISE = "synth_xilinx -family {family} -top {top} -flatten"
_COUNT = "tee -q -o {out} stat -json"
_SCRIPT = """
import os, sys
from pyosys import libyosys
os.chdir(sys.argv[1])
design = libyosys.Design()
for command in sys.argv[2:]:
    libyosys.run_pass(command, design)
"""
_MEMORY_SITES = {
    **dict.fromkeys(("SRL16E", "SRLC16E", "SRLC32E", "RAM32X1S", "RAM64X1S"), 1),
    **dict.fromkeys(("RAM32X1D", "RAM32X2S", "RAM64X1D", "RAM128X1S"), 2),
    **dict.fromkeys(("RAM32M", "RAM64M", "RAM128X1D", "RAM256X1S"), 4),
    **dict.fromkeys(("RAM32M16", "RAM64M8", "RAM256X1D", "RAM512X1S"), 8),
}
_FLIP_FLOPS = ("FDRE", "FDSE", "FDCE", "FDPE", "FDRE_1", "FDSE_1", "FDCE_1", "FDPE_1")
_BLOCKS = {"RAMB18E1": 1, "RAMB18E2": 1, "RAMB36E1": 2, "RAMB36E2": 2}
_DSPS = ("DSP48E1", "DSP48E2")
_SILENT = ("CARRY4", "CARRY8", "MUXF7", "MUXF8", "MUXF9", "BUFG", "IBUF", "OBUF")
"""Parts of the slices and of the clock network that no resource of the table counts."""


def version() -> str:
    """Version of pyosys."""
    return importlib.metadata.version("pyosys")


def flow_key(family: str) -> str:
    """Everything besides the circuit that decides a count."""
    content = (version(), _READ, _SYNTHESISE, family, _PRIMITIVES.read_text(encoding="utf-8"))
    return "\n".join(content)


def synthesise(extract: Extract, family: str, timeout_s: float) -> Cost:
    """Count what a module takes.

    Raises
    ------
    FpgaError
        When Yosys refuses the module, takes longer than ``timeout_s``, or maps it to a cell that
        nobody has counted before.
    """
    with tempfile.TemporaryDirectory(prefix="footfall-synth-") as name:
        counted = Path(name) / "cells.json"
        run_passes(extract, family, Path(name), _COUNT.format(out=counted), timeout_s)
        cells = json.loads(counted.read_text(encoding="utf-8"))["design"]["num_cells_by_type"]
    return count(cells)


def run_passes(extract: Extract, family: str, folder: Path, result: str, timeout_s: float) -> None:
    """Read and synthesise a circuit in a process of its own, then run one more command.

    Parameters
    ----------
    folder
        Takes the circuit; the command runs in it.
    result
        The last command, which writes what is wanted.

    Raises
    ------
    FpgaError
        When Yosys refuses the circuit or takes longer than ``timeout_s``.
    """
    text = extract.write(folder)
    commands = (
        _READ.format(top=extract.top, files=f"{text} {_PRIMITIVES}"),
        _SYNTHESISE.format(family=family, top=extract.top),
        result,
    )
    try:
        done = subprocess.run(
            ["nice", "-n", "5", sys.executable, "-c", _SCRIPT, str(folder), *commands],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FpgaError(f"Yosys took more than {timeout_s:g} s for {extract.top}") from error
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()[-800:]
        raise FpgaError(f"Yosys refuses {extract.top} (status {done.returncode}):\n{said}")


def count(cells: dict[str, int]) -> Cost:
    """Resources of a netlist, from its number of cells by type.

    Raises
    ------
    FpgaError
        For a cell type that is not known.
    """
    lut = lutram = ff = bram18 = dsp = 0
    for kind, n in cells.items():
        if kind.startswith("LUT") or kind == "INV":
            lut += n
        elif kind in _MEMORY_SITES:
            lutram += _MEMORY_SITES[kind] * n
        elif kind in _FLIP_FLOPS:
            ff += n
        elif kind in _BLOCKS:
            bram18 += _BLOCKS[kind] * n
        elif kind in _DSPS:
            dsp += n
        elif kind not in _SILENT:
            raise FpgaError(f"{n} cells of type {kind}, which the count does not know")
    return Cost(lut, lutram, ff, bram18, dsp)
