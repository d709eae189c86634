"""Released models of random weights: ``python -m quantize random NAME --out DIR``.

For circuits whose network is not trained yet, and for tests of everything behind the export. The
integers behave like those of a trained network: weights fall off towards the largest, each channel
is centred like behind a batch norm, about half of the activations are zero and few reach the top
level. No torch is needed.
"""

from __future__ import annotations

import argparse
import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from scipy.ndimage import zoom

from host.accelerator.numpy_executor import convolution_sums
from model_zoo.chain import ChainSpec, ConvSpec
from model_zoo.package import QCDQ_FORM, DataSet, Recipe
from model_zoo.skeleton import KEYPOINTS, N_KEYPOINTS
from quantize.forms import qcdq_form
from quantize.integers import ExportError, IntegerLayer, IntegerNetwork, fold
from quantize.release import HeadPlan, Origin, write_release

VERSION = "0.0.0"
_TOP_SD = 3.0
"""Standard deviations above its mean where a channel reaches the top level."""
_OUTPUT_SCALE = 2.0**-8
_CALIBRATION, _GOLDEN = 6, 4


@dataclass(frozen=True)
class Plan:
    """A network to be: its layers and how its output is read."""

    spec: ChainSpec
    role: str
    head: HeadPlan


TEST_CHAINS = {
    # Small enough to be simulated within seconds; four convolutions like a pose network's.
    "tiny": Plan(
        ChainSpec(
            height=32,
            width=24,
            trunk=(
                ConvSpec(3, 8, stride=2, weight_bits=8),
                ConvSpec(8, 16, stride=2),
                ConvSpec(16, 16),
            ),
            head=ConvSpec(16, N_KEYPOINTS * 4, kernel=1, weight_bits=6),
        ),
        "pose",
        HeadPlan("keypoints", "cells", sub_cells=2),
    ),
    # 27 steps of 46 values in three strides (the strided form of Pavllo et al., CVPR 2019).
    "tiny-temporal": Plan(
        ChainSpec(
            height=1,
            width=27,
            trunk=(
                ConvSpec(46, 32, (1, 3), (1, 3), weight_bits=8, padded=False),
                ConvSpec(32, 32, (1, 3), (1, 3), padded=False),
                ConvSpec(32, 32, (1, 3), (1, 3), padded=False),
            ),
            head=ConvSpec(32, 8, kernel=1, weight_bits=6),
            signed_input=True,
        ),
        "gait",
        HeadPlan("phases", "vector"),
    ),
}
"""Chains that exist for tests only."""

_ROLE_HEADS = {
    "pose": ("keypoints", "cells"),
    "person": ("people", "box_centre"),
    "gait": ("events", "event_odds"),
    "lift": ("points", "vector"),
}


def plan(name: str) -> Plan:
    """The test chain or the architecture of ``model_zoo`` of that name.

    Raises
    ------
    ExportError
        When there is none.
    """
    if name in TEST_CHAINS:
        return TEST_CHAINS[name]
    module_name = name.replace("-", "_")
    for role, (head, kind) in _ROLE_HEADS.items():
        try:
            module: Any = importlib.import_module(f"model_zoo.{role}.{module_name}")
        except ModuleNotFoundError:
            continue
        return Plan(module.SPEC, role, HeadPlan(head, kind, getattr(module, "SUB_CELLS", 1)))
    raise ExportError(f"no architecture {name!r} in model_zoo and no test chain of that name")


