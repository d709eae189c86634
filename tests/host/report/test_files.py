"""The files of an analysis lie where they are promised, and can be read."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import numpy as np

from host.gait.types import GaitResult, Trajectories
from host.pose.recording import Recording, load_recording
from host.report.assessment import Assessment
from host.report.files import write_files, write_trajectories
from model_zoo.skeleton import N_KEYPOINTS

NOW = datetime(2026, 11, 21, 14, 5)


def test_the_promised_files(tmp_path: Path, recording: Recording, assessment: Assessment) -> None:
    write_files(tmp_path, recording, assessment, NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "assessment.json", "keypoints.npz", "parameters.csv", "report.html",
    ]  # fmt: skip
    text = (tmp_path / "assessment.json").read_text(encoding="utf-8")
    assert Assessment.model_validate_json(text) == assessment
    again = load_recording(tmp_path / "keypoints.npz")
    np.testing.assert_array_equal(again.xy_px, recording.xy_px)
    with (tmp_path / "parameters.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(assessment.parameters)
    assert "<title>Gait report · walk.mp4</title>" in (tmp_path / "report.html").read_text("utf-8")


def test_openpose_only_on_request(
    tmp_path: Path, recording: Recording, assessment: Assessment
) -> None:
    write_files(tmp_path, recording, assessment, NOW, openpose=True)
    assert (tmp_path / "openpose.zip").stat().st_size > 1000


def test_the_marker_file_has_the_mean_rate(tmp_path: Path, gait: GaitResult) -> None:
    times = np.array([0.0, 0.04, 0.08, 0.16])
    walk = Trajectories(
        times, np.zeros((4, N_KEYPOINTS, 3)), "px", np.ones((4, N_KEYPOINTS)), "test"
    )
    write_trajectories(tmp_path, walk, gait)
    header = (tmp_path / "keypoints.trc").read_text(encoding="ascii").split("\n")[2].split("\t")
    assert header[0] == "18.75"
    assert header[4] == "m"
