"""Random-weight releases: complete, alive, reproducible, and small enough for their parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from host import accelerator
from host.accelerator import AcceleratorSettings
from model_zoo.package import GOLDEN_FORM, QCDQ_FORM, load_released
from quantize.integers import ExportError
from quantize.random_model import (
    _sums,
    main,
    plan,
    random_inputs,
    random_network,
    write_random,
)

NAMES = ("tiny", "tiny-temporal", "person-s", "gait-pose-s", "gait-pose-m")


@pytest.mark.parametrize("name", NAMES)
def test_a_release_is_complete_and_its_sums_fit_16_bits(name: str, tmp_path: Path) -> None:
    write_random(name, tmp_path / name)
    model = load_released(tmp_path / name)
    model.verify()
    spec = plan(name).spec
    assert (model.macs, model.weights) == (spec.macs(), spec.weights())
    assert model.output.dtype == "int16"
    assert model.input.dtype == ("int8" if name == "tiny-temporal" else "uint8")


@pytest.mark.parametrize("name", NAMES)
def test_activations_are_neither_dead_nor_saturated(name: str) -> None:
    spec = plan(name).spec
    network = random_network(spec, np.random.default_rng(0))
    x = random_inputs(spec, 3, np.random.default_rng(5)).transpose(0, 3, 1, 2).astype(np.float32)
    for layer in network.layers[:-1]:
        sums = _sums(x, layer).astype(np.int64)
        x = np.stack([layer.activate(sums[:, c], c) for c in range(sums.shape[1])], axis=1)
        assert 0.2 < np.mean(x > 0) < 0.85, layer.name
        assert np.mean(x == 15) < 0.1, layer.name
        x = x.astype(np.float32)


def test_the_temporal_chain_ends_in_one_step() -> None:
    network = random_network(plan("tiny-temporal").spec, np.random.default_rng(0))
    assert network.sizes() == ((1, 9), (1, 3), (1, 1), (1, 1))
    assert network.layers[0].input_range == (-128, 127)


def test_the_finder_shares_a_part_with_a_pose_network() -> None:
    spec = plan("person-s").spec
    assert spec.macs() <= 40e6
    assert spec.weights() <= 0.12e6


def test_the_same_seed_gives_the_same_integers(tmp_path: Path) -> None:
    for folder, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_random("tiny", tmp_path / folder, seed)
    a, b, c = ((tmp_path / f / GOLDEN_FORM).read_bytes() for f in "abc")
    assert a == b != c


@pytest.mark.parametrize("name", ["tiny", "tiny-temporal"])
def test_the_qcdq_form_is_the_same_network(name: str, tmp_path: Path) -> None:
    network = write_random(name, tmp_path / name)
    opened = accelerator.open(tmp_path / name, AcceleratorSettings("emulation"))
    x = random_inputs(plan(name).spec, 8, np.random.default_rng(1))
    session = onnxruntime.InferenceSession(tmp_path / name / QCDQ_FORM)
    y = session.run(None, {"image": x.transpose(0, 3, 1, 2).astype(np.float32)})[0]
    integers = np.rint(y.transpose(0, 2, 3, 1) / network.output_scale)
    assert np.mean(integers == opened.run(x)) > 0.99


def test_an_unknown_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no architecture 'gait-pose-x'"):
        write_random("gait-pose-x", tmp_path / "x")


def test_the_command_writes_a_folder(tmp_path: Path) -> None:
    assert main(["tiny", "--out", str(tmp_path / "t"), "--seed", "2"]) == 0
    assert load_released(tmp_path / "t").recipe.settings == {"seed": 2}
    assert main(["gait-pose-x", "--out", str(tmp_path / "x")]) == 2
