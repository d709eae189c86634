"""Walks as key points alone: the mesh's own key points, and labels that the feet keep."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from model_zoo.skeleton import Side, part
from quantize.render import walk_points
from quantize.render.body import BodyModel, Person, Shape
from quantize.render.contacts import Contact, Schedule
from quantize.render.points import PointSkin
from quantize.render.ranges import read
from quantize.render.walk_file import WalkPoints, load_walk
from quantize.render.walk_points import WalksRecipe, WalkStudio

RECIPES = Path(__file__).resolve().parents[3] / "quantize" / "recipes" / "walks"


def test_points_without_the_mesh_are_those_of_the_mesh(
    model: BodyModel, person: Person, shape: Shape
) -> None:
    rng = np.random.default_rng(2)
    turns = Rotation.from_rotvec(rng.normal(0, 0.4, (3 * len(model.bones), 3))).as_matrix()
    turn, root = turns.reshape(3, -1, 3, 3), rng.normal(0, 1, (3, 3))
    _, expected = model.pose(person, shape, turn, root)
    assert np.abs(PointSkin(model, shape).points(turn, root) - expected).max() < 2e-4


@pytest.fixture(scope="module")
def walk(model: BodyModel) -> WalkPoints:
    recipe = read(RECIPES / "walks-1.toml", WalksRecipe)
    never = dataclasses.replace(recipe.pathology, recorded_share=0.0)
    recipe = dataclasses.replace(recipe, pathology=never, duration_s=(3.0, 4.0))
    return WalkStudio(recipe, None, model).walk(0)


def test_feet_stand_between_contact_and_foot_off(walk: WalkPoints) -> None:
    """A heel moves forward by a step in its swing, and hardly between contact and heel off."""
    for number, side in enumerate(Side):
        own = walk.events[walk.events[:, 0] == number]
        heel = -walk.xyz_m[:, part("heel", side), 1]
        time_s = np.arange(len(heel)) / walk.rate_hz
        stances = swings = 0
        for (_, kind, start), (_, after, end) in itertools.pairwise(own):
            assert kind != after, "contacts and foot offs take turns"
            middle = np.interp([start + 0.15 * (end - start), (start + end) / 2], time_s, heel)
            if kind == 0:
                stances += 1
                assert abs(middle[1] - middle[0]) < 0.03
            else:
                swings += 1
                assert np.diff(np.interp([start, end], time_s, heel))[0] > 0.2
        assert stances >= 2
        assert swings >= 2


def test_a_walk_survives_its_file(walk: WalkPoints, tmp_path: Path) -> None:
    path = tmp_path / "walk-00000.npz"
    path.write_bytes(walk.to_bytes())
    read_back = load_walk(path)
    assert read_back.xyz_m == pytest.approx(walk.xyz_m, abs=1e-5)
    assert np.array_equal(read_back.events, walk.events)
    assert read_back.tags == walk.tags


def test_a_sliding_heel_is_refused() -> None:
    contacts = [
        Contact(Side.LEFT, 0.5, 0.6, 1.0, 1.2, 0.0, 0.0, 0.0, 10.0, -50.0),
    ]
    schedule = Schedule(tuple(contacts))
    time_s = np.arange(200) / 100
    still = np.zeros((200, 23, 3))
    assert walk_points._stands(schedule, time_s, still)
    sliding = still + np.array([0.0, -0.3, 0.0]) * time_s[:, None, None]
    assert not walk_points._stands(schedule, time_s, sliding)


@pytest.mark.parametrize("name", ["walks-1", "walks-test-1"])
def test_recipes_of_training_and_test_share_no_walker(name: str) -> None:
    recipe = read(RECIPES / f"{name}.toml", WalksRecipe)
    training = name == "walks-1"
    assert recipe.pathology.descriptions == ((1,) if training else (2,))
    kept = {"08", "16", "38"}
    assert kept == set(recipe.mocap.without_subjects if training else recipe.mocap.subjects)
