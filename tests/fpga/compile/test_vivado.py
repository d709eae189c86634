"""FINN's own flow takes our graph as far as it goes without Vivado; the rest is told."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import finn.xsi
import pytest
from qonnx.core.modelwrapper import ModelWrapper

from fpga.__main__ import main
from fpga.boards import Board
from fpga.compile import vivado
from fpga.compile.bundle import Order
from fpga.compile.fold_graph import fold
from fpga.compile.golden import layer_integers
from fpga.compile.hardware import to_hardware
from fpga.errors import FpgaError
from host.accelerator.bundle import load_manifest
from model_zoo.package import ReleasedModel
from tests.fpga.foldings import plain_folding, plain_network


def test_a_missing_tool_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FpgaError, match=r"vivado is not on the PATH; source settings64\.sh"):
        vivado.check_tools()
    for name in vivado.PROGRAMS:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.delenv("FINN_DEPS", raising=False)
    with pytest.raises(FpgaError, match="FINN_DEPS names no folder; run `finn deps update`"):
        vivado.check_tools()
    monkeypatch.setenv("FINN_DEPS", str(tmp_path))
    vivado.check_tools()


def test_finns_flow_generates_the_same_circuit(
    tiny: ReleasedModel, board: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The builder asks for Vivado although no step used here needs it.
    monkeypatch.setenv("XILINX_VIVADO", "/nonexistent/Vivado/2024.2")
    monkeypatch.setitem(vars(finn.xsi), "SimEngine", object)
    before = dict(os.environ)
    graph = fold(to_hardware(tiny, board), plain_network(tiny), board)
    vivado.run_steps(graph, board, tmp_path / "out", vivado.GENERATE, tmp_path / "log")
    assert dict(os.environ) == before
    last = tmp_path / "out" / "intermediate_models" / "step_hw_ipgen.onnx"
    generated = ModelWrapper(str(last))
    assert [n.op_type for n in generated.graph.node] == [n.op_type for n in graph.graph.node]
    matrices = [n for n in generated.graph.node if n.op_type == "MVAU_rtl"]
    for node, layer in zip(matrices, layer_integers(tiny), strict=True):
        assert (generated.get_initializer(node.input[1]) == layer.matrix).all()


def test_a_bitstream_enters_the_bundle_under_its_hash(tiny_bundle: Path, tmp_path: Path) -> None:
    manifest = load_manifest(tiny_bundle)
    (tmp_path / "bitfile").mkdir()
    with pytest.raises(FpgaError, match=r"left no finn-accel\.bit"):
        vivado.add_bitstream(manifest, tmp_path, tmp_path)
    (tmp_path / "bitfile" / "finn-accel.bit").write_bytes(b"bits")
    (tmp_path / "bitfile" / "finn-accel.hwh").write_bytes(b"<hwh/>")
    (tmp_path / "folding.json").write_bytes((tiny_bundle / "folding.json").read_bytes())
    vivado.add_bitstream(manifest, tmp_path, tmp_path)
    after = load_manifest(tmp_path)
    after.verify()
    assert after.status == "built"
    digest = hashlib.sha256(b"bits").hexdigest()[:12]
    assert after.bitstream.bit == f"{manifest.bundle}-pynq-z2-{digest}.bit"
    assert after.bitstream.hwh == f"{manifest.bundle}-pynq-z2-{digest}.hwh"


def test_a_bundle_of_two_is_told_before_anything_is_built(
    tiny: ReleasedModel, tiny_temporal: ReleasedModel, board: Board, tmp_path: Path
) -> None:
    models = (tiny, tiny_temporal)
    folding = plain_folding(list(models), board)
    order = Order("both", models, board, folding, simulator=False, log=tmp_path / "log")
    with pytest.raises(FpgaError, match="a bitstream of one network, both holds 2"):
        vivado.check_bundle(order)


def test_the_command_asks_for_vivado_first(
    tiny: ReleasedModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    words = ["build", str(tiny.folder), "--board", "pynq-z2", "--vivado"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 2
    assert "vivado is not on the PATH" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
