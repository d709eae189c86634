"""The pynq backend on a board inside the process: integers, order, and everything that can fail."""

import dataclasses
import sys
import time

import numpy as np
import pytest

from host import accelerator
from host.accelerator import pynq_device, steady
from host.accelerator.emulation import Emulation
from host.accelerator.pynq import MOST_ITEMS
from host.codes import AlertCode, ErrorCode
from host.errors import MachineError
from tests.bundles import write_bundle
from tests.fake_pynq import DEADLINE_S, Fault, computing
from tests.networks import random_pictures


def in_batches(x, size=3):
    return [x[i : i + size] for i in range(0, len(x), size)]


def test_integers_are_those_of_the_emulation(board, settings, two_models, expected):
    opened = accelerator.open(two_models[0], settings)
    x = random_pictures(2 * MOST_ITEMS + 3)
    assert np.array_equal(opened.run(x), expected(x))
    answers = list(opened.stream(in_batches(x)))
    assert [len(y) for y in answers] == [len(b) for b in in_batches(x)]
    assert np.array_equal(np.concatenate(answers), expected(x))
    assert list(opened.stream([])) == []
    assert opened.alerts == ()
    loaded = board.loads[0].removesuffix(".bit")
    assert loaded.startswith("one+two-")
    assert opened.description == f"pynq on pynq-z2 with {loaded}, pynq 3.1.2-fake"
    opened.close()
    assert not board.memory, "buffers are given back"


@pytest.mark.usefixtures("board")
def test_two_buffer_pairs_overlap_moving_and_computing(settings, two_models):
    opened = accelerator.open(two_models[0], settings)
    fetched = []

    def source():
        for i, x in enumerate(in_batches(random_pictures(15))):
            fetched.append(i)
            yield x

    results = opened.stream(source())
    next(results)
    assert fetched == [0, 1, 2]
    list(results)
    opened.close()


@pytest.mark.usefixtures("board")
def test_counters_tell_the_parts(settings, two_models):
    opened = accelerator.open(two_models[0], settings)
    assert opened.counters == accelerator.Counters(), "the self-test is not counted"
    opened.run(random_pictures(5))
    list(opened.stream(in_batches(random_pictures(9))))
    counted = opened.counters
    assert (counted.items, counted.runs, counted.reloads, counted.emulated) == (14, 4, 0, 0)
    parts = (counted.pack_s, counted.transfer_s, counted.compute_s, counted.unpack_s)
    assert all(0 < part < 5 for part in parts)
    assert counted.busy_s >= max(counted.pack_s, counted.unpack_s)
    opened.close()


def test_a_run_costs_few_round_trips(board, settings, two_models):
    """Over a network each is a message: 18 with FINN's driver (facts of pynq 3.1.2)."""
    opened = accelerator.open(two_models[0], settings)
    x = random_pictures(2)
    opened.run(x)
    before = dict(board.calls)
    opened.run(x)
    spent = {what: board.calls[what] - before[what] for what in board.calls}
    assert spent == {
        "allocate": 0,
        "sync_to_device": 1,
        "sync_from_device": 1,
        "write": 2,  # both starts: addresses and repetitions stand already
        "read": 3,
    }
    opened.close()


def test_networks_of_one_bundle_share_the_board_and_keep_apart(
    board, bundle, two_models, settings, expected
):
    folders = {model.name: model.folder for model in two_models}
    one, two = accelerator.open_bundle(bundle.folder, settings, folders)
    assert len(board.loads) == 1
    x = random_pictures(12)
    other = Emulation(two_models[1], settings).run(x)
    first, second = one.stream(in_batches(x)), two.stream(in_batches(x, 2))
    mixed = [(next(first), next(second), next(second)) for _ in range(3)]
    ones, twos = [m[0] for m in mixed] + list(first), [y for m in mixed for y in m[1:]]
    assert np.array_equal(np.concatenate(ones), expected(x))
    assert np.array_equal(np.concatenate(twos), other)
    one.close()
    assert np.array_equal(two.run(x), other)
    two.close()


@pytest.mark.usefixtures("board")
def test_streams_of_one_network_do_not_take_each_others_answers(settings, two_models, expected):
    opened = accelerator.open(two_models[0], settings)
    x = random_pictures(16)
    first, second = opened.stream(in_batches(x[:8], 2)), opened.stream(in_batches(x[8:], 2))
    got = [next(first), next(second), next(first)]
    dropped = opened.stream(in_batches(x, 1))
    next(dropped)
    dropped.close()
    run = opened.run(x[4:5])
    wanted = [expected(x[i : i + 2]) for i in (0, 8, 2)]
    assert all(np.array_equal(a, b) for a, b in zip(got, wanted, strict=True))
    assert np.array_equal(run, expected(x[4:5]))
    assert np.array_equal(np.concatenate(list(second)), expected(x[10:]))
    opened.close()


