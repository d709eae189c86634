"""The Verilated program of two small networks: gaps, repetition, faults, another place."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fpga.__main__ import main
from fpga.boards import Board
from fpga.rtl.compare import Comparison, gap_options
from fpga.rtl.simulator.build import SimulatorError, build_simulator, read_sources
from host import accelerator
from host.accelerator.bundle import Circuit, Manifest, load_manifest
from host.accelerator.emulation import Emulation
from host.accelerator.packing import pack
from host.accelerator.program import Program, ProgramError
from host.accelerator.types import AcceleratorSettings
from model_zoo.package import ReleasedModel
from tests.fpga.foldings import plain_folding

LIMIT_S = 120.0


@pytest.fixture
def models(tiny: ReleasedModel, tiny_temporal: ReleasedModel) -> dict[str, ReleasedModel]:
    return {model.name: model for model in (tiny, tiny_temporal)}


@pytest.fixture
def manifest(tiny_bundle: Path) -> Manifest:
    return load_manifest(tiny_bundle)


@pytest.fixture
def moved(tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy elsewhere; the working directory is a third place."""
    folder = tmp_path / "another place" / "bundle"
    shutil.copytree(tiny_bundle, folder)
    (tmp_path / "third").mkdir()
    monkeypatch.chdir(tmp_path / "third")
    return folder


def inputs(model: ReleasedModel, n: int, seed: int = 3) -> np.ndarray:
    limits = np.iinfo(model.input.dtype)
    rng = np.random.default_rng(seed)
    shape = (n, *model.input.shape)
    return rng.integers(limits.min, limits.max + 1, shape, dtype=model.input.dtype)


def emulated(model: ReleasedModel, x: np.ndarray) -> np.ndarray:
    return Emulation(model, AcceleratorSettings(executor="numpy")).run(x)


def start(manifest: Manifest, circuit: Circuit, *options: str) -> Program:
    sizes = (circuit.input.item_bytes, circuit.output.item_bytes)
    return Program(manifest.folder / str(circuit.simulator), sizes, options)


@pytest.mark.parametrize("name", ["tiny", "tiny-temporal"])
def test_gaps_and_repetition_change_no_integer(
    manifest: Manifest, models: dict[str, ReleasedModel], name: str
) -> None:
    x = inputs(models[name], 3)
    comparison = Comparison(manifest, manifest.circuit(name), x, emulated(models[name], x))
    full = comparison.batch("full", repeats=2)
    assert (full.items, full.differing) == (6, 0)
    assert full.interval_cycles is not None
    assert full.latency_cycles is not None
    assert comparison.interleaved("alone").differing == 0
    for valid, ready, seed in ((30, 100, 1), (100, 5, 2), (50, 40, 3)):
        row = comparison.batch("gaps", gap_options(valid, ready, seed))
        assert row.differing == 0
        assert row.latency_cycles is not None
        assert row.latency_cycles > full.latency_cycles


def test_items_overlap_and_cycles_count_since_reset(
    manifest: Manifest, models: dict[str, ReleasedModel]
) -> None:
    circuit = manifest.circuit("tiny")
    program = start(manifest, circuit)
    words = pack(inputs(models["tiny"], 4), circuit.input)
    program.ask(words, LIMIT_S)
    first = program.answer(LIMIT_S).cycles.astype(np.int64)
    program.ask(words[:1], LIMIT_S)
    second = program.answer(LIMIT_S).cycles.astype(np.int64)
    program.close()
    assert np.all(np.diff(first, axis=0) > 0)
    assert np.all(first[1:, 0] < first[:-1, 1])  # the next goes in before the last came out
    assert second[0, 0] > first[-1, 1]
    assert np.diff(first[-2:, 1])[0] <= circuit.interval_cycles * 1.01


def test_pace_spreads_the_words(manifest: Manifest, models: dict[str, ReleasedModel]) -> None:
    circuit = manifest.circuit("tiny")
    pace = 2 * int(circuit.interval_cycles or 0)
    program = start(manifest, circuit, "--pace", str(pace))
    program.ask(pack(inputs(models["tiny"], 3), circuit.input), LIMIT_S)
    began = program.answer(LIMIT_S).cycles[:, 0].astype(np.int64)
    program.close()
    assert np.all(np.abs(np.diff(began) - pace) <= 2)


def test_a_moved_bundle_runs_from_anywhere(
    moved: Path, models: dict[str, ReleasedModel], tmp_path: Path
) -> None:
    model = models["tiny"]
    settings = AcceleratorSettings(backend="rtl", bundle=str(moved), deadline_s=LIMIT_S)
    network = accelerator.open(model, settings)  # runs the golden pair
    x = inputs(model, 2)
    np.testing.assert_array_equal(network.run(x), emulated(model, x))
    network.close()
    here = load_manifest(moved)
    program = start(here, here.networks[0], "--occupancy", "filled.json")
    program.ask(pack(x, here.networks[0].input), LIMIT_S)
    program.answer(LIMIT_S)
    program.close()
    filled = json.loads((tmp_path / "third" / "filled.json").read_text())
    records = json.loads((moved / "tiny" / "rtl" / "nodes.json").read_text())
    depths = {r["name"]: r["folding"]["depth"] for r in records if "FIFO" in r["op"]}
    assert filled.keys() == depths.keys()
    assert all(1 <= filled[node] <= depths[node] for node in depths)


