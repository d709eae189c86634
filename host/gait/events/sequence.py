"""The most plausible walk through all candidate contacts: feet take turns, at an even pace."""

from __future__ import annotations

import math

from host.gait.events.fuse import Fused


class StepSequence:
    """Chooses contacts by dynamic programming.

    Each contact earns its confidence less ``price``; each transition pays for an unlikely time: a
    step to the other foot is expected after half a stride, a step to the same foot (one contact in
    between not seen) after a whole stride and pays ``missing`` besides. The cost grows with the
    logarithm of the ratio of times, softly enough for a step-to gait. A gap of more than
    ``break_periods`` strides starts anew. Own design; the idea of one consistent sequence is that
    of the order check of OpenCap.

    Parameters
    ----------
    price
        What a contact must earn, 0..1.
    missing
        Cost of a contact that was not seen.
    stiffness
        Cost of a factor e in step time.
    min_share
        Two contacts of both feet are at least this share of the stride apart.
    break_periods
        Longest time between joined contacts, strides.
    """

    def __init__(
        self,
        *,
        price: float = 0.3,
        missing: float = 0.35,
        stiffness: float = 2.0,
        min_share: float = 0.15,
        break_periods: float = 1.6,
    ) -> None:
        self.price = price
        self.missing = missing
        self.stiffness = stiffness
        self.min_share = min_share
        self.break_periods = break_periods

    def choose(self, contacts: list[Fused], period_s: float) -> list[Fused]:
        """Chosen contacts in order of time."""
        best: list[float] = []
        previous: list[int] = []
        for i, contact in enumerate(contacts):
            gain, source = 0.0, -1
            for j in range(i):
                cost = self._cost(contacts[j], contact, period_s)
                if best[j] - cost > gain:
                    gain, source = best[j] - cost, j
            best.append(gain + contact.confidence - self.price)
            previous.append(source)
        chosen: list[Fused] = []
        index = max(range(len(best)), key=best.__getitem__, default=-1)
        if index < 0 or best[index] <= 0:
            return []
        while index >= 0:
            chosen.append(contacts[index])
            index = previous[index]
        return chosen[::-1]

    def _cost(self, before: Fused, after: Fused, period_s: float) -> float:
        gap = (after.time_s - before.time_s) / period_s
        if gap < self.min_share:
            return math.inf
        if gap > self.break_periods:
            return self.missing
        if before.side is after.side:
            return self.missing + self.stiffness * math.log(gap) ** 2
        return self.stiffness * math.log(2 * gap) ** 2
