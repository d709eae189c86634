"""What a scale is: read from the data files of this folder."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from host.codes import ScaleGap
from model_zoo.skeleton import Side

if sys.version_info >= (3, 11):
    import tomllib
else:  # Python 3.10: the board
    import tomli as tomllib

_OPEN = "open"


@dataclass(frozen=True)
class Rule:
    """How a measure becomes points.

    Attributes
    ----------
    measure
        Name of a measure of :mod:`host.diagnosis.scales.measures`.
    side
        ``"own"`` (the item's side), ``"worst"``, ``"affected"``, ``"other"`` or ``"none"``.
    limits
        Ascending; level ``k`` holds values from ``limits[k - 1]`` on and below ``limits[k]``.
    points
        One per level; None where the limits do not tell.
    basis
        Where the limits come from.
    """

    measure: str
    side: str
    limits: tuple[float, ...]
    points: tuple[float | None, ...]
    basis: str

    def __post_init__(self) -> None:
        if len(self.points) != len(self.limits) + 1:
            raise ValueError(f"{self.measure}: {len(self.limits)} limits need one point more")
        if list(self.limits) != sorted(self.limits):
            raise ValueError(f"{self.measure}: limits must ascend")


@dataclass(frozen=True)
class ScaleItem:
    """One item: a rule, or the reason why nothing is suggested.

    Attributes
    ----------
    code
        Key of its name, ``scale_item.SCALE_CODE``.
    lowest, highest
        Range of its points; None where it has none.
    weight
        By which its points enter the total.
    sides
        ``(LEFT, RIGHT)`` where each leg is rated, ``(None,)`` where it is rated once.
    related
        Parameters to show beside it.
    """

    code: str
    lowest: float | None
    highest: float | None
    weight: float
    sides: tuple[Side | None, ...]
    rule: Rule | None
    gap: ScaleGap | None
    related: tuple[str, ...]

    def __post_init__(self) -> None:
        if (self.rule is None) == (self.gap is None):
            raise ValueError(f"{self.code}: either a rule or a gap")
        for points in self.rule.points if self.rule else ():
            if points is not None and not (self.lowest or 0) <= points <= (self.highest or 0):
                raise ValueError(f"{self.code}: {points} points are outside its range")


@dataclass(frozen=True)
class Scale:
    """One scale.

    Attributes
    ----------
    name
        Key of its name, ``scale.NAME``, and name of its file.
    kind
        ``"items"``, ``"number"`` or ``"related"`` (measurements only, for its rights).
    higher_is
        ``"worse"``, ``"better"`` or ``""``.
    lowest, highest
        Range of the total; None where there is none.
    source, rights
        Publication; what its owners allow.
    """

    name: str
    kind: str
    higher_is: str
    lowest: float | None
    highest: float | None
    source: str
    rights: str
    items: tuple[ScaleItem, ...]


@lru_cache(maxsize=1)
def known_scales() -> tuple[Scale, ...]:
    """All scales, in the order of their files' ``place``."""
    folder = Path(__file__).parent
    tables = [
        (path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.toml"))
    ]
    tables.sort(key=lambda pair: pair[1]["place"])
    return tuple(_scale(name, table) for name, table in tables)


def _scale(name: str, table: dict[str, Any]) -> Scale:
    return Scale(
        name,
        table["kind"],
        table.get("higher_is", ""),
        table.get("lowest"),
        table.get("highest"),
        table["source"],
        table["rights"],
        tuple(_item(entry) for entry in table["items"]),
    )


def _item(entry: dict[str, Any]) -> ScaleItem:
    rule = entry.get("rule")
    return ScaleItem(
        entry["code"],
        entry.get("lowest"),
        entry.get("highest"),
        entry.get("weight", 1.0),
        (Side.LEFT, Side.RIGHT) if entry.get("each_leg") else (None,),
        None if rule is None else _rule(rule),
        ScaleGap(entry["gap"]) if "gap" in entry else None,
        tuple(entry.get("related", ())),
    )


def _rule(table: dict[str, Any]) -> Rule:
    return Rule(
        table["measure"],
        table["side"],
        tuple(float(limit) for limit in table["limits"]),
        tuple(None if p == _OPEN else float(p) for p in table["points"]),
        table["basis"],
    )
