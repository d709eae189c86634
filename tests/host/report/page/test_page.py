"""The report is one file, well formed, complete, and silent where nothing was measured."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from host.accelerator.types import Alert
from host.cli import print_results
from host.codes import Absence, Abstention, AlertCode, BoardReason, ErrorCode, ViewKind
from host.diagnosis.diagnose import diagnose
from host.diagnosis.types import Diagnosis
from host.errors import MachineError, Reason
from host.gait.parameters import Gates, build_parameters
from host.gait.types import Bout, GaitResult, Parameter, Person, SideValue, View
from host.report.assess import assess
from host.report.assessment import Assessment
from host.report.page.html import render_html
from host.text import LANGUAGES, sentence, speaking
from model_zoo.package import ROLES

SILENT = Diagnosis(abstained=True, reason=Abstention.TOO_FEW_STRIDES)
NOW = datetime(2026, 11, 21, 14, 5)
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """Checks that every tag is closed in order; collects words, tags and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"[ \n\t]+", " ", " ".join(self.words))


@pytest.fixture
def html(assessment: Assessment) -> str:
    return render_html(assessment, NOW)


ALERT = {"code": "alert.board_lost", "message": "The board <failed> [remote]; nothing is missing."}


def test_alerts_of_the_machine_stand_on_the_page_and_in_the_file(
    gait: GaitResult, meta: dict[str, Any], html: str
) -> None:
    title = sentence("report.alerts")
    assert title not in html
    told = assess(gait, {**meta, "alerts": [ALERT]}, Person(None), SILENT)
    page = Page(render_html(told, NOW))
    assert title in page.text
    assert ALERT["message"] in page.text
    again = Assessment.model_validate_json(told.to_json())
    assert [a.model_dump(mode="json") for a in again.alerts] == [{**ALERT, "values": None}]


def test_alerts_are_said_in_the_language_of_the_reader(
    gait: GaitResult, meta: dict[str, Any]
) -> None:
    cause = MachineError(
        ErrorCode.ACCELERATOR_TIMEOUT, name="gait-pose-s", limit=np.float64(30), folder=Path("x")
    )
    refused = MachineError(
        ErrorCode.BOARD_UNREACHABLE, reason=Reason(BoardReason.OTHER_BUNDLE, bundle="pair")
    )
    lost = Alert(AlertCode.BOARD_LOST, cause, {"name": "gait-pose-s", "done": 12})
    unused = Alert(AlertCode.BOARD_NOT_USED, refused, {"name": "person-s"})
    told = assess(
        gait, {**meta, "alerts": [lost.document(), unused.document()]}, Person(None), SILENT
    )
    again = Assessment.model_validate_json(told.to_json())
    for language in LANGUAGES:
        with speaking(language):
            page = Page(render_html(again, NOW)).text
            assert str(lost) in page
            assert str(unused) in page
    assert str(unused).isascii()
    with speaking("zh"):
        assert not str(unused).isascii()
        assert "it holds" not in str(unused)


def test_alerts_stand_on_the_console(gait: GaitResult, meta: dict[str, Any]) -> None:
    told = assess(gait, {**meta, "alerts": [ALERT]}, Person(None), SILENT)
    console = Console(record=True, width=200, file=StringIO())
    print_results(told, Path("out"), console)
    assert ALERT["message"] in console.export_text()


def test_nothing_is_fetched_from_elsewhere(html: str) -> None:
    page = Page(html)
    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(tag for tag, _ in page.tags)
    assert "://" not in html
    assert "@import" not in html
    assert set(re.findall(r"url\(([^)]*)\)", html)) == {"#hatch"}
    for _, attributes in page.tags:
        assert {"src", "href", "onclick", "onload", "style"}.isdisjoint(attributes)


def test_all_measurements_stand_with_unit_or_reason(html: str, assessment: Assessment) -> None:
    text = Page(html).text
    for name, entry in assessment.parameters.items():
        assert sentence(f"parameter.{name}") in text
        assert entry.definition in text
        if entry.absent_reason:
            reason = sentence(entry.absent_reason.value)
            assert f"not measured: {reason}" in text
    assert "103\u00a0steps/min" in text
    assert "95 % CI 0.91 to 0.97" in text
    assert "Left 0.59\u00a0s" in text
    assert "0.61 ± 0.09" in text
    for legend in ("bar_legend", "column_norm", "curves_legend_reference"):
        assert sentence(f"report.{legend}") in text


