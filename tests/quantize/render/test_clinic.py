"""What a clinic adds: aids in the hands, helpers, mirrors, gowns, photographs; labels stay true."""

import dataclasses
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from model_zoo.skeleton import INDEX, N_KEYPOINTS, Side
from quantize.data.pictures import LabelledPicture
from quantize.render.aids import AidKind, aid_holds, aid_thing, draw_aid
from quantize.render.arms import hold_arms
from quantize.render.body import BodyModel, Person, Shape
from quantize.render.camera import Camera, aim
from quantize.render.clinic import ClinicRanges
from quantize.render.clothes import Wardrobe
from quantize.render.light import draw_light
from quantize.render.mirror import Mirror
from quantize.render.pathology.patterns import FIRST, ONE_SIDED
from quantize.render.photographs import person_mask, without_person
from quantize.render.picture import Figure, Painter
from quantize.render.ranges import read
from quantize.render.stills import SetRecipe, Sources, Still, Studio
from quantize.render.walks import PathologyRanges

RECIPES = Path(__file__).resolve().parents[3] / "quantize" / "recipes"


@pytest.fixture(scope="module")
def ranges() -> ClinicRanges:
    clinic = read(RECIPES / "sets" / "train-2.toml", SetRecipe).clinic
    assert clinic is not None
    return clinic