@pytest.mark.parametrize("kind", ["hang", "error", "raise", "block"])
@pytest.mark.parametrize("at", [0, 1, 4])
def test_a_failure_is_reloaded_and_no_frame_is_lost_or_mixed_up(
    board, settings, two_models, expected, kind, at
):
    opened = accelerator.open(two_models[0], settings)
    x = random_pictures(21)
    board.fault = Fault(kind, board.starts + at)
    began_s = time.monotonic()
    answers = list(opened.stream(in_batches(x)))
    assert time.monotonic() - began_s < DEADLINE_S + 1 + 3
    assert np.array_equal(np.concatenate(answers), expected(x))
    assert [len(y) for y in answers] == [3] * 7
    counted = opened.counters
    assert (counted.items, counted.reloads, counted.emulated) == (21, 1, 0)
    (alert,) = opened.alerts
    assert alert.code is AlertCode.BOARD_RELOADED
    assert "loaded again" in str(alert)
    assert "one" in str(alert)
    causes = {
        "hang": ErrorCode.ACCELERATOR_TIMEOUT,
        "block": ErrorCode.ACCELERATOR_TIMEOUT,
        "error": ErrorCode.ACCELERATOR_FAILED,
        "raise": ErrorCode.ACCELERATOR_CONNECTION,
    }
    assert alert.cause.code is causes[kind]
    assert np.array_equal(opened.run(x), expected(x)), "it goes on with the board"
    board.release.set()
    opened.close()


@pytest.mark.parametrize("kind", ["hang", "raise"])
def test_the_emulation_takes_over_when_loading_again_does_not_help(
    board, settings, two_models, expected, kind
):
    opened = accelerator.open(two_models[0], settings)
    x = random_pictures(21)
    board.fault = Fault(kind, board.starts + 3, heals=99)
    answers = list(opened.stream(in_batches(x)))
    assert np.array_equal(np.concatenate(answers), expected(x))
    counted = opened.counters
    assert counted.items == 21
    assert 0 < counted.emulated < 21
    alert = opened.alerts[-1]
    assert alert.code is AlertCode.BOARD_LOST
    assert f"{21 - counted.emulated} pictures" in str(alert)
    assert opened.description.startswith("pynq+emulation on ")
    assert np.array_equal(opened.run(x), expected(x))
    opened.close()


@pytest.mark.parametrize("within_s", [steady.WITHIN_S, 0.0])
def test_reloads_are_counted_by_the_hour(
    board, settings, two_models, expected, monkeypatch, within_s
):
    monkeypatch.setattr(steady, "WITHIN_S", within_s)
    opened = accelerator.open(two_models[0], settings)
    x = random_pictures(3)
    for _ in range(steady.MOST_RELOADS + 1):
        board.fault = Fault("raise", board.starts, heals=len(board.loads))
        assert np.array_equal(opened.run(x), expected(x))
    reloads, emulated = opened.counters.reloads, opened.counters.emulated
    wanted = (steady.MOST_RELOADS, 3) if within_s else (steady.MOST_RELOADS + 1, 0)
    assert (reloads, emulated) == wanted
    opened.close()


def test_a_board_that_is_gone_is_left_at_once(board, settings, two_models, expected):
    opened = accelerator.open(two_models[0], settings)
    x = random_pictures(6)
    board.fault, board.refuse_loading = Fault("raise", board.starts), True
    began_s = time.monotonic()
    assert np.array_equal(opened.run(x), expected(x))
    assert time.monotonic() - began_s < 3
    assert [a.code for a in opened.alerts] == [AlertCode.BOARD_LOST]
    opened.close()


def test_both_networks_survive_the_failure_of_one(board, bundle, two_models, settings, expected):
    folders = {model.name: model.folder for model in two_models}
    one, two = accelerator.open_bundle(bundle.folder, settings, folders)
    x = random_pictures(12)
    other = Emulation(two_models[1], settings).run(x)
    second = two.stream(in_batches(x))
    started = [next(second)]
    board.fault = Fault("hang", board.starts)
    assert np.array_equal(one.run(x), expected(x))
    assert np.array_equal(np.concatenate(started + list(second)), other)
    assert len(board.loads) == 2, "loaded again once, not once for each network"
    one.close()
    two.close()


def test_what_waits_in_a_thread_that_was_left_ends_with_it(board, bundle, two_models, settings):
    """One network's batch hangs; the other finds out, and loads the board again."""
    folders = {model.name: model.folder for model in two_models}
    one, two = accelerator.open_bundle(bundle.folder, settings, folders)
    x = random_pictures(12)
    expected = [Emulation(model, settings).run(x) for model in two_models]
    board.fault = Fault("block", board.starts + 1)
    second = two.stream(in_batches(x))
    started = [next(second)]
    assert np.array_equal(one.run(x), expected[0])
    begin_s = time.monotonic()
    assert np.array_equal(np.concatenate(started + list(second)), expected[1])
    assert time.monotonic() - begin_s < 20, "waited for a thread that nobody listens to any more"
    assert (len(board.loads), two.counters.emulated) == (2, 0)
    one.close()
    two.close()


