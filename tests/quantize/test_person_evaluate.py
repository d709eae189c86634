"""A finder's figures by one command, in the core environment, on a small known set."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from host.person.decode import Boxes
from model_zoo.package import load_released
from quantize import evaluate, person_evaluate, random_model
from quantize.data.frames import read_frames
from quantize.release import add_metric
from tests.frames import write_frames


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_frames(tmp_path_factory.mktemp("frames"), 60)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "person-s"
    assert random_model.main(["person-s", "--out", str(folder)]) == 0
    return folder


def test_the_command_tells_everything(model: Path, frames: Path, tmp_path: Path) -> None:
    words = [str(model), "--data", str(frames), "--json", str(tmp_path / "out.json")]
    words += ["--predictions", str(tmp_path / "boxes.json"), "--worst", "4", str(tmp_path / "w")]
    assert evaluate.main(words) == 0
    told = json.loads((tmp_path / "out.json").read_text())
    assert told["frames"] == 60
    assert told["set"] == "squares"
    assert set(told["by_tag"]) == {
        "people",
        "light",
        "no_person",
        "subject_height",
        "subject_shared",
        "subject_seen",
    }
    assert set(told["by_tag"]["people"]) == {"0", "1"}
    assert told["by_tag"]["people"]["0"]["subject_found"] is None
    boxes = json.loads((tmp_path / "boxes.json").read_text())["items"]
    assert len(boxes) == 60
    assert (tmp_path / "w" / "worst-00.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("seen", "told"),
    [(0, "under a fifth"), (4, "under a fifth"), (5, "under a half"), (12, "half and more")],
)
def test_frames_are_told_apart_by_what_is_seen(frames: Path, seen: int, told: str) -> None:
    frame = read_frames(frames)[1]
    frame.keypoints[0, seen:, 2] = 1
    assert person_evaluate.tags_of((112, 192))["subject_seen"](frame) == told


def test_frames_are_told_apart_by_who_shares_the_subjects_box(frames: Path) -> None:
    frame = read_frames(frames)[1]
    x0, y0, x1, y1 = frame.label.people_px[0]

    def told(*others: tuple[float, float, float, float]) -> str | None:
        people = np.array([(x0, y0, x1, y1), *others])
        label = replace(frame.label, people_px=people)
        return person_evaluate.tags_of((112, 192))["subject_shared"](replace(frame, label=label))

    assert told() == told((x1 + 5, y0, x1 + 30, y1)) == "nothing"
    assert told((x0 + 0.6 * (x1 - x0), y0, x1 + 9, y1 + 9)) == "less than half"
    assert told((x0 + 0.4 * (x1 - x0), y0, x1 + 9, y1 + 9)) == "half and more"


def test_validation_scenes_alone(model: Path, frames: Path, tmp_path: Path) -> None:
    words = [str(model), "--data", str(frames), "--json", str(tmp_path / "out.json")]
    assert evaluate.main([*words, "--validation"]) == 0
    told = json.loads((tmp_path / "out.json").read_text())
    assert told["frames"] == 8
    assert person_evaluate.metric_of(told).command.endswith("--data squares --validation")


def test_frames_are_not_mirrored(
    model: Path, frames: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main([str(model), "--data", str(frames), "--mirror"]) == 2
    assert "--mirror" in capsys.readouterr().err


def test_perfect_boxes_are_entered_in_the_card(model: Path, frames: Path) -> None:
    labelled = read_frames(frames)
    found = [Boxes(f.label.people_px, np.full(len(f.label.people_px), 0.9)) for f in labelled]
    figures = person_evaluate.score(labelled, found, (112, 192))
    assert (figures["subject_found"], figures["false_boxes"]) == (100.0, 0.0)
    result = {
        "model": {"name": "person-s"}, "set": "squares", "labels_sha256": "0" * 64, **figures
    }  # fmt: skip
    written = add_metric(load_released(model), person_evaluate.metric_of(result))
    card = written.path("card.md").read_text()
    assert "| squares | 60 | 100.0 | 100.0 | 100.0 | 100.0 | 0.000 |" in card
