import numpy as np
import pytest

from host.codes import Absence
from host.gait.curves import SagittalCurves
from host.gait.sources import Source
from host.gait.track import Resampler
from host.gait.types import Bout, Stride, Trajectories
from model_zoo.skeleton import INDEX, KEYPOINTS, Side
from tests.host.gait.walker import mirrored, regular


def pendulum(direction=1):
    """Legs whose angles are known: thigh 20 sin, knee 30 - 30 cos, foot level; period 1 s."""
    time_s = regular(4.01, 100)
    phase = 2 * np.pi * time_s
    thigh, knee = 20 * np.sin(phase), 30 - 30 * np.cos(phase)
    shank = np.radians(thigh - knee)
    xyz = np.full((len(time_s), len(KEYPOINTS), 3), np.nan)
    for side in Side:
        hip = np.stack((np.zeros_like(phase), np.full_like(phase, 90.0)), axis=1)
        upper = np.stack((np.sin(np.radians(thigh)), -np.cos(np.radians(thigh))), axis=1)
        lower = np.stack((np.sin(shank), -np.cos(shank)), axis=1)
        ankle = hip + 40 * upper + 40 * lower
        places = {
            "hip": hip,
            "knee": hip + 40 * upper,
            "ankle": ankle,
            "heel": ankle + np.array([-3, -7]),
            "big_toe": ankle + np.array([17, -7]),
        }
        for name, place in places.items():
            xyz[:, INDEX[f"{side.value}_{name}"], 0] = place[:, 0]
            xyz[:, INDEX[f"{side.value}_{name}"], 2] = place[:, 1]
    if direction < 0:
        xyz = mirrored(xyz)
    points = Trajectories(time_s, xyz, "px", np.isfinite(xyz[..., 0]) * 1.0, "synthetic")
    return Resampler().resample(points)


def curves(direction=1, speed_mps=float("nan"), excluded=()):
    strides = tuple(
        Stride(side, float(k), k + 0.6, k + 1.0, 0, k in excluded, None)
        for side in Side
        for k in (1, 2)
    )
    bouts = (Bout(0, 0.0, 4.0, direction),)
    method = SagittalCurves()
    found = method.curves(method.cycles(pendulum(direction), bouts, strides), speed_mps)
    return {(c.joint, c.side): c for c in found}


@pytest.mark.parametrize("direction", [1, -1])
def test_known_angles_come_back_flexion_positive(direction):
    found = curves(direction)
    phase = 2 * np.pi * np.arange(101) / 100
    thigh, knee = 20 * np.sin(phase), 30 - 30 * np.cos(phase)
    for side in Side:
        np.testing.assert_allclose(found["thigh", side].mean_deg, thigh, atol=1.0)
        np.testing.assert_allclose(found["knee", side].mean_deg, knee, atol=1.0)
        # The foot stays level: dorsiflexion is the shank leaning forward.
        np.testing.assert_allclose(found["ankle", side].mean_deg, knee - thigh, atol=1.5)
        assert found["knee", side].n == 2
        assert found["knee", side].sd_deg.max() < 0.5


def test_excluded_strides_do_not_count_and_one_stride_has_no_spread():
    found = curves(excluded=(1,))
    assert found["knee", Side.LEFT].n == 1
    assert np.isnan(found["knee", Side.LEFT].sd_deg).all()


def test_a_foot_that_points_backwards_is_missing_not_turned_round():
    track = pendulum()
    toe, heel = INDEX["left_big_toe"], INDEX["left_heel"]
    track.xyz[120:150, [toe, heel]] = track.xyz[120:150, [heel, toe]]
    strides = tuple(Stride(s, 1.0, 1.6, 2.0, 0, excluded=False, reason=None) for s in Side)
    cycles = SagittalCurves().cycles(track, (Bout(0, 0.0, 4.0, 1),), strides)
    assert not cycles["ankle", Side.LEFT]
    assert not cycles["foot", Side.LEFT]
    assert len(cycles["knee", Side.LEFT]) == len(cycles["ankle", Side.RIGHT]) == 1


def test_references_only_where_speed_and_definition_match():
    unknown = curves()
    assert unknown["knee", Side.LEFT].reference_absent_reason is Absence.SPEED_UNKNOWN
    slow = curves(speed_mps=0.8)
    assert slow["knee", Side.LEFT].reference_absent_reason is Absence.NO_NORM_AT_SPEED
    assert slow["thigh", Side.LEFT].reference_absent_reason is Absence.NO_NORM
    usual = curves(speed_mps=1.25)["knee", Side.LEFT]
    assert usual.reference is not None
    assert usual.reference.mean_deg.shape == (101,)
    assert usual.reference.mean_deg[60:85].max() == pytest.approx(62, abs=2)
    assert "Fukuchi" in usual.reference.source


def test_the_measured_error_of_a_source_is_taken_from_every_cycle():
    error = {"knee": [10.0, 0.0, -10.0]}
    strides = (Stride(Side.LEFT, 1.0, 1.6, 2.0, 0, False, None),)
    bouts = (Bout(0, 0.0, 4.0, 1),)
    plain, less = (
        SagittalCurves(source=Source(angles_deg=angles)).cycles(pendulum(), bouts, strides)
        for angles in ({}, error)
    )
    taken = plain["knee", Side.LEFT][0] - less["knee", Side.LEFT][0]
    np.testing.assert_allclose(taken, np.linspace(10, -10, 101), atol=1e-9)
    np.testing.assert_array_equal(plain["thigh", Side.LEFT][0], less["thigh", Side.LEFT][0])
