"""A training by pictures gives the same weights again, and variants change what they name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from model_zoo.blocks import Chain, collect_activation_ranges, fix_activation_scales
from model_zoo.package import RELEASED, WEIGHTS
from quantize import recipe, stage, train
from tests.labelled_people import NOISE, STAGE, write_people, write_sets

VARIANT = f"[small]{STAGE}{NOISE}"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small sets ``train``, ``teacher`` and ``renders``, and the file of a variant."""
    folder = tmp_path_factory.mktemp("data")
    write_sets(folder, VARIANT)
    return folder


def trained(data: Path, out: Path, *more: str) -> dict[str, torch.Tensor]:
    """Weights after a round of 20 steps."""
    words = ["gait-pose-s", "--stage", "small", "--data", str(data), "--out", str(out)]
    words += ["--renders", str(data / "renders"), "--pictures", "160"]
    if "--variant" not in more:
        words += ["--variant", str(data / "variant.toml")]
    assert train.main([*words, *more]) == 0
    return load_file(out / "small.safetensors")


@pytest.fixture(scope="module")
def first(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    return trained(data, tmp_path_factory.mktemp("first"))


def test_the_same_seed_gives_the_same_weights(
    data: Path, first: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    again = trained(data, tmp_path)
    assert first.keys() == again.keys()
    assert all(torch.equal(first[name], again[name]) for name in first)
    line = json.loads((tmp_path / "curve.jsonl").read_text())
    assert (line["samples"], line["renders"], line["stage"]) == (160, 6, "small")


def test_further_teacher_sets_are_read_beside_the_first(
    data: Path, first: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    write_people(tmp_path / "more", 6, 9, "STREET")
    other = trained(data, tmp_path / "out", "--teacher", str(tmp_path / "more"))
    assert not torch.equal(first["head.weight"], other["head.weight"])
    assert json.loads((tmp_path / "out" / "curve.jsonl").read_text())["teacher"] == 4 + 6


def test_other_crops_or_another_loss_give_other_weights(
    data: Path, first: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    changed = tmp_path / "mirror.toml"
    changed.write_text(VARIANT + "[loss]\nmirror = 0.5\nrival = 0.5\nexchange = 1.0\n")
    for number, more in enumerate((["--seed-offset", "1"], ["--variant", str(changed)])):
        other = trained(data, tmp_path / str(number), *more)
        assert not torch.equal(first["head.weight"], other["head.weight"])
        assert all(torch.isfinite(v).all() for v in other.values() if v.is_floating_point())


def test_guidance_changes_the_weights_and_a_network_without_maps_is_refused(
    data: Path, first: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    released = RELEASED / "gait-pose-s" / WEIGHTS
    guided = trained(data, tmp_path, "--guide", str(released))
    assert not torch.equal(first["head.weight"], guided["head.weight"])
    words = ["person-s", "--stage", "float", "--data", str(data), "--out", str(tmp_path)]
    with pytest.raises(ValueError, match="pose networks"):
        train.main([*words, "--guide", str(released), "--pictures", "160"])


def test_a_variant_replaces_what_it_names_and_keeps_the_rest(data: Path) -> None:
    plain = recipe.read_recipe("gait-pose-s")
    varied = recipe.read_recipe("gait-pose-s", data / "variant.toml")
    assert varied["small"]["shrink"] == 4
    assert varied["augmentation"] == {**plain["augmentation"], "noise_sd": 3.0}
    assert varied["qat"] == plain["qat"]


def test_bits_of_a_variant_reach_all_layers_but_the_first() -> None:
    wanted = {"network": {"weight_bits": 3, "head_bits": 8, "activation_bits": 3}}
    spec = recipe.network_spec("gait-pose-s", wanted)
    assert [layer.weight_bits for layer in spec.trunk] == [8, *[3] * (len(spec.trunk) - 1)]
    assert (spec.head.weight_bits, spec.activation_bits) == (8, 3)
    assert recipe.network_spec("gait-pose-s", {}) == recipe.architecture("gait-pose-s").SPEC


@pytest.mark.parametrize("quantised", [False, True])
def test_released_weights_start_either_stage(*, quantised: bool) -> None:
    spec = recipe.architecture("gait-pose-s").SPEC
    net = Chain(spec, quantised=quantised)
    path = RELEASED / "gait-pose-s" / WEIGHTS
    stage.load_weights(net, path)
    stored = load_file(path)["head.weight"].float()
    assert torch.equal(net.state_dict()["head.weight"], stored)


def test_weights_of_another_network_are_refused() -> None:
    net = Chain(recipe.architecture("gait-pose-m").SPEC, quantised=False)
    with pytest.raises((ValueError, RuntimeError), match=r"weights|size mismatch"):
        stage.load_weights(net, RELEASED / "gait-pose-s" / WEIGHTS)


def test_a_variant_may_ask_for_more_layers_and_another_head() -> None:
    wanted = {"network": {"deeper": 1, "sub_cells": 2, "offsets": True}}
    plain = recipe.architecture("gait-pose-s").SPEC
    spec = recipe.network_spec("gait-pose-s", wanted)
    assert len(spec.trunk) == len(plain.trunk) + 1
    assert spec.head.channels_out == 23 * 3 * 4
    last = spec.trunk[-1]
    assert (last.channels_in, last.steps, last.weight_bits) == (96, (1, 1), 4)


def test_fresh_layers_keep_their_own_weights_and_others_are_loaded() -> None:
    spec = recipe.network_spec("gait-pose-s", {"network": {"deeper": 1}})
    path = RELEASED / "gait-pose-s" / WEIGHTS
    with pytest.raises(ValueError, match=r"trunk\.10"):
        stage.load_weights(Chain(spec, quantised=False), path, ["head"])
    net = Chain(spec, quantised=False)
    own = {k: v.clone() for k, v in net.state_dict().items()}
    stage.load_weights(net, path, ["trunk.1", "trunk.10", "head"])
    now, stored = net.state_dict(), load_file(path)
    for kept in ("trunk.1.conv.weight", "trunk.10.conv.weight", "head.weight"):
        assert torch.equal(now[kept], own[kept])
    assert torch.equal(now["trunk.9.conv.weight"], stored["trunk.9.conv.weight"].float())


def test_fixed_scales_do_not_learn() -> None:
    net = Chain(recipe.architecture("gait-pose-s").SPEC, quantised=True).train()
    collect_activation_ranges(net, [torch.rand(1, 3, 32, 32) * 255 for _ in range(41)])
    scales = {k: p for k, p in net.named_parameters() if ".act_quant." in k}
    assert len(scales) == len(net.trunk)
    fix_activation_scales(net)
    before = {k: p.clone() for k, p in scales.items()}
    learning = [p for p in net.parameters() if p.requires_grad]
    net(torch.rand(2, 3, 32, 32) * 255).square().mean().backward()
    torch.optim.SGD(learning, 0.1).step()
    assert all(torch.equal(scales[k], before[k]) for k in scales)
    assert len(learning) == len(list(net.parameters())) - len(scales)