def test_quality_is_told_in_plain_words(html: str) -> None:
    text = Page(html).text
    assert "Limited" in text
    assert "The feet were seen in 88 % of the walk (at least 90 %)." in text
    assert sentence("advice.feet_visible") in text
    assert "This could not be measured." in text  # a check without a number
    assert not re.search(r"\bnan\b", text, re.IGNORECASE)


def test_outside_the_reference_band_is_said_and_inside_is_not(html: str) -> None:
    text = Page(html).text
    assert text.count("Below the reference band") == 1
    assert "Above the reference band" not in text


def test_every_excluded_stride_has_a_row(html: str, assessment: Assessment) -> None:
    excluded = [stride for stride in assessment.strides if stride.excluded]
    table = html[html.index('<table class="excluded">') :].split("</table>")[0]
    assert table.count("<tr>") == 1 + len(excluded)
    assert "the feet were hidden" in table


def test_says_what_it_is_and_what_made_it(html: str) -> None:
    text = Page(html).text
    for words in (
        "For research use. Decision support, not a diagnosis.",
        "2026-11-21 14:05",
        "female, 72 years, 1.65\u00a0m",
        "the person who walks furthest through the picture",
        "gait-pose-s 0.1.0",
        sentence("diagnosis.too_few_strides"),
        sentence("limits.research"),
    ):
        assert words in text


def test_an_unusable_recording_shows_reasons_and_no_number(
    unusable_assessment: Assessment,
) -> None:
    page = Page(render_html(unusable_assessment, NOW))
    assert "This recording cannot be analysed" in page.text
    assert "The camera gave 10.0 pictures per second" in page.text
    assert sentence("advice.walking_found") in page.text
    assert "svg" not in {tag for tag, _ in page.tags}
    for name in unusable_assessment.parameters:
        assert sentence(f"parameter.{name}") not in page.text


def test_words_from_outside_are_escaped(
    gait: GaitResult, meta: dict[str, Any], person: Person
) -> None:
    meta["source"]["file"] = "<script>alert(1)</script>.mp4"
    text = render_html(assess(gait, meta, person, SILENT), NOW)
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_without_curves_the_view_is_named_as_the_reason(
    gait: GaitResult, meta: dict[str, Any]
) -> None:
    frontal = replace(gait, view=View(ViewKind.FRONTAL, 85.0), curves=())
    text = Page(render_html(assess(frontal, meta, Person(), SILENT), NOW)).text
    assert "No joint angles: needs a view from the side." in text
    assert "nothing was told" in text
    beside = replace(gait, curves=())
    text = Page(render_html(assess(beside, meta, Person(), SILENT), NOW)).text
    assert "No joint angles: too few complete strides." in text


def test_curves_across_the_walk_are_named_with_error_and_reason(
    gait: GaitResult, meta: dict[str, Any]
) -> None:
    for shown in (gait, replace(gait, curves=())):
        text = Page(render_html(assess(shown, meta, Person(), SILENT), NOW)).text
        assert "From no view told: sideways tilt of the pelvis" in text
        assert sentence("absent.error_too_large") in text


def test_bare_results_render_too(gait: GaitResult, meta: dict[str, Any]) -> None:
    """No norm, no interval, no side, no check, no source: none of it is taken for granted."""
    bare = Parameter("cadence", 100.0, "steps/min", "definition.cadence", 2, float("nan"))
    meta["models"], meta["backend"] = [], {"name": None, "version": None}
    meta["source"]["sha256"] = None
    slim = replace(
        gait, parameters={"cadence": bare}, curves=(), strides=(), events=(), checks=(), bouts=()
    )
    text = Page(render_html(assess(slim, meta, Person(), SILENT), NOW)).text
    assert "100\u00a0steps/min" in text
    assert "no interval" in text
    assert "No stride was left out." in text
    assert "body points from elsewhere" in text


