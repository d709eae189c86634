"""From trained weights to a released model: ``python -m quantize export NAME --checkpoint FILE``.

The Brevitas network is read once: integer weights, and batch norm, weight, input and activation
scale folded into the golden activation. Everything that runs later is made of these integers; the
QCDQ form comes from Brevitas itself, is for interchange and agrees only within a tolerance.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import tempfile
import tomllib
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from rich.console import Console
from safetensors.torch import save
from torch import nn

from host.person.letterbox import Letterbox
from host.pose.crop import Cropper
from model_zoo.blocks import INPUT_SCALE, Chain, Stage
from model_zoo.package import QCDQ_FORM, RELEASED, WEIGHTS, DataSet, Recipe
from model_zoo.skeleton import KEYPOINTS
from quantize import temporal
from quantize.data.frames import read_frames
from quantize.data.pictures import read_set
from quantize.forms import IR_VERSION
from quantize.integers import ExportError, IntegerLayer, IntegerNetwork, fold
from quantize.recipe import RECIPES, architecture, read_recipe, role_of
from quantize.release import HeadPlan, Origin, write_release
from quantize.stage import load_weights
from quantize.watch import crops_of

QCDQ_OPSET = 13
GOLDEN_SEED = 7
_GOLDEN_RENDERS = 4
_INPUT_BITS = 8
_ROUNDING = 1e-3
_TIE_CLEARANCE = 5e-7
"""Least distance of a threshold from a whole sum, as a share of it; float32 has steps of 1.2e-7."""
_TIE_CHANGE = 5e-4


@torch.no_grad()
def snap_biases(net: Chain) -> None:
    """Move the shifts of the batch norms so that each is a whole number of accumulator steps.

    The golden activation has an integer bias. Rounding it only there would leave the Brevitas
    network and the QCDQ form slightly different networks; snapped, all forms are the same one.
    Gains whose thresholds fall on whole sums are moved first (:func:`_part_ties`).
    """
    input_scale, input_bits = INPUT_SCALE, _INPUT_BITS
    for i, stage in enumerate(net.trunk):
        _, scales = _convolution(f"trunk.{i}", stage.conv, input_bits)
        _part_ties(stage, scales * input_scale)
        gain, shift = _batch_norm(stage)
        step = np.abs(gain) * scales * input_scale
        moving = step > 0
        whole = np.rint(shift / np.where(moving, step, 1.0)) * step
        moved = np.where(moving, whole - shift, 0.0)
        stage.norm.bias += torch.from_numpy(moved).to(stage.norm.bias.dtype)
        input_scale = float(stage.act.act_quant.scale())
        input_bits = int(stage.act.act_quant.bit_width())


def _part_ties(stage: Stage, sum_scale: NDArray[np.float64]) -> None:
    """Change gains by at most 0.05 % where a threshold lies on a whole sum.

    There the float arithmetic of Brevitas and of the QCDQ form decides by its last bit, and in a
    flat part of a picture it decides alike for all of it; a threshold between two sums is clear.
    """
    levels = 2 ** int(stage.act.act_quant.bit_width()) - 1
    gain, _ = _batch_norm(stage)
    slope = np.abs(gain) * sum_scale / float(stage.act.act_quant.scale())
    usable = slope > 0
    changes = 1 + np.concatenate([[0.0], np.linspace(-_TIE_CHANGE, _TIE_CHANGE, 101)])
    tried = np.where(usable, slope, 1.0)[:, None] * changes
    thresholds = (np.arange(levels) + 0.5) / tried[..., None]
    # As a share of the threshold: the rounding of float arithmetic grows with the sums.
    clearance = (np.abs(thresholds - np.rint(thresholds)) / thresholds).min(axis=-1)
    best = np.where(clearance[:, 0] < _TIE_CLEARANCE, clearance.argmax(axis=1), 0)
    factor = np.where(usable, changes[best], 1.0)
    stage.norm.weight *= torch.from_numpy(factor).to(stage.norm.weight.dtype)


@torch.no_grad()
def clear_thresholds(net: Chain) -> None:
    """Move the thresholds of a snapped float network away from whole sums, past none of them.

    Its integers are as before (take :func:`integer_network` first), but float arithmetic reads them
    more surely: float32 misses a sum of bytes times 8-bit weights, most of which cancel, by up to a
    twentieth, and Brevitas and the QCDQ form read a threshold as close as that on either side.
    """
    input_scale, input_bits = INPUT_SCALE, _INPUT_BITS
    for i, stage in enumerate(net.trunk):
        _, scales = _convolution(f"trunk.{i}", stage.conv, input_bits)
        gain, _ = _batch_norm(stage)
        act_scale = float(stage.act.act_quant.scale())
        input_bits = int(stage.act.act_quant.bit_width())
        step = np.abs(gain) * scales * input_scale
        usable = step > 0
        thresholds = (np.arange(2**input_bits - 1) + 0.5) * act_scale
        thresholds = thresholds / np.where(usable, step, 1.0)[:, None]
        # From the whole sum below to the least that reaches the level: into the middle of both.
        above = (np.ceil(thresholds) - thresholds).min(axis=1)
        below = (thresholds - np.floor(thresholds)).min(axis=1)
        moved = np.where(usable & (below > 0), (below - above) / 2, 0.0) * step
        stage.norm.bias += torch.from_numpy(moved).to(stage.norm.bias.dtype)
        input_scale = act_scale


@torch.no_grad()
def integer_network(net: Chain) -> IntegerNetwork:
    """The integers of a quantised chain in evaluation mode.

    Raises
    ------
    ExportError
        When a weight is no integer multiple of its scale, or a sum would not be exact.
    """
    input_scale, input_bits, layers = INPUT_SCALE, _INPUT_BITS, []
    for i, stage in enumerate(net.trunk):
        layer, scales = _convolution(f"trunk.{i}", stage.conv, input_bits)
        act_scale = float(stage.act.act_quant.scale())
        output_bits = int(stage.act.act_quant.bit_width())
        gain, shift = _batch_norm(stage)
        plan = IntegerLayer(
            layer.name,
            layer.weight,
            layer.weight_bits,
            layer.input_bits,
            layer.stride,
            layer.padding,
            output_bits=output_bits,
            signed_input=net.spec.signed_input and i == 0,
        )
        slope = gain * scales * input_scale / act_scale
        layers.append(fold(layer.weight, slope, shift / act_scale, plan))
        input_scale, input_bits = act_scale, output_bits
    head, scales = _convolution("head", net.head, input_bits)
    if np.ptp(scales) != 0:
        raise ExportError("the head has more than one weight scale")
    return IntegerNetwork(
        net.spec.height, net.spec.width, (*layers, head), float(scales[0] * input_scale)
    )


def _convolution(name: str, conv: Any, input_bits: int) -> tuple[IntegerLayer, NDArray[np.float64]]:
    """Integer weights of a quantised convolution and its weight scale per output channel."""
    quantised = conv.quant_weight()
    values = quantised.value.double().numpy()
    scale = np.broadcast_to(
        quantised.scale.double().numpy().reshape(-1, 1, 1, 1), (len(values), 1, 1, 1)
    )
    weight = np.rint(values / scale)
    if np.abs(values / scale - weight).max() > _ROUNDING:
        raise ExportError(f"{name}: weights are no multiples of their scale")
    layer = IntegerLayer(
        name,
        weight.astype(np.int64),
        int(quantised.bit_width),
        input_bits,
        tuple(conv.stride),
        tuple(conv.padding),
    )
    return layer, scale[:, 0, 0, 0].copy()


def _batch_norm(stage: Stage) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    norm = stage.norm
    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None:
        raise ExportError("batch norm without running statistics")
    gain = norm.weight.double() / torch.sqrt(variance.double() + norm.eps)
    shift = norm.bias.double() - mean.double() * gain
    return gain.numpy(), shift.numpy()


def qcdq_form(net: Chain) -> bytes:
    """Brevitas' own export with standard operators, for other tools."""
    channels = net.spec.trunk[0].channels_in
    one = torch.zeros(1, channels, net.spec.height, net.spec.width)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # Brevitas imports a deprecated part of itself; torch's older exporter names its successor.
        warnings.simplefilter("ignore")
        from brevitas.export import export_onnx_qcdq

        path = Path(folder) / QCDQ_FORM
        export_onnx_qcdq(net, one, str(path), opset_version=QCDQ_OPSET, dynamo=False)
        model = onnx.load(path)
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def round_to_half(net: nn.Module) -> bytes:
    """Round all parameters and statistics to float16 and return them as safetensors.

    The released integers are made from the rounded network, so that the released weights (from
    which a training goes on) give exactly these integers again.
    """
    state = {}
    for name, value in net.state_dict().items():
        half = value.half() if value.is_floating_point() else value
        if half.is_floating_point() and not torch.isfinite(half).all():
            raise ExportError(f"{name} does not fit float16")
        state[name] = half.contiguous()
    net.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    content: bytes = save(state)
    return content


