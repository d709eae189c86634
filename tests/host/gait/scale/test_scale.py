"""Metres on the floor: exact where the camera is known, honest where it is not."""

from dataclasses import replace

import numpy as np
import pytest

from host.codes import Absence, QualityCode, ScaleSource, ViewKind
from host.gait.analyse import analyse_gait
from host.gait.quality import failed
from host.gait.scale.camera import FloorCamera
from host.gait.scale.types import ScaleOptions, parse_walkway
from host.gait.types import GaitResult, Person
from tests.host.gait.scale.seen import (
    PICTURE_PX,
    STATURE_M,
    Stage,
    larger_picture,
    mirrored_picture,
)

SIDE, SLANT, OBLIQUE = Stage(), Stage(yaw_deg=20.0), Stage(yaw_deg=45.0)
VIEWS = [SIDE, SLANT, Stage(yaw_deg=-20.0), OBLIQUE, Stage(yaw_deg=-135.0, tilt_deg=8.0)]
NAMES = ["side", "slant", "slant back", "oblique", "oblique towards"]
NAMED = pytest.mark.parametrize("stage", VIEWS, ids=NAMES)
TALL = Person(height_m=STATURE_M)


def measured(
    stage: Stage,
    person: Person = TALL,
    *,
    sheet: bool = False,
    options: ScaleOptions | None = None,
) -> GaitResult:
    points, facts = stage.walk()
    if sheet:
        facts = replace(facts, floor_sheets=(stage.sheet(),))
    return analyse_gait(points, person, facts, scale=options)


def assert_true(result: GaitResult, stage: Stage, tolerance: float) -> None:
    step, speed = result.parameters["step_length"], result.parameters["walking_speed"]
    assert step.value == pytest.approx(np.mean(stage.step_m), rel=tolerance)
    assert speed.value == pytest.approx(stage.speed_m_s, rel=1.5 * tolerance)


@pytest.mark.parametrize("roll", [0.0, 0.05])
def test_a_place_on_the_floor_comes_back_from_its_pixel(roll: float) -> None:
    camera = FloorCamera(900.0, (640.0, 360.0), 0.1, roll, 1.3)
    floor = np.array([[0.0, 3.0, 0.0], [-2.0, 5.0, 0.0], [1.0, 12.0, 0.0]])
    pixels = camera.project(floor)
    assert np.allclose(camera.on_floor(pixels), floor[:, :2], atol=1e-9)
    raised = floor + np.array([0.0, 0.0, 0.1])
    assert np.allclose(camera.on_floor(camera.project(raised), 0.1), floor[:, :2], atol=1e-9)


def test_the_sky_is_no_floor() -> None:
    camera = FloorCamera(900.0, (640.0, 360.0), 0.0, 0.0, 1.3)
    assert np.isnan(camera.on_floor(np.array([[640.0, 359.0], [640.0, 360.0]]))).all()
    assert np.isnan(camera.project(np.array([0.0, -1.0, 0.0]))).all()


@NAMED
def test_body_height_and_a_known_lens_give_true_lengths(stage: Stage) -> None:
    result = measured(stage, options=ScaleOptions(field_deg=stage.field_deg))
    assert_true(result, stage, 0.02)


@NAMED
def test_a_floor_sheet_alone_gives_true_lengths_and_the_stature(stage: Stage) -> None:
    narrow = replace(stage, field_deg=52.0)
    result = measured(narrow, Person(), sheet=True)
    assert_true(result, narrow, 0.02)
    assert result.floor is not None
    assert result.floor.sources == (ScaleSource.SHEET,)
    assert result.floor.stature == pytest.approx(STATURE_M, rel=0.02)


@NAMED
def test_a_measured_walkway_alone_gives_true_lengths(stage: Stage) -> None:
    result = measured(stage, Person(), options=ScaleOptions(walkway=stage.walkway()))
    assert_true(result, stage, 0.02)


def test_the_longer_step_keeps_its_side_in_an_oblique_view() -> None:
    step = measured(OBLIQUE, sheet=True).parameters["step_length"]
    assert step.left is not None
    assert step.right is not None
    assert step.left.value == pytest.approx(OBLIQUE.step_m[0], rel=0.03)
    assert step.right.value == pytest.approx(OBLIQUE.step_m[1], rel=0.03)


def test_a_sheet_shows_the_width_of_the_steps_in_an_oblique_view() -> None:
    width = measured(OBLIQUE, sheet=True).parameters["step_width"]
    assert width.value == pytest.approx(OBLIQUE.walker.step_width * STATURE_M, abs=0.02)
    assert measured(SIDE, sheet=True).parameters["step_width"].absent_reason is not None


@pytest.mark.parametrize("field_deg", [52.0, 62.0, 72.0])
def test_an_unknown_lens_widens_the_interval_of_an_oblique_view(field_deg: float) -> None:
    stage = replace(OBLIQUE, field_deg=field_deg)
    told, sheet = (measured(stage, sheet=s).parameters["step_length"] for s in (False, True))
    assert told.interval_95 is not None
    assert sheet.interval_95 is not None
    assert told.interval_95[0] < np.mean(stage.step_m) < told.interval_95[1]
    wide, close = (p.interval_95[1] - p.interval_95[0] for p in (told, sheet))
    assert wide > 1.3 * close


