"""Where the pictures of a simulation come from."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from fpga.errors import FpgaError
from fpga.rtl.pictures import simulation_inputs
from model_zoo.package import ReleasedModel, load_released


@pytest.fixture(scope="module")
def pose() -> ReleasedModel:
    return load_released("gait-pose-s")


def test_golden_inputs_are_repeated(pose: ReleasedModel) -> None:
    golden = pose.golden()[0]
    x = simulation_inputs(pose, len(golden) + 1, None)
    np.testing.assert_array_equal(x[-1], golden[0])


def test_persons_of_a_labelled_set_are_cut(pose: ReleasedModel, tmp_path: Path) -> None:
    pictures = [np.full((100, 80, 3), (0, 0, level), np.uint8) for level in (60, 200)]
    stored = [cv2.imencode(".jpg", picture)[1].ravel() for picture in pictures]
    offset = np.cumsum([0, *(len(jpg) for jpg in stored)])
    np.savez(tmp_path / "a.npz", jpg=np.concatenate(stored), offset=offset)
    items = [{"shard": "a.npz", "index": i, "box": [20, 10, 60, 90]} for i in range(2)]
    (tmp_path / "labels.json").write_text(json.dumps({"items": items}))
    x = simulation_inputs(pose, 2, tmp_path)
    assert x.shape == (2, *pose.input.shape)
    assert x.dtype == np.uint8
    # Red comes first in the input, last in OpenCV's pictures.
    middle = x[:, 64, 48].astype(int)
    np.testing.assert_allclose(middle, [[60, 0, 0], [200, 0, 0]], atol=3)


def test_a_video_is_read_evenly(pose: ReleasedModel, tmp_path: Path) -> None:
    path = tmp_path / "grey.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (160, 120))
    for level in range(0, 200, 20):
        writer.write(np.full((120, 160, 3), level, np.uint8))
    writer.release()
    x = simulation_inputs(pose, 2, path)
    np.testing.assert_allclose(x[:, 64, 48, 0], [0, 100], atol=4)


def test_unreadable_sources_are_told(pose: ReleasedModel, tmp_path: Path) -> None:
    with pytest.raises(FpgaError, match="no labelled set"):
        simulation_inputs(pose, 2, tmp_path)
    with pytest.raises(FpgaError, match="no video"):
        simulation_inputs(pose, 2, tmp_path / "absent.mp4")
