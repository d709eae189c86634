"""A board with a bundle loaded, reached through pynq: here, over a network, or the virtual one."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import tempfile
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from host.accelerator.bundle import Manifest
from host.accelerator.deadline import AbandonedError, Caller, CallTimeoutError
from host.accelerator.find import local_board
from host.accelerator.pynq_bitstream import description_addresses, firmware, stage
from host.accelerator.pynq_lane import Engine, Lane
from host.accelerator.types import LostError
from host.codes import BoardReason, Code, ErrorCode
from host.errors import FootfallError, MachineError, Reason

_T = TypeVar("_T")
PACKAGE = "pynq"
_REMOTES = "PYNQ_REMOTE_DEVICES"
_FIRMWARE = "/lib/firmware"
VIRTUAL_MARK = "/etc/footfall-virtual-board"
"""A file that only the virtual board has: nothing else is sent a synthetic bitstream."""
_NAMES = 9
_CLOCKS = "_real_instance"
_GRACE_S = 1.0
"""Beyond the limit of one step, which ends by itself unless pynq hangs."""


def remote_address(configured: str) -> str:
    """Address of the remote board: the configured one, or the first that the environment names."""
    return configured or os.environ.get(_REMOTES, "").split(",")[0].strip()


def is_configured(configured: str) -> bool:
    """Whether this machine has a board, or the address of one, and the package to use it."""
    present = bool(remote_address(configured)) or local_board() is not None
    return present and importlib.util.find_spec(PACKAGE) is not None


class Board:
    """One bundle on one board; all networks of the bundle share it.

    Parameters
    ----------
    manifest
        What is loaded.
    remote
        Address, or "" for this machine's own board.
    limit_s
        Longest time of one call.

    Raises
    ------
    MachineError
        When there is no board, the bundle is damaged or made for another one, or loading fails.

    Attributes
    ----------
    generation
        Counts how often the bundle was loaded: lanes of an earlier generation are gone.
    """

    def __init__(self, manifest: Manifest, remote: str, limit_s: float) -> None:
        self.manifest = manifest
        self.generation = 0
        self.users = 0
        self._remote = remote
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._staged = tempfile.TemporaryDirectory(prefix="footfall-", ignore_cleanup_errors=True)
        try:
            self._load()
        except MachineError:
            self._staged.cleanup()
            raise

    @property
    def description(self) -> str:
        """The board's own name and the versions behind it."""
        pynq = importlib.import_module(PACKAGE)
        where = f" at {self._remote}" if self._remote else ""
        return (
            f"{self._device.name}{where} with {self.manifest.folder.name}, pynq {pynq.__version__}"
        )

    @property
    def lost(self) -> bool:
        """Whether it takes no calls until :meth:`reload`."""
        return self._caller.abandoned

    def submit(self, call: Callable[[], _T]) -> Future[_T]:
        """Make a call in the board's thread; raises :class:`LostError` when the board is lost."""
        try:
            return self._caller.submit(call)
        except AbandonedError as error:
            raise _lost(error) from error

    def result(self, future: Future[_T], model: str) -> _T:
        """Wait for a call.

        Raises
        ------
        LostError
            When it failed or took too long; no call is made any more until :meth:`reload`.
        """
        try:
            return self._caller.result(future, self._limit_s + _GRACE_S)
        except CallTimeoutError as error:
            self._abandon()
            raise LostError(
                ErrorCode.ACCELERATOR_TIMEOUT, name=model, limit=self._limit_s
            ) from error
        except LostError:
            self._abandon()
            raise
        except Exception as error:  # whatever pynq and gRPC raise
            self._abandon()
            raise _lost(error) from error

    def lane(self, model: str) -> Lane:
        """A new lane for one network; raises as :meth:`result`."""
        lane = self.result(self.submit(partial(self._make_lane, model)), model)
        self._lanes.append(lane)
        return lane

    def reload(self) -> None:
        """Load the bundle again, if it is lost and nobody did so already.

        Raises
        ------
        MachineError
            When the board does not come back.
        """
        with self._lock:
            if self.lost:
                self._load()

    def close(self) -> None:
        """Give back buffers and connection."""
        if not self.lost:
            freed = self._caller.submit(self._free)
            with contextlib.suppress(LostError):  # the connection is closed next in any case
                self.result(freed, self.manifest.bundle)
        self._abandon()
        self._staged.cleanup()

    def _load(self) -> None:
        self._caller = Caller(f"pynq-{self.manifest.bundle}")
        self._lanes: list[Lane] = []
        self._channel: Any = None
        future = self._caller.submit(self._connect_and_download)
        try:
            self._caller.result(future, self._limit_s + _GRACE_S)
        except FootfallError:
            self._abandon()
            raise
        except CallTimeoutError as error:
            self._abandon()
            raise _unreachable(Reason(BoardReason.NO_ANSWER, limit=self._limit_s)) from error
        except Exception as error:  # pynq's, gRPC's, the operating system's
            self._abandon()
            raise _unreachable(Reason(BoardReason.NO_DEVICE, detail=_short(error))) from error
        self.generation += 1

    def _connect_and_download(self) -> None:
        self._device = device = _device(self._remote)
        self._channel = getattr(getattr(device, "client", None), "channel", None)
        self._demand_fit(device)
        bit = stage(self.manifest, Path(self._staged.name))
        if hasattr(device, "read_file"):
            bit = _not_another(device, bit)
        pynq = importlib.import_module(PACKAGE)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._overlay = pynq.Overlay(str(bit), device=device)
        expected = description_addresses(bit.with_suffix(".hwh"))
        for circuit in self.manifest.networks:
            for dma in (circuit.input.dma, circuit.output.dma):
                known = self._overlay.ip_dict.get(dma, {}).get("phys_addr")
                if known is None or known != expected.get(dma):
                    raise self._refused(BoardReason.OTHER_DESCRIPTION, dma=dma)

    def _demand_fit(self, device: Any) -> None:
        """Refuse a bundle for another board, and the virtual board's bitstream on a real one."""
        name = str(device.name).lower()
        if name not in ("unknown", self.manifest.board):
            raise self._refused(BoardReason.OTHER_BOARD, built_for=self.manifest.board)
        bitstream = self.manifest.bitstream
        if bitstream is not None and bitstream.synthetic and not _is_virtual(device):
            raise self._refused(BoardReason.SYNTHETIC)

    def _refused(self, code: Code, **values: object) -> MachineError:
        return MachineError(
            ErrorCode.BITSTREAM_REFUSED,
            name=self.manifest.bundle,
            board=self._device.name,
            reason=Reason(code, **values),
        )

    def _make_lane(self, model: str) -> Lane:
        circuit = self.manifest.circuit(model)
        source, sink = self._engine(circuit.input.dma), self._engine(circuit.output.dma)
        return Lane(circuit, source, sink, self._allocate, self._limit_s)

    def _engine(self, dma: str) -> Engine:
        pynq = importlib.import_module(PACKAGE)
        block = self._overlay.ip_dict[dma]
        registers = pynq.MMIO(block["phys_addr"], block["addr_range"], device=self._device)
        return Engine(dma, registers)

    def _allocate(self, size: int) -> Any:
        return importlib.import_module(PACKAGE).allocate((size,), "u1", target=self._device)

    def _free(self) -> None:
        for lane in self._lanes:
            lane.free()

    def _abandon(self) -> None:
        """Make no further call.

        A closed connection also ends the call that hangs, and what pynq's buffers would still send
        when they are deleted.
        """
        self._caller.abandon()
        if self._channel is not None:
            self._channel.close()


