"""Totals, of confirmed items only."""

from __future__ import annotations

from collections.abc import Mapping

from host.diagnosis.scales.definition import Scale
from model_zoo.skeleton import Side

Confirmed = Mapping[tuple[str, "Side | None"], float]
"""Points that a clinician confirmed, by (item, leg; None where it is rated once)."""


def confirmed_total(scale: Scale, confirmed: Confirmed) -> dict[Side | None, float | None]:
    """Weighted sum per leg (one entry, None, where legs are not rated apart).

    Parameters
    ----------
    scale
        The scale.
    confirmed
        What a clinician confirmed or changed; suggestions do not count.

    Returns
    -------
    The total, or None while an item is missing.

    Raises
    ------
    ValueError
        For an item that the scale does not have, and for points outside an item's range.
    """
    items = {(item.code, side): item for item in scale.items for side in item.sides}
    for key, points in confirmed.items():
        if key not in items:
            raise ValueError(f"{scale.name} has no item {key}")
        item = items[key]
        if item.lowest is None or item.highest is None:
            raise ValueError(f"{scale.name}: {item.code} has no points")
        if not item.lowest <= points <= item.highest:
            raise ValueError(f"{item.code}: {points} is outside {item.lowest} to {item.highest}")
    out: dict[Side | None, float | None] = {}
    for side in dict.fromkeys(side for _, side in items):
        own = {key: item for key, item in items.items() if key[1] is side}
        complete = all(key in confirmed for key in own)
        total = sum(item.weight * confirmed[key] for key, item in own.items()) if complete else None
        out[side] = total
    return out
