"""Every model that ships: whole, exact on both executors, buildable as a circuit, honest card."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from host import accelerator
from host.accelerator import AcceleratorSettings
from model_zoo.package import CARD, GOLDEN_FORM, QONNX_FORM, load_released, released_names
from quantize.card import card_text
from quantize.rules import broken_rules
from tests.networks import random_pictures

PICTURES = 200
MEGABYTE = 2**20


def test_the_first_network_is_released() -> None:
    assert "gait-pose-s" in released_names()


@pytest.mark.parametrize("name", released_names())
def test_onnxruntime_and_numpy_agree_on_200_pictures(name: str) -> None:
    fast = accelerator.open(name, AcceleratorSettings(executor="onnxruntime"))
    slow = accelerator.open(name, AcceleratorSettings(executor="numpy"))
    height, width = fast.model.input.shape[:2]
    # Golden pictures shifted and dimmed: inputs that the network has something to say to.
    x, _ = fast.model.golden()
    rng = np.random.default_rng(0)
    seen = [
        (np.roll(x[rng.integers(len(x))], rng.integers(-20, 20), axis=1) * rng.uniform(0.4, 1))
        for _ in range(PICTURES // 2)
    ]
    if fast.model.input.dtype == "int8":
        noise = rng.integers(-128, 128, (PICTURES - len(seen), *fast.model.input.shape))
    else:
        noise = random_pictures(PICTURES - len(seen), height, width)
    pictures = np.concatenate([np.stack(seen), noise]).astype(fast.model.input.dtype)
    mismatches = 0
    for start in range(0, PICTURES, 20):
        part = pictures[start : start + 20]
        mismatches += int(np.count_nonzero(fast.run(part) != slow.run(part)))
    assert mismatches == 0


# Weights and multiplications: an xc7z020 holds either pose network and the finder together.
_BUDGETS = {
    "gait-pose-s": (450_000, 60e6),
    "gait-pose-m": (600_000, 350e6),
    "person-s": (120_000, 40e6),
    "gait-lift": (600_000, 2e6),
    "gait-events": (100_000, 4e6),
}


@pytest.mark.parametrize("name", released_names())
def test_a_circuit_can_be_built_from_it(name: str) -> None:
    model = load_released(name)
    circuit = onnx.load(model.path(QONNX_FORM))
    assert broken_rules(circuit) == []
    assert circuit.ir_version == 10
    assert model.output.dtype in ("int8", "int16")
    most_weights, most_macs = _BUDGETS[model.name]
    assert sum(layer.weights for layer in model.layers) <= most_weights
    assert model.macs <= most_macs


def test_golden_and_circuit_form_hold_the_same_weights() -> None:
    model = load_released("gait-pose-s")
    forms = (onnx.load(model.path(name)).graph for name in (GOLDEN_FORM, QONNX_FORM))
    golden, circuit = (
        {c.name: onnx.numpy_helper.to_array(c) for c in form.initializer} for form in forms
    )
    for layer in model.layers:
        weight = golden[f"{layer.name}.weight"]
        if layer.output_bits is None:
            weight = weight.T[:, :, None, None]
        assert np.array_equal(weight.astype(int), circuit[f"{layer.name}.weight"].astype(int))


@pytest.mark.parametrize("name", released_names())
def test_thresholds_invert_the_golden_activation(name: str) -> None:
    """Over every sum that can occur, from the two files alone."""
    model = load_released(name)
    golden = {
        c.name: onnx.numpy_helper.to_array(c)
        for c in onnx.load(model.path(GOLDEN_FORM)).graph.initializer
    }
    steps = {
        c.name: onnx.numpy_helper.to_array(c)
        for c in onnx.load(model.path(QONNX_FORM)).graph.initializer
    }
    for layer in model.layers[:-1]:
        weight = golden[f"{layer.name}.weight"].reshape(layer.channels_out, -1).astype(int)
        least, most = 0, 2**layer.input_bits - 1
        if layer is model.layers[0] and model.input.dtype == "int8":
            least, most = -128, 127
        falling, rising = np.minimum(weight, 0).sum(1), np.maximum(weight, 0).sum(1)
        low, high = falling * most + rising * least, rising * most + falling * least
        bias = golden[f"{layer.name}.bias"].astype(int)
        scale = golden[f"{layer.name}.scale"].ravel()
        for c in range(layer.channels_out):
            sums = np.arange(low[c], high[c] + 1)
            levels = np.clip(np.rint((sums + bias[c]).astype(np.float32) * scale[c]), 0, 15)
            counted = np.searchsorted(steps[f"{layer.name}.thresholds"][c], sums, side="right")
            assert np.array_equal(levels, counted)


@pytest.mark.parametrize("name", released_names())
def test_card_and_files_are_those_of_the_description(name: str) -> None:
    model = load_released(name)
    model.verify()
    assert model.path(CARD).read_text(encoding="utf-8") == card_text(model)
    assert {p.name for p in model.folder.iterdir()} == {*model.files, "model.json"}
    assert model.path("weights.safetensors").stat().st_size <= 2 * MEGABYTE
