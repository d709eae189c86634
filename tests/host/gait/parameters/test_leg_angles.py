import numpy as np
import pytest

from host.codes import Absence
from host.gait.parameters.leg_angles import leg_angles
from model_zoo.skeleton import Side

JOINTS = ("thigh", "knee", "ankle", "foot")


def cycles(**curves):
    """One stride of each side of the named curves, none of the others."""
    return {
        (joint, side): [curves[joint]] if joint in curves else []
        for side in Side
        for joint in JOINTS
    }


PERCENT = np.arange(101.0)


def test_features_lie_where_the_windows_say():
    knee = np.interp(PERCENT, [0, 12, 40, 73, 100], [5.0, 20.0, 4.0, 60.0, 5.0])
    thigh = np.interp(PERCENT, [0, 52, 85, 100], [25.0, -12.0, 30.0, 25.0])
    ankle = np.interp(PERCENT, [0, 62, 75, 90, 100], [0.0, -20.0, -4.0, -4.0, 0.0])
    foot = np.interp(PERCENT, [0, 12, 100], [18.0, 0.0, 18.0])
    found = leg_angles(cycles(knee=knee, thigh=thigh, ankle=ankle, foot=foot))
    values = {name: samples.mean() for name, samples in found.items()}
    assert values == pytest.approx(
        {
            "thigh_range": 42.0,
            "thigh_extension": -12.0,
            "thigh_swing_peak": 30.0,
            "knee_range": 56.0,
            "knee_swing_peak": 60.0,
            "knee_stance_minimum": 4.0,
            "ankle_range": 20.0,
            "ankle_swing": -4.0,
            "foot_angle_at_contact": 18.0,
        },
        abs=0.7,  # corners between two points of the cycle
    )


def test_without_feet_the_foot_has_no_features_and_says_so():
    found = leg_angles(cycles(knee=PERCENT, thigh=PERCENT))
    assert found["ankle_range"] is found["foot_angle_at_contact"] is Absence.FEET_HIDDEN
    assert found["knee_range"].n == 2
