"""Events against truth: one to one, least total time error (Hungarian method)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from host.gait.types import Trajectories

Timed = tuple[float, str]
"""Time in seconds, and the foot."""
ByKind = Mapping[str, Sequence[Timed]]
KINDS = ("initial_contact", "foot_off")
FEET = ("left", "right")
TOLERANCE_S = 0.1
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
        """Share of the true events that were found."""
        return len(self.errors_s) / self.n_true if self.n_true else float("nan")

    @property
    def precision(self) -> float:
        """Share of the found events that are true."""
        return len(self.errors_s) / self.n_found if self.n_found else float("nan")

    def __add__(self, other: Match) -> Match:
        return Match(
            self.n_true + other.n_true,
            self.n_found + other.n_found,
            self.errors_s + other.errors_s,
            self.feet_right + other.feet_right,
        )


EMPTY = Match(0, 0, (), 0)


def match(
    truth: Sequence[Timed],
    found: Sequence[Timed],
    tolerance_s: float = TOLERANCE_S,
    bias_s: float = 0.0,
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


@dataclass(frozen=True)
class Case:
    """One recording with truth.

    Attributes
    ----------
    name
        Of the recording.
    points
        Its key points.
    judged, known
        Events that must be found, and all true ones, by kind.
    spans
        Found events count inside these.
    tags
        What its truth says of the walk, to group figures by.
    """

    name: str
    points: Trajectories
    judged: ByKind
    known: ByKind
    spans: tuple[tuple[float, float], ...]
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Score:
    """Events of one method and kind over a set: counts, and errors after the offset."""

    true: int = 0
    found: int = 0
    real: int = 0
    feet: int = 0
    errors_s: list[float] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """Harmonic mean of recall and precision."""
        recall = len(self.errors_s) / max(self.true, 1)
        precision = self.real / max(self.found, 1)
        return 2 * recall * precision / max(recall + precision, 1e-9)


def score(
    cases: Sequence[Case], found: Sequence[ByKind], kind: str, offsets_s: Sequence[float]
) -> Score:
    """One method and kind over a set; one offset per case, taken from the found times."""
    total = Score()
    for case, events, offset in zip(cases, found, offsets_s, strict=True):
        shifted = [(t - offset, foot) for t, foot in events[kind]]
        inside = inside_spans(shifted, case.spans, 0.0)
        pairs = match(case.judged[kind], shifted)
        total.true += len(case.judged[kind])
        total.found += len(inside)
        total.real += len(match(case.known[kind], inside).errors_s)
        total.feet += pairs.feet_right
        total.errors_s += pairs.errors_s
    return total
