"""A bundle of two networks is complete, proven, and replaces an older one as a whole."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from fpga.__main__ import main
from fpga.boards import Board
from fpga.compile import bundle
from fpga.compile.replace import only_build
from fpga.errors import FpgaError
from host.accelerator.bundle import Circuit, load_manifest
from host.accelerator.packing import pack, unpack
from host.accelerator.program import Program
from model_zoo.package import ReleasedModel
from tests.fpga.foldings import plain_folding


def test_the_manifest_tells_what_was_built(tiny_bundle: Path, tiny: ReleasedModel) -> None:
    manifest = load_manifest(tiny_bundle)
    manifest.verify()
    assert manifest.status == "rtl-verified"
    assert [c.model for c in manifest.networks] == ["tiny", "tiny-temporal"]
    assert [c.input.dma for c in manifest.networks] == ["idma0", "idma1"]
    first, second = manifest.networks
    assert (first.output.bits, first.input.signed, second.input.signed) == (16, False, True)
    assert first.golden_form_sha256 == tiny.files["model.int.onnx"]
    assert 0 < first.interval_cycles <= first.latency_cycles
    assert manifest.tools["finn-plus"]


def test_every_network_has_its_rtl_and_its_program(tiny_bundle: Path) -> None:
    for circuit in load_manifest(tiny_bundle).networks:
        rtl = tiny_bundle / circuit.model / "rtl"
        sources = json.loads((rtl / "sources.json").read_text())
        assert sources["top"] == circuit.top
        assert all((rtl / name).is_file() for name in sources["files"])
        texts = [path.read_text() for path in rtl.iterdir()]
        assert not any("footfall-finn-" in text for text in texts), "a temporary path is left"
        nodes = json.loads((rtl / "nodes.json").read_text())
        assert {node["op"][-4:] for node in nodes} == {"_rtl"}
        assert (tiny_bundle / circuit.simulator).is_file()


def test_the_built_program_gives_the_golden_integers(
    tiny_bundle: Path, tiny_temporal: ReleasedModel
) -> None:
    circuit = load_manifest(tiny_bundle).circuit("tiny-temporal")
    x, expected = tiny_temporal.golden()
    sizes = (circuit.input.item_bytes, circuit.output.item_bytes)
    program = Program(tiny_bundle / circuit.simulator, sizes)
    try:
        program.ask(pack(x, circuit.input), 60)
        y = unpack(program.answer(60).data, circuit.output)
    finally:
        program.kill()
    assert np.array_equal(y, expected)


def test_without_simulator_nothing_is_called_proven(
    tiny: ReleasedModel, board: Board, tmp_path: Path
) -> None:
    plain_folding([tiny], board).write(tmp_path)
    words = ["build", str(tiny.folder), "--board", board.name, "--no-simulator"]
    words += ["--folding", str(tmp_path / "folding.json"), "--out", str(tmp_path / "out")]
    plain_folding([tiny], board).write(tmp_path / "out")
    (tmp_path / "out" / "of an older build").write_text("")
    assert main(words) == 0
    manifest = load_manifest(tmp_path / "out")
    assert manifest.status == "generated"
    assert manifest.networks[0].simulator is None
    assert not (tmp_path / "out" / "of an older build").exists()


def test_what_cannot_be_built_leaves_the_old_bundle_alone(
    tiny: ReleasedModel, board: Board, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = shutil.copytree(tiny.folder, tmp_path / "model")
    with (damaged / "model.qonnx.onnx").open("ab") as stream:
        stream.write(b"\0")
    plain_folding([tiny], board).write(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").write_text("")
    words = ["build", str(damaged), "--board", board.name, "--out", str(tmp_path / "out")]
    assert main([*words, "--folding", str(tmp_path / "folding.json")]) == 2
    assert "model.qonnx.onnx differs from its hash" in capsys.readouterr().err
    assert (tmp_path / "out" / "old").exists()


@pytest.mark.parametrize(
    ("wished_fps", "asked", "missed"),
    [
        (None, [], None),
        (1000.0, [], None),
        (1000.1, [], "1000.0 frames/s at 100 MHz, 1000.1 were asked for"),
        (1200.0, ["--rate", "900"], None),
        (900.0, ["--rate", "1200"], "1000.0 frames/s at 100 MHz, 1200 were asked for"),
    ],
)
def test_a_circuit_slower_than_asked_is_refused(
    wished_fps: float | None,
    asked: list[str],
    missed: str | None,
    tiny: ReleasedModel,
    board: Board,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The simulation itself is in ``tiny_bundle``; here it tells 100000 cycles per frame."""

    def measured(circuit: Circuit, *_: object) -> Circuit:
        return dataclasses.replace(circuit, interval_cycles=100_000, latency_cycles=200_000)

    monkeypatch.setattr(bundle, "build_and_verify", measured)
    plain = plain_folding([tiny], board)
    wish = dataclasses.replace(plain.networks["tiny"], rate_fps=wished_fps, model_sha256="0" * 64)
    dataclasses.replace(plain, networks={"tiny": wish}).write(tmp_path)
    words = ["build", str(tiny.folder), "--board", board.name, *asked]
    words += ["--folding", str(tmp_path / "folding.json"), "--out", str(tmp_path / "out")]
    assert main(words) == (0 if missed is None else 3)
    told = capsys.readouterr().err
    assert "tiny: the folding was searched for other weights" in told
    assert (tmp_path / "out").exists() == (missed is None)
    assert missed is None or missed in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["gait-pose-x"], "no released model 'gait-pose-x'"),
        (["gait-pose-s", "gait-pose-s"], "stands twice"),
        (["gait-pose-s", "--rate", "quick"], "--rate quick: give frames per second"),
        (["gait-pose-s", "--rate", "person-s=30"], "person-s is not in the bundle"),
        (["gait-pose-s", "--rate", "0"], "must be positive"),
    ],
)
def test_a_wrong_order_is_one_line(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", *words, "--board", "pynq-z2", "--out", str(tmp_path / "x")]) == 2
    error = capsys.readouterr().err.strip()
    assert told in error
    assert "\n" not in error


def test_two_builds_of_one_folder_do_not_mix(
    tiny: ReleasedModel, board: Board, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain_folding([tiny], board).write(tmp_path)
    words = ["build", str(tiny.folder), "--board", board.name, "--no-simulator"]
    words += ["--folding", str(tmp_path / "folding.json"), "--out", str(tmp_path / "out")]
    log = tmp_path / "out.log"
    with only_build(log):
        log.write_text("of the other build")
        assert main(words) == 2
        assert log.read_text() == "of the other build"
    assert f"another build is writing {tmp_path / 'out'}" in capsys.readouterr().err
    assert main(words) == 0
    assert "of the other build" not in log.read_text()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"folding.json", "out", "out.log"}


def test_a_failure_half_way_leaves_nothing_but_the_log(
    tiny: ReleasedModel,
    board: Board,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def changed(*_: object) -> None:
        raise FpgaError("trunk_1_matrix_memblock.dat: 1 of 1152 integers differ")

    monkeypatch.setattr(bundle, "check_memories", changed)
    plain_folding([tiny], board).write(tmp_path / "folding")
    words = ["build", str(tiny.folder), "--board", board.name, "--no-simulator"]
    words += ["--folding", str(tmp_path / "folding"), "--out", str(tmp_path / "built" / "out")]
    assert main(words) == 2
    assert "1 of 1152 integers differ" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "built").iterdir()] == ["out.log"]
