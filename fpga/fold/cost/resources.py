"""What a node takes of the part."""

from __future__ import annotations

from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Cost:
    """Resources of a node or of many.

    Attributes
    ----------
    lut
        Look-up tables used as logic.
    lutram
        Look-up tables used as memory or shift register; they come on top of ``lut``.
    ff
        Flip-flops.
    bram18
        Block memories of 18 kbit.
    dsp
        Multipliers.
    """

    lut: int = 0
    lutram: int = 0
    ff: int = 0
    bram18: int = 0
    dsp: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def lut_sites(self) -> int:
        """Look-up tables of both uses: what the part's number of them limits."""
        return self.lut + self.lutram


def total(costs: list[Cost]) -> Cost:
    """Sum of many."""
    return sum(costs, Cost())
