"""Small pictures of the validation document, as SVG text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_SIZE, _EDGE = 300, 40


def calibration_svg(probability: Array, y: NDArray[np.bool_], bins: int = 5) -> str:
    """Share of the second group against the told probability, in bins of equal counts.

    Bars are 95 % Wilson intervals of the share; a tick per person at the border.
    """
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{_SIZE}" height="{_SIZE}" fill="#fff"/>',
        f'<path d="M{_x(0)} {_y(0)}H{_x(1)}M{_x(0)} {_y(0)}V{_y(1)}" stroke="#333"/>',
        f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="#999" stroke-dasharray="4 3"/>',
    ]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<text x="{_x(tick)}" y="{_y(0) + 14}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{_x(0) - 5}" y="{_y(tick) + 4}" text-anchor="end">{tick:g}</text>')
    for p, is_second in zip(probability, y, strict=True):
        at = _y(1) - 6 if is_second else _y(0) - 6
        parts.append(f'<path d="M{_x(p)} {at}v5" stroke="#777" stroke-width=".7"/>')
    for rows in np.array_split(np.argsort(probability), bins):
        told, share = float(probability[rows].mean()), float(y[rows].mean())
        low, high = wilson(int(y[rows].sum()), len(rows))
        parts.append(f'<path d="M{_x(told)} {_y(low)}V{_y(high)}" stroke="#1f6fb2"/>')
        parts.append(f'<circle cx="{_x(told)}" cy="{_y(share)}" r="4" fill="#1f6fb2"/>')
    parts.append(f'<text x="{_SIZE / 2}" y="{_SIZE - 6}" text-anchor="middle">told</text>')
    parts.append('<text x="12" y="16">share that had a stroke</text></svg>')
    return "\n".join(parts) + "\n"


def wilson(hits: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    z, p = 1.959964, hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def _x(value: float) -> float:
    return round(_EDGE + value * (_SIZE - 1.5 * _EDGE), 1)


def _y(value: float) -> float:
    return round(_SIZE - _EDGE - value * (_SIZE - 1.75 * _EDGE), 1)
