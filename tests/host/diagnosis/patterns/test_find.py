"""Silence where nothing can be said, findings with their evidence where something can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from host.codes import Abstention, PatternCode, ViewKind
from host.diagnosis.diagnose import diagnose
from host.diagnosis.patterns.features import FEATURES, NAMES, SIGNS, curve_difference, measure
from host.diagnosis.patterns.find import (
    CODES,
    DEFINING,
    NOT_OBSERVABLE,
    PatternFinder,
    spans,
    together,
)
from host.diagnosis.patterns.model import NONE, shipped_model
from host.diagnosis.patterns.rules import slow_findings
from host.diagnosis.types import Diagnosis, Finding, Span
from host.gait.analyse import analyse_gait
from host.gait.types import (
    GaitResult,
    Norm,
    Parameter,
    Person,
    SideValue,
    Stride,
    Trajectories,
    View,
)
from host.text import sentence
from model_zoo.skeleton import Side
from tests.host.gait.walker import Walker, facts, mirrored, regular
from tests.scored import scored_gait

MODEL = shipped_model()


def seen(walker: Walker) -> Trajectories:
    return walker.trajectories(regular(walker.end_s() + 0.8, 30.0))


def walked(points: Trajectories) -> GaitResult:
    return analyse_gait(points, Person(1.7, 75, "f"), facts(points.time_s))


@pytest.fixture(scope="module")
def formula() -> GaitResult:
    return walked(seen(Walker(start_s=0.5)))


def strides(count: int) -> tuple[Stride, ...]:
    return tuple(
        Stride(
            Side.LEFT if k % 2 else Side.RIGHT, 0.5 * k, 0.5 * k + 0.6, 0.5 * k + 1, 0, False, None
        )
        for k in range(count)
    )


def made(features: np.ndarray, count: int = 8) -> GaitResult:
    """A gait whose measured features are these, as far as parameters alone can make them."""
    gait = scored_gait()
    parameters = dict(gait.parameters)
    value = dict(zip(NAMES, features, strict=True))
    for feature in FEATURES:
        name, at = feature.parameter, value[feature.name]
        if name not in parameters or feature.name.endswith("_spread"):
            continue
        level = value.get(name, {"step_time": 0.6, "thigh_swing_peak": 32.0}.get(name, 1.0))
        known = parameters[name]
        if feature.signed:
            left, right = level + at / 2, level - at / 2
            if feature.unit == "log":
                left, right = level * np.exp(at / 2), level * np.exp(-at / 2)
            known = replace(known, left=SideValue(left, 4, 1.0), right=SideValue(right, 4, 1.0))
        parameters[name] = replace(
            known, value=level, n=8, sd=0.01, absent_reason=None, interval_95=None
        )
    for name, key in (("stride_time", "stride_time_spread"), ("relative_speed", "speed_spread")):
        mean = parameters[name].value if name == "relative_speed" else 1.2
        sd = value[key] * mean / 100
        parameters[name] = replace(parameters[name], value=mean, sd=sd, absent_reason=None)
    return replace(gait, parameters=parameters, strides=strides(count))


def of_class(name: str, developed: float = 1.0) -> GaitResult:
    """The middle of a class, or a walk that is further from healthy ones by a factor."""
    healthy, own = (MODEL.centres[MODEL.classes.index(c)] for c in (NONE, name))
    return made(MODEL.mean + MODEL.sd * (healthy + developed * (own - healthy)))


def test_the_made_gait_has_the_wanted_features() -> None:
    wanted = MODEL.mean + MODEL.sd * MODEL.centres[1]
    found = measure(made(wanted))
    assert np.isfinite(found).mean() > 0.9
    seen = np.isfinite(found)
    assert found[seen] == pytest.approx(wanted[seen], abs=1e-6)


@pytest.mark.parametrize("name", MODEL.classes[1:])
def test_a_developed_walk_of_a_class_is_told_as_that_class(name: str) -> None:
    # The middle of a class has its mild walks in it: a foot that hangs by so little is silent.
    pattern, _, side = name.partition("/")
    diagnosis = diagnose(of_class(name, 1.3))
    (found,) = (f for f in diagnosis.findings if f.contributions)
    assert found.code is CODES[pattern]
    assert (found.side.value if found.side else "") == side
    assert MODEL.threshold <= found.probability <= 1
    sizes = [abs(v) for v in found.contributions.values()]
    assert sizes == sorted(sizes, reverse=True)
    assert found.evidence == (Span(0.0, 4.5),)
    assert diagnosis.not_observable == NOT_OBSERVABLE


def test_the_middle_of_healthy_walks_gives_no_finding_and_no_claim_of_health() -> None:
    diagnosis = diagnose(of_class("none"))
    assert diagnosis.findings == ()
    assert not diagnosis.abstained
    words = sentence("finding.none").lower()
    assert "normal" not in words
    assert "healthy" not in words


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"quality_grade": "unusable"}, Abstention.QUALITY_UNUSABLE),
        ({"view": View(ViewKind.FRONTAL, 80.0)}, Abstention.VIEW_NOT_SIDE),
        ({"view": View(ViewKind.OBLIQUE, 45.0)}, Abstention.VIEW_NOT_SIDE),
        ({"view": View(ViewKind.UNKNOWN, float("nan"))}, Abstention.VIEW_NOT_SIDE),
        ({"strides": strides(3)}, Abstention.TOO_FEW_STRIDES),
    ],
)
def test_silence_about_a_clear_pattern(changed: dict[str, object], reason: Abstention) -> None:
    gait = of_class("parkinsonian")
    assert PatternFinder().find(gait).findings
    said = diagnose(replace(gait, **changed))  # type: ignore[arg-type]
    assert (said.abstained, said.reason, said.findings) == (True, reason, ())
    assert said.not_observable == ()


def test_silence_when_too_little_was_measured() -> None:
    assert PatternFinder().find(replace(scored_gait(), strides=strides(8))).reason in (
        Abstention.NOT_MEASURED,
    )


def test_silence_about_a_walk_unlike_all_others() -> None:
    strange = MODEL.mean + MODEL.sd * np.where(np.arange(len(NAMES)) % 2, 3.9, -3.9)
    assert PatternFinder().find(made(strange)).reason is Abstention.OUTSIDE_KNOWN


def test_silence_between_two_answers() -> None:
    """Half-way between no pattern and a pattern the probability of neither reaches its limit."""
    a, b = MODEL.centres[0], MODEL.centres[MODEL.classes.index("parkinsonian")]
    reasons = {
        PatternFinder().find(made(MODEL.mean + MODEL.sd * (a + share * (b - a)))).reason
        for share in np.linspace(0, 1, 41)
    }
    strict = PatternFinder(replace(MODEL, threshold=0.999))
    halfway = made(MODEL.mean + MODEL.sd * (a + b) / 2)
    assert strict.find(halfway).reason is Abstention.UNDECIDED
    assert reasons <= {None, Abstention.UNDECIDED, Abstention.CRITERIA_DISAGREE}


def test_silence_when_no_measurement_is_unusual() -> None:
    everything = np.tile([-1e9, 1e9], (len(NAMES), 1))
    finder = PatternFinder(replace(MODEL, usual=everything))
    assert finder.find(of_class("crouch")).reason is Abstention.CRITERIA_DISAGREE


@pytest.mark.parametrize("pattern", sorted(DEFINING))
def test_silence_when_what_defines_the_pattern_is_usual(pattern: str) -> None:
    """Much of a pattern without the measurements that its words name is none."""
    name = next(c for c in MODEL.classes if c.partition("/")[0] == pattern)
    usual = MODEL.usual.copy()
    usual[[NAMES.index(n) for n in DEFINING[pattern]]] = -1e9, 1e9
    finder = PatternFinder(replace(MODEL, usual=usual))
    assert finder.find(of_class(name)).reason is Abstention.CRITERIA_DISAGREE


def test_a_share_of_the_usual_range_lies_about_its_middle() -> None:
    model = replace(MODEL, usual=np.tile([-2.0, 6.0], (len(NAMES), 1)))
    assert model.outside(np.full(len(NAMES), 5.0)) == ()
    assert model.outside(np.full(len(NAMES), 5.0), 0.5) == NAMES
    assert model.outside(np.full(len(NAMES), 3.9), 0.5) == ()


def test_features_of_a_mirrored_walk_are_mirrored() -> None:
    points = seen(Walker((0.5, 0.62), n_steps=14, start_s=0.5, arm_swing_deg=(20, 20)))
    one = measure(walked(points))
    other = measure(walked(replace(points, xyz=mirrored(points.xyz))))
    assert np.isfinite(one).sum() >= 15
    assert other == pytest.approx(SIGNS * one, nan_ok=True, abs=1e-6)


def test_a_standing_person_has_no_finding() -> None:
    points = seen(Walker(start_s=0.5))
    still = replace(points, xyz=np.repeat(points.xyz[:1], len(points.time_s), axis=0))
    assert diagnose(walked(still)).reason is Abstention.QUALITY_UNUSABLE


def test_a_walk_of_formulas_is_not_called_impaired(formula: GaitResult) -> None:
    """Its knees and ankles are nobody's: the model may be silent, but it names no pattern."""
    assert diagnose(formula).findings == ()