def test_a_slow_board_is_no_failure(board, settings, two_models, expected):
    opened = accelerator.open(two_models[0], settings)
    board.fault = Fault("slow", board.starts)
    x = random_pictures(6)
    assert np.array_equal(np.concatenate(list(opened.stream(in_batches(x)))), expected(x))
    assert opened.alerts == ()
    opened.close()


def test_another_circuit_is_refused(board, settings, two_models, bundle):
    board.circuits = [(bundle.networks[0], lambda x: board.circuits[1][1](x))]
    board.circuits.append((bundle.networks[1], computing(two_models[1])))
    with pytest.raises(MachineError) as told:
        accelerator.open(two_models[0], settings)
    assert told.value.code is ErrorCode.GOLDEN_MISMATCH


@pytest.mark.parametrize("name", ["finn-accel.bit", "finn-accel.hwh"])
def test_tampered_files_are_never_loaded(board, settings, two_models, bundle, name):
    path = bundle.folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(MachineError, match=name) as told:
        accelerator.open(two_models[0], settings)
    assert told.value.code is ErrorCode.BUNDLE_DAMAGED
    assert not board.loads


def test_the_virtual_boards_bitstream_is_never_loaded_on_a_real_one(
    board, settings, two_models, tmp_path
):
    write_bundle(tmp_path / "synthetic", two_models, synthetic=True)
    settings = dataclasses.replace(settings, bundle=str(tmp_path / "synthetic"))
    with pytest.raises(MachineError, match="virtual board") as told:
        accelerator.open(two_models[0], settings)
    assert told.value.code is ErrorCode.BITSTREAM_REFUSED
    assert not board.loads


def test_a_bundle_for_another_board_is_refused(board, settings, two_models, tmp_path):
    write_bundle(tmp_path / "kv260", two_models, board="kv260")
    settings = dataclasses.replace(settings, bundle=str(tmp_path / "kv260"))
    with pytest.raises(MachineError, match="kv260") as told:
        accelerator.open(two_models[0], settings)
    assert told.value.code is ErrorCode.BITSTREAM_REFUSED
    assert not board.loads


@pytest.mark.usefixtures("board")
def test_a_board_that_does_not_tell_its_name_is_taken(settings, two_models, monkeypatch):
    monkeypatch.setattr(pynq_device, "local_board", lambda: None)
    opened = accelerator.open(two_models[0], settings)
    assert opened.description.startswith("pynq on unknown with ")
    opened.close()


def test_equal_bitstreams_with_another_description_are_told_apart(
    board, settings, two_models, expected, tmp_path
):
    """pynq itself would take the addresses of the first for the second."""
    x = random_pictures(2)
    for number, base in enumerate((0x40000000, 0x43C00000)):
        folder = tmp_path / f"version-{number}"
        write_bundle(folder, two_models, base=base)
        changed = dataclasses.replace(settings, bundle=str(folder))
        opened = accelerator.open(two_models[0], changed)
        assert np.array_equal(opened.run(x), expected(x))
        opened.close()
    assert len(set(board.loads)) == 2
    assert len(board.descriptions) == 2


def test_a_description_that_pynq_took_from_elsewhere_is_refused(
    board, settings, two_models, monkeypatch
):
    honest = board.overlay

    def mistaken(bitfile_name, **keys):
        overlay = honest(bitfile_name, **keys)
        overlay.ip_dict["odma0"]["phys_addr"] += 0x10000
        return overlay

    monkeypatch.setattr(sys.modules["pynq"], "Overlay", mistaken)
    with pytest.raises(MachineError, match="odma0") as told:
        accelerator.open(two_models[0], settings)
    assert told.value.code is ErrorCode.BITSTREAM_REFUSED


@pytest.mark.usefixtures("board")
def test_one_board_holds_one_bundle(settings, two_models, tmp_path):
    write_bundle(tmp_path / "other", two_models, seed=5)
    opened = accelerator.open(two_models[0], settings)
    with pytest.raises(MachineError, match="in use"):
        accelerator.open(
            two_models[1], dataclasses.replace(settings, bundle=str(tmp_path / "other"))
        )
    opened.close()
    accelerator.open(
        two_models[1], dataclasses.replace(settings, bundle=str(tmp_path / "other"))
    ).close()


@pytest.mark.usefixtures("board")
def test_wrong_input_is_refused_and_the_board_goes_on(settings, two_models, expected):
    opened = accelerator.open(two_models[0], settings)
    x = random_pictures(4)
    with pytest.raises(ValueError, match="uint8"):
        list(opened.stream([x, x, x[:, :-1]]))
    assert np.array_equal(opened.run(x), expected(x))
    assert opened.alerts == ()
    opened.close()


def test_no_package_no_board(settings, two_models, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynq", None)
    with pytest.raises(MachineError) as told:
        accelerator.open(two_models[0], settings)
    assert told.value.code is ErrorCode.BACKEND_UNAVAILABLE
