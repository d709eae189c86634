"""Released temporal networks: their checkpoint's Brevitas form answers as the integers do."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from host import accelerator
from model_zoo.blocks import Chain
from model_zoo.package import WEIGHTS, load_released, released_names
from quantize import export
from quantize.recipe import architecture
from quantize.stage import load_weights
from quantize.temporal import ROLES
from quantize.temporal.train import predict

NAMES = [name for name in released_names() if load_released(name).role in ROLES]


def test_the_lifter_is_among_them() -> None:
    assert "gait-lift" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_rate_is_that_of_the_architecture(name: str) -> None:
    assert load_released(name).input.rate_hz == architecture(name).RATE_HZ


@pytest.mark.parametrize("name", NAMES)
def test_training_and_host_read_the_same_answer(name: str) -> None:
    """The trainer's forward pass of the released weights, axis by axis, against the integers."""
    model = load_released(name)
    net = Chain(architecture(name).SPEC, quantised=True)
    load_weights(net, model.path(WEIGHTS))
    net.eval()
    export.snap_biases(net)
    x, _ = model.golden()
    opened = accelerator.open(name)
    integers = opened.run(x)
    opened.close()
    with torch.no_grad():
        answer = predict(net, x)
    network = export.integer_network(net)
    expected = integers[:, 0] * network.output_scale
    assert answer.shape == expected.shape
    assert np.mean(np.abs(answer - expected) <= 0.01 * np.ptp(expected)) > 0.99
