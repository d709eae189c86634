"""The rtl backend over a program that behaves, dies, hangs, answers short or for another batch."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from host import accelerator
from host.accelerator import program as program_module
from host.accelerator.bundle import MANIFEST, Manifest
from host.accelerator.emulation import Emulation
from host.accelerator.program import Program
from host.accelerator.rtl import Rtl
from host.accelerator.types import AcceleratorSettings, LostError
from host.codes import ErrorCode
from host.errors import MachineError
from model_zoo.package import ReleasedModel
from tests.bundles import write_bundle
from tests.fake_simulator import write_fake_simulator
from tests.networks import random_pictures

PICTURES = random_pictures(5, seed=9)
SETTINGS = AcceleratorSettings(backend="rtl", deadline_s=20.0)


@pytest.fixture
def bundle(tiny_pose: ReleasedModel, tmp_path: Path) -> Manifest:
    plain = write_bundle(tmp_path / "bundle", [tiny_pose])
    program = write_fake_simulator(plain, tiny_pose, PICTURES)
    circuit = replace(plain.networks[0], simulator=str(program))
    manifest = replace(plain, networks=(circuit,))
    (manifest.folder / MANIFEST).write_text(manifest.to_json())
    return manifest


@pytest.fixture
def rtl(bundle: Manifest, tiny_pose: ReleasedModel) -> Iterator[Rtl]:
    network = Rtl(tiny_pose, bundle, SETTINGS)
    yield network
    network.close()


@pytest.fixture
def expected(tiny_pose: ReleasedModel) -> np.ndarray:
    return Emulation(tiny_pose, AcceleratorSettings(executor="numpy")).run(PICTURES)


def spoil(bundle: Manifest, fault: str) -> None:
    (bundle.folder / bundle.networks[0].model / "fault").write_text(fault)


def test_open_proves_it_with_the_golden_pair(bundle: Manifest, tiny_pose: ReleasedModel) -> None:
    settings = replace(SETTINGS, bundle=str(bundle.folder))
    network = accelerator.open(tiny_pose, settings)
    assert network.description == f"rtl on {bundle.folder.name}"
    assert network.counters.items == 0
    network.close()
    network.close()


def test_integers_equal_the_emulation(rtl: Rtl, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(rtl.run(PICTURES), expected)
    np.testing.assert_array_equal(rtl.run(PICTURES[2:3]), expected[2:3])
    assert rtl.counters.items == 6
    assert rtl.counters.runs == 2
    assert 0 < rtl.counters.compute_s <= rtl.counters.busy_s


def test_stream_keeps_the_order_and_fetches_ahead(rtl: Rtl, expected: np.ndarray) -> None:
    fetched = []

    def batches() -> Iterator[np.ndarray]:
        for i in range(len(PICTURES)):
            fetched.append(i)
            yield PICTURES[i : i + 1]

    for i, y in enumerate(rtl.stream(batches())):
        np.testing.assert_array_equal(y, expected[i : i + 1])
        assert fetched[-1] == min(i + 1, len(PICTURES) - 1)


def test_a_stream_left_early_does_not_answer_the_next_run(rtl: Rtl, expected: np.ndarray) -> None:
    left = rtl.stream(PICTURES[i : i + 1] for i in range(3))
    next(left)
    left.close()
    np.testing.assert_array_equal(rtl.run(PICTURES[4:]), expected[4:])


def test_a_wrong_size_is_refused_and_nothing_is_sent(rtl: Rtl, expected: np.ndarray) -> None:
    for wrong in (PICTURES[:, 1:], PICTURES.astype(np.int8), PICTURES[:0]):
        with pytest.raises(ValueError, match="for uint8"):
            rtl.run(wrong)
    np.testing.assert_array_equal(rtl.run(PICTURES), expected)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("dies", "status 3: deadlock: no word moved"),
        ("short", "status 0"),
        ("counts", "3 items came back for 2"),
    ],
)
def test_a_fault_is_told_and_the_next_run_is_right(
    rtl: Rtl, bundle: Manifest, expected: np.ndarray, fault: str, told: str
) -> None:
    spoil(bundle, fault)
    with pytest.raises(LostError) as caught:
        rtl.run(PICTURES[:2])
    assert caught.value.code is ErrorCode.SIMULATOR_FAILED
    assert told in str(caught.value)
    np.testing.assert_array_equal(rtl.run(PICTURES), expected)


def test_a_hang_ends_at_the_deadline(
    bundle: Manifest, tiny_pose: ReleasedModel, expected: np.ndarray
) -> None:
    deadline_s = 5.0  # enough for a program's start on an emulated processor
    network = Rtl(tiny_pose, bundle, replace(SETTINGS, deadline_s=deadline_s))
    network.run(PICTURES[:1])
    spoil(bundle, "hangs")
    start_s = time.monotonic()
    with pytest.raises(LostError) as caught:
        network.run(PICTURES[:2])
    assert caught.value.code is ErrorCode.ACCELERATOR_TIMEOUT
    assert 1.5 * deadline_s < time.monotonic() - start_s < 7.5 * deadline_s
    np.testing.assert_array_equal(network.run(PICTURES[3:]), expected[3:])
    network.close()


def test_a_program_that_does_not_start_is_told(bundle: Manifest, tiny_pose: ReleasedModel) -> None:
    program = bundle.folder / str(bundle.networks[0].simulator)
    program.chmod(0o644)
    with pytest.raises(MachineError, match="Permission denied"):
        Rtl(tiny_pose, bundle, SETTINGS)


def test_a_bundle_without_a_simulator_is_told(bundle: Manifest, tiny_pose: ReleasedModel) -> None:
    bare = replace(bundle, networks=(replace(bundle.networks[0], simulator=None),))
    with pytest.raises(MachineError) as caught:
        Rtl(tiny_pose, bare, SETTINGS)
    assert caught.value.code is ErrorCode.BUNDLE_UNKNOWN


def test_a_program_that_cannot_be_ended_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as one that waits for a disk: the system ends it later."""
    program = Program(Path("/bin/cat"), (1, 1))
    process = program._process
    end = process.kill
    monkeypatch.setattr(process, "kill", lambda: None)
    monkeypatch.setattr(program_module, "_END_S", 0.05)
    program.kill()
    assert program._stderr.closed
    end()
    process.wait(10)
