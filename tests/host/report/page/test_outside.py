"""Outside the reference band: said surely only where the interval says so too."""

from __future__ import annotations

from datetime import datetime

import pytest

from host.report.assessment import Assessment, NormBand
from host.report.page.html import render_html
from host.text import quantity, sentence, speaking, unit_text
from tests.scored import scored_assessment

NOW = datetime(2026, 11, 21)
SURE, UNSURE = "report.outside_below", "report.outside_below_unsure"


def cadence(value: float, interval: tuple[float, float] | None) -> Assessment:
    """Cadence against 110 ± 10: the band ends at 90 and 130."""
    told = scored_assessment()
    norm = NormBand(mean=110, sd=10, z=(value - 110) / 10, source="somebody")
    entry = told.parameters["cadence"].model_copy(
        update={"value": value, "interval_95": interval, "norm": norm, "norm_absent_reason": None}
    )
    return told.model_copy(update={"parameters": {**told.parameters, "cadence": entry}})


@pytest.mark.parametrize(
    ("value", "interval", "key"),
    [
        (80.0, (76.0, 84.0), SURE),
        (80.0, (68.0, 92.0), UNSURE),
        (80.0, None, SURE),
        (140.0, (136.0, 144.0), "report.outside_above"),
        (140.0, (128.0, 152.0), "report.outside_above_unsure"),
        (100.0, (80.0, 120.0), None),
    ],
)
def test_what_is_said(value: float, interval: tuple[float, float] | None, key: str | None) -> None:
    page = render_html(cadence(value, interval), NOW)
    found = [part.split("</p>")[0] for part in page.split('<p class="outside">')[1:]]
    assert found == ([] if key is None else [sentence(key)])


def test_units_that_are_words_are_said_in_the_language() -> None:
    assert quantity(100.0, "steps/min") == "100\u00a0steps/min"
    with speaking("zh"):
        assert unit_text("steps/min") == "步/分"
        assert unit_text("m/s") == "m/s"
