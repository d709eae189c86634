"""The JSON files are those that OpenPose would have written."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from host.pose.recording import Recording
from host.report.exports.openpose import write_openpose
from model_zoo.skeleton import CONVENTIONS, INDEX


@pytest.fixture
def files(tmp_path: Path, recording: Recording) -> dict[str, Any]:
    path = tmp_path / "openpose.zip"
    write_openpose(path, recording, "walk")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def person(files: dict[str, Any], frame: int, track: int) -> np.ndarray:
    people = files[f"walk_{frame:012d}_keypoints.json"]["people"]
    found = [entry for entry in people if entry["person_id"] == [track]]
    return np.array(found[0]["pose_keypoints_2d"]).reshape(25, 3)


def test_one_file_per_frame(files: dict[str, Any], recording: Recording) -> None:
    assert list(files) == [f"walk_{frame:012d}_keypoints.json" for frame in recording.frame]
    assert {table["version"] for table in files.values()} == {1.3}


def test_points_by_name(files: dict[str, Any], recording: Recording) -> None:
    points = person(files, 20, 1)
    names = CONVENTIONS["body_25"]
    for name in ("nose", "left_knee", "right_big_toe"):
        expected = recording.xy_px[20, 1, INDEX[name]]
        np.testing.assert_allclose(points[names.index(name), :2], expected, atol=1e-3)
    middle = recording.xy_px[20, 1, [INDEX["left_hip"], INDEX["right_hip"]]].mean(axis=0)
    np.testing.assert_allclose(points[8, :2], middle, atol=1e-3)
    np.testing.assert_allclose(points[:, 2], 0.9, atol=1e-3)


def test_sides_are_put_right(files: dict[str, Any], recording: Recording) -> None:
    assert recording.exchanged[42, 1]
    left = CONVENTIONS["body_25"].index("left_ankle")
    expected = recording.xy_px[42, 1, INDEX["right_ankle"]]
    np.testing.assert_allclose(person(files, 42, 1)[left, :2], expected, atol=1e-3)


def test_missing_persons_and_points(tmp_path: Path, recording: Recording) -> None:
    recording.xy_px[30, 1, INDEX["left_heel"]] = np.nan
    write_openpose(tmp_path / "a.zip", recording, "walk")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        files = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    assert [
        entry["person_id"] for entry in files["walk_000000000002_keypoints.json"]["people"]
    ] == [[4]]
    heel = CONVENTIONS["body_25"].index("left_heel")
    assert person(files, 30, 1)[heel].tolist() == [0, 0, 0]
