"""A finder's training starts, learns something, and leaves weights and a line of scores."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from model_zoo.blocks import Chain
from model_zoo.person.person_s import SPEC
from quantize.stage import load_weights
from tests.frames import write_frames


def train(folder: Path, pictures: int) -> dict[str, float]:
    """Train on frames alone, in a process of its own (it sets threads and seeds); the last line."""
    variant = folder / "variant.toml"
    variant.write_text("[mixture]\nmosaics = 0.0\n\n[float]\nwarmup_steps = 4\nbatch = 8\n")
    frames = write_frames(folder / "frames", 48)
    words = [
        sys.executable, "-m", "quantize", "train", "person-s", "--data", str(folder),
        "--renders", str(frames), "--stage", "float", "--out", str(folder / "out"),
        "--variant", str(variant), "--pictures", str(pictures),
    ]  # fmt: skip
    subprocess.run(words, check=True, timeout=300, capture_output=True)
    lines = (folder / "out" / "curve.jsonl").read_text().splitlines()
    return dict(json.loads(lines[-1]))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float]]:
    folder = tmp_path_factory.mktemp("training")
    return folder, train(folder, 320)


def test_the_loss_falls(trained: tuple[Path, dict[str, float]], tmp_path: Path) -> None:
    short = train(tmp_path, 8)
    assert trained[1]["loss"] < 0.8 * short["loss"]


def test_scores_are_those_of_the_held_out_scenes(trained: tuple[Path, dict[str, float]]) -> None:
    line = trained[1]
    assert line["validation_frames"] == 4
    assert line["renders"] == 44
    assert {"threshold", "validation_subject_found", "validation_false_boxes"} <= set(line)


def test_weights_fit_the_architecture(trained: tuple[Path, dict[str, float]]) -> None:
    net = Chain(SPEC, quantised=False)
    load_weights(net, trained[0] / "out" / "float.safetensors")
    assert net(torch.zeros(1, 3, 112, 192)).shape == (1, 5, 14, 24)
