"""Clips: the film, its truth and its keypoints tell the same story."""

import dataclasses
import json
from pathlib import Path

import av
import numpy as np
import pytest

from model_zoo.skeleton import INDEX
from quantize.__main__ import main
from quantize.render.body import BodyModel
from quantize.render.clip import ClipRecipe, ClipStudio
from quantize.render.movie import write_clip
from quantize.render.plan import Gait
from quantize.render.ranges import read

_SIDES = ("left", "right")


@pytest.fixture(scope="module")
def studio(model: BodyModel, clip_recipe: ClipRecipe) -> ClipStudio:
    return ClipStudio(clip_recipe, clip_recipe.clips[0], model)


@pytest.fixture(scope="module")
def folder(studio: ClipStudio, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("clip")
    write_clip(studio, out, silhouettes=True, told=lambda *_: None)
    return out


def test_the_film_has_all_frames_at_their_times(folder: Path) -> None:
    truth = json.loads((folder / "walk.truth.json").read_text())
    with av.open(str(folder / "walk.mp4")) as film:
        times = [float(frame.time) for frame in film.decode(video=0)]
    assert len(times) == truth["frames"]
    assert np.allclose(times, np.arange(len(times)) / 10.0, atol=1e-6)
    assert sorted(p.name for p in folder.iterdir()) == [
        "walk.joints.npz",
        "walk.mp4",
        "walk.points.npz",
        "walk.truth.json",
    ]


def test_the_corridor_is_empty_before_and_after(folder: Path) -> None:
    with np.load(folder / "walk.points.npz") as data:
        box, mask = data["box_px"], data["silhouette"]
    assert (box[[0, -1]] == 0).all()
    assert (mask[[0, -1]] == 0).all()
    middle = len(box) // 2
    rows, cols = np.nonzero(np.unpackbits(mask[middle], axis=1)[:, :240])
    drawn = (cols.min(), rows.min(), cols.max() + 1, rows.max() + 1)
    assert np.abs(box[middle] - drawn).max() <= 1


def test_keypoints_in_the_picture_are_those_in_the_room(folder: Path, studio: ClipStudio) -> None:
    with np.load(folder / "walk.points.npz") as data:
        xy, xyz, seen, box = data["xy_px"], data["xyz_m"], data["seen"], data["box_px"]
    assert np.abs(studio.camera.project(xyz.astype(float))[0] - xy).max() < 0.01
    whole = (box[:, 0] > 1) & (box[:, 2] < 239)
    assert whole.sum() > 20
    assert (seen[whole] > 0).all()
    low, high = box[whole, None, :2] - 2, box[whole, None, 2:] + 2
    assert ((xy[whole] > low) & (xy[whole] < high)).all()


def test_joint_centres_are_the_skeletons(folder: Path, studio: ClipStudio) -> None:
    with np.load(folder / "walk.joints.npz") as data:
        time_s, joints = data["time_s"], data["xyz_m"].astype(float)
    assert np.array_equal(time_s, studio.time_s)
    apart = np.linalg.norm(joints[:, 0] - joints[:, 1], axis=1)
    thighs = np.linalg.norm(joints[:, 2:] - joints[:, :2], axis=-1)
    assert np.ptp(apart) < 1e-4  # bones are stiff
    assert np.ptp(thighs, axis=0).max() < 1e-4
    points = studio.keypoints_m[:, [INDEX[f"{s}_{n}"] for n in ("hip", "knee") for s in _SIDES]]
    assert np.linalg.norm(joints - points, axis=-1).max() < 0.12  # left is left, in the same room


def test_events_lie_between_frames_and_agree_with_steps(folder: Path, studio: ClipStudio) -> None:
    truth = json.loads((folder / "walk.truth.json").read_text())
    contacts = [e for e in truth["events"] if e["kind"] == "initial_contact"]
    assert [e["foot"] for e in contacts[:2]] in (["left", "right"], ["right", "left"])
    off_grid = [abs(e["time_s"] * 10 - round(e["time_s"] * 10)) > 0.01 for e in truth["events"]]
    assert sum(off_grid) > 0.9 * len(off_grid)
    times = np.diff([e["time_s"] for e in contacts])
    assert np.allclose(times, [s["time_s"] for s in truth["steps"]], atol=2e-5)
    assert truth["contact_check"]["slide_mm"] <= 5
    assert truth["contact_check"]["gap_mm"] <= 3
    assert truth["cadence_per_min"] == pytest.approx(104, rel=0.05)
    assert studio.check.stances >= 8


def test_the_same_recipe_gives_the_same_clip_and_the_other_way_its_mirror_path(
    model: BodyModel, clip_recipe: ClipRecipe, studio: ClipStudio
) -> None:
    spec = clip_recipe.clips[0]
    again = ClipStudio(clip_recipe, spec, model)
    assert (again.keypoints_m == studio.keypoints_m).all()
    back = dataclasses.replace(spec, camera=dataclasses.replace(spec.camera, left_to_right=False))
    other = ClipStudio(clip_recipe, back, model)
    assert studio.keypoints_m[0, :, 0].max() < 0 < studio.keypoints_m[-1, :, 0].min()
    assert np.allclose(other.keypoints_m[..., :2], -studio.keypoints_m[..., :2], atol=1e-6)


def test_the_demo_in_the_house_is_the_one_that_its_recipe_draws(
    model: BodyModel, repository: Path
) -> None:
    recipe = read(repository / "quantize" / "recipes" / "clips" / "demo.toml", ClipRecipe)
    studio = ClipStudio(recipe, recipe.clips[0], model)
    kept = json.loads((repository / "host" / "demo" / "walk.truth.json").read_text())
    drawn = studio.motion.schedule.events(studio.start_s, studio.start_s + studio.duration_s)
    assert [(e["foot"], e["kind"]) for e in kept["events"]] == [
        (e["foot"], e["kind"]) for e in drawn
    ]
    assert np.allclose(
        [e["time_s"] for e in kept["events"]], [e["time_s"] for e in drawn], atol=1e-4
    )
    assert kept["frames"] == len(studio.time_s)
    assert (repository / "host" / "demo" / "walk.mp4").stat().st_size < 2_000_000


def test_a_clip_needs_one_source_of_motion(model: BodyModel, clip_recipe: ClipRecipe) -> None:
    spec = dataclasses.replace(clip_recipe.clips[0], gait=Gait(100, 1.0), trial="07_01")
    with pytest.raises(ValueError, match="not both"):
        ClipStudio(clip_recipe, spec, model)


def test_the_dispatcher_knows_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no-such"]) == 2
    assert "render" in capsys.readouterr().err
    assert main(["--help"]) == 0
    assert "evaluate" in capsys.readouterr().out
