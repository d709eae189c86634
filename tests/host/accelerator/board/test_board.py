"""The pynq backend over PYNQ.remote: unmodified pynq against the virtual board, and its faults."""

from __future__ import annotations

import importlib
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fpga.virtual_board.pair import ensure_pair
from fpga.virtual_board.process import VirtualBoard
from host import accelerator
from host.accelerator import AcceleratorSettings
from host.accelerator.emulation import Emulation
from host.codes import AlertCode, ErrorCode
from host.errors import MachineError
from model_zoo.package import ReleasedModel
from tests.bundles import write_bundle
from tests.networks import random_pictures

from .conftest import DEADLINE_S


def answers(model: ReleasedModel, x: np.ndarray) -> np.ndarray:
    """What the emulation gives."""
    return Emulation(model, AcceleratorSettings("emulation")).run(x)


def in_batches(x: np.ndarray, size: int = 2) -> list[np.ndarray]:
    return [x[i : i + size] for i in range(0, len(x), size)]


def test_integers_are_those_of_the_emulation(
    settings: AcceleratorSettings, models: list[ReleasedModel]
) -> None:
    opened = accelerator.open(models[0], settings)
    x = random_pictures(40)
    expected = answers(models[0], x)
    assert np.array_equal(opened.run(x), expected)
    assert np.array_equal(np.concatenate(list(opened.stream(in_batches(x)))), expected)
    assert opened.alerts == ()
    assert "Pynq-Z2" in opened.description
    counted = opened.counters
    assert counted.items == 80
    assert min(counted.pack_s, counted.transfer_s, counted.compute_s, counted.unpack_s) > 0
    opened.close()


@pytest.mark.parametrize("left", ["", "{", '{"bitfile_name": 1}'])
def test_what_a_killed_process_left_half_written_is_forgotten(
    settings: AcceleratorSettings, models: list[ReleasedModel], left: str
) -> None:
    state = importlib.import_module("pynq.pl_server.global_state")
    (Path(state.STATE_DIR) / "global_pl_state_.json").write_text(left)
    assert state.global_state_file_exists()
    opened = accelerator.open(models[0], settings)
    x = random_pictures(2)
    assert np.array_equal(opened.run(x), answers(models[0], x))
    opened.close()


def test_two_networks_of_one_bundle_interleaved(
    settings: AcceleratorSettings, models: list[ReleasedModel], bundle: Path
) -> None:
    folders = {model.name: model.folder for model in models}
    one, two = accelerator.open_bundle(bundle, settings, folders)
    x = random_pictures(12)
    pairs = list(zip(one.stream(in_batches(x, 1)), two.stream(in_batches(x, 1)), strict=True))
    assert np.array_equal(np.concatenate([a for a, _ in pairs]), answers(models[0], x))
    assert np.array_equal(np.concatenate([b for _, b in pairs]), answers(models[1], x))
    one.close()
    two.close()


@pytest.mark.parametrize(
    ("fault", "code", "limit_s"),
    [
        ("never-done:after=3", ErrorCode.ACCELERATOR_TIMEOUT, DEADLINE_S),
        ("error-bit:after=3", ErrorCode.ACCELERATOR_FAILED, 0.0),
        ("dropped-connection:after=3", ErrorCode.ACCELERATOR_CONNECTION, 0.0),
        ("restart:after=3", ErrorCode.ACCELERATOR_CONNECTION, 0.0),
    ],
)
def test_a_fault_is_told_loaded_again_and_loses_nothing(
    board: VirtualBoard,
    settings: AcceleratorSettings,
    models: list[ReleasedModel],
    fault: str,
    code: ErrorCode,
    limit_s: float,
) -> None:
    opened = accelerator.open(models[0], settings)
    x = random_pictures(24)
    expected = answers(models[0], x)
    board.inject(fault)
    began_s = time.monotonic()
    got = list(opened.stream(in_batches(x)))
    # Beyond the fault's own limit: loading anew, the golden pair, and twelve batches.
    assert time.monotonic() - began_s < limit_s + 10
    assert [len(y) for y in got] == [2] * 12
    assert np.array_equal(np.concatenate(got), expected)
    (alert,) = opened.alerts
    assert (alert.code, alert.cause.code) == (AlertCode.BOARD_RELOADED, code)
    counted = opened.counters
    assert (counted.items, counted.reloads, counted.emulated) == (24, 1, 0)
    assert np.array_equal(opened.run(x), expected)
    opened.close()


