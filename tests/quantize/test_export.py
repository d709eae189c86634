"""A Brevitas network, its QCDQ form and its integers are the same network."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.torch import save_file

from host import accelerator
from host.person.decode import BoxCentreDecoder
from host.pose.crop import ArrayPicture, Cropper
from host.pose.decode import keypoint_decoder
from model_zoo.blocks import Chain, ChainSpec, ConvSpec, collect_activation_ranges
from model_zoo.package import (
    GOLDEN_FORM,
    QCDQ_FORM,
    WEIGHTS,
    ReleasedModel,
    load_released,
    released_names,
)
from quantize import export
from quantize.data.pictures import read_set
from quantize.forms import golden_form
from quantize.integers import ExportError
from quantize.stage import load_weights
from tests.networks import origin, random_pictures

SAME_SHARE = 0.01
"""Numbers that differ by less than this part of all answers' range are the same answer."""
POSE = [name for name in released_names() if load_released(name).role == "pose"]

SPEC = ChainSpec(
    height=64,
    width=48,
    trunk=(
        ConvSpec(3, 8, stride=2, weight_bits=8),
        ConvSpec(8, 16, stride=2),
        ConvSpec(16, 16, stride=2),
        ConvSpec(16, 24, stride=2),
    ),
    head=ConvSpec(24, 23 * 16, kernel=1, weight_bits=6),
)


@pytest.fixture(scope="module")
def net() -> Chain:
    """Random weights, batch norms as after a training, slopes of both signs, ranges collected."""
    torch.manual_seed(0)
    net = Chain(SPEC, quantised=True)
    with torch.no_grad():
        for stage in net.trunk:
            sign = torch.where(torch.rand_like(stage.norm.weight) < 0.3, -1.0, 1.0)
            stage.norm.weight.copy_(torch.empty_like(sign).uniform_(0.5, 1.5) * sign)
            stage.norm.bias.uniform_(-0.5, 1.0)
        net.head.weight.mul_(8)
    net.train()
    batch = torch.from_numpy(random_pictures(45)).permute(0, 3, 1, 2).float()
    for _ in range(30):  # running statistics
        net(batch[torch.randint(0, 45, (8,))])
    collect_activation_ranges(net, [batch[i : i + 3] for i in range(0, 45, 3)] * 3)
    return net.eval()


def planes(x: np.ndarray) -> np.ndarray:
    return x.transpose(0, 3, 1, 2).astype(np.float32)


