"""The gait room on walkers of formulas: known truth, properties, recordings without a gait."""

from dataclasses import replace

import numpy as np
import pytest

from host.codes import Absence, Exclusion, QualityCode, ViewKind
from host.gait.analyse import analyse_gait
from host.gait.body import BodyHeight
from host.gait.parameters import NAMES
from host.gait.sources import Source
from host.gait.track import Resampler
from host.gait.types import CaptureFacts, GaitResult, Person, Trajectories
from host.gait.view import ViewEstimator
from host.text import sentence
from model_zoo.skeleton import INDEX, KEYPOINTS, MIRROR, Side
from tests.host.gait.walker import Walker, facts, mirrored, regular

PERSON = Person(height_m=1.70, age_years=72, sex="f")
WALKERS = {
    "usual": Walker(start_s=0.5),
    "to the left": Walker(start_s=0.5, direction=-1),
    "slow": Walker((0.9, 0.9), (0.2, 0.2), 0.72, n_steps=10, start_s=0.5),
    "fast": Walker((0.42, 0.42), (0.5, 0.5), 0.56, n_steps=20, start_s=0.5),
    "uneven": Walker((0.7, 0.5), (0.3, 0.4), start_s=0.5),
    "shuffling": Walker((1.0, 1.0), (0.1, 0.1), 0.75, start_s=0.5),
    "one foot drawn up to the other": Walker((0.8, 0.5), (0.3, 0.02), 0.7, start_s=0.5),
}


def walked(walker: Walker, rate_hz: float = 30.0, **kwargs: float) -> GaitResult:
    time_s = regular(walker.end_s() + 0.8, rate_hz)
    points = walker.trajectories(time_s, **kwargs)  # type: ignore[arg-type]
    return analyse_gait(points, PERSON, facts(time_s))


def contacts(result: GaitResult) -> list[tuple[Side, float]]:
    return [(e.foot, e.time_s) for e in result.events if e.kind == "initial_contact"]


def thinned(points: Trajectories, keep: np.ndarray) -> Trajectories:
    return replace(
        points, time_s=points.time_s[keep], xyz=points.xyz[keep], score=points.score[keep]
    )


@pytest.mark.parametrize("walker", WALKERS.values(), ids=WALKERS.keys())
def test_known_walks_are_measured(walker):
    result = walked(walker)
    cycle_s, stride = sum(walker.step_time_s), sum(walker.step_length)
    found = result.parameters
    assert result.quality_grade == "good"
    assert found["cadence"].value == pytest.approx(120 / cycle_s, rel=0.003)
    assert found["stride_time"].value == pytest.approx(cycle_s, rel=0.003)
    assert found["walking_speed"].value == pytest.approx(1.70 * stride / cycle_s, rel=0.01)
    assert found["stride_length"].value == pytest.approx(1.70 * stride, rel=0.01)
    left, right = (0, 1) if walker.direction > 0 else (1, 0)
    for name, truth, scale in (
        ("step_time", walker.step_time_s, 1.0),
        ("step_length", walker.step_length, 1.70),
    ):
        assert found[name].left.value == pytest.approx(scale * truth[left], abs=0.015)
        assert found[name].right.value == pytest.approx(scale * truth[right], abs=0.015)


@pytest.mark.parametrize("walker", WALKERS.values(), ids=WALKERS.keys())
def test_events_are_found_with_a_constant_offset(walker):
    result = walked(walker)
    truth = np.array([t for t, _ in walker.contacts()])
    feet = [side if walker.direction > 0 else 1 - side for _, side in walker.contacts()]
    found = contacts(result)
    assert len(found) >= walker.n_steps - 1
    nearest = [int(np.argmin(np.abs(truth - t))) for _, t in found]
    errors = np.array([t - truth[i] for (_, t), i in zip(found, nearest, strict=True)])
    assert len(set(nearest)) == len(found)
    assert [f is Side.RIGHT for f, _ in found] == [feet[i] == 1 for i in nearest]
    assert errors.std() < 0.010
    assert np.all((errors > -0.08) & (errors < 0.01))


