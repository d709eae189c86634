"""The page tells a finding with its evidence, and never a disease or a clean bill of health."""

from __future__ import annotations

from dataclasses import replace

import pytest

from host.codes import Absence, Abstention, DeviationCode, PatternCode, Place
from host.diagnosis.patterns.find import NOT_OBSERVABLE
from host.diagnosis.types import Criterion, Deviation, Diagnosis, Finding, Span
from host.gait.types import Person
from host.report.assess import assess
from host.report.page.findings import DiagnosisView, diagnosis_view
from host.report.page.html import render_html
from host.text import sentence, speaking
from model_zoo.skeleton import Side
from tests.host.report.page.test_page import NOW, Page

FOUND = Finding(
    PatternCode.STIFF_KNEE_ONE_SIDE,
    0.873,
    (Span(1.0, 4.5), Span(6.0, 8.0)),
    {"knee_swing_peak_difference": 2.1, "relative_speed": -1.4, "step_time_difference": 0.6},
    Side.LEFT,
    {"knee_swing_peak_difference": -14.0, "relative_speed": 0.5, "step_time_difference": 0.1},
    (
        Criterion("criterion.knee_peak", 43.0, 44.3, "deg", True),
        Criterion("criterion.knee_difference", 14.0, 17.0, "deg", False),
    ),
)


def view(gait, meta, diagnosis: Diagnosis) -> DiagnosisView:  # type: ignore[no-untyped-def]
    return diagnosis_view(assess(gait, meta, Person(), diagnosis).diagnosis)


def test_a_finding_has_side_term_probability_measurements_limits_and_times(gait, meta) -> None:
    told = view(gait, meta, Diagnosis((FOUND,), not_observable=NOT_OBSERVABLE))
    (one,) = told.findings
    words = " ".join((one.title, one.resembles, *one.lines))
    assert "left" in one.title.lower()
    assert "hemiparetic gait; research hint" in one.resembles
    assert "87 %" in words
    assert "knee peak in swing, left less right −14° (+2.1)" in words
    assert "speed in body heights" not in words  # it speaks against
    assert "43.0°, limit 44.3°" in words
    assert ": met." in words
    assert ": not met." in words
    assert "6.00 – 8.00" in words
    assert any("width of the base" in note for note in told.notes)
    assert told.silence == ""


OUTSIDE = Deviation(
    DeviationCode.UNEVEN_STANCE,
    "temporal_symmetry",
    1.43,
    "ratio",
    (1.15, 1.96),
    Place.OUTSIDE,
    0.9,
    1.1,
    "healthy controls",
    "Patterson et al. 2008",
    Side.RIGHT,
)


def test_a_measurement_outside_is_told_with_its_interval_and_source(gait, meta) -> None:
    lean = replace(
        OUTSIDE,
        code=DeviationCode.LEANS_FORWARD,
        parameter="trunk_lean",
        place=Place.NOT_COMPARED,
        side=None,
        absent_reason=Absence.VIEW_NOT_SIDE,
    )
    speed = replace(OUTSIDE, parameter="relative_speed", place=Place.WITHIN, side=None)
    silent = Diagnosis(
        abstained=True,
        reason=Abstention.OUTSIDE_KNOWN,
        deviations=(OUTSIDE, lean, replace(speed, place=Place.UNDECIDED), speed),
    )
    told = view(gait, meta, silent)
    (one,) = told.outside
    assert "The right leg stands" in one.title
    assert "1.43, 95 % interval 1.15 to 1.96; reference 0.90 to 1.10" in one.numbers
    assert "Patterson" in one.numbers
    assert len(told.compared) == 3
    assert any(
        "Trunk lean" in line and sentence("absent.view_not_side") in line for line in told.compared
    )
    page = render_html(assess(gait, meta, Person(), silent), NOW)
    assert one.title in page
    assert told.silence in page
    with speaking("zh"):
        assert "右" in view(gait, meta, silent).outside[0].title


@pytest.mark.parametrize(
    ("lowest", "highest", "words"),
    [
        (0.56912, None, "at least 0.57"),  # computed
        (None, 1.7, "at most 1.70"),
        (0.9, 1.1, "0.90 to 1.10"),
        (-0.036, 0.1, "\N{MINUS SIGN}0.036 to 0.100"),
    ],
)
def test_a_reference_is_told_by_its_limits(gait, meta, lowest, highest, words) -> None:
    open_end = replace(OUTSIDE, lowest=lowest, highest=highest)
    (one,) = view(gait, meta, Diagnosis(deviations=(open_end,))).outside
    assert words in one.numbers


def test_no_finding_is_not_a_clean_bill_of_health(gait, meta) -> None:
    told = view(gait, meta, Diagnosis(not_observable=NOT_OBSERVABLE))
    assert told.findings == ()
    assert "nothing outside the reference was measured" in told.silence
    assert "normal" not in " ".join((told.silence, *told.notes)).lower()


@pytest.mark.parametrize("reason", Abstention)
def test_silence_says_why_and_nothing_else(gait, meta, reason: Abstention) -> None:
    told = view(gait, meta, Diagnosis(abstained=True, reason=reason))
    assert told.silence
    assert (told.findings, told.notes) == ((), ())


def test_certainty_is_never_shown(gait, meta) -> None:
    sure = replace(FOUND, probability=1.0)
    (one,) = view(gait, meta, Diagnosis((sure,))).findings
    assert "99 %" in " ".join(one.lines)
    assert "100 %" not in " ".join(one.lines)


def test_it_stands_on_the_page(gait, meta) -> None:
    told = assess(gait, meta, Person(), Diagnosis((FOUND,), not_observable=NOT_OBSERVABLE))
    text = Page(render_html(told, NOW)).text
    assert "Resembles what is described as hemiparetic gait; research hint." in text
