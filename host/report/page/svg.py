"""The few pieces of SVG that the report's charts are made of; every text is escaped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

Value = str | float | int | None


def element(tag: str, *children: Markup | str, **attributes: Value) -> Markup:
    """One element; ``stroke_width`` becomes ``stroke-width``, None leaves an attribute out."""
    parts = [
        f' {name.rstrip("_").replace("_", "-")}="{escape(_text(value))}"'
        for name, value in attributes.items()
        if value is not None
    ]
    inside = "".join(escape(child) for child in children)
    return Markup(
        f"<{tag}{''.join(parts)}>{inside}</{tag}>" if inside else f"<{tag}{''.join(parts)}/>"
    )


def picture(width: float, height: float, label: str, *children: Markup) -> Markup:
    """A whole drawing that scales with its column; ``label`` is read to those who cannot see it."""
    return element(
        "svg",
        *children,
        viewBox=f"0 0 {_text(width)} {_text(height)}",
        role="img",
        aria_label=label,
    )


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def rectangle(
    x: float, y: float, width: float, height: float, class_: str, radius: float | None = None
) -> Markup:
    """A rectangle; a negative width counts as 0."""
    return element("rect", x=x, y=y, width=max(width, 0), height=height, rx=radius, class_=class_)


def text(x: float, y: float, words: str, class_: str) -> Markup:
    """Words on a base line."""
    return element("text", words, x=x, y=y, class_=class_)


def path(points: Iterable[tuple[float, float]], class_: str, closed: bool = False) -> Markup:
    """A line through points; a point that is not finite interrupts it."""
    pieces: list[str] = []
    pen = "M"
    for x, y in points:
        if math.isfinite(x) and math.isfinite(y):
            pieces.append(f"{pen}{_text(x)} {_text(y)}")
            pen = "L"
        else:
            pen = "M"
    return element("path", d=" ".join(pieces) + ("Z" if closed else ""), class_=class_)


def ticks(low: float, high: float, about: int = 5) -> Sequence[float]:
    """Round numbers (steps of 1, 2 or 5) that cover low..high, about so many."""
    raw = max(high - low, 1e-9) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [index * step for index in range(first, last + 1)]


def _text(value: Value) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
