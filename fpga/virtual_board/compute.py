"""What a network computes between its input and its output words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fpga.errors import FpgaError
from fpga.virtual_board.options import EMULATION, RTL
from host.accelerator.bundle import Circuit, Manifest
from host.accelerator.emulation import Emulation
from host.accelerator.packing import pack, unpack
from host.accelerator.program import Program
from host.accelerator.types import AcceleratorSettings
from model_zoo.package import (
    DESCRIPTION,
    GOLDEN_FORM,
    ReleasedModel,
    UnknownModelError,
    load_released,
)

_ITEM_LIMIT_S = 600.0


class Compute(Protocol):
    """Words in, words out."""

    def run(self, data: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """uint8[N, output.item_bytes] of uint8[N, input.item_bytes]."""

    def close(self) -> None:
        """Release what it holds."""


class EmulatedCircuit:
    """The golden form on this machine's processor.

    Parameters
    ----------
    circuit
        Whose streams tell how the words lie.
    model
        Whose files have been verified.
    """

    def __init__(self, circuit: Circuit, model: ReleasedModel) -> None:
        self._circuit = circuit
        self._dtype = np.dtype(model.input.dtype)
        self._emulation = Emulation(model, AcceleratorSettings(backend=EMULATION))

    def run(self, data: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """See :class:`Compute`."""
        x = unpack(data, self._circuit.input).astype(self._dtype)
        return pack(self._emulation.run(x), self._circuit.output)

    def close(self) -> None:
        """See :class:`Compute`."""
        self._emulation.close()


class SimulatedCircuit:
    """The generated circuit in simulation, from reset until it is closed.

    Parameters
    ----------
    circuit
        Whose streams tell the size of an item.
    path
        The program that ``python -m fpga build`` made.
    """

    def __init__(self, circuit: Circuit, path: Path) -> None:
        self._program = Program(path, (circuit.input.item_bytes, circuit.output.item_bytes))

    def run(self, data: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """See :class:`Compute`; ProgramError or ProgramTimeoutError when the simulation fails."""
        limit_s = _ITEM_LIMIT_S * len(data)
        self._program.ask(data, limit_s)
        return self._program.answer(limit_s).data

    def close(self) -> None:
        """See :class:`Compute`."""
        self._program.kill()


def open_compute(
    kind: str, manifest: Manifest, circuit: Circuit, models: list[Path]
) -> Callable[[], Compute]:
    """What makes the computation of one network, anew each time the circuit is loaded.

    Parameters
    ----------
    kind
        One of :data:`fpga.virtual_board.options.COMPUTES`.
    manifest, circuit
        The bundle and its network.
    models
        Folders of models that are not released, looked at first.

    Raises
    ------
    FpgaError
        When the model is not found or is another one, or the program was not built.
    PackageError
        When the model is damaged.
    """
    if kind == RTL:
        if circuit.simulator is None or not (manifest.folder / circuit.simulator).is_file():
            raise FpgaError(
                f"{manifest.bundle} holds no simulator of {circuit.model}; build it without "
                "--no-simulator, or use --compute emulation"
            )
        path = manifest.folder / circuit.simulator
        return lambda: SimulatedCircuit(circuit, path)
    # It keeps no state, so that one does for every loading.
    emulated = EmulatedCircuit(circuit, _model(circuit, models))
    return lambda: emulated


def _model(circuit: Circuit, folders: list[Path]) -> ReleasedModel:
    """The model whose integers the circuit gives, verified."""
    for folder in folders:
        if not (folder / DESCRIPTION).is_file():
            raise FpgaError(f"{folder} holds no {DESCRIPTION}")
    candidates = [load_released(folder) for folder in folders]
    for model in candidates:
        if model.files[GOLDEN_FORM] == circuit.golden_form_sha256:
            model.verify()
            return model
    try:
        model = load_released(circuit.model)
    except UnknownModelError as error:
        raise FpgaError(
            f"{circuit.model} {circuit.version} is not released; give its folder with --model"
        ) from error
    if model.files[GOLDEN_FORM] != circuit.golden_form_sha256:
        raise FpgaError(
            f"the bundle was made of {circuit.model} {circuit.version}, whose integers differ from "
            f"the released {model.version}; build it again or give the old model with --model"
        )
    model.verify()
    return model
