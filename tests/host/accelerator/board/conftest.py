"""Two small networks of random weights in one bundle, and the virtual board that serves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fpga.virtual_board.process import VirtualBoard
from host.accelerator import AcceleratorSettings
from model_zoo.package import ReleasedModel
from tests.bundles import write_bundle
from tests.networks import write_random_release

pytest.importorskip("pynq", reason="board: the package pynq is not installed here")

DEADLINE_S = 3.0


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[ReleasedModel]:
    folder: Path = tmp_path_factory.mktemp("released")
    return [write_random_release(folder / n, seed, n) for n, seed in (("one", 1), ("two", 2))]


@pytest.fixture(scope="session")
def bundle(models: list[ReleasedModel], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("bundles") / "one+two-pynq-z2"
    return write_bundle(folder, models, bitstream=False).folder


@pytest.fixture
def board(bundle: Path, models: list[ReleasedModel]) -> Iterator[VirtualBoard]:
    """One of its own for each test: faults stay in the test that wanted them."""
    options: list[str | Path] = []
    for model in models:
        options += ["--model", model.folder]
    with VirtualBoard(bundle, options) as virtual:
        yield virtual


@pytest.fixture
def settings(bundle: Path, board: VirtualBoard) -> AcceleratorSettings:
    return AcceleratorSettings(
        "pynq", deadline_s=DEADLINE_S, bundle=str(bundle), remote=board.address
    )
