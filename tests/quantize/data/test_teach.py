"""Labelling with a teacher that is known: shards, resuming, left out by hand, missing things."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from model_zoo.skeleton import INDEX, N_KEYPOINTS
from quantize.data import teach, windows
from quantize.data.blazepose import TeacherMissingError
from quantize.data.pictures import read_set
from quantize.data.teacher_rules import Points

_PLACES = {
    "nose": (0, 50), "eye": (4, 46), "ear": (8, 50), "shoulder": (20, 90), "elbow": (28, 130),
    "wrist": (30, 165), "hip": (12, 170), "knee": (13, 240), "ankle": (14, 310),
    "heel": (13, 318), "big_toe": (16, 325), "small_toe": (20, 324),
}  # fmt: skip
RECIPE = """
[[source]]
name = "STREET"
repository = "somebody/street"
commit = "0"
pictures = ["*.png"]
boxes = "whole"
terms = "none stated"
"""


def standing(x: float) -> Points:
    points = np.ones((N_KEYPOINTS, 3))
    for name, k in INDEX.items():
        side, _, part = name.partition("_")
        across, y = _PLACES[part or side]
        points[k, :2] = (x + {"left": 1, "right": -1}.get(side, 0) * across, y)
    return points


class KnownTeacher:
    """Sees one person in the middle of every picture; the mirror image agrees unless red."""

    def __enter__(self) -> KnownTeacher:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def find(self, image: np.ndarray, _box: windows.Box) -> Points | None:
        return standing(image.shape[1] / 2)

    def label(self, image: np.ndarray, _box: windows.Box) -> tuple[Points, Points] | None:
        person = standing(image.shape[1] / 2)
        off = 40 if image[..., 0].min() > 250 else 0
        return person, person + np.array([off, 0, 0])


@pytest.fixture
def street(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of five different pictures, one of them red (the labels disagree)."""
    monkeypatch.setattr(teach, "BlazePose", KnownTeacher)
    folder = tmp_path / "repositories" / "somebody+street"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for n in range(5):
        coarse = rng.integers(0, 250, (25, 15, 3), dtype=np.uint8)
        image = cv2.resize(coarse, (240, 400), interpolation=cv2.INTER_CUBIC)
        if n == 3:
            image[..., 2] = 255
        cv2.imwrite(str(folder / f"{n}.png"), image)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    return tmp_path


def run(street: Path, *more: str) -> int:
    words = [str(street / "repositories"), "--out", str(street / "out"), "--chunk", "2"]
    words += ["--recipe", str(street / "recipe.toml"), "--left-out", str(street / "gone.txt")]
    return teach.main([*words, *more])


def test_persons_whose_labels_agree_are_stored(street: Path) -> None:
    assert run(street) == 0
    people = read_set(street / "out")
    assert [p.item["picture"] for p in people] == ["0.png", "1.png", "2.png", "4.png"]
    one = people[0]
    assert max(one.image().shape[:2]) == 192
    assert (one.item["view"], one.item["label"], one.item["agree"]) == ("front", "teacher", 0.0)
    hips = np.array(one.item["hips_unshifted"])
    scale = (hips[0, 0] - hips[1, 0]) / 24
    ankles = one.keypoints[[INDEX["left_ankle"], INDEX["right_ankle"]], :2]
    assert ankles[0, 0] - ankles[1, 0] == pytest.approx(28 * scale, abs=0.3)
    assert one.keypoints[INDEX["left_hip"], 1] < hips[0, 1]
    assert (one.keypoints[:, 2] > 0).sum() == 21


def test_persons_named_by_hand_and_known_persons_are_left_out(street: Path) -> None:
    assert run(street) == 0
    (street / "gone.txt").write_text("# a child\nSTREET 1.png 0\n")
    assert run(street) == 0
    assert [p.item["picture"] for p in read_set(street / "out")] == ["0.png", "2.png", "4.png"]
    words = ["--against", str(street / "out")]
    elsewhere = street / "again"
    elsewhere.mkdir()
    (elsewhere / "gone.txt").write_text("")
    again = [str(street / "repositories"), "--out", str(elsewhere / "out"), *words]
    again += ["--recipe", str(street / "recipe.toml"), "--left-out", str(elsewhere / "gone.txt")]
    assert teach.main(again) == 0
    assert [p.item["picture"] for p in read_set(elsewhere / "out")] == ["1.png"]


