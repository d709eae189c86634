"""The drawings show the numbers at their places."""

from __future__ import annotations

import json
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from host.report.assessment import Assessment, NormBand
from host.report.footfalls import stances
from host.report.page import svg
from host.report.page.curve_chart import curve_chart
from host.report.page.footfall_chart import footfall_charts
from host.report.page.norm_bar import norm_bar

Element = ElementTree.Element


def parse(drawing: Markup) -> Element:
    return ElementTree.fromstring(str(drawing))


def of_class(root: Element, tag: str, *classes: str) -> list[Element]:
    return [e for e in root.iter(tag) if set(classes) <= set((e.get("class") or "").split())]


def points(path: Element) -> list[tuple[float, float]]:
    pieces = (path.get("d") or "").replace("Z", "").replace("M", "").replace("L", "").split()
    return [(float(x), float(y)) for x, y in zip(pieces[::2], pieces[1::2], strict=True)]


def test_text_in_drawings_is_escaped() -> None:
    drawing = svg.picture(10, 10, 'a "b" <c>', svg.text(0, 0, "<script>&", "x"))
    root = parse(drawing)
    assert root.get("aria-label") == 'a "b" <c>'
    assert root[0].text == "<script>&"


@pytest.mark.parametrize(
    ("low", "high", "first", "last", "step"),
    [(0, 1, 0, 1, 0.2), (-13.2, 41, -20, 60, 20), (0.8, 5.1, 0, 6, 1), (2, 2, 2, 2, None)],
)
def test_ticks_are_round_and_cover(
    low: float, high: float, first: float, last: float, step: float | None
) -> None:
    marks = svg.ticks(low, high)
    assert marks[0] == pytest.approx(first)
    assert marks[-1] == pytest.approx(last, abs=1e-6)
    if step:
        assert all(b - a == pytest.approx(step) for a, b in pairwise(marks))


def test_a_gap_interrupts_the_line() -> None:
    line = svg.path([(0, 1), (1, float("nan")), (2, 3), (3, 4)], "x")
    assert parse(line).get("d") == "M0 1 M2 3 L3 4"


def test_the_dot_lies_between_the_ends_of_the_band(assessment: Assessment) -> None:
    entry = assessment.parameters["cadence"]
    root = parse(norm_bar(entry))
    (band,) = of_class(root, "rect", "band")
    (dot,) = of_class(root, "circle", "value")
    start, width = float(band.get("x", "")), float(band.get("width", ""))
    assert (float(dot.get("cx", "")) - start) / width == pytest.approx((103.4 - 73) / 80, abs=1e-3)
    assert "Inside the reference band 113 ± 20" in (root.get("aria-label") or "")


def test_a_value_far_outside_stays_in_the_picture(assessment: Assessment) -> None:
    entry = assessment.parameters["cadence"].model_copy(
        update={"value": 20.0, "norm": NormBand(mean=113, sd=20, z=-4.65, source="x")}
    )
    root = parse(norm_bar(entry))
    (dot,) = of_class(root, "circle", "value")
    assert float(dot.get("cx", "")) >= 4
    assert "Below" in (root.get("aria-label") or "")


def test_without_norm_there_is_no_bar(assessment: Assessment) -> None:
    assert norm_bar(assessment.parameters["step_time"]) == ""
    assert norm_bar(assessment.parameters["step_width"]) == ""


def test_one_footfall_drawing_per_walk_with_every_contact(assessment: Assessment) -> None:
    drawings = [parse(drawing) for drawing in footfall_charts(assessment)]
    assert len(drawings) == 2
    for bout, drawing in enumerate(drawings):
        found = [s for s in stances(assessment) if s.bout == bout]
        for side in ("left", "right"):
            own = [s for s in found if s.foot.value == side]
            lines = of_class(drawing, "line", side, "contact")
            x = sorted(float(line.get("x1", "")) for line in lines)
            assert len(x) == len(own)
            scale = (x[-1] - x[0]) / (own[-1].start_s - own[0].start_s)
            for place, stance in zip(x, own, strict=True):
                assert place - x[0] == pytest.approx(
                    (stance.start_s - own[0].start_s) * scale, abs=0.02
                )


def test_excluded_strides_are_hatched_with_their_reason(assessment: Assessment) -> None:
    second = parse(footfall_charts(assessment)[1])
    excluded = [s for s in assessment.strides if s.excluded and s.bout == 1]
    assert len(of_class(second, "rect", "leftout")) == len(excluded) == 3
    assert {e.text for e in of_class(second, "text", "reason")} == {
        "start or end of the walk",
        "feet hidden",
    }
    counted = [s for s in assessment.strides if not s.excluded and s.bout == 1]
    assert len(of_class(second, "rect", "stance")) == len(counted)


def test_both_walks_have_one_scale(assessment: Assessment) -> None:
    table = json.loads(assessment.to_json())
    table["view"]["bouts"][1]["end_s"] -= 2
    charts = footfall_charts(Assessment.model_validate(table))
    widths = [float(of_class(parse(c), "rect", "lane")[0].get("width", "")) for c in charts]
    spans = [b["end_s"] - b["start_s"] for b in table["view"]["bouts"]]
    assert widths[0] / widths[1] == pytest.approx(spans[0] / spans[1], rel=1e-3)


def test_a_long_walk_continues_in_the_next_row(assessment: Assessment) -> None:
    table = json.loads(assessment.to_json())
    table["view"]["bouts"] = [{"bout": 0, "start_s": 0.0, "end_s": 47.0, "direction": 1}]
    assert len(footfall_charts(Assessment.model_validate(table))) == 5


def test_the_curve_passes_through_its_values(assessment: Assessment) -> None:
    sides = [curve for curve in assessment.curves if curve.joint == "knee"]
    root = parse(curve_chart(sides, {"left": 60.0}))
    ends = {float(e.text.rstrip("°").replace("\u2212", "-")): float(e.get("y", "")) - 3
            for e in of_class(root, "text", "tick", "end") if e.text}  # fmt: skip
    low, high = min(ends), max(ends)
    for curve in sides:
        drawn = points(of_class(root, "path", curve.side.value, "curve")[0])
        assert len(drawn) == 101
        for (_, y), value in zip(drawn, curve.mean_deg, strict=True):
            assert value is not None
            share = (value - low) / (high - low)
            assert y == pytest.approx(ends[low] + share * (ends[high] - ends[low]), abs=0.02)
        assert drawn[60][0] == pytest.approx(
            drawn[0][0] + 0.6 * (drawn[100][0] - drawn[0][0]), abs=0.02
        )
    (foot_off,) = of_class(root, "line", "footoff")
    assert float(foot_off.get("x1", "")) == pytest.approx(drawn[60][0], abs=0.02)


def test_the_reference_is_drawn_only_where_there_is_one(assessment: Assessment) -> None:
    for joint, expected in (("thigh", 1), ("knee", 0)):
        sides = [curve for curve in assessment.curves if curve.joint == joint]
        assert len(of_class(parse(curve_chart(sides, {})), "path", "reference")) == expected
