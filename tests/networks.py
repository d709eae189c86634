"""Small random integer networks, and released folders made of them: no training needed."""

from pathlib import Path

import numpy as np

from model_zoo.package import (
    QCDQ_FORM,
    WEIGHTS,
    DataSet,
    Recipe,
    ReleasedModel,
)
from model_zoo.skeleton import KEYPOINTS
from quantize.integers import IntegerLayer, IntegerNetwork, fold
from quantize.release import HeadPlan, Origin, write_release

TRUNK = ((3, 8, 2), (8, 12, 2), (12, 12, 1), (12, 16, 2), (16, 16, 2))
"""Input channels, output channels, stride: a small brother of the released pose networks."""


def random_layer(
    rng: np.random.Generator, name: str, channels: tuple[int, int], stride: int, first: bool
) -> IntegerLayer:
    """One 3 x 3 layer whose activations use all levels; slopes of both signs, one channel dead."""
    bits = 8 if first else 4
    largest = 2 ** (bits - 1) - 1
    weight = rng.integers(-largest, largest + 1, (channels[1], channels[0], 3, 3))
    layer = IntegerLayer(name, weight, bits, 8 if first else 4, (stride, stride), (1, 1))
    low, high = layer.sum_range()
    slope = rng.uniform(20, 60, channels[1]) / (high - low) * rng.choice([-1, 1], channels[1])
    slope[0] = 0.0
    shift = rng.uniform(-3, 8, channels[1])
    plan = IntegerLayer(
        name, weight, bits, layer.input_bits, layer.stride, layer.padding, output_bits=4
    )
    return fold(weight, slope, shift, plan)


def random_network(
    seed: int = 0, height: int = 64, width: int = 48, keypoints: int = len(KEYPOINTS)
) -> IntegerNetwork:
    """A chain with stride 16 and a 1 x 1 head of 4 x 4 sub-cells per keypoint."""
    rng = np.random.default_rng(seed)
    layers = [
        random_layer(rng, f"trunk.{i}", (a, b), stride, i == 0)
        for i, (a, b, stride) in enumerate(TRUNK)
    ]
    head = rng.integers(-31, 32, (keypoints * 16, TRUNK[-1][1], 1, 1))
    layers.append(IntegerLayer("head", head, 6, 4, (1, 1), (0, 0)))
    return IntegerNetwork(height, width, tuple(layers), output_scale=0.004)


def random_pictures(n: int, height: int = 64, width: int = 48, seed: int = 1) -> np.ndarray:
    """uint8[n, height, width, 3]: noise, black, white and smooth ramps."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 256, (n, height, width, 3), dtype=np.uint8)
    ramp = np.linspace(0, 255, width).astype(np.uint8)
    x[::4] = ramp[None, None, :, None] * (np.arange(3) != 1)
    x[1::7] //= 8
    x[3::11], x[5::13] = 0, 255
    return x


def origin(name: str = "tiny-pose") -> Origin:
    """What a released folder says besides its integers."""
    return Origin(
        name=name,
        role="pose",
        version="0.0.1",
        keypoints=KEYPOINTS,
        head=HeadPlan("keypoints", "cells", sub_cells=4),
        recipe=Recipe("quantize/recipes/none.toml", "0" * 40, 0),
        data=(DataSet("random numbers", "weights", "none"),),
    )


def write_random_release(folder: Path, seed: int = 0, name: str = "tiny-pose") -> ReleasedModel:
    """A released model of random weights in ``folder``."""
    other = {QCDQ_FORM: b"not made for random weights", WEIGHTS: b"none"}
    return write_release(folder, random_network(seed), origin(name), random_pictures(6), other)