def test_finished_shards_are_kept(street: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(street) == 0
    first = json.dumps([p.item for p in read_set(street / "out")])

    def fail() -> None:
        raise TeacherMissingError("must not be needed")

    monkeypatch.setattr(teach, "BlazePose", fail)
    assert run(street) == 0
    assert json.dumps([p.item for p in read_set(street / "out")]) == first


def test_missing_things_are_said(
    street: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise TeacherMissingError("labelling needs mediapipe")

    monkeypatch.setattr(teach, "BlazePose", fail)
    assert run(street) == 2
    assert "mediapipe" in capsys.readouterr().err
    (street / "recipe.toml").write_text(RECIPE.replace("street", "road"))
    assert run(street) == 2
    assert "somebody+road" in capsys.readouterr().err


def test_shards_of_another_recipe_are_not_mixed(
    street: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(street) == 0
    (street / "recipe.toml").write_text(RECIPE.replace("*.png", "0.png"))
    assert run(street) == 2
    assert "another recipe" in capsys.readouterr().err


@pytest.mark.parametrize("recipe", ["teacher.toml", "teacher-3.toml"])
def test_the_recipe_of_the_project_names_known_windows_and_commits(recipe: str) -> None:
    sources = teach.read_sources(teach.RECIPES / recipe)
    assert len({s.name for s in sources}) == len(sources)
    for source in sources:
        assert source.boxes in windows.WINDOWS
        assert len(source.commit) == 40
        assert source.terms


def test_windows_cover_the_picture_and_boxes_are_read(tmp_path: Path) -> None:
    image = np.zeros((400, 900, 3), np.uint8)
    boxes = np.array(windows.sliding(tmp_path / "x.jpg", image))
    assert len(boxes) < 25
    for x in range(0, 900, 50):
        inside = (boxes[1:, 0] <= x) & (boxes[1:, 2] >= x)
        assert (inside & (boxes[1:, 1] <= 0.1) & (boxes[1:, 3] >= 399.9)).any()
    (tmp_path / "x.txt").write_text("0 0.5 0.5 0.1 0.5\n0 0.5 0.5 0.1 0.1\n")
    assert windows.yolo(tmp_path / "x.jpg", image) == [pytest.approx((393.75, 75.0, 506.25, 325.0))]
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "Annotations" / "x.xml").write_text(
        "<a><object><name>person</name><bndbox><xmin>10</xmin><ymin>100</ymin><xmax>60</xmax>"
        "<ymax>300</ymax></bndbox></object><object><name>dog</name></object></a>"
    )
    (tmp_path / "JPEGImages").mkdir()
    (box,) = windows.voc(tmp_path / "JPEGImages" / "x.jpg", image)
    assert box[1] < 20
    assert box[3] > 300


def test_only_boxes_of_whole_standing_people_are_windows(tmp_path: Path) -> None:
    image = np.zeros((400, 400, 3), np.uint8)
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    lines = ["0 .5 .5 .2 .5", "0 .5 .5 .2 .2", "0 .5 .5 .5 .5", "0 .5 .75 .2 .5", "0 .5 .25 .2 .5"]
    (tmp_path / "labels" / "x.txt").write_text("\n".join(lines))
    (box,) = windows.standing(tmp_path / "images" / "x.jpg", image)
    assert box == pytest.approx((150, 75, 250, 325))
    assert windows.standing(tmp_path / "images" / "y.jpg", image) == []


def test_bodies_are_guessed_about_clothes_with_room_for_legs(tmp_path: Path) -> None:
    image = np.zeros((400, 400, 3), np.uint8)
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "x.txt").write_text(
        "3 .5 .4 .1 .2\n0 .5 .4 .1 .2\n2 .5 .8 .1 .2\n2 .5 .4 .1 .05\n"
    )
    (box,) = windows.clothes(tmp_path / "images" / "x.jpg", image)
    assert box == pytest.approx((162, 64, 238, 384))
    assert windows.clothes(tmp_path / "images" / "y.jpg", image) == []


def test_a_video_gives_one_picture_a_second(street: Path) -> None:
    folder = street / "repositories" / "somebody+street"
    kind = cv2.VideoWriter.fourcc(*"MJPG")
    video = cv2.VideoWriter(str(folder / "walk.avi"), kind, 5.0, (240, 400))
    rng = np.random.default_rng(1)
    for _ in range(11):
        coarse = rng.integers(0, 250, (25, 15, 3), dtype=np.uint8)
        video.write(cv2.resize(coarse, (240, 400), interpolation=cv2.INTER_CUBIC))
    video.release()
    (folder / "broken.avi").write_bytes(b"no video")
    recipe = street / "recipe.toml"
    recipe.write_text(RECIPE.replace('"*.png"', '"*.avi"'))
    assert run(street) == 0
    names = [p.item["picture"] for p in read_set(street / "out")]
    assert names == ["walk.avi@0", "walk.avi@1", "walk.avi@2"]


def test_a_source_may_be_asked_for_some_views_alone(street: Path) -> None:
    recipe = street / "recipe.toml"
    recipe.write_text(RECIPE + 'views = ["side", "back"]\n')
    assert run(street) == 0
    assert read_set(street / "out") == []
    (street / "out").rename(street / "sides")
    recipe.write_text(RECIPE + 'views = ["front"]\n')
    assert run(street) == 0
    assert len(read_set(street / "out")) == 4