def test_knee_curves_of_equal_legs_are_equal(formula: GaitResult) -> None:
    assert curve_difference(formula, "knee") < 1.5
    assert np.isnan(curve_difference(replace(formula, curves=()), "knee"))


def test_probabilities_of_both_sides_are_taken_together() -> None:
    assert together({"none": 0.3, "antalgic/left": 0.4, "antalgic/right": 0.3}) == {
        "none": 0.3,
        "antalgic": pytest.approx(0.7),
    }


def test_spans_join_what_overlaps_and_leave_out_what_is_excluded() -> None:
    rows = (*strides(3), replace(strides(1)[0], start_s=9.0, end_s=10.0))
    excluded = replace(rows[-1], start_s=20.0, end_s=21.0, excluded=True)
    assert spans(replace(scored_gait(), strides=(*rows, excluded))) == (
        Span(0.0, 2.0),
        Span(9.0, 10.0),
    )


def speed(value: float, half: float, mean: float = 1.1, sd: float = 0.2) -> GaitResult:
    gait = of_class("none")
    norm = Norm(mean, sd, (value - mean) / sd, "test")
    told = Parameter(
        "walking_speed", value, "m/s", "d", 8, 0.05, (value - half, value + half), norm=norm
    )
    return replace(gait, parameters={**gait.parameters, "walking_speed": told})


