"""Memory files are read back whatever the folding, and one wrong digit stops the build."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from fpga.boards import Board
from fpga.compile.fold_graph import fold
from fpga.compile.golden import layer_integers
from fpga.compile.hardware import to_hardware
from fpga.errors import FpgaError
from fpga.rtl.memory_files import check_memories
from fpga.rtl.stitch import NODES, write_rtl
from model_zoo.package import ReleasedModel
from tests.fpga.foldings import plain_network


def write(model: ReleasedModel, board: Board, folder: Path, threshold_pe: int, pe: int) -> None:
    folding = plain_network(model, wide=2)
    for name, layer in folding.layers.items():
        changed = dataclasses.replace(layer, pe=pe)
        if layer.threshold_pe is not None:
            changed = dataclasses.replace(changed, threshold_pe=threshold_pe)
        folding.layers[name] = changed
    write_rtl(fold(to_hardware(model, board), folding, board), folder, board)


@pytest.mark.parametrize(("threshold_pe", "pe"), [(1, 1), (2, 4), (8, 2)])
def test_all_memories_hold_the_released_integers(
    threshold_pe: int, pe: int, tiny: ReleasedModel, board: Board, tmp_path: Path
) -> None:
    write(tiny, board, tmp_path, threshold_pe, pe)
    bits = {layer.name: layer.weight_bits for layer in tiny.layers}
    nodes = json.loads((tmp_path / NODES).read_text())
    matrices = [n["folding"]["PE"] for n in nodes if n["name"].endswith("_matrix")]
    assert matrices == [pe] * len(tiny.layers)
    check_memories(tmp_path, layer_integers(tiny), bits)


@pytest.mark.parametrize(
    "name", ["trunk_1_matrix_memblock.dat", "trunk_1_thresholds_threshs_0_2.dat"]
)
def test_one_wrong_digit_is_found(
    name: str, tiny: ReleasedModel, board: Board, tmp_path: Path
) -> None:
    write(tiny, board, tmp_path, 2, 4)
    words = (tmp_path / name).read_text().split()
    words[3] = f"{int(words[3], 16) ^ 4:0{len(words[3])}x}"
    (tmp_path / name).write_text("\n".join(words))
    bits = {layer.name: layer.weight_bits for layer in tiny.layers}
    with pytest.raises(FpgaError, match=r"1 of \d+ integers in the circuit's memory differ"):
        check_memories(tmp_path, layer_integers(tiny), bits)


def test_another_networks_integers_are_refused(
    tiny: ReleasedModel, board: Board, tmp_path: Path
) -> None:
    write(tiny, board, tmp_path, 1, 4)
    layers = list(layer_integers(tiny))
    steps = np.asarray(layers[2].thresholds).copy()
    steps[3, 9] += 1
    layers[2] = dataclasses.replace(layers[2], thresholds=steps)
    bits = {layer.name: layer.weight_bits for layer in tiny.layers}
    with pytest.raises(FpgaError, match=r"trunk_2_thresholds_threshs_\*\.dat: 1 of 240"):
        check_memories(tmp_path, tuple(layers), bits)
