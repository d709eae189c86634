"""Small bundles of random weights, and pynq clients of both versions in processes of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from host.accelerator.bundle import Manifest
from model_zoo.package import ReleasedModel, load_released
from quantize.random_model import write_random
from tests.boards import Client, StartClient, running_client
from tests.bundles import write_bundle


@pytest.fixture
def client(tmp_path: Path) -> Iterator[StartClient]:
    """Starts a client of a pynq version against an address."""
    with ExitStack() as stack:

        def start(version: str, address: str) -> Client:
            folder = tmp_path / f"client-{address}"
            return stack.enter_context(running_client(folder, version, address))

        yield start


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReleasedModel, ReleasedModel]:
    """A picture network and a temporal one, both of random weights."""
    folder = tmp_path_factory.mktemp("random")
    for name in ("tiny", "tiny-temporal"):
        write_random(name, folder / name, seed=5)
    return load_released(folder / "tiny"), load_released(folder / "tiny-temporal")


@pytest.fixture(scope="session")
def tiny(models: tuple[ReleasedModel, ReleasedModel]) -> ReleasedModel:
    return models[0]


@pytest.fixture
def bundle(tiny: ReleasedModel, tmp_path: Path) -> Manifest:
    """One small network, as a build leaves it: no bitstream yet."""
    return write_bundle(tmp_path / "bundle", [tiny], bitstream=False)