def run_brevitas(net: Chain, x: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return net(torch.from_numpy(planes(x))).numpy().transpose(0, 2, 3, 1)


def run_qcdq(path: Path, net: Chain, x: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options)
    (name,) = [i.name for i in session.get_inputs() if i.name not in net.state_dict()]
    outputs = [session.run(None, {name: planes(one[None])})[0] for one in x]
    return np.concatenate(outputs).transpose(0, 2, 3, 1)


@pytest.fixture(scope="module")
def released(net: Chain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The snapped network as a release, by the same steps as the command."""
    weights = export.round_to_half(net)
    export.snap_biases(net)
    folder = tmp_path_factory.mktemp("released") / "tiny-pose"
    clear = copy.deepcopy(net)
    export.clear_thresholds(clear)
    files = {
        QCDQ_FORM: export.qcdq_form(clear),
        WEIGHTS: weights,
    }
    pictures = export.golden_input("pose", (64, 48), None)
    export.write_release(folder, export.integer_network(net), origin(), pictures, files)
    return folder


def share_of_equal_points(released: Path, output: np.ndarray, x: np.ndarray) -> float:
    """Share of keypoints (or edges of boxes) that lie within 0.5 px of the golden form's."""
    opened = accelerator.open(released)
    golden, head = opened.run(x), opened.model.output.heads[0]
    if head.kind == "box_centre":
        return share_of_equal_edges(opened.model, golden, output)
    if head.kind in ("vector", "event_odds"):
        other = np.rint(output / head.scale[0]).astype(np.int32)
        near = np.abs(golden - other) <= SAME_SHARE * np.ptp(golden)
        return float(near.mean())
    decoder = keypoint_decoder(opened.model)
    other = decoder.decode(np.rint(output / head.scale[0]).astype(np.int32)).xy_px
    return float(np.mean(np.linalg.norm(decoder.decode(golden).xy_px - other, axis=2) <= 0.5))


def share_of_equal_edges(model: ReleasedModel, golden: np.ndarray, output: np.ndarray) -> float:
    """Of the boxes that all cells of the golden form tell, doubtful ones too; missing = unequal."""
    head, shape, size = model.output.heads[0], model.output.shape, (112, 192)
    decoder, unsure = (BoxCentreDecoder(head, shape, size, sure, same=2.0) for sure in (0.15, 0.1))
    step = head.scale[0] / export.architecture(model.name).HEAD_GAINS[0]
    other = unsure.decode(np.rint(output / step).astype(np.int32))
    equal = edges = 0
    for ours, theirs in zip(decoder.decode(golden), other, strict=True):
        edges += ours.box_px.size
        if len(theirs.box_px):
            away = np.abs(ours.box_px[:, None] - theirs.box_px[None]).max(axis=2).min(axis=1)
            equal += 4 * int((away <= 0.5).sum())
    assert edges > 400
    return equal / edges


def test_brevitas_agrees_with_the_golden_form(net: Chain, released: Path) -> None:
    x = random_pictures(60, seed=8)
    assert share_of_equal_points(released, run_brevitas(net, x), x) >= 0.99


def test_qcdq_agrees_with_the_golden_form(net: Chain, released: Path) -> None:
    x = random_pictures(60, seed=9)
    output = run_qcdq(released / QCDQ_FORM, net, x)
    assert share_of_equal_points(released, output, x) >= 0.99


@torch.no_grad()
def test_thresholds_on_whole_sums_are_moved_off(net: Chain) -> None:
    stage = copy.deepcopy(net.trunk[1])
    _, scales = export._convolution("x", stage.conv, 4)
    sum_scale = scales * float(net.trunk[0].act.act_quant.scale())
    act_scale = float(stage.act.act_quant.scale())
    gain, _ = export._batch_norm(stage)
    # One level is exactly 26 sums: the thresholds are 13, 39, 65 ...
    stage.norm.weight *= torch.from_numpy(act_scale / 26 / (np.abs(gain) * sum_scale)).float()
    export._part_ties(stage, sum_scale)
    gain, _ = export._batch_norm(stage)
    level = act_scale / (np.abs(gain) * sum_scale)
    thresholds = (np.arange(15) + 0.5) * level[:, None]
    assert np.all(np.abs(level / 26 - 1) < 6e-4)
    assert np.abs(thresholds - np.rint(thresholds)).min() > 1e-4


@torch.no_grad()
def test_snapping_moves_each_shift_by_less_than_half_a_step(net: Chain) -> None:
    before = [stage.norm.bias.detach().clone() for stage in net.trunk]
    export.snap_biases(net)
    after = [stage.norm.bias.detach().clone() for stage in net.trunk]
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(before, after, strict=True)), (
        "snapping twice changes nothing"
    )
    net.trunk[1].norm.bias += 0.01
    export.snap_biases(net)
    moved = (net.trunk[1].norm.bias - before[1]).numpy()
    net.trunk[1].norm.bias.copy_(before[1])
    _, scales = export._convolution("x", net.trunk[1].conv, 4)
    gain, _ = export._batch_norm(net.trunk[1])
    step = np.abs(gain) * scales * float(net.trunk[0].act.act_quant.scale())
    assert np.allclose(moved / step, np.rint(moved / step), atol=1e-3)
    assert np.all(np.abs(moved - 0.01) <= step / 2 + 1e-6)


@torch.no_grad()
def test_cleared_thresholds_leave_the_integers_and_stand_farther_from_sums(net: Chain) -> None:
    export.snap_biases(net)
    clear = copy.deepcopy(net)
    export.clear_thresholds(clear)
    integers = [golden_form(export.integer_network(n)).SerializeToString() for n in (net, clear)]
    assert integers[0] == integers[1]

    def clearance(chain: Chain) -> np.ndarray:
        """Distance of each channel's nearest threshold of the first layer from a whole sum."""
        stage = chain.trunk[0]
        _, scales = export._convolution("x", stage.conv, 8)
        gain, shift = export._batch_norm(stage)
        step = np.abs(gain) * scales * export.INPUT_SCALE
        levels = (np.arange(15) + 0.5) * float(stage.act.act_quant.scale())
        sums = (levels - shift[:, None]) / step[:, None]
        return np.abs(sums - np.rint(sums)).min(axis=1)

    assert np.all(clearance(clear) > clearance(net) - 1e-4)
    assert np.median(clearance(clear)) > 1.3 * np.median(clearance(net))


def test_release_tells_what_the_network_is(released: Path) -> None:
    model = load_released(released)
    model.verify()
    assert model.macs == SPEC.macs()
    assert model.weights == SPEC.weights()
    assert [x.weight_bits for x in model.layers] == [8, 4, 4, 4, 6]
    assert [x.output_bits for x in model.layers] == [4, 4, 4, 4, None]
    assert model.output.dtype == "int16"
    assert "tiny-pose" in model.path("card.md").read_text()


def from_released(folder: Path, spec: ChainSpec) -> Chain:
    """The Brevitas network of a release, snapped as the export does."""
    again = Chain(spec, quantised=True)
    load_weights(again, folder / WEIGHTS)
    again.eval()
    export.snap_biases(again)
    return again


def test_released_weights_give_the_released_integers_again(released: Path) -> None:
    again = export.integer_network(from_released(released, SPEC))
    assert golden_form(again).SerializeToString() == (released / GOLDEN_FORM).read_bytes()


@pytest.mark.parametrize("name", released_names())
def test_released_weights_give_what_ships(name: str) -> None:
    model = load_released(name)
    net = from_released(model.folder, export.architecture(name).SPEC)
    assert golden_form(export.integer_network(net)).SerializeToString() == (
        model.path(GOLDEN_FORM).read_bytes()
    )


@pytest.mark.parametrize("name", POSE)
def test_what_ships_agrees_with_brevitas_and_qcdq_on_photographs(name: str, shared: Path) -> None:
    """On 200 photographs of people: at least 99 % of the keypoints within 0.5 px."""
    people = read_set(shared / "data" / "pose" / "standing_test")[:200]
    model = load_released(name)
    cropper = Cropper(*model.input.shape[:2])
    x = np.stack([cropper.cut(ArrayPicture(p.image()), cropper.window(p.box_px)) for p in people])
    assert_forms_agree(model, x, least=0.99)


@pytest.mark.parametrize("name", released_names())
def test_what_ships_agrees_with_brevitas_and_qcdq_on_drawings(name: str) -> None:
    """On the golden pictures, shifted and dimmed; flat walls, where one tie is many, included."""
    model = load_released(name)
    rng = np.random.default_rng(0)
    pictures, _ = model.golden()
    shifts = [(i, shift) for i in range(2, len(pictures)) for shift in range(-15, 16, 2)]
    x = np.stack([np.roll(pictures[i], s, axis=1) * rng.uniform(0.5, 1) for i, s in shifts])
    assert_forms_agree(model, x.astype(model.input.dtype), least=0.99)


def assert_forms_agree(model: ReleasedModel, x: np.ndarray, least: float) -> None:
    net = from_released(model.folder, export.architecture(model.name).SPEC)
    export.clear_thresholds(net)
    assert share_of_equal_points(model.folder, run_brevitas(net, x), x) >= least
    output = run_qcdq(model.path(QCDQ_FORM), net, x)
    assert share_of_equal_points(model.folder, output, x) >= least


def test_weights_too_large_for_float16_are_refused() -> None:
    broken = Chain(SPEC, quantised=False)
    with torch.no_grad():
        broken.trunk[0].norm.running_var.fill_(1e6)
    with pytest.raises(ExportError, match="float16"):
        export.round_to_half(broken)


def test_the_command_writes_a_release(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The real architecture with random weights, through the command line."""
    module = export.architecture("gait-pose-s")
    torch.manual_seed(1)
    full = Chain(module.SPEC, quantised=True)
    full.train()
    batch = torch.from_numpy(random_pictures(4, 128, 96)).permute(0, 3, 1, 2).float()
    collect_activation_ranges(full, [batch] * 41)
    save_file({k: v.contiguous() for k, v in full.state_dict().items()}, tmp_path / "qat.st")
    curve = [{"stage": "float", "samples": 5}, {"stage": "float", "samples": 9}]
    curve.append({"stage": "qat", "samples": 4})
    (tmp_path / "curve.jsonl").write_text("\n".join(map(json.dumps, curve)))
    out = tmp_path / "gait-pose-s"
    words = ["gait-pose-s", "--checkpoint", str(tmp_path / "qat.st"), "--version", "0.0.9"]
    (tmp_path / "before.jsonl").write_text('{"stage": "float", "samples": 100}')
    curves = [str(tmp_path / "curve.jsonl"), str(tmp_path / "before.jsonl")]
    words += ["--curve", *curves, "--out", str(out)]
    assert export.main(words) == 0
    model = load_released(out)
    assert (model.version, model.recipe.samples) == ("0.0.9", 113)
    assert model.input.shape == (128, 96, 3)
    assert model.data
    assert sum(p.stat().st_size for p in out.iterdir()) < 6e6
    assert "proven" in capsys.readouterr().out
