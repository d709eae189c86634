"""All patterns by name, in two independent descriptions.

The first description multiplies a healthy walk by factors in three steps; the second
(:mod:`quantize.render.pathology.second`) aims at absolute targets from other sources, with other
compensations. A method that was made with one is tested on the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from model_zoo.skeleton import Side
from quantize.render.pathology import (
    antalgic,
    ataxic,
    crouch,
    foot_drop,
    hemiparetic,
    parkinsonian,
    second,
    trendelenburg,
)
from quantize.render.pathology.edit import Severity
from quantize.render.plan import Gait

Change = Callable[[Gait, Side, Severity], Gait]
FIRST: dict[str, Change] = {
    "hemiparetic": hemiparetic.change,
    "parkinsonian": parkinsonian.change,
    "ataxic": ataxic.change,
    "antalgic": antalgic.change,
    "crouch": crouch.change,
    "foot_drop": foot_drop.change,
    "trendelenburg": trendelenburg.change,
}
ONE_SIDED = frozenset({"hemiparetic", "antalgic", "foot_drop", "trendelenburg"})
"""Patterns that have a side; the others are given :attr:`Side.LEFT` by convention."""


@dataclass(frozen=True)
class Pattern:
    """Which pattern a walk shows.

    ``name`` and ``severity`` (mild, moderate, severe) in lower case; ``side`` left or right (the
    affected one) or both; ``description`` 1 or 2.
    """

    name: str
    severity: str
    side: str
    description: int

    def __post_init__(self) -> None:
        if self.name not in FIRST:
            raise ValueError(f"there is no pattern {self.name!r}; known: {', '.join(FIRST)}")
        if self.severity.upper() not in Severity.__members__:
            raise ValueError(f"a severity is mild, moderate or severe, not {self.severity!r}")
        sides = ("left", "right") if self.name in ONE_SIDED else ("both",)
        if self.side not in sides:
            raise ValueError(f"the side of {self.name} is {' or '.join(sides)}, not {self.side!r}")
        if self.description not in (1, 2):
            raise ValueError(f"a pattern's description is 1 or 2, not {self.description}")

    def change(self, gait: Gait) -> Gait:
        """A walk with this pattern, made from a healthy one."""
        side = Side(self.side) if self.name in ONE_SIDED else Side.LEFT
        table = FIRST if self.description == 1 else second.SECOND
        return table[self.name](gait, side, Severity[self.severity.upper()])
