"""Whole frames: everybody labelled once, reflections and pictures apart, the same each time."""

import dataclasses
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from model_zoo.skeleton import INDEX, N_KEYPOINTS
from quantize.data.pictures import label_hash
from quantize.render.frames import FramesRecipe, FrameStudio
from quantize.render.ranges import read
from quantize.render.stills import SetRecipe, Sources, Still, Studio

RECIPES = Path(__file__).resolve().parents[3] / "quantize" / "recipes"
SLICES = Path(__file__).with_name("slices.json")


@pytest.fixture(scope="module")
def recipe() -> FramesRecipe:
    """Parametric walkers in small frames; a mirror and a printed person in every one."""
    full = read(RECIPES / "frames" / "rendered-frames-1.toml", FramesRecipe)
    return dataclasses.replace(
        full,
        mocap=None,
        style=None,
        group=3,
        poster_share=1.0,
        camera=dataclasses.replace(full.camera, width=320, height=180),
        clinic=dataclasses.replace(full.clinic, mirror_share=1.0, helper_share=1.0),
    )


def groups(recipe: FramesRecipe, count: int) -> list[Still]:
    weights = tuple(float(k == count) for k in range(5))
    studio = FrameStudio(dataclasses.replace(recipe, people=weights), Sources())
    return studio.group(0) + studio.group(1)


@pytest.fixture(scope="module")
def pairs(recipe: FramesRecipe) -> list[Still]:
    return groups(recipe, 2)


def test_empty_frames_hold_pictures_but_no_people(recipe: FramesRecipe) -> None:
    for still in groups(recipe, 0):
        assert still.label["people"] == []
        assert still.label["reflections"] == []
        assert len(still.label["pictures"]) == 1
        picture = cv2.imdecode(np.frombuffer(still.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert picture.shape == (180, 320, 3)


def test_everybody_is_labelled_with_a_box_around_what_is_seen(pairs: list[Still]) -> None:
    for still in pairs:
        people = still.label["people"]
        assert 1 <= len(people) <= 2
        for person in people:
            x0, y0, x1, y1 = person["box"]
            assert 0 <= x0 < x1 <= 320
            assert 0 <= y0 < y1 <= 180
            points = np.array(person["keypoints"])
            assert points.shape == (N_KEYPOINTS, 3)
            there = points[points[:, 2] > 0, :2]
            assert (there >= [x0 - 3, y0 - 3]).all()
            assert (there <= [x1 + 3, y1 + 3]).all()


def test_the_patient_comes_first_and_the_helper_walks_beside(pairs: list[Still]) -> None:
    both = [s.label["people"] for s in pairs if len(s.label["people"]) == 2]
    assert both
    for patient, helper in both:
        assert (patient["role"], helper["role"]) == ("patient", "helper")
        tall = max(p["box"][3] - p["box"][1] for p in (patient, helper))
        middle = [(p["box"][0] + p["box"][2]) / 2 for p in (patient, helper)]
        assert abs(middle[0] - middle[1]) < 0.8 * tall


def test_mirrors_show_and_are_marked(pairs: list[Still]) -> None:
    marked = [box for still in pairs for box in still.label["reflections"]]
    assert marked
    for x0, y0, x1, y1 in marked:
        assert 0 <= x0 < x1 <= 320
        assert 0 <= y0 < y1 <= 180


def test_people_hide_each_other_by_depth(recipe: FramesRecipe) -> None:
    stills = groups(dataclasses.replace(recipe, group=4), 4)
    points = [np.array(p["keypoints"])[:, 2] for s in stills for p in s.label["people"]]
    hidden = np.array([(p == 1).sum() / max((p > 0).sum(), 1) for p in points])
    assert len(points) > 20
    assert hidden.max() > 0.8
    assert hidden.min() < 0.5


def test_frames_refuse_photographs(recipe: FramesRecipe, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no --photographs"):
        FrameStudio(recipe, Sources(photographs=tmp_path))


@pytest.mark.parametrize("path", sorted((RECIPES / "frames").glob("*.toml")), ids=lambda p: p.stem)
def test_frame_recipes_read_and_training_never_walks_the_test_clips(path: Path) -> None:
    recipe = read(path, FramesRecipe)
    assert recipe.mocap is not None
    assert recipe.pathology is not None
    if path.stem.startswith("rendered"):
        assert set(recipe.mocap.subjects) == {"08", "16", "38"}
        assert recipe.count == 1000
    else:
        assert {"08", "16", "38"} <= set(recipe.mocap.without_subjects)
        assert recipe.pathology.descriptions == (1,)


@pytest.mark.parametrize("name", ["rendered-test-2", "rendered-frames-1", "train-2"])
def test_the_labels_of_a_slice_are_the_committed_ones(name: str, shared: Path) -> None:
    """Bit for bit by their hash, or, on another processor, within its rounding."""
    sources = Sources(shared / "data" / "mocap" / "cmu_walks.npz")
    found = slice_of(name, sources)
    committed = json.loads(SLICES.read_text())[name]
    if label_hash(found) == committed["sha256"]:
        return
    for item, points in zip(found, committed["keypoints"], strict=True):
        now, then = np.array(people_points(item)), np.array(points)
        assert now.shape == then.shape
        both = (now[..., 2] > 0) & (then[..., 2] > 0)
        assert both.sum() >= 0.97 * (then[..., 2] > 0).sum()
        assert np.abs(now[both] - then[both])[:, :2].max(initial=0) <= 0.2


def slice_of(name: str, sources: Sources) -> list[dict[str, object]]:
    """Labels of the second group of a set."""
    frames = RECIPES / "frames" / f"{name}.toml"
    if frames.exists():
        studio: FrameStudio | Studio = FrameStudio(read(frames, FramesRecipe), sources)
    else:
        studio = Studio(read(RECIPES / "sets" / f"{name}.toml", SetRecipe), sources)
    return json.loads(json.dumps([s.label for s in studio.group(1)]))


def people_points(item: dict[str, object]) -> list[object]:
    """Keypoints of everybody in a label."""
    if "people" in item:
        return [p["keypoints"] for p in item["people"]]  # type: ignore[attr-defined]
    return [item["keypoints"]]


def test_the_committed_slices_hold_whole_bodies() -> None:
    for committed in json.loads(SLICES.read_text()).values():
        points = np.array([p for item in committed["keypoints"] for p in item])
        assert points.shape[1:] == (N_KEYPOINTS, 3)
        seen = points[(points[:, :, 2] > 0).all(1)]
        assert len(seen)
        ankle, nose = seen[:, INDEX["left_ankle"], 1], seen[:, INDEX["nose"], 1]
        assert (ankle > nose).all()
