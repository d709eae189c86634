"""The written circuit is complete, moves anywhere, and wires the nodes in a row."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from pathlib import Path

import pytest

from fpga.boards import Board, board_names, load_board
from fpga.compile.fold_graph import fold
from fpga.compile.golden import layer_integers
from fpga.compile.hardware import to_hardware
from fpga.errors import FpgaError
from fpga.rtl import stitch
from fpga.rtl.memory_files import check_memories
from fpga.rtl.patches import PATCHES
from fpga.rtl.stitch import write_rtl
from model_zoo.package import ReleasedModel
from tests.fpga.foldings import plain_network
from tests.fpga.rtl.test_patches import library_text


@pytest.fixture(scope="module")
def rtl(tiny: ReleasedModel, board: Board, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rtl")
    (folder / "left over.sv").write_text("")
    graph = fold(to_hardware(tiny, board), plain_network(tiny), board)
    write_rtl(graph, folder, board)
    return folder


def test_all_files_are_listed_and_packages_come_first(rtl: Path) -> None:
    sources = json.loads((rtl / "sources.json").read_text())
    verilog = {path.name for path in rtl.iterdir() if path.suffix in (".sv", ".v")}
    assert set(sources["files"]) == verilog
    assert len(sources["files"]) == len(verilog)
    packages = [name.endswith("_pkg.sv") for name in sources["files"]]
    assert packages == sorted(packages, reverse=True)
    assert "left over.sv" not in verilog


def test_memory_files_are_named_relative_and_present(rtl: Path) -> None:
    texts = {path.name: path.read_text() for path in rtl.iterdir()}
    named = re.findall(r'"\./([\w]+_memblock\.dat)"', "".join(texts.values()))
    assert sorted(named) == sorted(name for name in texts if name.endswith("_memblock.dat"))
    assert len(named) == 4
    prefixes = set(re.findall(r'"\./(\w+_)"', "".join(texts.values())))
    assert prefixes == {f"trunk_{i}_thresholds_" for i in range(3)}
    assert all(f"{prefix}threshs_0_3.dat" in texts for prefix in prefixes)


def test_library_copies_are_patched(rtl: Path) -> None:
    for patch in PATCHES:
        assert (rtl / patch.file).read_text() == patch.apply(library_text(patch.file))


def test_the_node_table_tells_widths_that_meet(rtl: Path, tiny: ReleasedModel) -> None:
    nodes = json.loads((rtl / "nodes.json").read_text())
    for before, after in itertools.pairwise(nodes):
        assert before["out_width"] == after["in_width"], after["name"]
    assert nodes[0]["in_folded"][:2] == list(tiny.input.shape[:2])
    assert nodes[-1]["out_folded"] == [8, 6, 23, 4]
    matrix = next(n for n in nodes if n["name"] == "trunk_1_matrix")
    assert (matrix["folding"]["PE"], matrix["folding"]["SIMD"]) == (4, 4)
    assert matrix["finn"]["cycles"] == 8 * 6 * (72 // 4) * (16 // 4)
    top = (rtl / "top.sv").read_text()
    instances = re.findall(r"^  (\w+)_shell \1 \(", top, re.MULTILINE)
    assert instances == [n["name"] for n in nodes]


@pytest.mark.parametrize("name", board_names())
def test_every_board_gets_its_circuit(name: str, tiny: ReleasedModel, tmp_path: Path) -> None:
    board = load_board(name)
    write_rtl(fold(to_hardware(tiny, board), plain_network(tiny), board), tmp_path, board)
    wrapper = (tmp_path / "trunk_1_matrix_wrapper.v").read_text()
    version = {"DSP48E1": 1, "DSP48E2": 2}[board.dsp_type]
    assert re.search(rf"VERSION\s*=\s*{version}\b", wrapper)
    bits = {layer.name: layer.weight_bits for layer in tiny.layers}
    check_memories(tmp_path, layer_integers(tiny), bits)


def test_an_upgrade_of_the_library_is_told(
    tiny: ReleasedModel, board: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tuple(dataclasses.replace(p, sha256="1" * 64) for p in PATCHES)
    monkeypatch.setattr(stitch, "PATCHES", other)
    graph = fold(to_hardware(tiny, board), plain_network(tiny), board)
    with pytest.raises(FpgaError, match=r"is another version than the one that was patched"):
        write_rtl(graph, tmp_path / "rtl", board)
