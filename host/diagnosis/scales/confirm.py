"""What a clinician says about the items of a scale: confirmed, changed or taken back.

A confirmation is never changed: a later one about the same item takes its place, and all of them
are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from host.diagnosis.scales.definition import Scale, ScaleItem, known_scales
from host.diagnosis.scales.total import confirmed_total
from model_zoo.skeleton import Side

ItemKey = tuple[str, str, "Side | None"]
"""Scale, item, leg (None where the item is rated once)."""


@dataclass(frozen=True)
class Confirmation:
    """One word of a clinician about one item.

    Attributes
    ----------
    number
        Counts the confirmations of one analysis from 1 on: the order in which they were kept,
        whatever the clock said.
    points
        Confirmed points; None takes an earlier confirmation back.
    suggested
        What the measurements suggested at that moment; None where they suggested nothing.
    who
        As the clinician signed; the box has no accounts and does not check it.
    at
        RFC 3339 text in UTC.
    """

    number: int
    scale: str
    item: str
    side: Side | None
    points: float | None
    suggested: float | None
    who: str
    at: str

    @property
    def key(self) -> ItemKey:
        """Which item it is about."""
        return self.scale, self.item, self.side


@dataclass(frozen=True)
class Total:
    """Sum of one scale (of one leg where legs are rated apart).

    Attributes
    ----------
    value
        None while an item is not confirmed.
    confirmed, items
        How many items are confirmed, and how many there are.
    """

    side: Side | None
    value: float | None
    confirmed: int
    items: int


def known_item(key: ItemKey) -> ScaleItem | None:
    """The item of a scale that ships with this version; None where there is none."""
    name, code, side = key
    scale = _known(name)
    items = () if scale is None else scale.items
    return next((item for item in items if item.code == code and side in item.sides), None)


def last_words(confirmations: Iterable[Confirmation]) -> dict[ItemKey, Confirmation]:
    """The latest confirmation of each item, those that took one back included."""
    return {word.key: word for word in sorted(confirmations, key=lambda word: word.number)}


def totals(name: str, words: Mapping[ItemKey, Confirmation]) -> tuple[Total, ...]:
    """Totals of one scale, of confirmed items only.

    Parameters
    ----------
    name
        Name of the scale; one that does not ship (any more) or has no points gives nothing.
    words
        What :func:`last_words` gave; items that the scale does not have are left out.
    """
    scale = _known(name)
    if scale is None or all(item.lowest is None for item in scale.items):
        return ()
    keys = [(item.code, side) for item in scale.items for side in item.sides]
    points = {
        (code, side): word.points
        for code, side in keys
        if (word := words.get((name, code, side))) is not None and word.points is not None
    }
    sums = confirmed_total(scale, points)
    return tuple(
        Total(
            side,
            value,
            sum(key in points for key in keys if key[1] is side),
            sum(key[1] is side for key in keys),
        )
        for side, value in sums.items()
    )


def _known(name: str) -> Scale | None:
    return next((scale for scale in known_scales() if scale.name == name), None)
