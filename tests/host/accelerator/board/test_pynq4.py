"""The same runner with pynq 4.0, which knows UltraScale+ boards only."""

from __future__ import annotations

import subprocess
from pathlib import Path

from fpga.virtual_board.process import VirtualBoard
from model_zoo.package import ReleasedModel
from tests.boards import PYTHONS, ROOT
from tests.bundles import write_bundle

PROGRAM = """
import sys
import numpy as np
from host import accelerator
from host.accelerator import AcceleratorSettings

folder, bundle, address = sys.argv[1:]
board = accelerator.open(
    folder, AcceleratorSettings("pynq", bundle=bundle, remote=address, deadline_s=5)
)
emulation = accelerator.open(folder, AcceleratorSettings("emulation"))
shape = (9, *board.model.input.shape)
x = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
y = np.concatenate(list(board.stream([x[i : i + 2] for i in range(0, 9, 2)])))
print(np.array_equal(y, emulation.run(x)), board.counters.reloads, board.description)
board.close()
"""


def test_kv260_with_a_hang_on_the_way(models: list[ReleasedModel], tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "one-kv260", models[:1], bitstream=False, board="kv260").folder
    proof = 1 + 4 * len(models[0].golden()[0])  # runs of the self-test at opening
    options = ["--model", models[0].folder, "--fault", f"never-done:after={proof + 2}"]
    with VirtualBoard(folder, options) as board:
        done = subprocess.run(
            [str(PYTHONS["4.0.0"]), "-c", PROGRAM, models[0].folder, folder, board.address],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("True 1 pynq on KV260")
    assert "pynq 4.0.0" in done.stdout
