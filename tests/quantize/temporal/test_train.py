"""The trainer of temporal networks: it learns, its files fit, both stages and the command."""

from __future__ import annotations

import json
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from host.pose.windows import CHANNELS
from model_zoo.blocks import Chain
from model_zoo.chain import ChainSpec, ConvSpec
from quantize.recipe import learning_rate_share
from quantize.release import HeadPlan
from quantize.stage import load_weights
from quantize.temporal.task import Examples, Predict
from quantize.temporal.train import TemporalTrainer, predict

SPEC = ChainSpec(
    height=1,
    width=9,
    trunk=(
        ConvSpec(CHANNELS, 16, (1, 3), (1, 3), weight_bits=8, padded=False),
        ConvSpec(16, 16, (1, 3), (1, 3), padded=False),
    ),
    head=ConvSpec(16, 2, kernel=1, weight_bits=8),
    signed_input=True,
)
STAGE = {
    "batch": 64,
    "learning_rate": 5e-3,
    "warmup_steps": 10,
    "decay_share": 0.5,
    "weight_decay": 0.0,
    "average": 0.5,
}
RECIPE = {"seed": 1, "float": STAGE, "qat": {**STAGE, "learning_rate": 2e-3}}


class SumTask:
    """Two sums of some inputs over time: a function that a chain can hold."""

    head = HeadPlan("sums", "vector")

    def __init__(self) -> None:
        self.known = self._examples(4000, seed=0)
        self.held_out = self._examples(500, seed=1)

    @staticmethod
    def _examples(n: int, seed: int) -> Examples:
        rng = np.random.default_rng(seed)
        x = rng.integers(-100, 100, (n, 1, 9, CHANNELS)).astype(np.int8)
        target = np.stack([x[:, 0, 3:6, 0].mean(1), x[:, 0, :, 5].mean(1)], -1) / 100
        return Examples(x, target.astype(np.float32), np.ones((n, 2), np.float32))

    def batch(self, n: int, rng: np.random.Generator) -> Examples:
        chosen = rng.choice(len(self.known), n)
        return Examples(*(part[chosen] for part in astuple(self.known)))

    def loss(
        self, output: torch.Tensor, target: torch.Tensor, weight: torch.Tensor
    ) -> torch.Tensor:
        return (weight * (output[:, 0] - target) ** 2).mean()

    def scores(self, predict: Predict) -> dict[str, float]:
        error = predict(self.held_out.x)[:, 0] - self.held_out.target
        return {"explained": float(1 - error.var() / self.held_out.target.var())}

    def golden(self) -> np.ndarray:
        return self.held_out.x[:2]


def trained(stage: str, out: Path, init: Path | None, samples: int) -> dict[str, float]:
    torch.manual_seed(0)
    net = Chain(SPEC, quantised=stage == "qat")
    if init:
        load_weights(net, init)
    return TemporalTrainer(net, SumTask(), RECIPE, stage, out).run(1.0, 10.0, samples)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained")
    scores = trained("float", out, None, 24_000)
    assert scores["explained"] > 0.8
    return out


def test_quantised_training_starts_from_float_weights(folder: Path) -> None:
    scores = trained("qat", folder, folder / "float.safetensors", 12_000)
    assert scores["explained"] > 0.7
    lines = [json.loads(text) for text in (folder / "curve.jsonl").read_text().splitlines()]
    assert [line["stage"] for line in lines] == ["float", "qat"]
    assert all(line["samples"] == 64 * line["step"] for line in lines)


def test_the_saved_weights_are_the_scored_ones(folder: Path) -> None:
    """The checkpoint holds the averaged weights that the curve's last line speaks of."""
    net = Chain(SPEC, quantised=False)
    load_weights(net, folder / "float.safetensors")
    net.eval()
    scores = SumTask().scores(lambda x: predict(net, x))
    line = json.loads((folder / "curve.jsonl").read_text().splitlines()[0])
    assert scores["explained"] == pytest.approx(line["explained"], abs=1e-3)
    assert "trunk.0.conv.weight" in load_file(folder / "float.safetensors")


def test_examples_of_different_number_are_refused() -> None:
    x = np.zeros((3, 1, 9, CHANNELS), np.int8)
    with pytest.raises(ValueError, match="3, 2, 3"):
        Examples(x, np.zeros((2, 1), np.float32), np.zeros((3, 1), np.float32))


def test_the_learning_rate_rises_and_falls() -> None:
    stage = {"warmup_steps": 100, "decay_share": 0.4}
    assert learning_rate_share(stage, 0, 0.0) < 0.02
    assert learning_rate_share(stage, 500, 0.5) == pytest.approx(1.0, abs=1e-3)
    assert learning_rate_share(stage, 500, 1.0) < 0.001
