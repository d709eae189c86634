"""The marker file is read back by the rules of the format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from host.gait.types import Trajectories
from host.report.exports.trc import write_trc
from model_zoo.skeleton import INDEX, KEYPOINTS, N_KEYPOINTS


@pytest.fixture
def trajectories() -> Trajectories:
    generator = np.random.default_rng(4)
    xyz = generator.uniform(-500, 500, (7, N_KEYPOINTS, 3))
    xyz[:, :, 1] = np.nan
    xyz[2, INDEX["left_heel"]] = np.nan
    time_s = np.array([0.0, 0.033, 0.067, 0.15, 0.183, 0.2167, 0.25])
    return Trajectories(time_s, xyz, "px", np.ones((7, N_KEYPOINTS)), "test")


def read(path: Path) -> tuple[dict[str, str], list[str], np.ndarray, np.ndarray]:
    """Header, marker names, times and float64[T, K, 3], by the layout OpenSim documents."""
    lines = path.read_text(encoding="ascii").split("\n")
    assert lines[0].split("\t") == ["PathFileType", "4", "(X/Y/Z)", path.name]
    header = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    names = lines[3].split("\t")
    assert names[:2] == ["Frame#", "Time"]
    markers = names[2::3]
    assert lines[4].split("\t")[2:] == [
        f"{axis}{i}" for i in range(1, len(markers) + 1) for axis in "XYZ"
    ]
    assert lines[5] == ""
    rows = [line.split("\t") for line in lines[6:-1]]
    assert [row[0] for row in rows] == [str(i) for i in range(1, len(rows) + 1)]
    assert {len(row) for row in rows} == {2 + 3 * len(markers)}
    values = np.array([[float(cell or "nan") for cell in row[1:]] for row in rows])
    return header, markers, values[:, 0], values[:, 1:].reshape(len(rows), len(markers), 3)


def test_metres_when_the_scale_is_known(tmp_path: Path, trajectories: Trajectories) -> None:
    path = tmp_path / "keypoints.trc"
    write_trc(path, trajectories, 0.004, 28.0)
    header, markers, time_s, points = read(path)
    assert (header["Units"], header["NumFrames"], header["NumMarkers"]) == ("m", "7", "23")
    assert header["DataRate"] == "28"
    assert tuple(markers) == KEYPOINTS
    np.testing.assert_allclose(time_s, trajectories.time_s, atol=1e-6)
    np.testing.assert_allclose(points[..., 0], trajectories.xyz[..., 0] * 0.004, atol=1e-5)
    np.testing.assert_allclose(points[..., 1], trajectories.xyz[..., 2] * 0.004, atol=1e-5)


def test_one_camera_sees_no_depth(tmp_path: Path, trajectories: Trajectories) -> None:
    path = tmp_path / "keypoints.trc"
    write_trc(path, trajectories, 0.004, 28.0)
    points = read(path)[3]
    seen = np.ones((7, N_KEYPOINTS), dtype=bool)
    seen[2, INDEX["left_heel"]] = False
    assert np.all(points[seen][:, 2] == 0)
    assert np.isnan(points[~seen]).all()


def test_pixels_are_named_as_such(tmp_path: Path, trajectories: Trajectories) -> None:
    path = tmp_path / "keypoints.trc"
    write_trc(path, trajectories, float("nan"), 28.0)
    header, _, _, points = read(path)
    assert header["Units"] == "px"
    np.testing.assert_allclose(points[..., 0], trajectories.xyz[..., 0], atol=1e-5)


def test_a_laboratory_keeps_its_three_axes_right_handed(tmp_path: Path) -> None:
    xyz = np.zeros((1, N_KEYPOINTS, 3))
    xyz[0, 0] = (1.0, 2.0, 3.0)
    path = tmp_path / "lab.trc"
    lab = Trajectories(np.zeros(1), xyz, "m", np.ones((1, N_KEYPOINTS)), "markers")
    write_trc(path, lab, 1.0, 100.0)
    np.testing.assert_array_equal(read(path)[3][0, 0], (1.0, 3.0, -2.0))
