"""A released model of random weights, written once."""

from pathlib import Path

import pytest

from model_zoo.package import ReleasedModel
from tests.networks import write_random_release


@pytest.fixture(scope="session")
def tiny_pose(tmp_path_factory: pytest.TempPathFactory) -> ReleasedModel:
    """Read only: tests that damage it copy the folder first."""
    folder: Path = tmp_path_factory.mktemp("released") / "tiny-pose"
    return write_random_release(folder)
