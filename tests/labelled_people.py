"""Labelled sets of noise pictures and variants of recipes, small enough to train within a test."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from model_zoo.skeleton import INDEX

STAGE = """
shrink = 4
batch = 8
learning_rate = 1e-3
warmup_steps = 5
decay_share = 0.5
weight_decay = 1e-4
average = 0.9
"""
"""What stands below the name of a quick stage."""
NOISE = """[augmentation]
noise_sd = 3.0
"""
_HEIGHTS = {"shoulder": 30, "elbow": 50, "wrist": 70, "hip": 70, "knee": 100, "ankle": 130}


def a_person(rng: np.random.Generator, *, upright: bool) -> np.ndarray:
    """Labels of the twelve body joints of somebody who stands, or hangs head down."""
    points = np.zeros((23, 3))
    for part, y in _HEIGHTS.items():
        for side, x in (("left", 70), ("right", 50)):
            points[INDEX[f"{side}_{part}"]] = (x, y if upright else 160 - y, 2)
    points[points[:, 2] > 0, :2] += rng.uniform(-2, 2, (12, 2))
    return points


def write_people(folder: Path, n: int, seed: int, source: str) -> None:
    """A labelled set of noise pictures; every second person stands."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    coded = [
        cv2.imencode(".jpg", rng.integers(0, 256, (160, 120, 3), dtype=np.uint8))[1].ravel()
        for _ in range(n)
    ]
    offset = np.cumsum([0, *map(len, coded)])
    np.savez(folder / "shard-0.npz", jpg=np.concatenate(coded), offset=offset)
    items = [
        {"file": f"{i}.jpg", "picture": f"{source}{i}", "source": source, "shard": "shard-0.npz"}
        | {"index": i, "box": [30, 10, 90, 150]}
        | {"keypoints": a_person(rng, upright=i % 2 == 0).tolist()}
        for i in range(n)
    ]
    (folder / "labels.json").write_text(json.dumps({"items": items}))


def write_sets(folder: Path, variant: str = "") -> None:
    """The sets ``train`` (8 persons), ``teacher`` (4) and ``renders`` (6), and ``variant.toml``."""
    (folder / "variant.toml").write_text(variant)
    for seed, (name, n, source) in enumerate(
        (("train", 8, "LSPET"), ("teacher", 4, "CCP"), ("renders", 6, "us"))
    ):
        write_people(folder / name, n, seed, source)
    nobody = {"points": np.zeros((8, 23, 3)), "agree": np.ones(8), "agree_exchanged": np.zeros(8)}
    np.savez(folder / "train" / "machine_points.npz", **nobody)
