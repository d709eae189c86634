"""Small networks of random weights, and one bundle of them that is built once per session."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fpga.boards import Board, load_board
from model_zoo.package import ReleasedModel, load_released

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def board() -> Board:
    """The board that everything is built for first."""
    return load_board("pynq-z2")


@pytest.fixture(scope="session")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ReleasedModel]:
    """Maker of released models of random weights, each written once."""
    from quantize.random_model import write_random

    folder, made = tmp_path_factory.mktemp("models"), {}

    def make(name: str) -> ReleasedModel:
        if name not in made:
            write_random(name, folder / name)
            made[name] = load_released(folder / name)
        return made[name]

    return make


@pytest.fixture(scope="session")
def tiny(random_model: Callable[[str], ReleasedModel]) -> ReleasedModel:
    """Four convolutions on a picture of 32 x 24."""
    return random_model("tiny")


@pytest.fixture(scope="session")
def tiny_temporal(random_model: Callable[[str], ReleasedModel]) -> ReleasedModel:
    """Three strided steps over 27 x 46 int8 values, and a head."""
    return random_model("tiny-temporal")


@pytest.fixture(scope="session")
def tiny_bundle(
    tiny: ReleasedModel,
    tiny_temporal: ReleasedModel,
    board: Board,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Bundle folder of both small networks with their simulators, built by the real command."""
    pytest.importorskip("finn", reason="board circuits are compiled in the circuit environment")
    from fpga.__main__ import main
    from tests.fpga.foldings import plain_folding

    home = tmp_path_factory.mktemp("bundle")
    plain_folding([tiny, tiny_temporal], board).write(home)
    words = [str(tiny.folder), str(tiny_temporal.folder), "--board", board.name]
    words += ["--folding", str(home / "folding.json"), "--out", str(home / "tiny")]
    assert main(["build", *words]) == 0
    return home / "tiny"
