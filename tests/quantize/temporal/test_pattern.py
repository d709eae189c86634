"""What gait-patterns learns from: classes, mirrored walks, windows that walk to the right."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from model_zoo.pattern.gait_patterns import CLASSES, MOMENTS, SPEC
from model_zoo.skeleton import N_KEYPOINTS, Side, part
from quantize.recipe import read_recipe
from quantize.render.ranges import build
from quantize.temporal.pattern import PatternTask, class_of, mirrored, window
from quantize.temporal.sight import Sight, SightRanges
from tests.validation import fit_patterns
from tests.walk_files import formula_walk

RECIPE = read_recipe("gait-patterns")
RANGES = dataclasses.replace(
    build(SightRanges, RECIPE["sight"], "sight"), network_share=0.0, lost_share=0.0
)


def tagged(pattern: str, side: str, body: int):
    walk = formula_walk()
    tags = {"pathology": pattern, "side": side, "severity": "moderate", "body": body}
    return dataclasses.replace(walk, tags=tags)


def task() -> PatternTask:
    walks = [tagged("none", "both", 0), tagged("none", "both", 1), tagged("antalgic", "left", 2)]
    pool = {**RECIPE["pool"], "size": 16}
    return PatternTask(walks, Sight(RANGES, []), MOMENTS, **pool)


def test_the_outputs_are_the_classes_of_the_auditable_model():
    assert CLASSES == fit_patterns.CLASSES
    assert SPEC.head.channels_out == len(CLASSES)


@pytest.mark.parametrize(
    ("pattern", "side", "name"),
    [
        ("none", "both", "none"),
        ("trendelenburg", "left", "none"),
        ("crouch", "both", "crouch"),
        ("foot_drop", "right", "foot_drop/right"),
    ],
)
def test_a_walk_has_the_class_of_its_tags(pattern, side, name):
    assert CLASSES[class_of(tagged(pattern, side, 1))] == name


def test_a_mirrored_walk_has_its_pattern_on_the_other_side():
    walk = tagged("antalgic", "left", 1)
    xyz, events, number = mirrored(walk, class_of(walk))
    assert CLASSES[number] == "antalgic/right"
    left, right = (part("heel", side) for side in Side)
    assert np.allclose(xyz[:, left], walk.xyz_m[:, right] * (-1, 1, 1), equal_nan=True)
    assert np.array_equal(events[:, 0], 1 - walk.events[:, 0])
    assert mirrored(tagged("crouch", "both", 1), CLASSES.index("crouch"))[2] == 3


def test_windows_walk_to_the_right_whichever_way_the_person_went():
    """The toes lie ahead of the heels."""
    walk = formula_walk()
    ways = set()
    for seed in range(6):
        sight = Sight(RANGES, [])
        seen = sight.see(np.random.default_rng(seed), walk.xyz_m, walk.rate_hz, walk.events)
        x = window(seen, float(seen.time_s[-1] / 2), MOMENTS)
        toe, heel = part("big_toe", Side.LEFT), part("heel", Side.LEFT)
        assert x[0, MOMENTS // 2, toe] > x[0, MOMENTS // 2, heel]
        ways.add(seen.direction)
    assert ways == {-1, 1}


def test_examples_have_one_window_one_class_and_the_network_takes_them():
    found = task().batch(8, np.random.default_rng(0))
    assert found.x.shape == (8, 1, MOMENTS, 3 * N_KEYPOINTS + 3)
    told = {CLASSES[int(n)] for n in found.target[:, 0]}
    assert told <= {"none", "antalgic/left", "antalgic/right"}
    output = torch.zeros(8, 1, len(CLASSES))
    target, weight = torch.from_numpy(found.target), torch.from_numpy(found.weight)
    chance = task().loss(output, target, weight)
    assert float(chance) == pytest.approx(np.log(len(CLASSES)))


def test_scores_of_a_perfect_and_of_a_blind_network():
    own = task()
    blind = own.scores(lambda x: np.eye(len(CLASSES), dtype=np.float32)[[3] * len(x)][:, None])
    perfect = own.scores(lambda x: np.eye(len(CLASSES), dtype=np.float32)[[0] * len(x)][:, None])
    assert (blind["balanced_accuracy"], perfect["balanced_accuracy"]) == (0, 1)
