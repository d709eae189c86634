"""One body model for all tests of the renderer, and small recipes."""

import dataclasses
import os
from pathlib import Path

import pytest

os.environ.setdefault("LP_NUM_THREADS", "1")

from quantize.render.body import BodyModel, Person, Shape
from quantize.render.clip import ClipRecipe
from quantize.render.ranges import read
from quantize.render.stills import SetRecipe

RECIPES = Path(__file__).resolve().parents[3] / "quantize" / "recipes"


@pytest.fixture(scope="session")
def model() -> BodyModel:
    return BodyModel()


@pytest.fixture(scope="session")
def person(model: BodyModel) -> Person:
    axes = {"muscle": 0.5, "weight": 0.5, "proportions": 0.5}
    return model.sized(72, False, 1.72, axes)


@pytest.fixture(scope="session")
def shape(model: BodyModel, person: Person) -> Shape:
    return model.shape(person.phenotype)


@pytest.fixture(scope="session")
def set_recipe() -> SetRecipe:
    """Twelve pictures of the parametric walker in two shards."""
    recipe = read(RECIPES / "sets" / "rendered-test-1-parametric.toml", SetRecipe)
    return dataclasses.replace(recipe, count=12, group=6, outfits=2, shard=6)


@pytest.fixture(scope="session")
def clip_recipe() -> ClipRecipe:
    """The demo's walk in a small picture at ten frames a second."""
    recipe = read(RECIPES / "clips" / "demo.toml", ClipRecipe)
    spec = dataclasses.replace(recipe.clips[0], width=240, height=136, rate_hz=10.0)
    return dataclasses.replace(recipe, clips=(spec,))