def test_fitted_offsets_put_events_on_the_truth_and_open_the_phases():
    walker = WALKERS["usual"]
    time_s = regular(walker.end_s() + 0.8, 60)
    points = walker.trajectories(time_s)
    blank = analyse_gait(points, PERSON, facts(time_s))
    assert blank.parameters["stance_percent"].absent_reason is Absence.NOT_CALIBRATED
    source = Source(offsets_s={"zeni": {"initial_contact": -0.0427, "foot_off": 0.0564}})
    result = analyse_gait(points, PERSON, facts(time_s), source=source)
    found = result.parameters
    assert found["stance_percent"].value == pytest.approx(62, abs=0.5)
    assert found["swing_percent"].value == pytest.approx(38, abs=0.5)
    assert found["double_support_percent"].value == pytest.approx(24, abs=1)
    assert found["single_support_percent"].value == pytest.approx(38, abs=1)
    assert found["cadence"].value == pytest.approx(blank.parameters["cadence"].value, rel=1e-9)


def test_mirrored_points_give_exactly_mirrored_results():
    walker = WALKERS["uneven"]
    time_s = regular(walker.end_s() + 0.8, 30)
    noise = np.random.default_rng(7).normal(0, 2, (len(time_s), len(KEYPOINTS), 3))
    points = walker.trajectories(time_s)
    points = replace(points, xyz=points.xyz + noise)
    one = analyse_gait(points, PERSON, facts(time_s))
    two = analyse_gait(replace(points, xyz=mirrored(points.xyz)), PERSON, facts(time_s))
    assert [(e.foot.other, e.kind, e.time_s, e.confidence) for e in one.events] == [
        (e.foot, e.kind, e.time_s, e.confidence) for e in two.events
    ]
    twins = {(c.joint, c.side): c for c in two.curves}
    for curve in one.curves:
        np.testing.assert_array_equal(curve.mean_deg, twins[curve.joint, curve.side.other].mean_deg)


