"""Events against truth: one to one, least total time error (Hungarian method)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

_NO_PAIR = 1e3
_WRONG_FOOT_S = 0.02


@dataclass(frozen=True)
class Match:
    """Score of found against true events, each a (time_s, foot) pair.

    Attributes
    ----------
    n_true, n_found
        Counts; found ones inside the labelled spans only.
    errors_s
        found - true of the pairs.
    feet_right
        Pairs whose foot is named rightly.
    """

    n_true: int
    n_found: int
    errors_s: tuple[float, ...]
    feet_right: int

    @property
    def recall(self) -> float:
        return len(self.errors_s) / self.n_true if self.n_true else float("nan")

    @property
    def precision(self) -> float:
        return len(self.errors_s) / self.n_found if self.n_found else float("nan")

    def __add__(self, other: Match) -> Match:
        return Match(
            self.n_true + other.n_true,
            self.n_found + other.n_found,
            self.errors_s + other.errors_s,
            self.feet_right + other.feet_right,
        )


EMPTY = Match(0, 0, (), 0)

Timed = tuple[float, str]


def match(
    truth: Sequence[Timed], found: Sequence[Timed], tolerance_s: float = 0.1, bias_s: float = 0.0
) -> Match:
    """Pair events within the tolerance; of two candidates the rightly named foot is taken.

    ``bias_s`` is taken from the found times before they are compared.
    """
    cost = np.full((len(truth), len(found)), _NO_PAIR)
    for i, (time_s, foot) in enumerate(truth):
        for j, (seen_s, other) in enumerate(found):
            error = abs(seen_s - bias_s - time_s)
            if error <= tolerance_s + 1e-9:
                cost[i, j] = error + _WRONG_FOOT_S * (foot != other)
    rows, columns = linear_sum_assignment(cost)
    pairs = [(i, j) for i, j in zip(rows, columns, strict=True) if cost[i, j] < _NO_PAIR]
    return Match(
        len(truth),
        len(found),
        tuple(found[j][0] - bias_s - truth[i][0] for i, j in pairs),
        sum(truth[i][1] == found[j][1] for i, j in pairs),
    )


def inside_spans(
    found: Sequence[Timed], spans: Sequence[tuple[float, float]], margin_s: float = 0.3
) -> list[Timed]:
    """Found events within a labelled span, widened by a margin; the others are not judged."""
    return [e for e in found if any(a - margin_s <= e[0] <= b + margin_s for a, b in spans)]
