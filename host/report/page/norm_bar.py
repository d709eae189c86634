"""Where a value lies among healthy people of the same age and sex."""

from __future__ import annotations

from markupsafe import Markup

from host.report.assessment import NormBand, ParameterResult
from host.report.page import svg
from host.text import number, quantity, sentence

_WIDTH, _HEIGHT = 210.0, 34.0
_MIDDLE = 12.0
_MARGIN = 8.0
BAND_SD = 2.0
"""Half width of the reference band, SD."""


def norm_bar(entry: ParameterResult) -> Markup:
    """Bar of mean and two standard deviations with the value and its interval on it.

    Empty when there is no value or no norm.
    """
    norm, value = entry.norm, entry.value
    if norm is None or value is None:
        return Markup()
    low, high = norm.mean - BAND_SD * norm.sd, norm.mean + BAND_SD * norm.sd
    ends = [low - norm.sd, high + norm.sd, value, *(entry.interval_95 or ())]
    start, end = min(ends), max(ends)

    def x(place: float) -> float:
        share: float = (place - start) / (end - start)
        return _MARGIN + share * (_WIDTH - 2 * _MARGIN)

    parts = [
        svg.line(_MARGIN, _MIDDLE, _WIDTH - _MARGIN, _MIDDLE, "axis"),
        svg.rectangle(x(low), _MIDDLE - 5, x(high) - x(low), 10, "band", 2.0),
        svg.line(x(norm.mean), _MIDDLE - 5, x(norm.mean), _MIDDLE + 5, "mean"),
    ]
    if entry.interval_95:
        a, b = entry.interval_95
        parts.append(svg.line(x(a), _MIDDLE, x(b), _MIDDLE, "interval"))
    parts.append(svg.element("circle", cx=x(value), cy=_MIDDLE, r=4.0, class_="value"))
    parts += [
        svg.text(x(limit), _HEIGHT - 5, number(limit, entry.unit), "tick middle")
        for limit in (low, norm.mean, high)
    ]
    return svg.picture(_WIDTH, _HEIGHT, description(entry, norm), *parts)


def description(entry: ParameterResult, norm: NormBand) -> str:
    """The bar in words."""
    place = "below" if norm.z < -BAND_SD else "above" if norm.z > BAND_SD else "inside"
    return sentence(
        f"report.norm_{place}",
        mean=number(norm.mean, entry.unit),
        sd=quantity(norm.sd, entry.unit),
    )
