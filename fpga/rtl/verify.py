"""The proof that ends every build: the golden pair through the Verilated circuit."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from fpga.errors import CircuitError, FpgaError
from fpga.rtl.simulator.build import SimulatorError, build_simulator
from host.accelerator.bundle import Circuit
from host.accelerator.packing import pack, unpack
from host.accelerator.program import Program, ProgramError, ProgramTimeoutError
from model_zoo.package import ReleasedModel

LIMIT_S = 1800.0
"""Longest simulation of a golden pair; gait-pose-s takes seconds."""


def build_and_verify(
    circuit: Circuit, model: ReleasedModel, folder: Path, simulator: str
) -> Circuit:
    """Verilate a circuit, run the golden pair through it, and enter what was measured.

    Parameters
    ----------
    circuit
        As generated.
    model
        Whose golden pair is expected.
    folder
        The bundle; the circuit's RTL lies in the folder ``rtl`` beside the program.
    simulator
        Program to write, relative to ``folder``.

    Returns
    -------
    The circuit with program, interval (between the last two items) and latency (from the first
    input word of the first item to its last output word) in clock cycles.

    Raises
    ------
    FpgaError
        When the program cannot be built.
    CircuitError
        When it hangs or gives other integers.
    """
    program = (folder / simulator).resolve()
    try:
        build_simulator(program.parent / "rtl", program, (circuit.input, circuit.output))
    except SimulatorError as error:
        raise FpgaError(f"{model.name}: {error}") from error
    x, expected = model.golden()
    sizes = (circuit.input.item_bytes, circuit.output.item_bytes)
    try:
        running = Program(program, sizes)
        running.ask(pack(x, circuit.input), LIMIT_S)
        answer = running.answer(LIMIT_S)
        running.close()
    except (ProgramError, ProgramTimeoutError) as error:
        raise CircuitError(f"{model.name}: the simulated circuit failed: {error}") from error
    differing = int(np.sum(unpack(answer.data, circuit.output) != expected))
    if differing:
        raise CircuitError(
            f"{model.name}: {differing} of {expected.size} integers of the simulated circuit "
            "differ from the golden pair; nothing was built"
        )
    cycles = answer.cycles.astype(np.int64)
    ends = cycles[:, 1]
    return dataclasses.replace(
        circuit,
        simulator=simulator,
        interval_cycles=int(ends[-1] - ends[-2]) if len(ends) > 1 else None,
        latency_cycles=int(cycles[0, 1] - cycles[0, 0]),
    )
