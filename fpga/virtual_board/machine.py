"""The board between two boots: files, memory, registers, and the circuit that is loaded."""

from __future__ import annotations

import hashlib
import itertools
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

from fpga.boards import load_board
from fpga.virtual_board.circuit import NetworkModel
from fpga.virtual_board.compute import Compute
from fpga.virtual_board.faults import FaultPlan
from fpga.virtual_board.hwh import Block, address_map
from fpga.virtual_board.memory import Memory
from fpga.virtual_board.processor import (
    FIRMWARE_FOLDER,
    FIRMWARE_NAME,
    STATE,
    ProcessorRegisters,
    boot_files,
)
from host.accelerator.bundle import Circuit, Manifest
from host.accelerator.program import ProgramError
from host.accelerator.pynq_bitstream import firmware


class RefusedError(Exception):
    """The board will not do that; the text reaches the client."""


@dataclass(frozen=True)
class Loadable:
    """A bitstream the board accepts: hash of its firmware, and where its blocks lie."""

    firmware_sha256: str
    blocks: dict[str, Block]


def loadable(manifest: Manifest) -> Loadable:
    """The bitstream that a manifest lists; the files have been verified."""
    if manifest.bitstream is None:
        raise RefusedError(f"{manifest.bundle} has no bitstream")
    data = firmware((manifest.folder / manifest.bitstream.bit).read_bytes())
    text = (manifest.folder / manifest.bitstream.hwh).read_text(encoding="utf-8")
    return Loadable(hashlib.sha256(data).hexdigest(), address_map(text))


class Journal:
    """Every call in order, one JSON object a line. Safe between threads.

    Parameters
    ----------
    path
        File to begin; None writes nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._file: TextIO | None = None if path is None else path.open("w", encoding="utf-8")
        self._lock = threading.Lock()
        self._began_s = time.monotonic()

    def __call__(self, call: str, **values: object) -> None:
        """Note a call and what it was about."""
        with self._lock:
            if self._file is None:
                return
            entry = {"time_s": round(time.monotonic() - self._began_s, 6), "call": call, **values}
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Note nothing more."""
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._file = None


class Target(Protocol):
    """Something with registers."""

    def read(self, offset: int, /) -> int:
        """Value of a register."""

    def write(self, offset: int, value: int, /) -> None:
        """Set a register."""


class Registers:
    """Registers of a block that keep what is written."""

    def __init__(self) -> None:
        self._values: dict[int, int] = {}

    def read(self, offset: int) -> int:
        """Value of a register; 0 where nothing was written."""
        return self._values.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        """Set a register."""
        self._values[offset] = value


