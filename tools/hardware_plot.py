"""The plot of ``docs/hardware.md``: shares of the part as bars, drawn as plain SVG."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

_LEFT, _WIDTH, _ROW, _GAP, _TOP = 250, 480, 15, 26, 46
_COLOURS = {"LUT": "#4477aa", "FF": "#66ccee", "RAMB18": "#ccbb44", "DSP": "#aa3377"}
"""Distinguishable with colour blindness: Paul Tol's bright scheme (2021)."""


@dataclass(frozen=True)
class Bar:
    """One bundle: shares of the part by resource, counted and (None: not known) estimated."""

    label: str
    counted: dict[str, float]
    estimated: dict[str, float] | None


def draw(bars: list[Bar], limit: float) -> str:
    """SVG text: a group of bars per bundle, a tick at each estimate, a line at the limit."""
    height = _TOP + len(bars) * (len(_COLOURS) * _ROW + _GAP) + 30
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 90}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        _text(_LEFT, 20, "share of the part; bar: counted by Yosys, tick: our estimate"),
    ]
    y = _TOP
    for bar in bars:
        out.append(_text(10, y + 2 * _ROW + 4, bar.label))
        for name, colour in _COLOURS.items():
            share = bar.counted[name]
            out.append(
                f'<rect x="{_LEFT}" y="{y}" width="{share * _WIDTH:.1f}" height="{_ROW - 3}" '
                f'fill="{colour}"/>'
            )
            if bar.estimated is not None:
                x = _LEFT + bar.estimated[name] * _WIDTH
                out.append(_line(x, y - 1, y + _ROW - 2, "black", 2))
            out.append(_text(_LEFT + _WIDTH + 8, y + 10, f"{share:.0%} {name}"))
            y += _ROW
        y += _GAP
    for share in (0.0, 0.25, 0.5, limit, 1.0):
        x = _LEFT + share * _WIDTH
        is_limit = share == limit
        out.append(_line(x, _TOP - 12, y - 10, "#cc3311" if is_limit else "#bbbbbb", 1))
        out.append(_text(x - 12, y + 6, f"{share:.0%}"))
    return "\n".join([*out, "</svg>", ""])


def _text(x: float, y: float, words: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}">{escape(words)}</text>'


def _line(x: float, top: float, bottom: float, colour: str, width: int) -> str:
    return (
        f'<line x1="{x:.1f}" y1="{top:.0f}" x2="{x:.1f}" y2="{bottom:.0f}" stroke="{colour}" '
        f'stroke-width="{width}"/>'
    )
