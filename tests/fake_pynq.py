"""A stand-in for the package pynq: a board inside the process, with faults on purpose.

It has what :mod:`host.accelerator.pynq_board` uses, and two of pynq's own traps: descriptions are
kept by the hash of the ``.bit`` alone, and the contents of buffers are moved only on demand.
"""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np

from host.accelerator.bundle import Circuit
from host.accelerator.emulation import Emulation
from host.accelerator.packing import pack, unpack
from host.accelerator.pynq_bitstream import description_addresses
from host.accelerator.types import AcceleratorSettings
from model_zoo.package import ReleasedModel
from tests.bundles import streams

START, DONE, IDLE = 1, 2, 4
DEADLINE_S = 0.5  # of the tests that open this board
Compute = Callable[[np.ndarray], np.ndarray]
"""uint8[N, input bytes] to uint8[N, output bytes]."""


def computing(model: ReleasedModel) -> Compute:
    """What the circuit of ``model`` does with the words of its input."""
    emulation = Emulation(model, AcceleratorSettings("emulation"))
    source, sink = streams(model, 0)

    def compute(data: np.ndarray) -> np.ndarray:
        x = unpack(data, source).astype(model.input.dtype)
        return pack(emulation.run(x), sink)

    return compute


class Buffer(np.ndarray):
    """Memory of the processor with a copy on the board."""

    device_address: int
    board: "FakeBoard"

    def sync_to_device(self) -> None:
        self.board.count("sync_to_device")
        self.board.memory[self.device_address][:] = self.view(np.ndarray)

    def sync_from_device(self) -> None:
        self.board.count("sync_from_device")
        self.view(np.ndarray)[:] = self.board.memory[self.device_address]

    def freebuffer(self) -> None:
        self.board.memory.pop(self.device_address)


@dataclass
class Fault:
    """What goes wrong from the ``at``-th start on, until the bundle is loaded ``heals`` times.

    ``kind``: "hang" (never done), "error" (bits that do not exist), "raise" (pynq raises), "block"
    (a call that never returns), "slow" (done only after 30 looks).
    """

    kind: str
    at: int = 0
    heals: int = 1


@dataclass
class FakeBoard:
    """Registers, memory and loaded bundle of one board.

    Attributes
    ----------
    circuits
        Of the bundle, with what each computes.
    """

    circuits: list[tuple[Circuit, Compute]]
    name: str = "edge"  # what the driver of a real board calls itself
    fault: Fault | None = None
    memory: dict[int, np.ndarray] = field(default_factory=dict)
    loads: list[str] = field(default_factory=list)
    refuse_loading: bool = False
    calls: dict[str, int] = field(default_factory=dict)
    engines: dict[str, "Registers"] = field(default_factory=dict)
    starts: int = 0
    release: threading.Event = field(default_factory=threading.Event)
    descriptions: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)

    def count(self, what: str) -> None:
        self.calls[what] = self.calls.get(what, 0) + 1

    def faulty(self, kind: str) -> bool:
        fault = self.fault
        return (
            fault is not None
            and fault.kind == kind
            and self.starts > fault.at
            and len(self.loads) <= fault.heals
        )

    def module(self) -> ModuleType:
        """What ``import pynq`` gives."""
        pynq = ModuleType("pynq")
        pynq.__version__ = "3.1.2-fake"
        pynq.__spec__ = SimpleNamespace()
        device = SimpleNamespace(name=self.name)
        pynq.Device = SimpleNamespace(active_device=device)
        pynq.Overlay = self.overlay
        nothing_loaded = SimpleNamespace(global_state_file_exists=lambda: False)
        pynq.pl_server = SimpleNamespace(global_state=nothing_loaded)
        pynq.MMIO = self.mmio
        pynq.allocate = self.allocate
        return pynq

    def overlay(self, bitfile_name: str, **_: object) -> SimpleNamespace:
        if self.refuse_loading:
            raise RuntimeError("the configuration port does not answer")
        path = Path(bitfile_name)
        key = hashlib.sha1(path.read_bytes()).hexdigest()
        if key not in self.descriptions:
            addresses = description_addresses(path.with_suffix(".hwh"))
            self.descriptions[key] = {
                name: {"phys_addr": address, "addr_range": 0x10000}
                for name, address in addresses.items()
            }
        self.loads.append(path.name)
        self.engines = {}
        return SimpleNamespace(ip_dict=self.descriptions[key])

    def mmio(self, base: int, *_: object, **__: object) -> "Registers":
        blocks = self.descriptions[list(self.descriptions)[-1]]
        name = next(n for n, block in blocks.items() if block["phys_addr"] == base)
        return self.engines.setdefault(name, Registers(self, name))

    def allocate(self, shape: tuple[int], dtype: str, **_: object) -> Buffer:
        buffer = np.zeros(shape, dtype).view(Buffer)
        buffer.board = self
        buffer.device_address = 0x16000000 + 0x100000 * self.calls.get("allocate", 0)
        self.count("allocate")
        self.memory[buffer.device_address] = np.full(shape, 0xAA, np.uint8)
        return buffer

    def work(self) -> None:
        """Compute where both engines of a network were started."""
        for circuit, compute in self.circuits:
            source, sink = (self.engines.get(d.dma) for d in (circuit.input, circuit.output))
            if source is None or sink is None or not (source.busy and sink.busy):
                continue
            assert source.words[0x1C] == sink.words[0x1C], "repetitions differ"
            self.starts += 1
            if self.faulty("hang") or self.faulty("error"):
                continue
            n = source.words[0x1C]
            x = self.memory[source.words[0x10]].reshape(n, circuit.input.item_bytes)
            self.memory[sink.words[0x10]][:] = compute(x).reshape(-1)
            source.busy = False
            sink.looks_until_done = 30 if self.faulty("slow") else 2


class Registers:
    """One DMA engine.

    Attributes
    ----------
    busy
        From start until it is done.
    looks_until_done
        None while the data are not there.
    """

    def __init__(self, board: FakeBoard, name: str) -> None:
        self.board, self.name = board, name
        self.words: dict[int, int] = {}
        self.busy = False
        self.looks_until_done: int | None = None

    def read(self, offset: int) -> int:
        self.board.count("read")
        if self.board.faulty("block"):
            self.board.release.wait(60)
        if self.board.faulty("raise"):
            raise ConnectionError("connection reset by the board")
        if self.board.faulty("error"):
            return -2  # as pynq 3.1.2 gives 0xFFFFFFFE
        assert offset == 0
        if not self.busy:
            return IDLE
        if self.looks_until_done is None:
            return START
        self.looks_until_done -= 1
        if self.looks_until_done >= 0:
            return START
        self.busy, self.looks_until_done = False, None
        return DONE | IDLE

    def write(self, offset: int, value: int) -> None:
        self.board.count("write")
        assert 0 <= value < 1 << 32
        self.words[offset] = value
        if offset == 0 and value & START:
            assert not self.busy, "started while it works"
            self.busy = True
            self.board.work()