def golden_input(role: str, size: tuple[int, int], rendered: Path | None) -> NDArray[np.uint8]:
    """Pictures of the golden pair, uint8[G, H, W, 3]: noise, ramps and, if given, four renders.

    Of a set of walkers the crops, of a set of frames the whole frames. Only renders may ship;
    photographs have terms of their own.
    """
    height, width = size
    rng = np.random.default_rng(GOLDEN_SEED)
    y, x = np.mgrid[:height, :width]
    ramps = np.stack([x * 255 // width, y * 255 // height, (x * y) % 256], axis=2)
    pictures = [rng.integers(0, 256, (height, width, 3)).astype(np.uint8), ramps.astype(np.uint8)]
    if rendered is not None:
        shown = _crops if role == "pose" else _whole
        pictures += shown(rendered, size, rng)
    return np.stack(pictures)


def _crops(
    folder: Path, size: tuple[int, int], rng: np.random.Generator
) -> list[NDArray[np.uint8]]:
    people = read_set(folder)
    chosen = [people[i] for i in rng.choice(len(people), size=_GOLDEN_RENDERS, replace=False)]
    return list(crops_of(Cropper(*size), chosen))


def _whole(
    folder: Path, size: tuple[int, int], rng: np.random.Generator
) -> list[NDArray[np.uint8]]:
    letterbox, frames = Letterbox(*size), read_frames(folder)
    chosen = rng.choice(len(frames), size=_GOLDEN_RENDERS, replace=False)
    return [letterbox.fit(frames[i].image()) for i in chosen]


def head_plan(name: str, recipe: dict[str, Any]) -> HeadPlan:
    """How the host reads the output of the network ``name``.

    A finder's threshold, chosen on the validation split, becomes part of its bias: the host's
    decoders take a score of one half.
    """
    module = architecture(name)
    if role_of(name) == "pose":
        return HeadPlan("keypoints", "cells", module.SUB_CELLS)
    threshold = recipe["decode"]["threshold"]
    centre, *others = module.HEAD_BIASES
    biases = (centre - math.log(threshold / (1 - threshold)), *others)
    return HeadPlan("people", "box_centre", gains=module.HEAD_GAINS, biases=biases)


def data_sets(name: str) -> tuple[DataSet, ...]:
    """Data that a recipe uses, with its terms, from ``recipes/data.toml``."""
    table = tomllib.loads((RECIPES / "data.toml").read_text(encoding="utf-8"))
    return tuple(
        DataSet(entry["name"], entry["use"], entry["terms"])
        for entry in table["set"]
        if name in entry["networks"]
    )


def commit_of(folder: Path) -> str:
    """Commit of the repository that holds ``folder``."""
    done = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "HEAD"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return done.stdout.strip()


def samples_of(curves: list[Path]) -> int:
    """Pictures seen over all stages, from the ``curve.jsonl`` of each training.

    The lines of a curve count anew in each stage; a restarted training has a curve of its own.
    """
    most: dict[tuple[Path, str], int] = {}
    for curve in curves:
        for text in curve.read_text().splitlines():
            line = json.loads(text)
            key = curve, line["stage"]
            most[key] = max(most.get(key, 0), int(line["samples"]))
    return sum(most.values())


def parser() -> argparse.ArgumentParser:
    """Options of ``python -m quantize export``."""
    p = argparse.ArgumentParser(prog="python -m quantize export", description=__doc__)
    p.add_argument("name", help="recipe and model, such as gait-pose-s")
    p.add_argument("--checkpoint", type=Path, required=True, help="qat.safetensors of a training")
    p.add_argument("--version", required=True, help="of the released model, such as 0.1.0")
    p.add_argument("--renders", type=Path, help="rendered set that golden pictures come from")
    p.add_argument(
        "--data", type=Path, nargs="+", help="of a temporal network: what its training was given"
    )
    p.add_argument("--curve", type=Path, nargs="*", default=[], help="curve.jsonl of each training")
    p.add_argument("--out", type=Path, help="folder to write (default: model_zoo/released/NAME)")
    return p


def main(argv: list[str] | None = None) -> int:
    """Export one checkpoint; returns the exit code."""
    args = parser().parse_args(argv)
    torch.set_num_threads(1)
    module, recipe, role = architecture(args.name), read_recipe(args.name), role_of(args.name)
    net = Chain(module.SPEC, quantised=True)
    load_weights(net, args.checkpoint)
    net.eval()
    weights = round_to_half(net)
    snap_biases(net)
    if role in temporal.ROLES:
        # Late: training on windows needs what drawing walks needs.
        head, golden = import_module("quantize.temporal.golden").parts(args.name, args.data)
    else:
        head = head_plan(args.name, recipe)
        golden = golden_input(role, (module.SPEC.height, module.SPEC.width), args.renders)
    origin = Origin(
        name=args.name,
        role=role,
        version=args.version,
        keypoints=KEYPOINTS if role in ("pose", "lift") else (),
        head=head,
        recipe=Recipe(
            f"quantize/recipes/{args.name}.toml",
            commit_of(RECIPES),
            samples_of(args.curve),
            recipe,
        ),
        data=data_sets(args.name),
        rate_hz=getattr(module, "RATE_HZ", None),
    )
    integers = integer_network(net)
    clear_thresholds(net)
    files = {QCDQ_FORM: qcdq_form(net), WEIGHTS: weights}
    model = write_release(args.out or RELEASED / args.name, integers, origin, golden, files)
    low, high = model.layers[-1].accumulator
    Console().print(
        f"{model.name} {model.version} in {model.folder}: {model.weights:,} weights, "
        f"sums {low} to {high} ({model.output.dtype}), golden pair of {len(golden)} proven on "
        "onnxruntime and numpy"
    )
    return 0
