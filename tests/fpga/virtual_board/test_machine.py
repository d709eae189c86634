"""The board between two boots: what it loads, what it refuses, which registers answer."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fpga.virtual_board.compute import open_compute
from fpga.virtual_board.faults import FaultPlan
from fpga.virtual_board.machine import Journal, Machine, RefusedError, loadable
from fpga.virtual_board.options import EMULATION
from fpga.virtual_board.pair import ensure_pair
from fpga.virtual_board.processor import FIRMWARE_NAME, STATE, VIRTUAL_MARK
from host.accelerator.bundle import Manifest
from host.accelerator.pynq_bitstream import firmware
from model_zoo.package import ReleasedModel
from tests.bundles import write_bundle

IDLE = 4
PATH = "/lib/firmware/x.bin"


def boot(manifest: Manifest, model: ReleasedModel) -> Machine:
    computes = {
        c.model: open_compute(EMULATION, manifest, c, [model.folder]) for c in manifest.networks
    }
    return Machine(manifest, loadable(manifest), computes, FaultPlan([]), real_time=False)


def configuration(manifest: Manifest) -> bytes:
    assert manifest.bitstream is not None
    return firmware((manifest.folder / manifest.bitstream.bit).read_bytes())


@pytest.fixture
def manifest(bundle: Manifest) -> Manifest:
    return ensure_pair(bundle.folder, gpio=True)


@pytest.fixture
def machine(manifest: Manifest, tiny: ReleasedModel) -> Iterator[Machine]:
    one = boot(manifest, tiny)
    yield one
    one.power_off()


def test_registers_answer_when_a_circuit_is_loaded(machine: Machine, manifest: Manifest) -> None:
    window = machine.open_window(0x40010000, 0x10000)
    with pytest.raises(RefusedError, match="0x40010000: no circuit is loaded"):
        machine.read(window, 0)
    machine.write_file(PATH, configuration(manifest))
    machine.write_file(FIRMWARE_NAME, b"x.bin")
    assert machine.read(window, 0) == (0x40010000, IDLE)
    assert machine.files[STATE] == b"operating\n"
    with pytest.raises(RefusedError, match="0x41000000: nothing lies there"):
        machine.read(machine.open_window(0x41000000, 4), 0)


def test_only_the_bundles_own_firmware_is_taken(machine: Machine, manifest: Manifest) -> None:
    good = configuration(manifest)
    for wrong in (good[:-4], bytes([good[0] ^ 1]) + good[1:], b"", good + bytes(4)):
        with pytest.raises(RefusedError, match=r"bitstream refused: the firmware of x\.bin has"):
            machine.write_file(PATH, wrong)
        assert PATH not in machine.files
    with pytest.raises(RefusedError, match=r"/lib/firmware/x\.bin is not on the board"):
        machine.write_file(FIRMWARE_NAME, b"x.bin")


def test_a_loading_begins_from_reset(machine: Machine, manifest: Manifest) -> None:
    machine.write_file(PATH, configuration(manifest))
    machine.write_file(FIRMWARE_NAME, b"x.bin")
    sink = machine.open_window(0x40010000, 0x10000)
    name = machine.memory.allocate(1 << 20)
    machine.write(sink, 0x10, machine.memory.buffer(name).address)
    machine.write(sink, 0x1C, 1)
    machine.write(sink, 0, 1)
    assert machine.read(sink, 0)[1] & IDLE == 0
    machine.write_file(FIRMWARE_NAME, b"x.bin")
    assert machine.read(sink, 0)[1] == IDLE
    assert machine.read(sink, 0x1C)[1] == 0


def test_ids_from_before_a_restart_are_not_known(
    machine: Machine, manifest: Manifest, tiny: ReleasedModel
) -> None:
    again = boot(manifest, tiny)
    with pytest.raises(KeyError):
        again.read(machine.open_window(0xF8000000, 0x200), 0)
    with pytest.raises(KeyError):
        again.memory.buffer(machine.memory.allocate(4))


def test_other_blocks_keep_what_is_written(machine: Machine, manifest: Manifest) -> None:
    machine.write_file(PATH, configuration(manifest))
    machine.write_file(FIRMWARE_NAME, b"x.bin")
    gpio = machine.open_window(0x40020000, 0x10000)
    machine.write(gpio, 8, 0xDEADBEEF)
    assert machine.read(gpio, 8) == (0x40020008, 0xDEADBEEF)


def test_an_offset_outside_of_its_range_is_refused(machine: Machine) -> None:
    window = machine.open_window(0xF8000000, 0x200)
    for offset in (0x200, 0x1FE, 2, -4):
        with pytest.raises(RefusedError, match="in a range of 512 bytes"):
            machine.read(window, offset)


@pytest.mark.parametrize(
    ("board", "name", "kernel", "clock", "mhz"),
    [
        ("pynq-z2", b"Pynq-Z2\0", b"armv7l", 0xF8000170, 50 * 20),
        ("kv260", b"KV260\0", b"aarch64", 0xFF5E00C0, 33.333 * 90 / 2),
    ],
)
def test_the_processor_is_that_of_the_board(
    board: str, name: bytes, kernel: bytes, clock: int, mhz: float,
    tiny: ReleasedModel, tmp_path: Path,
) -> None:  # fmt: skip
    bundle = write_bundle(tmp_path, [tiny], board=board, bitstream=False)
    machine = boot(ensure_pair(bundle.folder), tiny)
    assert machine.files["/proc/device-tree/chosen/pynq_board"] == name
    assert kernel in machine.files["/proc/version"]
    assert VIRTUAL_MARK in machine.files
    value = machine.read(machine.open_window(clock, 4), 0)[1]
    shift = 20 if board == "pynq-z2" else 16
    divided = mhz / (value >> 8 & 63) / (value >> shift & 63)
    assert divided == pytest.approx(100, rel=1e-4)


def test_the_emulation_packs_as_the_manifest_says(manifest: Manifest, tiny: ReleasedModel) -> None:
    circuit = manifest.networks[0]
    compute = open_compute(EMULATION, manifest, circuit, [tiny.folder])()
    x, y = tiny.golden()
    found = compute.run(x.reshape(len(x), -1))
    assert found.shape == (len(x), circuit.output.item_bytes)
    np.testing.assert_array_equal(found.view("<i2").reshape(y.shape), y)


def test_the_journal_tells_calls_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "log")
    journal("first", path="/x")
    journal("second", value=2)
    journal.close()
    journal("too late")
    first, second = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert (first["call"], first["path"], second["value"]) == ("first", "/x", 2)
    assert 0 <= first["time_s"] <= second["time_s"]
    Journal(None)("nothing")
