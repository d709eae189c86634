"""Variable scores and their root: by hand, silence with its reason, and the definition checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from host.codes import Absence
from host.gait.norms import curve_reference, shape_reference
from host.gait.parameters import Gates, build_parameters
from host.gait.parameters.profile import SCORES, SagittalProfile
from host.gait.types import Person
from model_zoo.skeleton import Side

JOINTS = ("thigh", "knee", "ankle", "foot")
SPEED = 1.26


def cycles(strides: int = 1, **curves):
    """Strides of each side of the named curves, none of the others."""
    return {
        (joint, side): strides * [curves[joint]] if joint in curves else []
        for side in Side
        for joint in JOINTS
    }


def scores(speed: float = SPEED, **curves):
    return SagittalProfile().measure(cycles(**curves), speed)


def test_the_knee_score_is_the_root_mean_square_distance_from_the_reference():
    reference = curve_reference("knee", SPEED).mean_deg
    assert scores(knee=reference + 5.0)["knee_variable_score"].mean() == pytest.approx(5.0)
    waving = reference + 8.0 * np.where(np.arange(101) % 4 == 0, 1.0, 0.0)
    found = scores(1.30, knee=waving)["knee_variable_score"]
    assert found.mean() == pytest.approx(8.0 * np.sqrt(26 / 51))  # 26 of the 51 points are off


@pytest.mark.parametrize("joint", ["thigh", "ankle"])
def test_thigh_and_ankle_are_compared_without_their_mean(joint):
    shape = shape_reference(joint, SPEED)
    assert shape.mean() == pytest.approx(0)
    wave = 3.0 * np.sqrt(2) * np.sin(2 * np.pi * np.arange(101) / 51)
    found = scores(**{joint: shape + wave + 20.0})[f"{joint}_variable_score"].mean()
    assert found == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize(
    ("speed", "reason"),
    [(0.8, Absence.NO_NORM_AT_SPEED), (float("nan"), Absence.SPEED_UNKNOWN)],
)
def test_a_score_needs_a_reference_at_the_speed(speed, reason):
    found = scores(speed, knee=np.arange(101.0), thigh=np.arange(101.0), ankle=np.arange(101.0))
    assert set(found.values()) == {reason}


def test_the_profile_score_is_the_root_mean_square_of_the_three():
    offsets = {"thigh": 3.0, "knee": 5.0, "ankle": 4.0}
    swing = np.sqrt(2) * np.sin(2 * np.pi * np.arange(101) / 51)
    curves = {j: shape_reference(j, SPEED) + o * swing for j, o in offsets.items()}
    measured = SagittalProfile().measure(cycles(3, **curves), SPEED)
    found = build_parameters(measured, Gates(), Person())
    parts = [found[name].value for name in SCORES]
    score = found["sagittal_profile_score"]
    assert score.value == pytest.approx(np.sqrt(np.mean(np.square(parts))))
    assert score.value == pytest.approx(np.sqrt((9 + 25 + 16) / 3), rel=0.03)
    assert score.n == 6
    assert score.interval_95 == pytest.approx((score.value, score.value))
    assert score.norm is None


def test_without_feet_there_is_no_profile_score():
    curves = {j: shape_reference(j, SPEED) for j in ("thigh", "knee")}
    measured = SagittalProfile().measure(cycles(3, **curves), SPEED)
    found = build_parameters(measured, Gates(), Person())["sagittal_profile_score"]
    assert found.absent_reason is Absence.TOO_FEW_STRIDES


def test_the_thigh_may_be_compared_with_the_hip_once_the_means_are_gone(shared: Path):
    """Bovi et al. 2011 measured both: mean curves of 20 children and 20 adults at five speeds."""
    with np.load(shared / "data/gait/norms/bovi2011_angles.npz") as store:
        angle, mean_deg = list(store["angle"]), store["mean_deg"][:, :5]
    hip, thigh = (mean_deg[:, :, angle.index(f"{n}_flexion")] for n in ("hip", "thigh"))
    assert np.abs((hip - thigh).mean(axis=-1)).min() > 2.5  # as they are they differ
    shape = (hip - hip.mean(-1, keepdims=True)) - (thigh - thigh.mean(-1, keepdims=True))
    assert np.sqrt((shape**2).mean(axis=-1)).max() < 1.0


def test_healthy_adults_of_another_laboratory_score_low_and_slow_ones_higher(shared: Path):
    """Bovi's adults at natural speed against the reference: mean curves, so no noise of strides."""
    with np.load(shared / "data/gait/norms/bovi2011_angles.npz") as store:
        angle, adults = list(store["angle"]), store["mean_deg"][1]
    names = {"thigh": "thigh_flexion", "knee": "knee_flexion", "ankle": "ankle_dorsiflexion"}
    natural = {j: adults[0, angle.index(n)].astype(float) for j, n in names.items()}
    found = {name: s.mean() for name, s in scores(**natural).items()}
    assert found["thigh_variable_score"] == pytest.approx(2.0, abs=0.3)
    assert found["knee_variable_score"] == pytest.approx(4.1, abs=0.3)
    assert found["ankle_variable_score"] == pytest.approx(2.9, abs=0.3)
