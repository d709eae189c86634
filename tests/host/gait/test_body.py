from dataclasses import replace

import numpy as np
import pytest

from host.gait.body import BodyHeight
from host.gait.track import Resampler
from model_zoo.skeleton import INDEX, KEYPOINTS
from tests.host.gait.walker import Walker, regular


def measured(hide=(), turn_deg=0.0):
    walker = Walker(start_s=0.5)
    points = walker.trajectories(regular(6, 30), height=300.0)
    xyz = points.xyz.copy()
    for word in hide:
        xyz[:, [INDEX[n] for n in KEYPOINTS if word in n]] = np.nan
    if turn_deg:
        angle = np.radians(turn_deg)
        x, z = xyz[..., 0].copy(), xyz[..., 2].copy()
        xyz[..., 0] = np.cos(angle) * x + np.sin(angle) * z
        xyz[..., 2] = -np.sin(angle) * x + np.cos(angle) * z
    return BodyHeight().measure(Resampler().resample(replace(points, xyz=xyz)))


@pytest.mark.parametrize(
    ("hide", "landmarks"),
    [
        ((), "eye-heel"),
        (("heel",), "eye-ankle"),
        (("heel", "eye"), "shoulder-ankle"),
        (("heel", "eye", "shoulder"), "hip-ankle"),
    ],
)
def test_stature_from_whatever_landmarks_are_seen(hide, landmarks):
    body = measured(hide)
    assert body.landmarks == landmarks
    assert np.median(body.height) == pytest.approx(300, rel=0.03)


def test_no_landmarks_no_stature():
    body = measured(("heel", "eye", "shoulder", "hip"))
    assert not body.known


def test_a_lying_person_is_not_upright():
    assert measured().upright.all()
    assert not measured(turn_deg=80).upright.any()