def random_inputs(spec: ChainSpec, n: int, rng: np.random.Generator) -> NDArray[Any]:
    """Smooth fields with some noise, uint8 or int8[n, H, W, C] using the whole range."""
    channels = spec.trunk[0].channels_in
    coarse_size = (max(spec.height // 8, 1), max(spec.width // 8, 2))
    factors = (1, spec.height / coarse_size[0], spec.width / coarse_size[1], 1)
    coarse = rng.uniform(-0.1, 1.1, (n, *coarse_size, channels))
    field = zoom(coarse, factors, order=1, grid_mode=True, mode="nearest")
    field += rng.normal(0, 0.04, field.shape)
    levels = np.rint(np.clip(field, 0, 1) * 255)
    return (levels - 128).astype(np.int8) if spec.signed_input else levels.astype(np.uint8)


def random_network(spec: ChainSpec, rng: np.random.Generator) -> IntegerNetwork:
    """Integers of a chain, each activation fitted to what random inputs give.

    Parameters
    ----------
    spec
        The layers.
    rng
        Source of the weights; the same state gives the same network.
    """
    x = random_inputs(spec, _CALIBRATION, rng).transpose(0, 3, 1, 2).astype(np.float32)
    bits, signed, layers = 8, spec.signed_input, []
    for i, conv in enumerate(spec.trunk):
        plain = IntegerLayer(
            f"trunk.{i}",
            _random_weights(conv, rng),
            conv.weight_bits,
            bits,
            conv.steps,
            conv.padding,
            output_bits=spec.activation_bits,
            signed_input=signed,
        )
        layer = _fitted(plain, _sums(x, plain), rng)
        sums = _sums(x, layer).astype(np.int64)
        levels = [layer.activate(sums[:, c], c) for c in range(sums.shape[1])]
        x = np.stack(levels, axis=1).astype(np.float32)
        layers.append(layer)
        bits, signed = spec.activation_bits, False
    head = spec.head
    weight = _random_weights(head, rng)
    layers.append(IntegerLayer("head", weight, head.weight_bits, bits, head.steps, head.padding))
    return IntegerNetwork(spec.height, spec.width, tuple(layers), _OUTPUT_SCALE)


def _random_weights(conv: ConvSpec, rng: np.random.Generator) -> NDArray[np.int64]:
    largest = 2 ** (conv.weight_bits - 1) - 1
    shape = (conv.channels_out, conv.channels_in, *conv.window)
    drawn = rng.normal(0, largest / 2.5, shape)
    return np.clip(np.rint(drawn), -largest, largest).astype(np.int64)


def _sums(x: NDArray[np.float32], layer: IntegerLayer) -> NDArray[Any]:
    rows, columns = layer.padding
    padded = np.pad(x, ((0, 0), (0, 0), (rows, rows), (columns, columns)))
    return convolution_sums(padded, layer.weight, layer.stride)


def _fitted(layer: IntegerLayer, sums: NDArray[Any], rng: np.random.Generator) -> IntegerLayer:
    """Centre and scale each channel as a trained batch norm does; a fifth of the slopes fall."""
    mean, spread = sums.mean(axis=(0, 2, 3)), sums.std(axis=(0, 2, 3))
    channels, top = len(layer.weight), 2 ** (layer.output_bits or 0) - 1
    steepness = rng.uniform(0.8, 1.2, channels) * rng.choice([1, -1], channels, p=[0.8, 0.2])
    slope = steepness * top / _TOP_SD / np.maximum(spread, 1.0)
    shift = -slope * mean + rng.uniform(-0.1, 0.1, channels) * top
    return fold(layer.weight, slope, shift, layer)


def parser() -> argparse.ArgumentParser:
    """Options of ``python -m quantize random``."""
    p = argparse.ArgumentParser(prog="python -m quantize random", description=__doc__)
    p.add_argument("name", help=f"architecture of model_zoo, {' or '.join(TEST_CHAINS)}")
    p.add_argument("--out", type=Path, required=True, help="folder to write")
    p.add_argument("--seed", type=int, default=0)
    return p


def write_random(name: str, folder: Path, seed: int = 0) -> IntegerNetwork:
    """Write a complete released model of random weights; returns its integers.

    Raises
    ------
    ExportError
        When the name is not known or no circuit can be built from the integers.
    """
    planned, rng = plan(name), np.random.default_rng(seed)
    network = random_network(planned.spec, rng)
    origin = Origin(
        name=name,
        role=planned.role,
        version=VERSION,
        keypoints=KEYPOINTS if planned.role == "pose" else (),
        head=planned.head,
        recipe=Recipe("quantize/random_model.py", "0" * 40, 0, {"seed": seed}),
        data=(DataSet("random numbers", "all weights; this network was never trained", "none"),),
    )
    golden = random_inputs(planned.spec, _GOLDEN, rng)
    write_release(
        folder, network, origin, golden, {QCDQ_FORM: qcdq_form(network).SerializeToString()}
    )
    return network


def main(argv: list[str] | None = None) -> int:
    """Write one model; returns the exit code."""
    args = parser().parse_args(argv)
    console = Console(stderr=True)
    try:
        network = write_random(args.name, args.out, args.seed)
    except ExportError as error:
        console.print(str(error))
        return 2
    low, high = network.layers[-1].sum_range()
    weights = sum(layer.weight.size for layer in network.layers)
    console.print(
        f"{args.name} of random weights in {args.out}: {weights:,} weights, "
        f"sums {low.min()} to {high.max()}"
    )
    return 0
