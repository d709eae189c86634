"""The validation split shares no picture with training, and the upright rule tells standing from
lying.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from model_zoo.skeleton import INDEX, N_KEYPOINTS
from quantize.data.splits import is_upright, sport_photographs, teacher_photographs


def standing() -> np.ndarray:
    keypoints = np.zeros((N_KEYPOINTS, 3), np.float32)
    heights = {"shoulder": 40, "elbow": 60, "wrist": 80, "hip": 90, "knee": 130, "ankle": 170}
    for part, y in heights.items():
        for side, x in (("left", 55), ("right", 45)):
            keypoints[INDEX[f"{side}_{part}"]] = (x, y, 1)
    return keypoints


def test_standing_is_upright_and_lying_bending_or_unlabelled_is_not() -> None:
    assert is_upright(standing())
    lying = standing()
    lying[:, :2] = lying[:, 1::-1]
    assert not is_upright(lying)
    upside_down = standing()
    upside_down[:, 1] *= -1
    assert not is_upright(upside_down)
    unlabelled = standing()
    unlabelled[INDEX["left_knee"], 2] = 0
    assert not is_upright(unlabelled)


def test_validation_shares_no_picture_with_training(shared: Path) -> None:
    training, validation = sport_photographs(shared / "data" / "pose" / "train")
    assert 100 <= len(validation) <= 200
    assert all(is_upright(p.keypoints) for p in validation)
    assert not {p.item["picture"] for p in training} & {p.item["picture"] for p in validation}
    again = sport_photographs(shared / "data" / "pose" / "train")[1]
    assert [p.item["file"] for p in again] == [p.item["file"] for p in validation]
    hips = [INDEX["left_hip"], INDEX["right_hip"]]
    assert all(p.keypoints[hips, 2].max() == 0 for p in training if p.item["source"] == "PELOTA")


def test_a_test_set_is_refused_as_teacher(tmp_path: Path) -> None:
    np.savez(tmp_path / "s.npz", jpg=np.zeros(4, np.uint8), offset=np.array([0, 4]))
    item = {"shard": "s.npz", "index": 0, "box": [0, 0, 9, 9], "keypoints": [[1, 1, 2]] * 23}
    for split in ("train", "standing_test"):
        labels = {"items": [item | {"split": split}]}
        (tmp_path / "labels.json").write_text(json.dumps(labels))
        if split == "train":
            assert len(teacher_photographs(tmp_path, tmp_path)) == 2
        else:
            with pytest.raises(ValueError, match="no set for training"):
                teacher_photographs(tmp_path)
