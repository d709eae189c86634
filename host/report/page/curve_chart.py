"""Joint angles over the gait cycle: mean and spread of each side, and the reference."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from host.report.assessment import CurveResult
from host.report.page import svg
from host.text import number, sentence

_WIDTH, _HEIGHT = 236.0, 162.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 30.0, 8.0, 8.0, 30.0

Line = Sequence[float | None]


def curve_chart(curves: Sequence[CurveResult], foot_off_percent: dict[str, float]) -> Markup:
    """Chart of one joint.

    Parameters
    ----------
    curves
        The sides of one joint, at least one.
    foot_off_percent
        Mean foot off by side, in percent of the cycle; drawn as a dotted upright.
    """
    bands = [band for curve in curves for band in _edges(curve.mean_deg, curve.sd_deg)]
    reference = next((c.reference for c in curves if c.reference), None)
    if reference:
        bands += _edges(reference.mean_deg, reference.sd_deg)
    values = [v for band in bands for v in band if math.isfinite(v)]
    marks = svg.ticks(min(values), max(values))
    chart = _Axes(marks[0], marks[-1])
    parts = chart.grid(marks)
    if reference:
        parts.append(chart.band(*_edges(reference.mean_deg, reference.sd_deg), "reference"))
    for curve in curves:
        parts.append(
            chart.band(*_edges(curve.mean_deg, curve.sd_deg), f"{curve.side.value} spread")
        )
    for curve in curves:
        side = curve.side.value
        if side in foot_off_percent:
            x = chart.x(foot_off_percent[side])
            parts.append(svg.line(x, _TOP, x, _HEIGHT - _BOTTOM, f"{side} footoff"))
        points = [(chart.x(i), chart.y(v)) for i, v in enumerate(_numbers(curve.mean_deg))]
        parts.append(svg.path(points, f"{side} curve"))
    return svg.picture(_WIDTH, _HEIGHT, sentence(f"joint.{curves[0].joint}"), *parts)


class _Axes:
    """Percent of the cycle to the right, degrees upwards."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._high = low, high

    def x(self, percent: float) -> float:
        return _LEFT + percent / 100 * (_WIDTH - _LEFT - _RIGHT)

    def y(self, angle_deg: float) -> float:
        share = (angle_deg - self._low) / (self._high - self._low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)

    def grid(self, marks: Sequence[float]) -> list[Markup]:
        parts: list[Markup] = []
        for mark in marks:
            y = self.y(mark)
            kind = "zero" if mark == 0 else "grid"
            parts.append(svg.line(_LEFT, y, _WIDTH - _RIGHT, y, kind))
            parts.append(svg.text(_LEFT - 4, y + 3, number(mark, "deg") + "°", "tick end"))
        bottom = _HEIGHT - _BOTTOM
        for percent in range(0, 101, 20):
            x = self.x(percent)
            parts.append(svg.line(x, bottom, x, bottom + 3, "axis"))
            parts.append(svg.text(x, bottom + 13, str(percent), "tick middle"))
        words = sentence("report.cycle_axis")
        parts.append(svg.text(self.x(50), _HEIGHT - 4, words, "tick middle"))
        return parts

    def band(self, lower: list[float], upper: list[float], class_: str) -> Markup:
        there = [(self.x(i), self.y(v)) for i, v in enumerate(lower) if math.isfinite(v)]
        back = [(self.x(i), self.y(v)) for i, v in enumerate(upper) if math.isfinite(v)]
        return svg.path([*there, *reversed(back)], class_, closed=True)


def _numbers(values: Line) -> list[float]:
    return [math.nan if value is None else value for value in values]


def _edges(mean: Line, sd: Line) -> tuple[list[float], list[float]]:
    """Mean minus and plus one standard deviation; a missing spread counts as none."""
    pairs = [
        (m, s if math.isfinite(s) else 0.0)
        for m, s in zip(_numbers(mean), _numbers(sd), strict=True)
    ]
    return [m - s for m, s in pairs], [m + s for m, s in pairs]