def test_a_circuit_that_stands_still_is_a_deadlock(
    manifest: Manifest, models: dict[str, ReleasedModel]
) -> None:
    circuit = manifest.circuit("tiny")
    program = start(manifest, circuit, "--max-idle-cycles", "20", "--ready", "1")
    program.ask(pack(inputs(models["tiny"], 1), circuit.input), LIMIT_S)
    with pytest.raises(ProgramError) as caught:
        program.answer(LIMIT_S)
    assert caught.value.status == 3
    assert "no word moved for 20 cycles" in caught.value.detail


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--valid", "0"), "--valid must be a number from 1 to 100"),
        (("--ready", "x"), "--ready must be"),
        (("--pace",), "needs a value"),
        (("--speed", "3"), "unknown option --speed"),
        (("--data", "{gone}"), "no folder {gone}"),
        (("--occupancy", "{gone}/a"), "cannot write"),
    ],
)
def test_wrong_options_are_refused(
    manifest: Manifest, options: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    program = start(manifest, manifest.networks[0], *(o.format(gone=gone) for o in options))
    with pytest.raises(ProgramError) as caught:
        program.close(LIMIT_S)
    assert caught.value.status == 2
    assert told.format(gone=gone) in caught.value.detail


def test_half_an_item_is_refused(manifest: Manifest) -> None:
    circuit = manifest.networks[0]
    sizes = (circuit.input.item_bytes // 2, circuit.output.item_bytes)
    program = Program(manifest.folder / str(circuit.simulator), sizes)
    program.ask(np.zeros((1, sizes[0]), np.uint8), LIMIT_S)
    with pytest.raises(ProgramError) as caught:
        program.close(LIMIT_S)
    assert caught.value.status == 2
    assert "ends inside an item" in caught.value.detail


def test_simulate_compares_and_enters_the_cycles(
    moved: Path, tiny: ReleasedModel, capsys: pytest.CaptureFixture[str]
) -> None:
    blank = load_manifest(moved)
    networks = tuple(replace(c, interval_cycles=None) for c in blank.networks)
    (moved / "manifest.json").write_text(replace(blank, networks=networks).to_json())
    words = ["simulate", str(moved), "--models", str(tiny.folder.parent), "--frames", "2"]
    assert main(words) == 0
    assert "FINN's execution in Python" in capsys.readouterr().out
    for before, after in zip(blank.networks, load_manifest(moved).networks, strict=True):
        assert after.latency_cycles == before.latency_cycles
        assert after.interval_cycles == pytest.approx(before.interval_cycles, rel=0.05)


def test_one_changed_weight_is_found(
    moved: Path, tiny: ReleasedModel, capsys: pytest.CaptureFixture[str]
) -> None:
    memory = moved / "tiny" / "rtl" / "head_matrix_memblock.dat"
    text = memory.read_text()
    memory.write_text(("0" if text[0] != "0" else "1") + text[1:])
    before = (moved / "manifest.json").read_text()
    words = ["simulate", str(moved), "--models", str(tiny.folder.parent), "--no-finn"]
    assert main([*words, "--frames", "2"]) == 1
    assert "must not be used" in capsys.readouterr().err
    assert (moved / "manifest.json").read_text() == before


@pytest.mark.parametrize("wrong", [["--frames", "1"], ["--valid", "0"], ["--ready", "101"]])
def test_simulate_refuses_wrong_options(
    tiny_bundle: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", str(tiny_bundle), *wrong]) == 2
    assert wrong[0] in capsys.readouterr().err


@pytest.mark.slow
def test_measured_fifos_are_fewer_and_no_slower(
    manifest: Manifest, tiny_temporal: ReleasedModel, board: Board, tmp_path: Path
) -> None:
    """Queues without limits give the bound; the chosen depths keep it."""
    from contextlib import nullcontext

    from fpga.compile.bundle import Order
    from fpga.rtl.size_fifos import size_fifos

    folding = plain_folding([tiny_temporal], board)
    order = Order("t", (tiny_temporal,), board, folding, True, tmp_path / "log")
    sized, sizings = size_fifos(order, tmp_path / "work", lambda _: nullcontext())
    sizing = sizings[tiny_temporal.name]
    assert sizing.interval_cycles <= sizing.free_cycles * 1.005
    assert sizing.interval_cycles <= manifest.circuit(tiny_temporal.name).interval_cycles
    fifos = sized.folding.networks[tiny_temporal.name].fifos
    assert fifos == sizing.fifos
    assert len(fifos) < len(folding.networks[tiny_temporal.name].fifos)
    assert not (tmp_path / "work").exists()


def test_missing_sources_are_told(tiny_bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match="no generated circuit"):
        read_sources(tmp_path)
    shutil.copy(tiny_bundle / "tiny" / "rtl" / "sources.json", tmp_path)
    with pytest.raises(SimulatorError, match="is missing"):
        read_sources(tmp_path)


def test_what_verilator_refuses_is_shown(tmp_path: Path, manifest: Manifest) -> None:
    circuit = manifest.networks[0]
    (tmp_path / "top.sv").write_text("module top (input ap_clk;\nendmodule\n")
    (tmp_path / "sources.json").write_text('{"top": "top", "files": ["top.sv"]}')
    with pytest.raises(SimulatorError, match="syntax error"):
        build_simulator(tmp_path, tmp_path / "simulator", (circuit.input, circuit.output))
    assert not (tmp_path / "simulator").exists()
