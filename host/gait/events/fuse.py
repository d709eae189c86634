"""Candidates of several methods and both feet into one sequence of events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from host.gait.events.base import Candidate, Kind
from host.gait.sources import Source
from model_zoo.skeleton import Side


@dataclass(frozen=True)
class Fused:
    """One event that at least one method saw.

    Attributes
    ----------
    time_s
        On the time base of the first method that saw it, offset of the source taken away.
    confidence
        0..1.
    spread_s
        Largest distance of the methods' times after their constant difference is taken away; NaN
        when only one method saw it.
    """

    kind: Kind
    side: Side
    time_s: float
    confidence: float
    spread_s: float


class Fuser:
    """Joins the methods' candidates foot by foot.

    The first method in the list leads: its times are kept, because their constant offset is the
    best known; the others confirm, or stand in where the leader saw nothing. A constant difference
    between two methods (each has its own definition of contact) is measured within the recording,
    as the median over joint events, and taken away before times are compared, so that nothing is
    assumed about it.

    Parameters
    ----------
    match_s
        Two methods mean the same event up to this distance, seconds.
    agree_s
        They agree up to this distance after alignment, seconds (80 ms: own rule).
    """

    def __init__(self, *, match_s: float = 0.2, agree_s: float = 0.08) -> None:
        self.match_s = match_s
        self.agree_s = agree_s

    def fuse(
        self, by_method: dict[str, list[Candidate]], source: Source, kind: Kind
    ) -> list[Fused]:
        """Events of one kind, both feet, in order of time.

        Parameters
        ----------
        by_method
            Candidates of both feet per method name; the first method leads.
        source
            Constants of the keypoint source.
        kind
            Kind of the events.
        """
        shifted = {
            name: [
                Candidate(c.kind, c.side, c.time_s - source.offset_s(name, kind.value), c.strength)
                for c in found
                if c.kind is kind
            ]
            for name, found in by_method.items()
        }
        lead, *others = shifted.values()
        for other in others:
            lead_in = self._difference(lead, other)
            other[:] = [Candidate(c.kind, c.side, c.time_s - lead_in, c.strength) for c in other]
        out: list[Fused] = []
        for side in Side:
            out += self._foot([[c for c in m if c.side is side] for m in (lead, *others)])
        return sorted(out, key=lambda event: (event.time_s, event.confidence))

    def _difference(self, lead: list[Candidate], other: list[Candidate]) -> float:
        """Median time of ``other`` after ``lead`` over events that both saw, seconds."""
        gaps = [g for c in lead if (g := _nearest_gap(c, other)) is not None]
        near = [g for g in gaps if abs(g) <= self.match_s]
        return float(np.median(near)) if len(near) >= 2 else 0.0

    def _foot(self, methods: list[list[Candidate]]) -> list[Fused]:
        out: list[Fused] = []
        taken: list[set[int]] = [set() for _ in methods]
        for level, found in enumerate(methods):
            for index, candidate in enumerate(found):
                if index in taken[level]:
                    continue
                group = [candidate]
                for later in range(level + 1, len(methods)):
                    match = self._match(candidate, methods[later], taken[later])
                    if match is not None:
                        taken[later].add(match)
                        group.append(methods[later][match])
                out.append(self._joined(group, level, len(methods)))
        return out

    def _match(self, candidate: Candidate, others: list[Candidate], taken: set[int]) -> int | None:
        free = [i for i in range(len(others)) if i not in taken]
        if not free:
            return None
        best = min(free, key=lambda i: abs(others[i].time_s - candidate.time_s))
        return best if abs(others[best].time_s - candidate.time_s) <= self.match_s else None

    def _joined(self, group: list[Candidate], level: int, n_methods: int) -> Fused:
        first = group[0]
        gaps = [abs(c.time_s - first.time_s) for c in group[1:]]
        agreeing = sum(gap <= self.agree_s for gap in gaps)
        support = agreeing / max(1, n_methods - 1)
        lead = 1.0 if level == 0 else 0.6
        confidence = lead * (0.5 * min(1.0, first.strength) + 0.2) + 0.3 * support
        spread = max(gaps) if gaps else float("nan")
        return Fused(first.kind, first.side, first.time_s, min(1.0, confidence), spread)


def _nearest_gap(candidate: Candidate, others: list[Candidate]) -> float | None:
    gaps = [c.time_s - candidate.time_s for c in others if c.side is candidate.side]
    return min(gaps, key=abs) if gaps else None
