"""Engines and the flow between them: the order of events, and what a program may get wrong."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from fpga.virtual_board.circuit import NetworkModel
from fpga.virtual_board.dma import Dma, DmaError
from fpga.virtual_board.faults import FaultPlan, parse_fault
from fpga.virtual_board.memory import Memory
from host.accelerator.bundle import Circuit, Stream

DONE, IDLE, ERROR = 2, 4, 16
LIMIT_S = 10.0
CIRCUIT = Circuit(
    model="twice",
    version="1",
    golden_form_sha256="0" * 64,
    top="twice",
    input=Stream("idma0", (4,), (2, 2), 8, signed=False, word_bits=16),
    output=Stream("odma0", (2,), (1, 2), 16, signed=True, word_bits=32),
)


class Sums:
    """Sums of neighbours; waits while it is held."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()
        self.closed = False
        self.broken = False

    def run(self, data: np.ndarray) -> np.ndarray:
        if self.broken:
            raise RuntimeError("no such circuit")
        assert self.go.wait(LIMIT_S)
        return data.reshape(-1, 2, 2).astype("<i2").sum(-1).astype("<i2").view(np.uint8)

    def close(self) -> None:
        self.closed = True


class Bench:
    """A network with a program's view of it."""

    def __init__(self, circuit: Circuit = CIRCUIT, clock_mhz: float | None = None) -> None:
        self.memory, self.compute = Memory("m"), Sums()
        self.faults = FaultPlan([])
        self.network = NetworkModel(circuit, self.compute, self.memory, self.faults, clock_mhz)
        self.source = self.memory.buffer(self.memory.allocate(400))
        self.sink = self.memory.buffer(self.memory.allocate(400))

    def put(self, *items: int) -> None:
        """Items whose four values are the same."""
        data = np.repeat(np.array(items, np.uint8), 4).tobytes()
        self.source.data[: len(data)] = data

    def start(self, dma: Dma, items: int) -> None:
        buffer = self.source if dma is self.network.input else self.sink
        dma.write(0x10, buffer.address & 0xFFFFFFFF)
        dma.write(0x14, buffer.address >> 32)
        dma.write(0x1C, items)
        dma.write(0x00, 1)

    def wait(self, dma: Dma) -> None:
        until_s = time.monotonic() + LIMIT_S
        while not dma.read(0) & DONE:
            assert time.monotonic() < until_s
            time.sleep(0.002)

    def never(self, dma: Dma) -> bool:
        """Not done for a while."""
        time.sleep(0.2)
        return not dma.read(0) & DONE

    def results(self, n: int) -> list[int]:
        values = np.frombuffer(self.sink.data[: n * 4], "<i2").reshape(n, 2)
        assert (values[:, 0] == values[:, 1]).all()
        return [int(v) for v in values[:, 0]]


@pytest.fixture
def bench() -> Iterator[Bench]:
    one = Bench()
    yield one
    one.network.unload()


def test_done_comes_after_both_have_started_and_the_data_are_there(bench: Bench) -> None:
    source, sink = bench.network.input, bench.network.output
    assert sink.read(0) == IDLE
    bench.put(100)
    bench.compute.go.clear()
    bench.start(sink, 1)
    assert sink.read(0) & (IDLE | DONE) == 0
    assert bench.never(sink)
    bench.start(source, 1)
    assert bench.never(sink)
    assert bench.results(1) == [0]  # nothing was written while it computes
    bench.compute.go.set()
    bench.wait(sink)
    assert bench.results(1) == [200]
    assert sink.read(0) == IDLE  # done is cleared by reading


def test_the_input_may_start_first(bench: Bench) -> None:
    bench.put(1, 2)
    bench.start(bench.network.input, 2)
    bench.wait(bench.network.input)  # two results fit inside
    bench.start(bench.network.output, 2)
    bench.wait(bench.network.output)
    assert bench.results(2) == [2, 4]


def test_the_input_waits_when_nobody_takes_the_results(bench: Bench) -> None:
    bench.put(1, 2, 3, 4)
    bench.start(bench.network.input, 4)
    assert bench.never(bench.network.input)
    bench.start(bench.network.output, 4)
    bench.wait(bench.network.input)
    bench.wait(bench.network.output)
    assert bench.results(4) == [2, 4, 6, 8]