def test_stretched_time_stretches_all_times():
    walker = WALKERS["usual"]
    time_s = regular(walker.end_s() + 0.8, 60)
    points = walker.trajectories(time_s)
    slow = replace(points, time_s=1.25 * time_s)
    one = analyse_gait(points, PERSON, facts(time_s))
    two = analyse_gait(slow, PERSON, facts(slow.time_s))
    cadence = one.parameters["cadence"].value
    assert two.parameters["cadence"].value == pytest.approx(cadence / 1.25, rel=0.01)
    assert len(contacts(one)) == len(contacts(two))
    for (_, a), (_, b) in zip(contacts(one), contacts(two), strict=True):
        assert b == pytest.approx(1.25 * a, abs=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_a_fifth_of_the_frames_dropped_keeps_cadence(seed):
    walker = WALKERS["usual"]
    time_s = regular(walker.end_s() + 0.8, 30)
    points = walker.trajectories(time_s)
    keep = np.random.default_rng(seed).random(len(time_s)) > 0.2
    full = analyse_gait(points, PERSON, facts(time_s)).parameters["cadence"].value
    thin = analyse_gait(thinned(points, keep), PERSON, facts(time_s[keep]))
    assert thin.parameters["cadence"].value == pytest.approx(full, abs=1.0)


@pytest.mark.parametrize("height", [80.0, 900.0])
def test_size_in_the_picture_changes_nothing(height):
    small = walked(WALKERS["uneven"], height=height)
    usual = walked(WALKERS["uneven"])
    for name in ("cadence", "walking_speed", "step_length", "step_time_asymmetry"):
        a, b = small.parameters[name].value, usual.parameters[name].value
        assert a == pytest.approx(b, rel=1e-6)


def test_metres_need_no_height():
    walker = WALKERS["usual"]
    time_s = regular(walker.end_s() + 0.8, 100)
    points = walker.trajectories(time_s, height=1.6, unit="m")
    found = analyse_gait(points, Person(), facts(time_s)).parameters
    assert found["walking_speed"].value == pytest.approx(1.6 * 0.8 / 1.1, rel=0.01)
    assert found["walking_speed"].norm_absent_reason is Absence.AGE_SEX_UNKNOWN


def test_pixels_without_a_height_give_no_lengths():
    walker = WALKERS["usual"]
    time_s = regular(walker.end_s() + 0.8, 30)
    found = analyse_gait(walker.trajectories(time_s), Person(), facts(time_s)).parameters
    assert found["cadence"].absent_reason is None
    for name in ("walking_speed", "step_length", "stride_length", "walk_ratio"):
        assert found[name].absent_reason is Absence.NO_SCALE


def test_a_person_who_comes_nearer_does_not_walk_faster():
    walker = WALKERS["usual"]
    time_s = regular(walker.end_s() + 0.8, 30)
    growth = 1 + 0.1 * time_s / time_s[-1]
    points = walker.trajectories(time_s)
    xyz = points.xyz.copy()
    # The way in the picture grows with the person: integrate the steps at the local scale.
    x = xyz[..., 0]
    pelvis = x[:, [INDEX["left_hip"], INDEX["right_hip"]]].mean(axis=1)
    way = np.concatenate(([0.0], np.cumsum(np.diff(pelvis) * growth[1:])))
    xyz[..., 0] = (x - pelvis[:, None]) * growth[:, None] + way[:, None]
    xyz[..., 2] *= growth[:, None]
    found = analyse_gait(replace(points, xyz=xyz), PERSON, facts(time_s)).parameters
    assert found["walking_speed"].value == pytest.approx(1.70 * 0.8 / 1.1, rel=0.02)
    assert found["stride_length"].value == pytest.approx(1.70 * 0.8, rel=0.03)


def test_standing_is_not_walking():
    time_s = regular(8, 30)
    points = Walker(start_s=100).trajectories(time_s)
    sway = 3 * np.sin(time_s)[:, None]
    xyz = points.xyz.copy()
    xyz[..., 0] += sway
    result = analyse_gait(replace(points, xyz=xyz), PERSON, facts(time_s))
    assert result.quality_grade == "unusable"
    assert not result.bouts
    assert not result.events
    assert all(p.absent_reason is Absence.NO_WALKING for p in result.parameters.values())
    assert all(np.isnan(p.value) for p in result.parameters.values())


def test_where_nobody_walks_the_camera_is_not_blamed():
    time_s = regular(8, 30)
    points = Walker(start_s=100).trajectories(time_s)
    xyz = points.xyz.copy()  # somebody who stands and faces the camera
    tall = np.nanmax(np.ptp(xyz[..., 2], axis=1))
    for name, share in (("shoulder", 0.30), ("hip", 0.20)):
        for side, sign in (("left", 1), ("right", -1)):
            xyz[:, INDEX[f"{side}_{name}"], 0] += sign * share * tall / 2
    faces = replace(points, xyz=xyz)
    track = Resampler().resample(faces)
    alone = ViewEstimator().estimate(track, BodyHeight().measure(track), ())
    assert alone.kind is not ViewKind.SIDE  # what the breadth of the body says by itself
    result = analyse_gait(faces, PERSON, facts(time_s))
    assert result.view.kind is ViewKind.UNKNOWN
    codes = {check.code for check in result.checks if not check.passed}
    assert codes == {QualityCode.WALKING_FOUND, QualityCode.STRIDES_COMPLETE}


def test_a_pause_is_left_out():
    walker = WALKERS["usual"]
    time_s = regular(walker.end_s() + 3.0, 30)
    middle, pause_s = walker.contacts()[5][0] + 0.1, 2.0
    own = np.where(time_s < middle, time_s, np.maximum(middle, time_s - pause_s))
    points = replace(walker.trajectories(own + 1e-9 * time_s), time_s=time_s)
    result = analyse_gait(points, PERSON, facts(time_s))
    assert len(result.bouts) == 2
    assert result.bouts[0].end_s < middle + 0.6
    assert result.bouts[1].start_s > middle + pause_s - 0.6
    assert result.parameters["cadence"].value == pytest.approx(120 / 1.1, rel=0.02)


def test_there_and_back_are_two_bouts():
    there, back = Walker(n_steps=8, start_s=0.5), Walker(n_steps=8, start_s=0.5, direction=-1)
    time_s = regular(there.end_s() + 1.0, 30)
    out, home = there.trajectories(time_s), back.trajectories(time_s)
    far = out.xyz[-1, INDEX["left_hip"], 0] - home.xyz[0, INDEX["left_hip"], 0]
    xyz = np.concatenate((out.xyz, home.xyz + np.array([far, 0, 0])))
    both = regular(2 * len(time_s) / 30 - 0.01, 30)
    points = Trajectories(both, xyz, "px", np.isfinite(xyz[..., 0]) * 1.0, "synthetic")
    result = analyse_gait(points, PERSON, facts(both))
    assert [b.direction for b in result.bouts] == [1, -1]
    assert {e.bout for e in result.events} == {0, 1}
    assert result.parameters["cadence"].value == pytest.approx(120 / 1.1, rel=0.01)


def test_missing_feet_degrade_to_ankles_and_say_so():
    walker = WALKERS["usual"]
    time_s = regular(walker.end_s() + 0.8, 30)
    points = walker.trajectories(time_s)
    xyz, score = points.xyz.copy(), points.score.copy()
    feet = [INDEX[n] for n in KEYPOINTS if "toe" in n or "heel" in n]
    xyz[:, feet], score[:, feet] = np.nan, 0
    result = analyse_gait(replace(points, xyz=xyz, score=score), PERSON, facts(time_s))
    failed = {c.code for c in result.checks if not c.passed}
    assert QualityCode.FEET_GIVEN in failed
    assert result.quality_grade == "limited"
    assert result.parameters["cadence"].value == pytest.approx(120 / 1.1, rel=0.01)
    assert {c.joint for c in result.curves} == {"thigh", "knee"}


def test_an_oblique_view_gives_timing_only():
    walker = replace(WALKERS["usual"], breadth=-0.16)
    time_s = regular(walker.end_s() + 0.8, 30)
    points = walker.trajectories(time_s)
    xyz = points.xyz.copy()
    for side in Side:
        heel, toe = INDEX[f"{side.value}_heel"], INDEX[f"{side.value}_big_toe"]
        xyz[:, toe, 0] = xyz[:, heel, 0] + 0.5 * (xyz[:, toe, 0] - xyz[:, heel, 0])
    result = analyse_gait(replace(points, xyz=xyz), PERSON, facts(time_s))
    assert result.view.kind is ViewKind.OBLIQUE
    assert result.quality_grade == "limited"
    assert result.parameters["cadence"].value == pytest.approx(120 / 1.1, rel=0.02)
    assert result.parameters["walking_speed"].absent_reason is Absence.VIEW_NOT_SIDE
    assert not result.curves


@pytest.mark.parametrize(("used", "grade"), [(90.0, "good"), (60.0, "limited")])
def test_a_body_of_which_much_was_withheld_is_told(used, grade):
    walker = WALKERS["usual"]
    time_s = regular(walker.end_s() + 0.8, 30)
    told = replace(facts(time_s), points_used_percent=used)
    result = analyse_gait(walker.trajectories(time_s), PERSON, told)
    assert result.quality_grade == grade
    check = next(c for c in result.checks if c.code is QualityCode.POINTS_USED)
    assert (check.value, check.passed) == (used, used == 90.0)


@pytest.mark.parametrize(("rate_hz", "grade"), [(5.0, "unusable"), (10.0, "unusable")])
def test_too_few_frames_per_second_are_refused(rate_hz, grade):
    result = walked(WALKERS["usual"], rate_hz=rate_hz)
    assert result.quality_grade == grade
    assert QualityCode.FRAME_RATE in {c.code for c in result.checks if not c.passed}
    assert all(p.absent_reason is not None for p in result.parameters.values())


@pytest.mark.parametrize("frames", [0, 1, 2, 5])
def test_hardly_any_frames_are_unusable_not_an_error(frames):
    time_s = regular(1, 30)[:frames]
    points = WALKERS["usual"].trajectories(time_s)
    result = analyse_gait(points, PERSON, CaptureFacts(30.0, 0, variable_frame_rate=False))
    assert result.quality_grade == "unusable"


def test_an_empty_picture_is_unusable_not_an_error():
    time_s = regular(3, 30)
    nobody = np.full((len(time_s), len(KEYPOINTS), 3), np.nan)
    points = Trajectories(time_s, nobody, "px", np.zeros(nobody.shape[:2]), "synthetic")
    result = analyse_gait(points, PERSON, facts(time_s))
    assert result.quality_grade == "unusable"
    assert result.view.kind is ViewKind.UNKNOWN


@pytest.mark.parametrize("doubt_until_s", [3.0, 99.0])
def test_uncertain_sides_keep_the_timing_and_close_the_sides(doubt_until_s):
    walker = WALKERS["uneven"]
    time_s = regular(walker.end_s() + 0.8, 30)
    certain = np.where(time_s < doubt_until_s, 0.2, 1.0)
    points = replace(walker.trajectories(time_s), side_confidence=certain)
    result = analyse_gait(points, PERSON, facts(time_s))
    doubted = [s for s in result.strides if s.end_s < doubt_until_s - 0.2]
    assert {s.reason for s in doubted} == {Exclusion.SIDE_UNCERTAIN}
    found = result.parameters
    assert found["cadence"].value == pytest.approx(100, rel=0.003)
    if doubt_until_s > time_s[-1]:
        assert found["step_time"].left is None
        assert found["step_time_asymmetry"].absent_reason is Absence.SIDES_UNCERTAIN
        assert not result.curves
    else:
        assert found["step_time"].left is not None
        assert result.curves


@pytest.mark.parametrize("seed", range(3))
def test_exchanged_legs_keep_cadence(seed):
    walker = WALKERS["usual"]
    time_s = regular(walker.end_s() + 0.8, 30)
    points = walker.trajectories(time_s)
    turned = np.random.default_rng(seed).random(len(time_s) // 3 + 1).repeat(3) < 0.15
    xyz = np.where(turned[: len(time_s), None, None], points.xyz[:, MIRROR], points.xyz)
    result = analyse_gait(replace(points, xyz=xyz), PERSON, facts(time_s))
    assert result.parameters["cadence"].value == pytest.approx(120 / 1.1, abs=3)


def test_variability_is_withheld_until_it_means_something():
    few = walked(WALKERS["usual"], rate_hz=60.0).parameters["stride_time_variability"]
    assert few.absent_reason is Absence.TOO_FEW_STRIDES
    many = replace(WALKERS["usual"], n_steps=30)
    slow = walked(many, rate_hz=30.0).parameters["stride_time_variability"]
    assert slow.absent_reason is Absence.FRAME_RATE_LOW
    fast = walked(many, rate_hz=60.0).parameters["stride_time_variability"]
    # A walker of formulas has no spread: what is left is less than the noise of the pictures.
    assert fast.absent_reason is Absence.BELOW_NOISE
    assert walked(many, rate_hz=60.0).parameters["stride_length_variability"].value < 0.5


@pytest.mark.parametrize("spread_s", [0.03, 0.06])
def test_known_variability_comes_back(spread_s):
    walker = replace(WALKERS["usual"], n_steps=60)
    time_s = regular(walker.end_s() + 0.8, 60.0)
    # Time runs unevenly: each 1.1 s of the walker takes a drawn time.
    knots = np.arange(0, time_s[-1] + 5, 1.1)
    drawn = np.random.default_rng(4).normal(1.1, spread_s, len(knots) - 1)
    real = np.concatenate(([0.0], np.cumsum(drawn)))
    points = replace(walker.trajectories(np.interp(time_s, real, knots)), time_s=time_s)
    contacts = np.interp([t for t, _ in walker.contacts()], knots, real)
    strides = contacts[2:] - contacts[:-2]
    found = analyse_gait(points, PERSON, facts(time_s)).parameters["stride_time_variability"]
    truth = 100 * strides.std(ddof=1) / 1.1
    assert found.absent_reason is None
    assert found.interval_95[0] < truth < found.interval_95[1]
    assert found.value == pytest.approx(truth, rel=0.15)


def test_every_parameter_and_curve_has_its_sentence():
    result = walked(WALKERS["usual"])
    assert tuple(result.parameters) == NAMES
    for parameter in result.parameters.values():
        assert sentence(parameter.definition)
        assert (parameter.absent_reason is None) == np.isfinite(parameter.value)
    assert all(sentence(curve.definition) for curve in result.curves)
    for check in result.checks:
        assert sentence(check.code.value, value=check.value, limit=check.limit)
        assert sentence("advice." + check.code.value.removeprefix("quality."))