class Machine:
    """A board from boot to power-off.

    Parameters
    ----------
    manifest
        The one bundle it accepts.
    accepted
        Its bitstream.
    computes
        Makes the computation of each network, by model name, at every loading.
    faults
        Shared with the server.
    real_time
        Whether runs last as long as the circuit's cycles.
    """

    def __init__(
        self,
        manifest: Manifest,
        accepted: Loadable,
        computes: dict[str, Callable[[], Compute]],
        faults: FaultPlan,
        real_time: bool,
    ) -> None:
        board = load_board(manifest.board)
        # Ids of an earlier boot must not be taken for new ones.
        boot = secrets.token_hex(4)
        self._count = itertools.count(1)
        self._boot = boot
        self._manifest, self._accepted = manifest, accepted
        self._computes, self._faults = computes, faults
        self._clock_mhz = manifest.clock_mhz if real_time else None
        self._processor = ProcessorRegisters(board)
        self._blocks: list[tuple[Block, Target]] = []
        self._networks: list[NetworkModel] = []
        self._windows: dict[str, tuple[int, int]] = {}
        self._lock = threading.RLock()
        self.memory = Memory(boot)
        self.files = boot_files(board)
        self.pins: dict[str, tuple[int, str]] = {}
        self.levels: dict[int, int] = {}

    def power_off(self) -> dict[str, bytes]:
        """End what still runs.

        Returns
        -------
        The firmware files, which outlive a restart on a board's own disk.
        """
        with self._lock:
            self._unload()
            return {k: v for k, v in self.files.items() if k.startswith(FIRMWARE_FOLDER)}

    def _unload(self) -> None:
        for network in self._networks:
            network.unload()
        self._networks, self._blocks = [], []

    def new_id(self, kind: str) -> str:
        """An id that was never given before, not even before a restart."""
        return f"{self._boot}-{kind}-{next(self._count)}"

    def write_file(self, path: str, data: bytes) -> None:
        """Store a file; writing a name to the fpga manager loads that firmware.

        Raises
        ------
        RefusedError
            When the firmware is not the one of the board's bundle or is not there.
        """
        with self._lock:
            if path == FIRMWARE_NAME:
                self._load(data.decode("utf-8", "replace").strip())
            elif path.startswith(FIRMWARE_FOLDER):
                self._demand_accepted(path, data)
            self.files[path] = data

    def _demand_accepted(self, path: str, data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        if digest != self._accepted.firmware_sha256:
            raise RefusedError(
                f"bitstream refused: the firmware of {Path(path).name} has the hash {digest[:12]}, "
                f"but the manifest of {self._manifest.bundle} lists "
                f"{self._accepted.firmware_sha256[:12]}; send the files of the bundle unchanged"
            )

    def _load(self, name: str) -> None:
        path = FIRMWARE_FOLDER + name
        if path not in self.files:
            raise RefusedError(f"bitstream refused: {path} is not on the board")
        self._unload()
        for circuit in self._manifest.networks:
            self._networks.append(self._network(circuit))
        taken = {block.instance for block, _ in self._blocks}
        others = [b for n, b in self._accepted.blocks.items() if n not in taken]
        self._blocks += [(block, Registers()) for block in others]
        self.files[STATE] = b"operating\n"

    def _network(self, circuit: Circuit) -> NetworkModel:
        try:
            compute = self._computes[circuit.model]()
        except ProgramError as error:
            raise RefusedError(f"the simulator of {circuit.model}: {error.detail}") from error
        network = NetworkModel(circuit, compute, self.memory, self._faults, self._clock_mhz)
        for dma in (network.input, network.output):
            if dma.name not in self._accepted.blocks:
                raise RefusedError(f"the hardware description has no {dma.name}")
            self._blocks.append((self._accepted.blocks[dma.name], dma))
        return network

    def open_window(self, base: int, length: int) -> str:
        """Id of a range of registers."""
        with self._lock:
            name = self.new_id("registers")
            self._windows[name] = (base, length)
            return name

    def read(self, window: str, offset: int) -> tuple[int, int]:
        """Address and value of a register in an open range.

        Raises KeyError for an unknown id and :class:`RefusedError` where nothing answers.
        """
        address = self._address(window, offset)
        target, at = self._target(address)
        return address, target.read(at) & 0xFFFFFFFF

    def write(self, window: str, offset: int, value: int) -> int:
        """Set a register in an open range and return its address; raises as :meth:`read`."""
        address = self._address(window, offset)
        target, at = self._target(address)
        target.write(at, value)
        return address

    def _address(self, window: str, offset: int) -> int:
        base, length = self._windows[window]
        if not 0 <= offset <= length - 4 or offset % 4:
            raise RefusedError(f"offset {offset:#x} in a range of {length} bytes")
        return base + offset

    def _target(self, address: int) -> tuple[Target, int]:
        if self._processor.holds(address):
            return self._processor, address
        with self._lock:
            for block, target in self._blocks:
                if 0 <= address - block.base < block.size:
                    return target, address - block.base
            why = "nothing lies there" if self._blocks else "no circuit is loaded"
        # A real bus would hang the whole board.
        raise RefusedError(f"no register answers at {address:#x}: {why}")