def test_what_is_left_inside_comes_out_next(bench: Bench) -> None:
    """The trap of unequal counts: the next frame is answered with this one's integers."""
    bench.put(1, 2)
    bench.start(bench.network.output, 1)
    bench.start(bench.network.input, 2)
    bench.wait(bench.network.output)
    bench.wait(bench.network.input)
    bench.put(9)
    bench.start(bench.network.output, 1)
    bench.start(bench.network.input, 1)
    bench.wait(bench.network.output)
    assert bench.results(1) == [4]


def test_an_output_may_take_several_inputs(bench: Bench) -> None:
    bench.start(bench.network.output, 3)
    for value in (5, 6, 7):
        bench.put(value)
        assert bench.never(bench.network.output)
        bench.start(bench.network.input, 1)
        bench.wait(bench.network.input)
    bench.wait(bench.network.output)
    assert bench.results(3) == [10, 12, 14]


def test_starts_that_no_sound_program_makes_are_refused(bench: Bench) -> None:
    sink = bench.network.output
    with pytest.raises(DmaError, match="odma0 is started for 0 items"):
        bench.start(sink, 0)
    with pytest.raises(DmaError, match=r"404 bytes at 0x[0-9a-f]+ lie outside of every buffer"):
        bench.start(sink, 101)
    assert sink.read(0) == IDLE
    bench.start(sink, 1)
    with pytest.raises(DmaError, match="odma0 is started while it works"):
        sink.write(0, 1)


def test_a_buffer_freed_under_the_engine_is_an_error(bench: Bench) -> None:
    name = bench.memory.allocate(8)
    sink = bench.network.output
    sink.write(0x10, bench.memory.buffer(name).address)
    sink.write(0x1C, 1)
    sink.write(0, 1)
    bench.memory.free(name)
    bench.start(bench.network.input, 1)
    assert bench.never(sink)
    assert sink.read(0) & (ERROR | DONE | IDLE) == ERROR


def test_a_computation_that_fails_is_an_error(bench: Bench) -> None:
    bench.compute.broken = True
    bench.start(bench.network.output, 1)
    bench.start(bench.network.input, 1)
    assert bench.never(bench.network.output)
    assert bench.network.output.read(0) & ERROR


def test_unloading_ends_everything_without_a_trace(bench: Bench) -> None:
    bench.put(1)
    bench.compute.go.clear()
    bench.start(bench.network.output, 1)
    bench.start(bench.network.input, 1)
    bench.network.unload()
    bench.compute.go.set()
    assert bench.never(bench.network.output)
    assert bench.compute.closed
    assert bench.results(1) == [0]


def test_faults_strike_the_run_they_were_told(bench: Bench) -> None:
    bench.faults.add(parse_fault("wrong-integers:after=1"))
    bench.faults.add(parse_fault("never-done:after=2"))
    found = []
    for value in (1, 2):
        bench.put(value)
        bench.start(bench.network.output, 1)
        bench.start(bench.network.input, 1)
        bench.wait(bench.network.output)
        found.append(bytes(bench.sink.data[:4]))
    right = [np.full(2, 2 * v, "<i2").tobytes() for v in (1, 2)]
    assert found[0] == right[0]
    assert sum(a != b for a, b in zip(found[1], right[1], strict=True)) == 1
    bench.start(bench.network.output, 1)
    bench.start(bench.network.input, 1)
    assert bench.never(bench.network.output)
    assert not bench.network.output.read(0) & ERROR


def test_in_real_time_a_run_lasts_as_long_as_its_cycles() -> None:
    slow = replace(CIRCUIT, latency_cycles=30_000, interval_cycles=10_000)
    bench = Bench(slow, clock_mhz=0.1)
    try:
        for items, least_s in ((1, 0.3), (3, 0.5)):
            began_s = time.monotonic()
            bench.start(bench.network.output, items)
            bench.start(bench.network.input, items)
            bench.wait(bench.network.output)
            assert time.monotonic() - began_s >= least_s
    finally:
        bench.network.unload()