@pytest.fixture(scope="module")
def recipe(set_recipe: SetRecipe, ranges: ClinicRanges) -> SetRecipe:
    """Every addition in every picture, on the parametric walker."""
    busy = dataclasses.replace(
        ranges,
        aid_share=1.0,
        helper_share=1.0,
        mirror_share=1.0,
        exposure_share=0.5,
        photograph_share=1.0,
    )
    return dataclasses.replace(set_recipe, clinic=busy, count=4, group=4, outfits=2)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a set ``teacher`` of three coloured pictures."""
    folder = tmp_path_factory.mktemp("photographs")
    (folder / "teacher").mkdir()
    items, files = [], []
    for k in range(3):
        image = np.full((120, 90, 3), 60 * (k + 1), np.uint8)
        files.append(cv2.imencode(".jpg", image)[1].ravel())
        points = [[40.0 + i, 10.0 + 4 * i, 2] for i in range(N_KEYPOINTS)]
        items.append(
            {"file": f"{k}.jpg", "shard": "a.npz", "index": k, "width": 90, "height": 120,
             "box": [30, 5, 70, 110], "keypoints": points}
        )  # fmt: skip
    np.savez(
        folder / "teacher" / "a.npz",
        jpg=np.concatenate(files),
        offset=np.cumsum([0] + [len(f) for f in files]),
    )
    (folder / "teacher" / "labels.json").write_text(json.dumps({"items": items}))
    return folder


@pytest.fixture(scope="module")
def stills(recipe: SetRecipe, photographs: Path) -> list[Still]:
    return Studio(recipe, Sources(photographs=photographs)).group(1)


def test_labels_do_not_depend_on_the_photographs(recipe: SetRecipe, stills: list[Still]) -> None:
    drawn = Studio(recipe, Sources()).group(1)
    assert [s.label for s in drawn] == [s.label for s in stills]
    assert all(a.jpeg != b.jpeg for a, b in zip(drawn, stills, strict=True))


def test_labels_tell_what_is_in_the_picture(stills: list[Still]) -> None:
    for still in stills:
        assert still.label["aid"] in {kind.value for kind in AidKind}
        assert still.label["company"] == "helper"
        assert still.label["clothes"] in {"gown", "wide", "usual"}
        assert still.label["light"] in {"back", "low", "usual"}


def test_sets_without_a_clinic_refuse_photographs(set_recipe: SetRecipe, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no --photographs"):
        Studio(set_recipe, Sources(photographs=tmp_path))


@pytest.mark.parametrize("kind", list(AidKind))
def test_aids_reach_from_the_hands_to_the_floor(
    model: BodyModel, person: Person, shape: Shape, kind: AidKind
) -> None:
    rng = np.random.default_rng(3)
    for _ in range(4):
        aid = draw_aid(rng, kind)
        turn = np.tile(np.eye(3), (1, len(model.bones), 1, 1))
        hold_arms(model, shape, turn, np.array([0.0]), aid_holds(rng, aid))
        root = shape.heads[:1] - [0, 0, shape.vertices[:, 2].min()]
        points = model.pose(person, shape, turn, root)[1][0]
        thing = aid_thing(aid, points, 0.0)
        assert -0.02 < thing.points[:, 2].min() < 0.02
        for side in aid.hands:
            wrist = points[INDEX[f"{side.value}_wrist"]]
            assert np.linalg.norm(thing.points - wrist, axis=1).min() < 0.12
        if len(aid.hands) == 1:
            across = thing.points[:, 0].mean()
            assert across > 0 if aid.side is Side.LEFT else across < 0


@pytest.fixture(scope="module")
def scene(
    model: BodyModel, person: Person, shape: Shape, set_recipe: SetRecipe
) -> tuple[Painter, np.ndarray, np.ndarray, Camera]:
    rng = np.random.default_rng(5)
    wardrobe = Wardrobe(model)
    painter = Painter(model, wardrobe, 160, 200)
    painter.wear(shape, wardrobe.outfit(rng, set_recipe.clothes, person, shape))
    still = np.tile(np.eye(3), (1, len(model.bones), 1, 1))
    root = shape.heads[:1] - [0, 0, shape.vertices[:, 2].min()]
    vertices, points = model.pose(person, shape, still, root)
    eye = np.array([0.0, -4.0, 0.9])
    camera = Camera(eye, aim(eye, np.array([0, 0, 0.9])), 380.0, (80.0, 100.0), 160, 200)
    return painter, vertices[0], points[0], camera


def test_a_person_in_front_hides_and_one_behind_does_not(
    scene: tuple[Painter, np.ndarray, np.ndarray, Camera],
    model: BodyModel,
    person: Person,
    shape: Shape,
    set_recipe: SetRecipe,
) -> None:
    painter, vertices, points, camera = scene
    light = draw_light(np.random.default_rng(0), set_recipe.light)
    outfit = Wardrobe(model).outfit(np.random.default_rng(1), set_recipe.clothes, person, shape)

    def with_other(y: float) -> Figure:
        other = painter.dressed(vertices + np.array([0.0, y, 0.0]), shape, outfit)
        return painter.draw(vertices, points, camera, light, [other])

    alone = painter.draw(vertices, points, camera, light)
    behind, before = with_other(1.5), with_other(-1.0)
    assert (behind.seen == alone.seen).all()
    assert behind.box_px == alone.box_px == before.box_px
    assert before.seen.sum() < 0.3 * alone.seen.sum()
    assert (before.xy_px == alone.xy_px).all()


def test_a_mirror_shows_the_other_side() -> None:
    mirror = Mirror(np.array([0.0, 1.0, 0.0]), np.array([0.0, -1.0, 0.0]), 1.0, 0.2, 2.0, 1.0)
    back = mirror.reflect(np.array([[0.3, 0.0, 1.0], [0.0, 1.0, 0.4]]))
    assert back == pytest.approx(np.array([[0.3, 2.0, 1.0], [0.0, 1.0, 0.4]]))
    assert mirror.corners[:, 2].min() == pytest.approx(0.2)


def labelled(points: np.ndarray, box: tuple[float, ...], size: tuple[int, int]) -> LabelledPicture:
    item = {"width": size[1], "height": size[0]}
    return LabelledPicture(np.zeros(1, np.uint8), np.array(box, np.float32), points, item)


def test_the_photographed_person_is_painted_over() -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 60, (100, 80, 3)).astype(np.uint8)
    points = np.zeros((N_KEYPOINTS, 3), np.float32)
    points[:, 0] = 40 + rng.uniform(-8, 8, N_KEYPOINTS)
    points[:, 1], points[:, 2] = np.linspace(10, 90, N_KEYPOINTS), 1
    mask = person_mask(labelled(points, (30, 5, 50, 95), (100, 80)))
    assert mask[points[:, 1].astype(int), points[:, 0].astype(int)].all()
    assert mask.mean() < 0.7
    image[mask] = 255
    empty = without_person(image, mask)
    assert empty.max() < 60
    assert (empty[~mask] == image[~mask]).all()


def test_a_person_with_few_labels_is_masked_by_the_box() -> None:
    points = np.zeros((N_KEYPOINTS, 3), np.float32)
    points[INDEX["left_hip"]] = (40, 50, 1)
    mask = person_mask(labelled(points, (30, 5, 50, 95), (100, 80)))
    assert mask[6:95, 31:50].all()
    assert not mask[:, :29].any()
    whole = without_person(np.full((4, 5, 3), 9, np.uint8), np.ones((4, 5), bool))
    assert (whole == 9).all()


def test_labels_name_the_pattern_of_an_impaired_walk(set_recipe: SetRecipe) -> None:
    pathology = PathologyRanges(share=1.0, recorded_share=0.0, descriptions=(1, 2))
    recipe = dataclasses.replace(set_recipe, group=2, outfits=1, pathology=pathology)
    studio = Studio(recipe, Sources())
    labels = [studio.group(g)[0].label for g in range(3)]
    assert {label["pathology"] for label in labels} <= set(FIRST)
    assert all(label["severity"] in {"mild", "moderate", "severe"} for label in labels)
    for label in labels:
        sides = {"left", "right"} if label["pathology"] in ONE_SIDED else {"both"}
        assert label["affected_side"] in sides
    none = dataclasses.replace(recipe, pathology=dataclasses.replace(pathology, share=0.0))
    assert Studio(none, Sources()).group(0)[0].label["pathology"] == "none"


def test_company_that_hides_too_much_leaves(recipe: SetRecipe, ranges: ClinicRanges) -> None:
    def company(most_hidden: float) -> list[object]:
        clinic = dataclasses.replace(
            ranges, helper_share=1.0, mirror_share=0.0, most_hidden=most_hidden
        )
        studio = Studio(dataclasses.replace(recipe, clinic=clinic), Sources())
        return [s.label["company"] for g in range(3) for s in studio.group(g)]

    assert company(1.0).count("helper") == 12
    assert 0 < company(0.02).count("helper") < 12


def test_recorded_and_parametric_walks_must_tell_how_they_mix(set_recipe: SetRecipe) -> None:
    style = read(RECIPES / "sets" / "train-2.toml", SetRecipe).style
    with pytest.raises(ValueError, match=r"\[mocap\] and \[style\]"):
        Studio(dataclasses.replace(set_recipe, style=style), Sources())
    with pytest.raises(ValueError, match=r"\[parametric\]"):
        Studio(dataclasses.replace(set_recipe, parametric=None), Sources())
