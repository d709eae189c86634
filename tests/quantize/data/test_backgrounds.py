"""Scenes with nobody in them: people and repetitions stay out, each names its source."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from model_zoo.skeleton import N_KEYPOINTS
from quantize.data import backgrounds
from quantize.data.teach import RECIPES, read_sources
from quantize.data.teacher_rules import Points
from quantize.data.windows import WINDOWS, Box

RECIPE = """
[[source]]
name = "PARK"
repository = "somebody/park"
commit = "0"
pictures = ["*.png"]
boxes = "whole"
terms = "none stated"
"""


class Watcher:
    """Sees a body clearly in red pictures, and half guesses one in green ones."""

    def __init__(self, confidence: float) -> None:
        self.confidence = confidence

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def find(self, image: np.ndarray, _box: Box) -> Points | None:
        red, green = (image[..., k].min() == 255 for k in (0, 1))
        seen = 0.9 if red else 0.3 if green else None
        return None if seen is None else np.full((N_KEYPOINTS, 3), seen)


@pytest.fixture
def park(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five pictures: plain, red, green, the first one mirrored, and no picture at all."""
    monkeypatch.setattr(backgrounds, "BlazePose", Watcher)
    folder = tmp_path / "repositories" / "somebody+park"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    images = [
        cv2.resize(rng.integers(0, 250, (12, 20, 3), dtype=np.uint8), (800, 480)) for _ in range(3)
    ]
    images[1][..., 2] = 255
    images[2][..., 1] = 255
    images.append(images[0][:, ::-1])
    for n, image in enumerate(images):
        cv2.imwrite(str(folder / f"{n}.png"), image)
    (folder / "4.png").write_bytes(b"no picture")
    (tmp_path / "recipe.toml").write_text(RECIPE)
    return tmp_path


def run(park: Path) -> int:
    words = [str(park / "repositories"), "--out", str(park / "out")]
    return backgrounds.main([*words, "--recipe", str(park / "recipe.toml")])


def test_only_scenes_with_nobody_are_kept_once(park: Path) -> None:
    assert run(park) == 0
    written = sorted(p.name for p in (park / "out").glob("*.jpg"))
    assert written == ["PARK-00000.jpg", "PARK-00002.jpg"]
    image = cv2.imread(str(park / "out" / written[0]))
    assert image is not None
    assert image.shape[:2] == (384, 640)


def test_each_scene_names_its_source(park: Path) -> None:
    assert run(park) == 0
    note = json.loads((park / "out" / "sources.json").read_text())
    assert [(i["file"], i["picture"]) for i in note["items"]] == [
        ("PARK-00000.jpg", "0.png"),
        ("PARK-00002.jpg", "2.png"),
    ]
    assert note["sources"]["PARK"]["repository"] == "somebody/park"


def test_a_missing_repository_is_said(park: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in (park / "repositories" / "somebody+park").iterdir():
        file.unlink()
    assert run(park) == 2
    assert "holds none of" in capsys.readouterr().err


def test_the_recipe_of_the_project_names_known_windows_and_commits() -> None:
    sources = read_sources(RECIPES / "backgrounds.toml")
    assert sources
    assert all(len(s.commit) == 40 and s.boxes in WINDOWS and s.terms for s in sources)