@pytest.mark.parametrize("how", ["no-answer", "frozen", "gone"])
def test_a_board_that_stays_away_is_replaced_by_the_emulation(
    board: VirtualBoard,
    settings: AcceleratorSettings,
    models: list[ReleasedModel],
    how: str,
) -> None:
    """pynq itself would wait for ever."""
    opened = accelerator.open(models[0], settings)
    x = random_pictures(24)
    stream = opened.stream(in_batches(x))
    got = [next(stream)]
    if how == "no-answer":
        board.inject(how)
    elif how == "frozen":
        board.freeze()
    else:
        board.kill()
    began_s = time.monotonic()
    got += list(stream)
    assert time.monotonic() - began_s < 2 * (DEADLINE_S + 1) + 6
    assert np.array_equal(np.concatenate(got), answers(models[0], x))
    alert = opened.alerts[-1]
    assert alert.code is AlertCode.BOARD_LOST
    assert opened.counters.emulated > 0
    assert "emulation" in opened.description
    if how == "frozen":  # whatever still hangs in the connection must not end the program
        board.thaw()
    opened.close()


def test_auto_takes_the_board_and_goes_on_without_it(
    board: VirtualBoard, settings: AcceleratorSettings, models: list[ReleasedModel]
) -> None:
    best = replace(settings, backend="auto")
    opened = accelerator.open(models[0], best)
    assert opened.description.startswith("pynq on Pynq-Z2")
    opened.close()
    board.kill()
    opened = accelerator.open(models[0], best)
    assert opened.description.startswith("emulation on ")
    (alert,) = opened.alerts
    assert alert.code is AlertCode.BOARD_NOT_USED
    assert alert.cause.code is ErrorCode.BOARD_UNREACHABLE
    with pytest.raises(MachineError, match="No board can be used"):
        accelerator.open(models[0], settings)


def test_wrong_integers_are_refused_at_open(
    board: VirtualBoard, settings: AcceleratorSettings, models: list[ReleasedModel]
) -> None:
    board.inject("wrong-integers:after=2")
    with pytest.raises(MachineError) as told:
        accelerator.open(models[0], settings)
    assert told.value.code is ErrorCode.GOLDEN_MISMATCH


def test_a_buffer_of_the_wrong_size_is_refused(
    board: VirtualBoard, settings: AcceleratorSettings, models: list[ReleasedModel]
) -> None:
    board.inject("wrong-buffer-size")
    with pytest.raises(MachineError):
        accelerator.open(models[0], settings)


def test_a_slow_network_is_no_failure(
    board: VirtualBoard, settings: AcceleratorSettings, models: list[ReleasedModel]
) -> None:
    opened = accelerator.open(models[0], settings)
    board.inject("slow-network:delay_ms=20")
    x = random_pictures(6)
    got = np.concatenate(list(opened.stream(in_batches(x))))
    assert np.array_equal(got, answers(models[0], x))
    assert opened.alerts == ()
    opened.close()


def test_a_tampered_bitstream_is_never_sent(
    settings: AcceleratorSettings, models: list[ReleasedModel], bundle: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(bundle, tmp_path / "tampered")
    path = next(folder.glob("*.bit"))
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(MachineError, match="differs from its hash") as told:
        accelerator.open(models[0], replace(settings, bundle=str(folder)))
    assert told.value.code is ErrorCode.BUNDLE_DAMAGED


def test_a_bitstream_of_another_bundle_is_refused_by_the_board(
    settings: AcceleratorSettings, models: list[ReleasedModel], tmp_path: Path
) -> None:
    other = write_bundle(tmp_path / "other", models[:1], bitstream=False).folder
    ensure_pair(other)
    with pytest.raises(MachineError, match="refused") as told:
        accelerator.open(models[0], replace(settings, bundle=str(other)))
    assert told.value.code is ErrorCode.BOARD_UNREACHABLE


def test_another_version_of_the_model_is_refused(
    settings: AcceleratorSettings, models: list[ReleasedModel], bundle: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(bundle, tmp_path / "older")
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace(models[0].files["model.int.onnx"], "0" * 64))
    with pytest.raises(MachineError, match="another version") as told:
        accelerator.open(models[0], replace(settings, bundle=str(folder)))
    assert told.value.code is ErrorCode.BUNDLE_UNKNOWN
