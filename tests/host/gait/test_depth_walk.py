"""Walks towards the camera and away from it, made of formulas and seen through a pinhole."""

from dataclasses import replace

import numpy as np
import pytest

from host.codes import Absence, QualityCode, ViewKind
from host.gait.analyse import analyse_gait
from host.gait.scale.types import ScaleOptions
from host.gait.types import CaptureFacts, GaitResult, Person, Trajectories
from model_zoo.skeleton import INDEX
from tests.host.gait.walker import Walker

WIDTH, HEIGHT, FIELD_DEG = 960, 540, 60.0
FOCAL_PX = WIDTH / 2 / np.tan(np.deg2rad(FIELD_DEG) / 2)
CAMERA = 0.7
STATURE_M = 1.7
WALKER = Walker(step_time_s=(0.55, 0.55), step_length=(0.38, 0.38), step_width=0.06, n_steps=10)


def in_depth(
    walker: Walker,
    *,
    away: bool,
    nearest: float = 2.2,
    rate_hz: float = 30.0,
    slant_deg: float = 0.0,
) -> Trajectories:
    """Pixels of a walker who ends or begins ``nearest`` statures before the camera."""
    time_s = np.arange(0, walker.end_s() + 0.3, 1 / rate_hz)
    places = walker.points(time_s)
    slant = np.deg2rad(slant_deg)
    turn = np.array([[np.cos(slant), np.sin(slant)], [-np.sin(slant), np.cos(slant)]])
    places[..., :2] = places[..., :2] @ turn
    far = walker.pelvis(np.array([walker.end_s()]))[0]
    depth = nearest + (places[..., 0] if away else far - places[..., 0])
    lateral = places[..., 1] if away else -places[..., 1]
    xyz = np.full_like(places, np.nan)
    xyz[..., 0] = WIDTH / 2 - FOCAL_PX * lateral / depth
    xyz[..., 2] = FOCAL_PX * (places[..., 2] - CAMERA) / depth - HEIGHT / 2
    xyz += np.random.default_rng(3).normal(0, 0.7, xyz.shape)
    score = np.isfinite(xyz[..., 0]).astype(float)
    return Trajectories(time_s, xyz, "px", score, "test")


def analysed(points: Trajectories, field_deg: float | None = FIELD_DEG) -> GaitResult:
    facts = CaptureFacts(30.0, 0, False, picture_px=(WIDTH, HEIGHT))
    return analyse_gait(points, Person(STATURE_M), facts, scale=ScaleOptions(field_deg=field_deg))


@pytest.mark.parametrize("away", [True, False])
def test_rhythm_and_speed_are_told(away):
    result = analysed(in_depth(WALKER, away=away))
    assert result.view.kind is ViewKind.FRONTAL
    assert result.quality_grade == "limited"
    assert [b.direction for b in result.bouts] == [0]
    found = result.parameters
    assert found["cadence"].value == pytest.approx(60 / 0.55, rel=0.02)
    assert found["walking_speed"].value == pytest.approx(0.38 / 0.55 * STATURE_M, rel=0.05)
    assert found["step_length"].value == pytest.approx(0.38 * STATURE_M, rel=0.08)
    assert found["step_width"].value == pytest.approx(0.06 * STATURE_M, abs=0.01)
    low, high = found["walking_speed"].interval_95
    assert low < 0.38 / 0.55 * STATURE_M < high


def test_a_slanting_path_is_as_long_as_it_is():
    points = in_depth(WALKER, away=True, slant_deg=15.0)
    result = analysed(points)
    assert result.view.kind is ViewKind.FRONTAL
    found = result.parameters
    assert found["walking_speed"].value == pytest.approx(0.38 / 0.55 * STATURE_M, rel=0.05)
    # A step ahead now looks like a step aside: which foot is which is not sure enough.
    assert found["step_width"].absent_reason is Absence.SIDES_UNCERTAIN


