"""The brightness and colour planes of a picture, upright."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from host.capture.file import FileSource
from host.capture.picture import DecodedPicture
from tests.videos import set_rotation, textured_room, write_video


def test_planes_are_the_decoders_planes_turned(tmp_path: Path) -> None:
    room = textured_room(96, 64)
    path = write_video(tmp_path / "v.mp4", [room] * 2, [0.0, 0.1])
    flat = next(iter(FileSource(path).open())).image.planes()
    assert [plane.shape for plane in flat] == [(64, 96), (32, 48), (32, 48)]
    turned_path = set_rotation(path, 90)
    source = FileSource(turned_path)
    upright = next(iter(source.open())).image
    planes = upright.planes()
    assert planes[0].shape == (upright.height, upright.width) == (96, 64)
    np.testing.assert_array_equal(planes[0], upright.luma())
    turns = {90: 3, 270: 1}[_rotation_deg(source)]
    for plane, before in zip(planes, flat, strict=True):
        np.testing.assert_array_equal(plane, np.rot90(before, turns))


def _rotation_deg(source: FileSource) -> int:
    for _ in source.open():
        pass
    return source.info().rotation_deg


@pytest.mark.parametrize("name", ["yuv444p", "yuv420p10le", "rgb24"])
def test_other_formats_are_converted(name: str) -> None:
    grey = np.full((48, 64, 3), 128, dtype=np.uint8)
    frame = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format=name)
    y, u, v = DecodedPicture(frame).planes()
    assert (y.shape, u.shape, v.shape) == ((48, 64), (24, 32), (24, 32))
    assert abs(int(y[5, 5]) - 126) <= 2
    assert abs(int(u[5, 5]) - 128) <= 1
    assert abs(int(v[5, 5]) - 128) <= 1
