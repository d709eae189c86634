"""Recipes: every committed file reads; what does not fit is named."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from quantize.render.clip import ClipRecipe
from quantize.render.ranges import RecipeError, Span, build, read
from quantize.render.stills import SetRecipe

RECIPES = Path(__file__).resolve().parents[3] / "quantize" / "recipes"
HELD_OUT = {f"900_{n}" for n in (19, 20, 21, 22, 23, 24, 48, 49, 50)}


@dataclass(frozen=True)
class Ranges:
    size: Span
    names: tuple[str, ...]
    share: float
    extra: int | None


GOOD = {"size": [1.0, 2.0], "names": ["a"], "share": 1}


def test_a_table_becomes_a_dataclass() -> None:
    assert build(Ranges, GOOD, "x") == Ranges((1.0, 2.0), ("a",), 1.0, None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seize": 1.0}, "unknown key 'seize'"),
        ({"size": [1.0]}, "x.size"),
        ({"share": "much"}, "x.share"),
        ({"share": True}, "x.share"),
        ({"names": [1]}, "x.names"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, object], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        build(Ranges, GOOD | change, "x")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(RecipeError, match="'share' is missing"):
        build(Ranges, {k: v for k, v in GOOD.items() if k != "share"}, "x")


@pytest.mark.parametrize("path", sorted((RECIPES / "sets").glob("*.toml")), ids=lambda p: p.stem)
def test_set_recipes_read_and_training_never_walks_the_test_clips(path: Path) -> None:
    recipe = read(path, SetRecipe)
    assert recipe.count > 0
    if path.stem.startswith("train") and recipe.mocap is not None:
        assert {"08", "16", "38"} <= set(recipe.mocap.without_subjects)
        assert set(recipe.mocap.without_trials) >= HELD_OUT
    if path.stem == "rendered-test-1":
        assert recipe.mocap is not None
        assert set(recipe.mocap.subjects) == {"08", "16", "38"}
        assert set(recipe.mocap.trials) == HELD_OUT
        assert recipe.count == 1500
        assert recipe.camera.uniform_share == 1.0
        assert recipe.frame.box_jitter == pytest.approx(0.1)


def test_seeds_of_sets_differ() -> None:
    seeds = [read(p, SetRecipe).seed for p in (RECIPES / "sets").glob("*.toml")]
    assert len(set(seeds)) == len(seeds)


@pytest.mark.parametrize("path", sorted((RECIPES / "clips").glob("*.toml")), ids=lambda p: p.stem)
def test_clip_recipes_read(path: Path) -> None:
    names = [c.name for c in read(path, ClipRecipe).all()]
    assert names
    assert len(set(names)) == len(names)