def test_slow_for_the_age_follows_speed_norm_and_error() -> None:
    assert slow_findings(speed(1.0, 0.1)) == ()
    (slow,) = slow_findings(speed(0.7, 0.1))
    assert slow.code is PatternCode.SLOW_FOR_AGE
    assert slow.probability > 0.99
    (unsure,) = slow_findings(speed(0.88, 0.3))
    assert 0.5 < unsure.probability < 0.6
    without = speed(0.7, 0.1)
    bare = replace(without.parameters["walking_speed"], norm=None)
    assert (
        slow_findings(replace(without, parameters={**without.parameters, "walking_speed": bare}))
        == ()
    )


def test_caution_needs_slow_and_long_double_support() -> None:
    gait = speed(0.6, 0.05)
    for value, expected in ((24.0, False), (40.0, True)):
        long = replace(
            gait.parameters["double_support_percent"],
            value=value,
            interval_95=(value - 1, value + 1),
            norm=Norm(27.0, 4.0, (value - 27) / 4, "test"),
            absent_reason=None,
        )
        told = replace(gait, parameters={**gait.parameters, "double_support_percent": long})
        codes = {f.code for f in slow_findings(told)}
        assert (PatternCode.SLOW_AND_CAUTIOUS in codes) is expected


def test_every_pattern_has_its_words_and_the_fields_term() -> None:
    for code in PatternCode:
        assert sentence(code.value, side="left")
    for code in {*CODES.values(), PatternCode.SLOW_FOR_AGE, PatternCode.SLOW_AND_CAUTIOUS}:
        assert sentence(f"pattern_term.{code.value.partition('.')[2]}")


def test_no_pattern_names_a_disease() -> None:
    for code in PatternCode:
        assert not {"stroke", "parkinson", "ataxia", "paresis"} & set(code.value.split("_"))


def test_silence_without_reason_and_findings_with_silence_are_refused() -> None:
    finding = Finding(PatternCode.SHORT_STEPS_STOOPED, 0.8, (Span(1.0, 2.0),))
    with pytest.raises(ValueError, match="has a reason"):
        Diagnosis(abstained=True)
    with pytest.raises(ValueError, match="no findings"):
        Diagnosis(findings=(finding,), abstained=True, reason=Abstention.UNDECIDED)
