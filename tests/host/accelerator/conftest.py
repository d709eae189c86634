"""Released models of random weights, and a board inside the process that holds two of them."""

import sys
from pathlib import Path

import pytest

from host.accelerator import AcceleratorSettings, pynq_device
from host.accelerator.emulation import Emulation
from model_zoo.package import ReleasedModel
from tests.bundles import write_bundle
from tests.fake_pynq import DEADLINE_S, FakeBoard, computing
from tests.networks import write_random_release


@pytest.fixture(scope="session")
def tiny_pose(tmp_path_factory: pytest.TempPathFactory) -> ReleasedModel:
    """Read only: tests that damage it copy the folder first."""
    folder: Path = tmp_path_factory.mktemp("released") / "tiny-pose"
    return write_random_release(folder)


@pytest.fixture(scope="module")
def two_models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("released")
    return [write_random_release(folder / n, seed, n) for n, seed in (("one", 1), ("two", 2))]


@pytest.fixture
def bundle(two_models, tmp_path):
    return write_bundle(tmp_path / "one+two-pynq-z2", two_models)


@pytest.fixture
def board(bundle, two_models, monkeypatch):
    """Of the two models; ``import pynq`` finds it."""
    computed = [computing(model) for model in two_models]
    fake = FakeBoard(list(zip(bundle.networks, computed, strict=True)))
    monkeypatch.setitem(sys.modules, "pynq", fake.module())
    monkeypatch.delenv("PYNQ_REMOTE_DEVICES", raising=False)
    monkeypatch.setattr(pynq_device, "local_board", lambda: "pynq-z2")
    yield fake
    fake.release.set()


@pytest.fixture
def settings(bundle):
    return AcceleratorSettings("pynq", deadline_s=DEADLINE_S, bundle=str(bundle.folder))


@pytest.fixture
def expected(two_models):
    emulation = Emulation(two_models[0], AcceleratorSettings("emulation"))
    return emulation.run
