"""The slope of the floor in the picture, from feet that rest."""

from dataclasses import replace

import numpy as np
import pytest

from host.codes import QualityCode
from host.gait.analyse import analyse_gait
from host.gait.types import Person
from tests.host.gait.walker import Walker, facts, regular

WALKER = Walker(n_steps=12, start_s=0.5)


def slope(roll_deg: float, far_foot_up: float = 0.0, walker: Walker = WALKER) -> float:
    time_s = regular(walker.end_s() + 0.8, 30)
    points = walker.trajectories(time_s)
    xyz = points.xyz.copy()
    left = [i for i in range(xyz.shape[1]) if i % 2 == 1 and i < 17] + [17, 18, 19]
    xyz[:, left, 2] += far_foot_up
    roll = np.radians(roll_deg)
    x, z = xyz[..., 0].copy(), xyz[..., 2].copy()
    xyz[..., 0], xyz[..., 2] = (
        np.cos(roll) * x - np.sin(roll) * z,
        np.sin(roll) * x + np.cos(roll) * z,
    )
    result = analyse_gait(replace(points, xyz=xyz), Person(1.7), facts(time_s))
    return next(c for c in result.checks if c.code is QualityCode.FLOOR_LEVEL).value


@pytest.mark.parametrize("roll_deg", [0.0, 2.0, -4.0])
@pytest.mark.parametrize("far_foot_up", [0.0, 12.0])
def test_a_rolled_camera_slants_the_floor_by_its_roll(roll_deg, far_foot_up):
    assert slope(roll_deg, far_foot_up) == pytest.approx(abs(roll_deg), abs=0.2)


def test_a_slanted_floor_limits_the_recording():
    time_s = regular(WALKER.end_s() + 0.8, 30)
    points = WALKER.trajectories(time_s)
    xyz = points.xyz.copy()
    xyz[..., 2] += np.tan(np.radians(7.0)) * xyz[..., 0]
    result = analyse_gait(replace(points, xyz=xyz), Person(1.7), facts(time_s))
    check = next(c for c in result.checks if c.code is QualityCode.FLOOR_LEVEL)
    assert (check.passed, result.quality_grade) == (False, "limited")


def test_a_short_walk_has_no_floor_line():
    short = replace(WALKER, n_steps=4, step_length=(0.15, 0.15))
    time_s = regular(short.end_s() + 0.8, 30)
    result = analyse_gait(short.trajectories(time_s), Person(1.7), facts(time_s))
    assert QualityCode.FLOOR_LEVEL not in {c.code for c in result.checks}