def test_obliquely_through_an_unknown_wide_lens_no_length_is_told() -> None:
    stage = replace(OBLIQUE, field_deg=80.0)
    told, sheet = (measured(stage, sheet=s).parameters["step_length"] for s in (False, True))
    assert told.absent_reason is Absence.SCALE_UNSURE
    assert sheet.interval_95 is not None


def test_the_interval_holds_the_doubt_of_a_told_height() -> None:
    low, high = measured(SIDE).parameters["stride_length"].interval_95 or (0.0, 0.0)
    true_m = sum(SIDE.step_m)
    assert low < true_m < high
    assert 2 * 0.016 < (high - low) / true_m < 0.16  # 2.7 cm of 1.70 m and the body's shares


@NAMED
def test_a_mirror_exchanges_sides_and_nothing_else(stage: Stage) -> None:
    points, facts = stage.walk()
    one, other = (
        analyse_gait(p, TALL, facts).parameters for p in (points, mirrored_picture(points))
    )
    for name in ("step_length", "walking_speed", "stride_length"):
        assert other[name].value == pytest.approx(one[name].value, rel=0.01)
    step, turned = one["step_length"], other["step_length"]
    assert step.left is not None
    assert turned.right is not None
    assert turned.right.value == pytest.approx(step.left.value, rel=0.02)


def test_more_pixels_change_no_length() -> None:
    points, facts = OBLIQUE.walk()
    large = replace(facts, picture_px=(2 * PICTURE_PX[0], 2 * PICTURE_PX[1]))
    one = analyse_gait(points, TALL, facts).parameters["step_length"].value
    other = analyse_gait(larger_picture(points, 2.0), TALL, large).parameters["step_length"].value
    assert other == pytest.approx(one, rel=0.005)


@NAMED
def test_without_a_scale_there_are_body_heights_only(stage: Stage) -> None:
    found = measured(stage, Person()).parameters
    assert found["step_length"].absent_reason is Absence.NO_SCALE
    assert found["walking_speed"].absent_reason is Absence.NO_SCALE
    share = np.mean(stage.step_m) / STATURE_M
    assert found["relative_step_length"].value == pytest.approx(share, rel=0.03)


def test_a_wrong_height_is_told_and_the_sheet_decides() -> None:
    result = measured(SIDE, Person(height_m=1.45), sheet=True)
    assert failed(result.checks, QualityCode.SCALE_AGREES)
    assert result.floor is not None
    assert result.floor.sources == (ScaleSource.SHEET,)
    assert_true(result, SIDE, 0.03)
    assert not failed(measured(SIDE, sheet=True).checks, QualityCode.SCALE_AGREES)


def test_the_source_can_be_chosen() -> None:
    only = measured(SIDE, sheet=True, options=ScaleOptions(source="height"))
    assert only.floor is not None
    assert only.floor.sources == (ScaleSource.HEIGHT,)
    none = measured(SIDE, options=ScaleOptions(source="walkway"))
    assert none.parameters["step_length"].absent_reason is Absence.NO_SCALE


def test_a_wrong_size_of_the_sheet_scales_everything() -> None:
    points, facts = OBLIQUE.walk()
    sheet = OBLIQUE.sheet()
    half = replace(sheet, corners_m=sheet.corners_m / 2)
    result = analyse_gait(points, Person(), replace(facts, floor_sheets=(half,)))
    assert result.parameters["step_length"].value == pytest.approx(
        np.mean(OBLIQUE.step_m) / 2, rel=0.05
    )


@pytest.mark.parametrize("text", ["1,2,3,4", "1,2,3,4,x", "1,2,3,4,0", "5,5,5,5,2", "1,2,3,4,nan"])
def test_a_walkway_needs_two_marks_and_a_length(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_walkway(text)


def test_a_walkway_is_read() -> None:
    walkway = parse_walkway(" 10, 20.5, 300, 40, 6 ")
    assert walkway is not None
    assert (walkway.start_px, walkway.end_px, walkway.length_m) == ((10, 20.5), (300, 40), 6.0)
    assert parse_walkway("  ") is None


FRONTAL = [Stage(yaw_deg=88.0, distance_m=6.0), Stage(yaw_deg=-92.0, distance_m=6.0)]


@pytest.mark.parametrize("stage", FRONTAL, ids=["away", "towards"])
def test_from_the_front_a_sheet_gives_cadence_lengths_and_width(stage: Stage) -> None:
    result = measured(stage, Person(), sheet=True)
    assert result.view.kind is ViewKind.FRONTAL
    assert result.quality_grade == "limited"
    found = result.parameters
    assert found["cadence"].value == pytest.approx(60 / 0.55, rel=0.02)
    assert found["step_width"].value == pytest.approx(0.06 * STATURE_M, abs=0.015)
    assert_true(result, stage, 0.04)


@pytest.mark.parametrize("stage", FRONTAL, ids=["away", "towards"])
def test_from_the_front_a_told_height_is_not_enough(stage: Stage) -> None:
    result = measured(stage)
    assert result.quality_grade != "good"
    for name in ("walking_speed", "relative_speed", "step_length", "stride_length"):
        assert result.parameters[name].absent_reason is not None
