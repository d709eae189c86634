"""Recorded walks as key points: joints where the recording has them, bodies on the floor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model_zoo.skeleton import INDEX
from quantize.render.cli import RECIPES
from quantize.render.mocap import MocapLibrary
from quantize.render.ranges import read
from quantize.render.recorded_points import RecordedRecipe, draw_recorded
from quantize.render.walk_file import WalkPoints


@pytest.fixture(scope="module")
def mocap(shared: Path) -> Path:
    return shared / "data" / "mocap" / "cmu_walks.npz"


@pytest.fixture(scope="module")
def walks(mocap: Path) -> list[WalkPoints]:
    """One clip as joint centres, varied on one body and as recorded on another."""
    recipe = read(RECIPES / "recorded" / "recorded-1.toml", RecordedRecipe)
    only = replace(recipe.mocap, subjects=(), trials=("02_01",), without_subjects=())
    return list(draw_recorded(replace(recipe, varied=1, plain=1, mocap=only), mocap))


def test_each_clip_appears_in_every_form(walks: list[WalkPoints]) -> None:
    assert [w.tags["body"] for w in walks] == ["joints", "varied", "plain"]
    assert {w.tags["subject"] for w in walks} == {"02"}


def test_joint_centres_are_the_recorded_ones(walks: list[WalkPoints], mocap: Path) -> None:
    library = MocapLibrary(mocap)
    i = library.trials.index("02_01")
    knee = library.places_m(i)[:, library.joints.index("rfemur")]
    assert np.array_equal(walks[0].xyz_m[:, INDEX["right_knee"]], knee)
    assert np.isnan(walks[0].xyz_m[:, INDEX["nose"]]).all()
    # The rest pose and the turns say the same place: positions are no second truth.
    clip = library.clip(i)
    thigh = (
        clip.joint_turn[:, library.joints.index("rfemur")]
        @ clip.rest_m[library.joints.index("rfemur")]
    )
    hip = library.places_m(i)[:, library.joints.index("rhipjoint")]
    assert np.abs(hip + thigh - knee).max() < 0.004


def test_bodies_walk_on_the_floor_with_their_left_on_the_left(walks: list[WalkPoints]) -> None:
    for walk in walks[1:]:
        heels = walk.xyz_m[:, [INDEX["left_heel"], INDEX["right_heel"]], 2].min(axis=1)
        assert abs(heels.mean()) < 0.08
        way = walk.xyz_m[-1, INDEX["nose"], :2] - walk.xyz_m[0, INDEX["nose"], :2]
        left = np.array([-way[1], way[0]]) / np.linalg.norm(way)
        across = walk.xyz_m[:, INDEX["left_hip"], :2] - walk.xyz_m[:, INDEX["right_hip"], :2]
        assert (across @ left > 0.05).all()
        assert 1.4 < walk.stature_m < 1.95


def test_the_test_subjects_are_in_no_training() -> None:
    training = read(RECIPES / "recorded" / "recorded-1.toml", RecordedRecipe).mocap
    test = read(RECIPES / "recorded" / "recorded-test-1.toml", RecordedRecipe).mocap
    assert set(test.subjects) == set(training.without_subjects)