def _device(remote: str) -> Any:
    """pynq's device, new for a remote board: its connection is ours to close."""
    if importlib.util.find_spec(PACKAGE) is None:
        reason = Reason(BoardReason.NO_PACKAGE)
        raise MachineError(ErrorCode.BACKEND_UNAVAILABLE, name=PACKAGE, reason=reason)
    if remote:
        os.environ.setdefault(_REMOTES, remote)  # pynq looks for it when it is imported first
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on a PC it warns about the processor
        pynq = importlib.import_module(PACKAGE)
        if not remote:
            return pynq.Device.active_device
        module = importlib.import_module("pynq.pl_server.remote_device")
        address, _, port = remote.partition(":")
        device = module.RemoteDevice(0, address, **({"port": int(port)} if port else {}))
    pynq.Device.active_device = device
    # pynq keeps the clock registers of the first device for ever: a closed connection, or ids that
    # a restarted server has forgotten.
    if hasattr(pynq.Clocks, _CLOCKS):
        delattr(pynq.Clocks, _CLOCKS)
    return device


def _is_virtual(device: Any) -> bool:
    return hasattr(device, "exists_file") and bool(device.exists_file(VIRTUAL_MARK).exists)


def _not_another(device: Any, bit: Path) -> Path:
    """The bitstream under a name that the board does not have for anything else.

    pynq never sends a name again that the board has, so the rest of a broken transfer would stay.
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


def _lost(error: Exception) -> LostError:
    return LostError(ErrorCode.ACCELERATOR_CONNECTION, reason=_short(error))


def _unreachable(reason: Reason) -> MachineError:
    return MachineError(ErrorCode.BOARD_UNREACHABLE, reason=reason)


def _short(error: Exception) -> str:
    """One line: gRPC's errors print ten."""
    details = getattr(error, "details", None)
    text = details() if callable(details) else str(error)
    return (str(text) or type(error).__name__).splitlines()[0]
