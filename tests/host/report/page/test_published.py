"""Published limits: the right side, and honesty where the interval holds the limit."""

from __future__ import annotations

from datetime import datetime

import pytest

from host.gait.norms import cutoffs
from host.gait.norms.tables import read_table
from host.report.assessment import ParameterResult
from host.report.page.html import render_html
from host.report.page.published import limit_rows
from host.text import sentences
from tests.scored import scored_assessment

CHANGES = ("_change", "_change_low", "_change_high")


def speed(value: float, interval: tuple[float, float] | None) -> dict[str, ParameterResult]:
    return {
        "walking_speed": ParameterResult(
            value=value,
            unit="m/s",
            definition="",
            n=8,
            sd=0.1,
            interval_95=interval,
            left=None,
            right=None,
            norm=None,
            norm_absent_reason=None,
            absent_reason=None,
        )
    }


@pytest.mark.parametrize(
    ("value", "interval", "place"),
    [
        (0.70, (0.68, 0.72), "below 0.80\u00a0m/s"),
        (0.90, (0.88, 0.92), "above 0.80\u00a0m/s"),
        (0.79, (0.75, 0.83), "cannot be told from 0.80\u00a0m/s"),
        (0.79, None, "below 0.80\u00a0m/s"),
    ],
)
def test_where_a_speed_lies(value: float, interval: tuple[float, float] | None, place: str) -> None:
    rows = limit_rows(speed(value, interval))
    (europe,) = (row for row in rows if "Europe" in row.limit)
    assert europe.place == place
    assert "Sarcopenia" in europe.source


def test_a_limit_keeps_the_digits_it_was_published_with() -> None:
    lean = {"trunk_lean": speed(1.9, None)["walking_speed"].model_copy(update={"unit": "deg"})}
    (row,) = (row for row in limit_rows(lean) if "1.7" in row.limit + row.place)
    assert row.place == "above 1.7°"
    assert row.value == "1.9°"
    apart = speed(0.021, None)["walking_speed"].model_copy(update={"unit": "heights"})
    places = [row.place for row in limit_rows({"step_length_difference": apart})]
    assert any("\N{MINUS SIGN}0.036" in place for place in places), places


def test_every_kind_of_cutoff_has_words_or_is_a_change() -> None:
    for row in read_table("cutoffs.csv"):
        told = f"cutoff.{row['kind']}" in sentences()
        assert told != row["kind"].endswith(CHANGES), row


def test_every_limit_of_the_walking_speed_has_a_row() -> None:
    kinds = [c for c in cutoffs("walking_speed") if not c.kind.endswith(CHANGES)]
    assert len(limit_rows(speed(1.0, None))) == len(kinds) > 4


def test_what_is_absent_has_no_row() -> None:
    assessment = scored_assessment()
    names = {row.measure for row in limit_rows(assessment.parameters)}
    assert names == {
        "Walking speed",
        "Temporal symmetry",
        "Step time asymmetry",
        "Step length difference",
        "Knee flexion in swing",
    }


def test_the_report_lists_them_with_their_sources() -> None:
    page = render_html(scored_assessment(), datetime(2026, 11, 21))
    assert "Published limits" in page
    assert "Perry et al. 1995" in page
    assert "below 0.90" in page  # temporal symmetry of the made-up walk is 0.54


def test_the_sign_of_an_asymmetry_is_told_where_it_is_shown() -> None:
    page = render_html(scored_assessment(), datetime(2026, 11, 21))
    assert page.count("Minus: larger on the left") == 1