@pytest.mark.parametrize("away", [True, False])
def test_contacts_are_near_the_true_ones(away):
    result = analysed(in_depth(WALKER, away=away))
    true = [t for t, _ in WALKER.contacts()]
    walked = [e for e in result.events if true[0] - 0.2 < e.time_s < true[-1] + 0.2]
    assert len(walked) >= len(true) - 2
    errors = [min((e.time_s - t for t in true), key=abs) for e in walked]
    assert np.abs(errors).max() < 0.15


def test_what_the_rhythm_does_not_tell_is_absent():
    result = analysed(in_depth(WALKER, away=True))
    for name in (
        "stance_percent",
        "step_time_asymmetry",
        "stride_time_variability",
        "knee_range",
        "trunk_lean",
    ):
        assert result.parameters[name].absent_reason is Absence.VIEW_NOT_SIDE
    assert result.parameters["step_time"].left is None
    assert not result.curves
    assert {e.kind for e in result.events} == {"initial_contact"}


def test_without_the_lens_there_is_no_length():
    result = analysed(in_depth(WALKER, away=True), field_deg=None)
    assert result.parameters["walking_speed"].absent_reason is Absence.SCALE_UNSURE
    assert result.parameters["step_length"].absent_reason is Absence.SCALE_UNSURE
    assert result.parameters["cadence"].absent_reason is None


def test_exchanged_feet_tell_no_width():
    points = in_depth(WALKER, away=True)
    feet = [[INDEX[f"{side}_{name}"] for name in ("ankle", "heel")] for side in ("left", "right")]
    xyz = points.xyz.copy()
    rows = np.arange(len(xyz)) % 40 < 15
    xyz[np.ix_(rows, feet[0])] = points.xyz[np.ix_(rows, feet[1])]
    xyz[np.ix_(rows, feet[1])] = points.xyz[np.ix_(rows, feet[0])]
    result = analysed(replace(points, xyz=xyz))
    width = result.parameters["step_width"]
    assert width.absent_reason in (Absence.SIDES_UNCERTAIN, Absence.NO_WALKING)


def test_width_needs_no_lens():
    found = analysed(in_depth(WALKER, away=False), field_deg=None).parameters
    assert found["step_width"].value == pytest.approx(0.06 * STATURE_M, abs=0.01)


def test_who_stands_before_the_camera_does_not_walk():
    points = in_depth(WALKER, away=True)
    still = np.repeat(points.xyz[10:11], len(points.time_s), axis=0)
    still += np.random.default_rng(1).normal(0, 1.0, still.shape)
    result = analysed(replace(points, xyz=still))
    assert result.quality_grade == "unusable"
    assert all(p.absent_reason is not None for p in result.parameters.values())


def test_who_marks_time_does_not_walk():
    """A treadmill: the ankles alternate, and nobody comes nearer."""
    points = in_depth(WALKER, away=True)
    height = points.xyz[:, 0, 2] - points.xyz[:, 11, 2]
    middle = np.array([WIDTH / 2, 0.0, -HEIGHT / 2])
    xyz = middle + (points.xyz - middle) * (height[0] / height)[:, None, None]
    result = analysed(replace(points, xyz=xyz))
    assert result.quality_grade == "unusable"
    assert result.parameters["cadence"].absent_reason is not None


def test_who_is_rolled_nearer_does_not_walk():
    """The picture grows, and the feet do not take turns."""
    points = in_depth(WALKER, away=False)
    one = points.xyz[0] - points.xyz[0, 0]
    height = points.xyz[:, 0, 2] - points.xyz[:, 19, 2]
    xyz = points.xyz[:, :1] + one * (height / height[0])[:, None, None]
    xyz += np.random.default_rng(2).normal(0, 0.7, xyz.shape)
    result = analysed(replace(points, xyz=xyz))
    assert result.quality_grade == "unusable"
    failed = {c.code for c in result.checks if not c.passed}
    assert QualityCode.WALKING_FOUND in failed
