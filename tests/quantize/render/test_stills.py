"""Single pictures: the same from the same seed, labels where the person is drawn."""

import dataclasses
import gzip
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from model_zoo.skeleton import INDEX, KEYPOINTS
from quantize.data.pictures import label_hash
from quantize.render import cli
from quantize.render.body import BodyModel, Person, Shape
from quantize.render.camera import Camera, aim, view_name
from quantize.render.clothes import Wardrobe
from quantize.render.light import draw_light
from quantize.render.picture import Figure, Painter
from quantize.render.shards import write_set
from quantize.render.stills import SetRecipe, Sources, Studio


@pytest.fixture(scope="module")
def studio(set_recipe: SetRecipe) -> Studio:
    return Studio(set_recipe, Sources())


def test_a_group_does_not_depend_on_what_was_drawn_before(studio: Studio) -> None:
    first = studio.group(2)
    studio.group(0)
    again = studio.group(2)
    assert [s.label for s in first] == [s.label for s in again]
    assert [s.jpeg for s in first] == [s.jpeg for s in again]
    assert first[0].jpeg != studio.group(1)[0].jpeg


def test_labels_lie_in_the_picture_and_in_the_format(studio: Studio) -> None:
    for still in studio.group(0):
        label = still.label
        picture = cv2.imdecode(np.frombuffer(still.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert picture.shape == (label["height"], label["width"], 3)
        points = np.array(label["keypoints"])
        assert points.shape == (len(KEYPOINTS), 3)
        assert set(points[:, 2]) <= {0, 1, 2}
        there = points[points[:, 2] > 0]
        assert (there[:, :2] >= 0).all()
        assert (there[:, 0] <= picture.shape[1]).all()
        assert (there[:, 1] <= picture.shape[0]).all()
        assert (points[points[:, 2] == 0, :2] == 0).all()
        assert label["view"] == view_name(float(str(label["yaw_deg"])))


def test_the_labels_of_a_set_do_not_depend_on_workers_or_interruption(
    set_recipe: SetRecipe, tmp_path: Path
) -> None:
    told: list[tuple[str, int]] = []
    one = write_set(set_recipe, "x", tmp_path / "one", Sources(), 1, lambda *t: told.append(t))
    two = write_set(set_recipe, "x", tmp_path / "two", Sources(), 2, lambda *_: None)
    assert one == two
    assert told == [("shard-00000", 6), ("shard-00001", 6)]
    (tmp_path / "one" / "shard-00001.npz").unlink()
    assert (
        write_set(set_recipe, "x", tmp_path / "one", Sources(), 1, lambda *t: told.append(t)) == one
    )
    assert told[2:] == [("shard-00001", 6)]
    labels = json.loads(gzip.decompress((tmp_path / "one" / "labels.json.gz").read_bytes()))
    assert labels["keypoint_names"] == list(KEYPOINTS)
    assert label_hash(labels["items"]) == one
    for name in ("shard-00000.npz", "shard-00001.npz"):
        with np.load(tmp_path / "one" / name) as a, np.load(tmp_path / "two" / name) as b:
            assert (a["jpg"] == b["jpg"]).all()
            assert (a["offset"] == b["offset"]).all()
    other = dataclasses.replace(set_recipe, seed=1)
    with pytest.raises(ValueError, match="another recipe"):
        write_set(other, "x", tmp_path / "one", Sources(), 1, lambda *_: None)


def test_a_changed_label_changes_the_hash() -> None:
    items = [{"file": "a", "keypoints": [[1.0, 2.0, 2]]}]
    moved = [{"file": "a", "keypoints": [[1.1, 2.0, 2]]}]
    assert label_hash(items) != label_hash(moved)
    assert label_hash(items) == label_hash([dict(reversed(items[0].items()))])


@pytest.fixture(scope="module")
def figures(
    model: BodyModel, person: Person, shape: Shape, set_recipe: SetRecipe
) -> dict[str, Figure]:
    """The body at rest from the front, the back and both sides."""
    rng = np.random.default_rng(5)
    wardrobe = Wardrobe(model)
    painter = Painter(model, wardrobe, 160, 200)
    outfit = wardrobe.outfit(rng, set_recipe.clothes, person, shape)
    painter.wear(shape, dataclasses.replace(outfit, hull=None))
    light = draw_light(rng, set_recipe.light)
    still = np.tile(np.eye(3), (1, len(model.bones), 1, 1))
    vertices, points = model.pose(person, shape, still, shape.heads[:1])
    out = {}
    for name, eye in (("front", (0, -4)), ("back", (0, 4)), ("left", (4, 0)), ("right", (-4, 0))):
        place = np.array([*eye, 0.2], float)
        camera = Camera(place, aim(place, np.array([0, 0, 0.05])), 380.0, (80.0, 100.0), 160, 200)
        out[name] = painter.draw(vertices[0], points[0], camera, light)
    return out


def test_keypoints_lie_on_the_silhouette(figures: dict[str, Figure]) -> None:
    for figure in figures.values():
        near = cv2.dilate((figure.cover > 0.5).astype(np.uint8), np.ones((3, 3), np.uint8))
        col, row = figure.xy_px.astype(int).T
        assert figure.inside.all()
        assert near[row, col].all()
        x0, y0, x1, y1 = figure.box_px
        rows, cols = np.nonzero(figure.cover > 0.5)
        assert abs(x0 - cols.min()) <= 1
        assert abs(x1 - cols.max() - 1) <= 1
        assert abs(y0 - rows.min()) <= 1
        assert abs(y1 - rows.max() - 1) <= 1


def test_views_show_the_side_that_they_name(figures: dict[str, Figure]) -> None:
    def seen(view: str, name: str) -> bool:
        return bool(figures[view].seen[INDEX[name]])

    assert seen("front", "nose")
    assert not seen("back", "nose")
    assert seen("left", "left_ear")
    assert not seen("left", "right_ear")
    assert seen("right", "right_knee")
    assert not seen("right", "left_knee")
    x = figures["front"].xy_px[:, 0]
    assert x[INDEX["left_shoulder"]] > x[INDEX["right_shoulder"]]
    x = figures["back"].xy_px[:, 0]
    assert x[INDEX["left_shoulder"]] < x[INDEX["right_shoulder"]]


@pytest.mark.parametrize(
    ("yaw", "view"),
    [(0, "front"), (-40, "oblique_front"), (90, "side"), (-95, "side"), (150, "oblique_back"),
     (180, "back"), (-179, "back")],
)  # fmt: skip
def test_view_names(yaw: float, view: str) -> None:
    assert view_name(yaw) == view


def test_projection_agrees_with_the_matrix_given_to_opengl() -> None:
    eye = np.array([1.0, -3.0, 1.4])
    camera = Camera(eye, aim(eye, np.array([0.2, 0, 0.8]), 3.0), 210.0, (40.0, 130.0), 144, 192)
    points = np.random.default_rng(0).uniform(-1, 1, (50, 3))
    clip = np.c_[points, np.ones(50)] @ camera.matrix().astype(float).T
    xy = (clip[:, :2] / clip[:, 3:] * [1, -1] + 1) / 2 * [144, 192]
    found, depth = camera.project(points)
    assert np.abs(found - xy).max() < 1e-3
    assert np.abs(depth - clip[:, 3]).max() < 1e-5


def test_a_body_has_the_stature_and_age_that_it_was_drawn_with(
    model: BodyModel, set_recipe: SetRecipe
) -> None:
    rng = np.random.default_rng(0)
    for _ in range(3):
        person = model.person(rng, set_recipe.body)
        tall = np.ptp(model.shape(person.phenotype).vertices[:, 2])
        assert tall == pytest.approx(person.stature_m, abs=0.01)
        assert 20 <= person.age_years <= 90


def test_missing_graphics_are_told_with_the_packages_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(**_: object) -> None:
        raise ImportError("libEGL.so not found")

    monkeypatch.setattr("quantize.render.picture.moderngl.create_context", broken)
    words = ["--set", "rendered-test-1-parametric", "--count", "6", "--out", str(tmp_path / "x")]
    assert cli.main(words) == 3
    told = capsys.readouterr().err
    assert "libEGL.so not found" in told
    assert "libegl1" in told


def test_wrong_options_are_told_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main(["--set", "no-such", "--out", str(tmp_path)]) == 2
    assert "no recipe 'no-such'" in capsys.readouterr().err
    assert cli.main(["--frames", "no-such", "--out", str(tmp_path)]) == 2
    assert "frames-1" in capsys.readouterr().err
    assert cli.main(["--frames", "frames-1", "--out", str(tmp_path / "frames")]) == 2
    assert "--mocap" in capsys.readouterr().err
    assert cli.main(["--set", "rendered-test-1", "--out", str(tmp_path)]) == 2
    assert "--mocap" in capsys.readouterr().err
    assert cli.main(["--clip", "demo", "--only", "x", "--out", str(tmp_path)]) == 2
    assert "no clip 'x'" in capsys.readouterr().err
