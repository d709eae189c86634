from dataclasses import replace

import numpy as np
import pytest

from host.gait.signals import RATE_HZ
from host.gait.track import Resampler
from model_zoo.skeleton import INDEX, Side
from tests.host.gait.walker import Walker, regular

HIP = INDEX["left_hip"]


def points_at(time_s):
    return Walker().trajectories(time_s)


def test_irregular_time_stamps_land_on_an_even_grid():
    jitter = np.random.default_rng(3).uniform(-0.01, 0.01, 100)
    time_s = np.sort(np.arange(100) / 30 + jitter)
    track = Resampler().resample(points_at(time_s))
    np.testing.assert_allclose(np.diff(track.time_s), 1 / RATE_HZ)
    truth = points_at(track.time_s)
    np.testing.assert_allclose(track.xyz[:, HIP, 0], truth.xyz[:, HIP, 0], atol=1.5)


@pytest.mark.parametrize(("missing", "filled"), [(2, True), (4, False)])
def test_holes_up_to_120_ms_are_filled(missing, filled):
    points = points_at(regular(4, 30))
    xyz = points.xyz.copy()
    xyz[50 : 50 + missing] = np.nan
    track = Resampler().resample(replace(points, xyz=xyz))
    inside = np.abs(track.time_s - (50 + (missing - 1) / 2) / 30) < 0.02
    assert np.isfinite(track.xyz[inside, HIP, 0]).all() == filled


def test_doubtful_points_are_missing():
    points = points_at(regular(4, 30))
    score = points.score.copy()
    score[40:60, HIP] = 0.1
    track = Resampler(min_score=0.3).resample(replace(points, score=score))
    assert np.isnan(track.xyz[150:180, HIP, 0]).all()
    assert np.isfinite(track.middle("hip", 0)[150:180]).all()


def test_feet_that_are_not_given_become_ankles():
    points = points_at(regular(4, 30))
    xyz = points.xyz.copy()
    xyz[:, INDEX["left_heel"]] = np.nan
    track = Resampler().resample(replace(points, xyz=xyz))
    assert track.foot("heel", Side.LEFT) == INDEX["left_ankle"]
    assert track.foot("heel", Side.RIGHT) == INDEX["right_heel"]
    assert not track.has_feet


def test_a_point_is_interpolated_as_if_it_were_alone():
    points, random = points_at(regular(3, 30)), np.random.default_rng(5)
    xyz = points.xyz.copy()
    xyz[random.random(xyz.shape[:2]) < 0.1] = np.nan
    xyz[40:50, HIP] = np.nan
    together = Resampler().resample(replace(points, xyz=xyz))
    for point in (HIP, INDEX["right_heel"]):
        alone = np.full_like(xyz, np.nan)
        alone[:, point] = xyz[:, point]
        track = Resampler().resample(replace(points, xyz=alone))
        np.testing.assert_array_equal(track.xyz[:, point], together.xyz[:, point])
        np.testing.assert_array_equal(track.score[:, point], together.score[:, point])