def test_without_any_reference_the_reason_is_told_once(
    gait: GaitResult, meta: dict[str, Any]
) -> None:
    unknown = Absence.AGE_SEX_UNKNOWN
    told = {
        name: replace(entry, norm=None, norm_absent_reason=unknown)
        for name, entry in gait.parameters.items()
    }
    absent = Parameter(
        "step_width", float("nan"), "m", "definition.step_width", 0, float("nan"),
        norm_absent_reason=Absence.NOT_OBSERVABLE, absent_reason=Absence.NOT_OBSERVABLE,
    )  # fmt: skip
    told["step_width"] = absent
    curves = tuple(replace(curve, reference=None) for curve in gait.curves)
    slim = replace(gait, parameters=told, curves=curves)
    text = Page(render_html(assess(slim, meta, Person(), SILENT), NOW)).text
    reason = sentence(unknown.value)
    assert text.count(reason[1:]) == 1
    assert f"{reason[1:]}." in text
    for legend in ("bar_legend", "column_norm", "curves_legend_reference"):
        assert sentence(f"report.{legend}") not in text


def test_uncalibrated_foot_offs_are_called_approximate(
    assessment: Assessment, gait: GaitResult, meta: dict[str, Any], person: Person
) -> None:
    assert "(foot off) are approximate" not in render_html(assessment, NOW)
    stance = Parameter(
        "stance_percent", float("nan"), "%", "definition.stance_percent", 0, float("nan"),
        absent_reason=Absence.NOT_CALIBRATED,
    )  # fmt: skip
    unsure = replace(gait, parameters={**gait.parameters, "stance_percent": stance})
    html = render_html(assess(unsure, meta, person, SILENT), NOW)
    assert "(foot off) are approximate: not yet calibrated" in html


def test_a_very_long_recording_names_the_rest(gait: GaitResult, meta: dict[str, Any]) -> None:
    walks = tuple(Bout(i, 10.0 * i, 10.0 * i + 4, 1) for i in range(30))
    long = replace(gait, bouts=walks)
    html = render_html(assess(long, meta, Person(), SILENT), NOW)
    assert html.count('<div class="footfalls">') == 12
    assert "18 further stretches of walking" in Page(html).text


def test_the_same_assessment_gives_the_same_page(assessment: Assessment) -> None:
    assert render_html(assessment, NOW) == render_html(assessment, NOW)


def test_scales_are_suggestions_with_evidence_and_the_silent_items_say_why(
    gait: GaitResult, meta: dict[str, Any], person: Person
) -> None:
    blank = build_parameters({}, Gates(), Person())
    full = replace(gait, parameters={**blank, **gait.parameters})
    angle = Parameter(
        "foot_angle_at_contact",
        12.0,
        "deg",
        "definition.foot_angle_at_contact",
        6,
        1.0,
        None,
        SideValue(18.0, 3, 1.0),
        SideValue(1.0, 3, 0.5),
    )
    full.parameters["foot_angle_at_contact"] = angle
    told = assess(full, meta, person, diagnose(full))
    text = Page(render_html(told, NOW)).text
    assert sentence("report.scales") in text
    assert "Edinburgh Visual Gait Score total 0 to 34, higher is worse" in text
    assert "How the foot lands, right 1 (of 0 to 2) Foot angle at contact right 1°" in text
    assert "the owner of this scale permits none: Measurements" in text
    assert "Tilt of the pelvis, left" in text
    assert Assessment.model_validate_json(told.to_json()) == told


def test_without_scales_the_page_has_no_such_part(html: str) -> None:
    assert sentence("report.scales") not in html


def test_the_footer_names_networks_by_what_they_do(gait, meta) -> None:
    roles = [
        {"name": f"net-{role}", "role": role, "version": "1", "sha256": None, "file": "x"}
        for role in ROLES
    ]
    kept = {key: value for key, value in meta["models"][0].items() if key not in roles[0]}
    assessment = assess(
        gait, {**meta, "models": [{**kept, **one} for one in roles]}, Person(), SILENT
    )
    for language in LANGUAGES:
        with speaking(language):
            page = " ".join(render_html(assessment, NOW).split())
            for role in ROLES:
                assert (
                    f"{sentence(f'model_role.{role}')}{sentence('mark.reason')}net-{role} 1" in page
                )
                assert f"{role}: net-" not in page
