"""One loading of a bundle through pynq: device, checks, bitstream, registers and buffers.

All but ``close`` runs in the board's own thread (:mod:`host.accelerator.deadline`).
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import warnings
from pathlib import Path
from typing import Any

from host.accelerator.bundle import Manifest
from host.accelerator.find import local_board
from host.accelerator.pynq_bitstream import description_addresses, firmware, stage
from host.accelerator.pynq_lane import Engine
from host.codes import BoardReason, Code, ErrorCode
from host.errors import MachineError, Reason

PACKAGE = "pynq"
VIRTUAL_MARK = "/etc/footfall-virtual-board"
"""A file that only the virtual board has: nothing else is sent a synthetic bitstream."""
FPGA_MANAGER = Path("/sys/class/fpga_manager/fpga0/firmware")
"""By this pynq itself knows that it runs on a board."""
_REMOTES = "PYNQ_REMOTE_DEVICES"
UNKNOWN = "unknown"
"""What pynq calls a remote board that does not tell its name."""
_FIRMWARE = "/lib/firmware"
_NAMES = 9
_CLOCKS = "_real_instance"


def remote_address(configured: str) -> str:
    """Address of the remote board: the configured one, or the first that the environment names."""
    return configured or os.environ.get(_REMOTES, "").split(",")[0].strip()


def is_configured(configured: str) -> bool:
    """Whether this machine has a board, or the address of one, and the package to use it."""
    present = bool(remote_address(configured)) or FPGA_MANAGER.exists()
    return present and importlib.util.find_spec(PACKAGE) is not None


def forget_half_written(state: Any) -> None:
    """Delete pynq's note of what is loaded where it cannot be read.

    pynq 3.1 and 4.0 write it in place: a process that is killed meanwhile, or a power cut, leaves
    it empty, and no overlay can be loaded from then on. ``state`` is pynq's module of that name:
    ``pynq.pl_server.global_state``.
    """
    if state.global_state_file_exists():
        try:
            state.load_global_state()
        except ValueError:  # no JSON, or not what pynq wrote
            state.clear_global_state()


class Loading:
    """A bundle on a board, from one loading to the next.

    A class of its own, because a thread that hung in a loading may wake up much later: it then
    finds only what was its own.

    Parameters
    ----------
    manifest
        What is loaded.
    remote
        Address, or "" for this machine's own board.
    """

    def __init__(self, manifest: Manifest, remote: str) -> None:
        self._manifest = manifest
        self._remote = remote
        self._closed = False
        self._device: Any = None
        self._overlay: Any = None
        self._name = UNKNOWN
        self.description = ""

    def load(self, folder: Path) -> None:
        """Connect, check, and load the bitstream by way of ``folder``.

        Raises
        ------
        MachineError
            When the bundle is damaged or made for another board; further exceptions are pynq's.
        """
        device = self._device = self._connect()
        if self._closed:
            self.close()
            return
        # On a board itself pynq's device bears the name of a driver, not the board's.
        self._name = str(device.name) if self._remote else local_board() or UNKNOWN
        self._demand_fit(device)
        bit = stage(self._manifest, folder)
        if hasattr(device, "read_file"):
            bit = not_another(device, bit)
        pynq = importlib.import_module(PACKAGE)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            forget_half_written(pynq.pl_server.global_state)
            self._overlay = pynq.Overlay(str(bit), device=device)
        expected = description_addresses(bit.with_suffix(".hwh"))
        for circuit in self._manifest.networks:
            for dma in (circuit.input.dma, circuit.output.dma):
                known = self._overlay.ip_dict.get(dma, {}).get("phys_addr")
                if known is None or known != expected.get(dma):
                    raise self._refused(BoardReason.OTHER_DESCRIPTION, dma=dma)
        self.description = f"{self._name} with {bit.stem}, pynq {pynq.__version__}"

    def engine(self, dma: str) -> Engine:
        """Registers of one DMA engine."""
        pynq = importlib.import_module(PACKAGE)
        block = self._overlay.ip_dict[dma]
        registers = pynq.MMIO(block["phys_addr"], block["addr_range"], device=self._device)
        return Engine(dma, registers)

    def allocate(self, size: int) -> Any:
        """A pynq buffer of so many bytes."""
        return importlib.import_module(PACKAGE).allocate((size,), "u1", target=self._device)

    def close(self) -> None:
        """Close the connection, from any thread.

        That also ends the call that hangs, and what pynq's buffers would still send when they are
        deleted.
        """
        self._closed = True
        channel = getattr(getattr(self._device, "client", None), "channel", None)
        if channel is not None:
            channel.close()

    def _connect(self) -> Any:
        """pynq's device, new for a remote board: its connection is ours to close."""
        if importlib.util.find_spec(PACKAGE) is None:
            reason = Reason(BoardReason.NO_PACKAGE)
            raise MachineError(ErrorCode.BACKEND_UNAVAILABLE, name=PACKAGE, reason=reason)
        if self._remote:
            # pynq looks for it when it is imported first.
            os.environ.setdefault(_REMOTES, self._remote)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on a PC it warns about the processor
            pynq = importlib.import_module(PACKAGE)
            if not self._remote:
                return pynq.Device.active_device
            module = importlib.import_module("pynq.pl_server.remote_device")
            address, _, port = self._remote.partition(":")
            device = module.RemoteDevice(0, address, **({"port": int(port)} if port else {}))
        pynq.Device.active_device = device
        # pynq keeps the clock registers of the first device for ever: a closed connection, or ids
        # that a restarted server has forgotten.
        if hasattr(pynq.Clocks, _CLOCKS):
            delattr(pynq.Clocks, _CLOCKS)
        return device

    def _demand_fit(self, device: Any) -> None:
        """Refuse a bundle for another board, and the virtual board's bitstream on a real one."""
        if self._name.lower() not in (UNKNOWN, self._manifest.board):
            raise self._refused(BoardReason.OTHER_BOARD, built_for=self._manifest.board)
        bitstream = self._manifest.bitstream
        if bitstream is not None and bitstream.synthetic and not _is_virtual(device):
            raise self._refused(BoardReason.SYNTHETIC)

    def _refused(self, code: Code, **values: object) -> MachineError:
        return MachineError(
            ErrorCode.BITSTREAM_REFUSED,
            name=self._manifest.bundle,
            board=self._name,
            reason=Reason(code, **values),
        )


def _is_virtual(device: Any) -> bool:
    return hasattr(device, "exists_file") and bool(device.exists_file(VIRTUAL_MARK).exists)


def not_another(device: Any, bit: Path) -> Path:
    """The bitstream, renamed where the board has something else of that name.

    pynq never sends a name again that the board has, so the rest of a broken transfer would stay.

    Raises
    ------
    OSError
        When all names are taken.
    """
    sent = firmware(bit.read_bytes())
    for number in range(1, _NAMES + 1):
        name = bit.stem if number == 1 else f"{bit.stem}-{number}"
        stored = f"{_FIRMWARE}/{name}.bin"
        if not device.exists_file(stored).exists or device.read_file(stored) == sent:
            for path in (bit, bit.with_suffix(".hwh")):
                path.rename(path.with_name(name + path.suffix))
            return bit.with_name(name + bit.suffix)
    raise OSError(f"{_FIRMWARE}/{bit.stem}-*.bin")
