"""How every parameter acts when the walk is mirrored, stretched, scaled, turned or thinned.

One table over all parameters; the walks are drawn. A parameter without a rule fails.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from host.gait.analyse import analyse_gait
from host.gait.parameters import NAMES
from host.gait.sources import Source
from host.gait.types import GaitResult, Parameter, Person, Trajectories
from tests.host.gait.walker import Walker, backwards, facts, mirrored, regular

SAME, NEGATED, INVERTED = "same", "negated", "inverted"
SOURCE = Source(
    offsets_s={"zeni": {"initial_contact": -0.0427, "foot_off": 0.0564}},
    timing_sd_s={"zeni": {"initial_contact": 0.001, "foot_off": 0.001}},
)
# An analysis takes a tenth of a second: few examples, the same in every run, and no search
# for the smallest one.
EXAMPLES = settings(
    max_examples=4, deadline=None, derandomize=True, database=None, phases=(Phase.generate,)
)


@dataclass(frozen=True)
class Rule:
    """What must happen to a value.

    ``mirror``: left and right exchanged. ``time``, ``length``: power of the factor by which time or
    stature is stretched. ``turned``: time runs backwards; ``swap``: left and right exchange then
    too; None where the value is bound to the order of events. ``tolerance``: relative, and
    ``slack`` in the unit, for what filters of fixed frequency, offsets of fixed seconds and the
    grid do.
    """

    mirror: str = SAME
    time: int = 0
    length: int = 0
    turned: str | None = SAME
    swap: bool = False
    tolerance: float = 0.02
    slack: float = 0.0


def _rules() -> dict[str, Rule]:
    angle, legs = Rule(slack=2.0), Rule(turned=None, slack=3.0)
    index = Rule(NEGATED, turned=NEGATED, slack=3.0)
    ratio = Rule(tolerance=0.08)
    spread = Rule(slack=0.7, tolerance=0.2)
    rules = {
        "cadence": Rule(time=-1),
        "walking_speed": Rule(time=-1, length=1),
        "relative_speed": Rule(time=-1),
        "dimensionless_speed": Rule(time=-1, length=0),
        "walk_ratio": Rule(time=1, length=1),
        "step_time": Rule(time=1, swap=True, slack=0.02),
        "stride_time": Rule(time=1),
        "stance_time": Rule(time=1, slack=0.05),
        "swing_time": Rule(time=1, slack=0.05),
        "step_length": Rule(length=1, swap=True, slack=0.02),
        "stride_length": Rule(length=1),
        "relative_step_length": Rule(swap=True, slack=0.01),
        "step_width": Rule(length=1),
        "step_length_difference": Rule(NEGATED, turned=NEGATED, slack=0.03),
        "temporal_symmetry": Rule(INVERTED, tolerance=0.06),
        "arm_swing_symmetry_angle": Rule(NEGATED, slack=2.0),
        "trunk_lean": Rule(turned=NEGATED, slack=1.0),
        "trunk_sway": angle,
        "trunk_lateral_sway": angle,
        "arm_swing": angle,
        "thigh_range": replace(legs, turned=SAME),
        "thigh_extension": legs,
        "thigh_swing_peak": legs,
        "knee_range": replace(legs, turned=SAME),
        "knee_swing_peak": legs,
        "knee_stance_minimum": legs,
        "thigh_variable_score": legs,
        "knee_variable_score": legs,
        "ankle_variable_score": replace(legs, slack=6.0),
        "sagittal_profile_score": legs,
        "ankle_range": replace(legs, slack=6.0),
        "ankle_swing": replace(legs, slack=6.0),
        "foot_angle_at_contact": legs,
        "foot_clearance": Rule(length=1, slack=4.0, tolerance=0.1),
        "circumduction": Rule(length=1, slack=0.01),
    }
    for phase in ("stance", "swing", "double_support", "single_support"):
        # Offsets of 59 ms do not stretch: four of them in double support.
        rules[f"{phase}_percent"] = Rule(slack=6.0 if phase == "double_support" else 4.0)
    for quantity in ("step_time", "step_length", "stance", "swing"):
        swaps = quantity.startswith("step")
        rules[f"{quantity}_asymmetry"] = replace(index, turned=NEGATED if swaps else SAME, slack=8)
        rules[f"{quantity}_symmetry_angle"] = replace(index, turned=NEGATED if swaps else SAME)
        rules[f"{quantity}_ratio"] = ratio
    for quantity in ("stride_time", "step_time", "stance_time", "swing_time"):
        rules[f"{quantity}_variability"] = spread
    for quantity in ("stride_length", "step_length"):
        rules[f"{quantity}_variability"] = spread
    return rules


RULES = _rules()
SCORES = ("_variable_score", "_profile_score")


@st.composite
def walks(draw: st.DrawFn) -> Walker:
    """A lasting, uneven walk with arms, trunk and feet in three dimensions."""
    unit = st.floats(0.0, 1.0)
    return Walker(
        step_time_s=(0.50 + 0.12 * draw(unit), 0.50 + 0.12 * draw(unit)),
        step_length=(0.34 + 0.08 * draw(unit), 0.34 + 0.08 * draw(unit)),
        stance_share=0.60 + 0.05 * draw(unit),
        n_steps=26,
        start_s=0.6,
        direction=draw(st.sampled_from([1, -1])),
        trunk_lean_deg=-5 + 15 * draw(unit),
        trunk_sway_deg=4 * draw(unit),
        arm_swing_deg=(10 + 30 * draw(unit), 10 + 30 * draw(unit)),
        toe_dip=0.75,
        step_width=0.05 + 0.06 * draw(unit),
        circumduction=(0.02 * draw(unit), 0.02 * draw(unit)),
    )


def recorded(walker: Walker, rate_hz: float = 100.0, height_m: float = 1.7) -> Trajectories:
    time_s = regular(walker.end_s() + 0.8, rate_hz)
    return walker.trajectories(time_s, height=height_m, unit="m")


def measured(points: Trajectories, height_m: float = 1.7) -> GaitResult:
    return analyse_gait(points, Person(height_m), facts(points.time_s), source=SOURCE)


def moved(value: float, how: str) -> float:
    if how == INVERTED:
        return 1 / value
    return -value if how == NEGATED else value


def expect(a: Parameter, b: Parameter, how: str, factor: float, rule: Rule, *, swap: bool) -> None:
    """``b`` is what ``a`` must become."""
    assert a.absent_reason == b.absent_reason, (a.name, a.absent_reason, b.absent_reason)
    if a.absent_reason is not None:
        return
    assert b.unit == a.unit
    wanted = pytest.approx(factor * moved(a.value, how), rel=rule.tolerance, abs=rule.slack + 1e-9)
    assert b.value == wanted, a.name
    for mine, its in (
        ((a.left, b.right), (a.right, b.left))
        if swap
        else (
            (a.left, b.left),
            (a.right, b.right),
        )
    ):
        assert (mine is None) == (its is None), a.name
        if mine is not None:
            side = factor * moved(mine.value, how)
            assert its.value == pytest.approx(side, rel=rule.tolerance, abs=rule.slack + 1e-9), (
                a.name
            )


def test_every_parameter_has_a_rule_and_no_rule_is_left_over():
    assert set(RULES) == set(NAMES)


def test_the_drawn_walks_show_every_parameter():
    """A rule over absent values would pass for nothing."""
    walker = Walker(
        n_steps=26,
        start_s=0.6,
        arm_swing_deg=(20.0, 30.0),
        toe_dip=0.75,
        step_width=0.08,
        circumduction=(0.01, 0.02),
    )
    found = measured(recorded(walker)).parameters
    absent = {n: p.absent_reason for n, p in found.items() if p.absent_reason is not None}
    noisy = {n for n in NAMES if n.endswith("time_variability")}  # no spread but the method's own
    assert set(absent) <= noisy


@EXAMPLES
@given(walker=walks(), seed=st.integers(0, 99))
def test_mirror(walker: Walker, seed: int):
    points = recorded(walker, 60.0)
    noise = np.random.default_rng(seed).normal(0, 0.004, points.xyz.shape)
    points = replace(points, xyz=points.xyz + noise)
    one, two = (measured(p) for p in (points, replace(points, xyz=mirrored(points.xyz))))
    for name, rule in RULES.items():
        exact = replace(rule, tolerance=1e-9, slack=0.0)
        expect(one.parameters[name], two.parameters[name], rule.mirror, 1.0, exact, swap=True)


@EXAMPLES
@given(walker=walks(), factor=st.floats(0.85, 1.2))
def test_stretched_time(walker: Walker, factor: float):
    points = recorded(walker)
    one, two = measured(points), measured(replace(points, time_s=factor * points.time_s))
    for name, rule in RULES.items():
        # The score is compared at one speed; a stretched walk has another.
        if not name.endswith(("_variability", *SCORES)):
            scale = factor**rule.time
            expect(one.parameters[name], two.parameters[name], SAME, scale, rule, swap=False)


@EXAMPLES
@given(walker=walks(), factor=st.floats(0.7, 1.2))
def test_a_larger_person(walker: Walker, factor: float):
    one = measured(recorded(walker))
    two = measured(recorded(walker, height_m=factor * 1.7), factor * 1.7)
    for name, rule in RULES.items():
        if name.endswith(SCORES):  # compared at one speed; a larger person has another
            continue
        # Hof 1996: speed over the root of leg length.
        scale = factor**0.5 if name == "dimensionless_speed" else factor**rule.length
        exact = replace(rule, tolerance=1e-6, slack=0.0)
        expect(one.parameters[name], two.parameters[name], SAME, scale, exact, swap=False)


@EXAMPLES
@given(walker=walks(), pixels=st.floats(150, 900))
def test_size_in_the_picture_changes_nothing(walker: Walker, pixels: float):
    time_s = regular(walker.end_s() + 0.8, 60)
    flat = replace(walker, step_width=float("nan"))
    one, two = (measured(flat.trajectories(time_s, height=h)) for h in (300.0, pixels))
    for name, rule in RULES.items():
        exact = replace(rule, tolerance=1e-6, slack=0.0)
        expect(one.parameters[name], two.parameters[name], SAME, 1.0, exact, swap=False)


@EXAMPLES
@given(walker=walks())
def test_time_running_backwards(walker: Walker):
    points = recorded(walker)
    one, two = measured(points), measured(backwards(points))
    for name, rule in RULES.items():
        if rule.turned is not None and not name.endswith("_variability"):
            a, b = one.parameters[name], two.parameters[name]
            expect(a, b, rule.turned, 1.0, rule, swap=rule.swap)


@EXAMPLES
@given(walker=walks(), rate_hz=st.sampled_from([50.0, 60.0, 120.0]))
def test_frame_rate(walker: Walker, rate_hz: float):
    one, two = measured(recorded(walker)), measured(recorded(walker, rate_hz))
    for name, rule in RULES.items():
        if not name.endswith("_variability"):
            expect(one.parameters[name], two.parameters[name], SAME, 1.0, rule, swap=False)


@EXAMPLES
@given(walker=walks(), seed=st.integers(0, 99))
def test_dropped_frames(walker: Walker, seed: int):
    points = recorded(walker, 60.0)
    keep = np.random.default_rng(seed).random(len(points.time_s)) > 0.15
    keep[[0, -1]] = True
    thin = replace(
        points, time_s=points.time_s[keep], xyz=points.xyz[keep], score=points.score[keep]
    )
    # The rate of the camera stays: fewer pictures are no slower camera.
    one = measured(points)
    two = analyse_gait(thin, Person(1.7), facts(points.time_s), source=SOURCE)
    for name, rule in RULES.items():
        if not name.endswith("_variability"):
            expect(one.parameters[name], two.parameters[name], SAME, 1.0, rule, swap=False)


TRUTH: dict[str, Any] = {
    "cadence": 120 / 1.1,
    "walking_speed": 1.7 * 0.8 / 1.1,
    "relative_speed": 0.8 / 1.1,
    "dimensionless_speed": 1.7 * 0.8 / 1.1 / np.sqrt(9.81 * 0.53 * 1.7),
    "walk_ratio": 68 / (120 / 1.1),
    "stride_time": 1.1,
    "stance_time": 0.62 * 1.1,
    "swing_time": 0.38 * 1.1,
    "stride_length": 1.7 * 0.8,
    "relative_step_length": 0.4,
    "step_width": 1.7 * 0.08,
    "trunk_lean": 6.0,
    "trunk_sway": 4.0,
    "trunk_lateral_sway": 0.0,
    "arm_swing": 30.0,
    "arm_swing_symmetry_angle": 100 * (45 - np.degrees(np.arctan(20 / 40))) / 90,
    "step_time_ratio": 1.0,
    "temporal_symmetry": 1.0,
    "foot_angle_at_contact": 0.0,
    "foot_clearance": 1700 * 0.05 * 0.25,
    "circumduction": 1.7 * 0.015,
}


@pytest.mark.parametrize("name", TRUTH)
def test_known_truth(name: str):
    walker = Walker(
        n_steps=26,
        start_s=0.6,
        trunk_lean_deg=6.0,
        trunk_sway_deg=4.0,
        arm_swing_deg=(20.0, 40.0),
        toe_dip=0.75,
        step_width=0.08,
        circumduction=(0.01, 0.02),
    )
    found = measured(recorded(walker)).parameters[name]
    slack = {"%": 1.0, "deg": 1.0, "mm": 4.0}.get(found.unit, 0.004)
    assert found.value == pytest.approx(TRUTH[name], rel=0.02, abs=slack)
    assert found.n >= 20
    if found.left and name in ("arm_swing", "circumduction"):
        left, right = (20, 40) if name == "arm_swing" else (0.017, 0.034)
        assert (found.left.value, found.right.value) == pytest.approx((left, right), rel=0.1)


def test_the_side_that_swings_is_named_after_the_arm():
    walker = Walker(n_steps=26, start_s=0.6, direction=-1, arm_swing_deg=(12.0, 36.0))
    found = measured(recorded(replace(walker, step_width=0.08))).parameters["arm_swing"]
    # Walking to -x the walker is mirrored: its right arm is the drawn left one.
    assert found.left is not None
    assert found.right is not None
    assert (found.left.value, found.right.value) == pytest.approx((36, 12), rel=0.1)
