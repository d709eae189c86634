"""Times of steps and strides and the phases of the gait cycle.

Definitions (right leg): step time R = contact R - contact L before it; stride time = contact to
next contact of the same foot; stance = foot off - contact; swing = next contact - foot off; double
support = initial (contact R to foot off L) + terminal (contact L to foot off R); single support R =
swing of the left foot inside R's stride. Phases in percent of the stride.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from host.gait.parameters.samples import Samples
from host.gait.types import Event, Stride
from model_zoo.skeleton import Side


@dataclass(frozen=True)
class TemporalSamples:
    """Samples of one recording: times in seconds, phases in percent of the stride."""

    step_time_s: Samples
    stride_time_s: Samples
    stance_percent: Samples
    swing_percent: Samples
    double_support_percent: Samples
    single_support_percent: Samples


def temporal_samples(events: tuple[Event, ...], strides: tuple[Stride, ...]) -> TemporalSamples:
    """Samples from the clean strides; a step counts when it lies in such a stride."""
    clean = [s for s in strides if not s.excluded]
    phases = [(s, _phases(s, events)) for s in clean]
    stance = [(100 * (s.foot_off_s - s.start_s) / (s.end_s - s.start_s), s.foot) for s in clean]
    return TemporalSamples(
        Samples.of(steps(events, clean)),
        Samples.of([(s.end_s - s.start_s, s.foot) for s in clean]),
        Samples.of(stance),
        Samples.of([(100 - v, side) for v, side in stance]),
        Samples.of([(double, s.foot) for s, (double, _) in phases]),
        Samples.of([(single, s.foot) for s, (_, single) in phases]),
    )


def step_pairs(events: tuple[Event, ...], clean: list[Stride]) -> list[tuple[Event, Event]]:
    """Successive contacts of different feet inside at least one clean stride."""
    contacts = [e for e in events if e.kind == "initial_contact"]
    out = []
    for before, after in pairwise(contacts):
        if before.bout != after.bout or before.foot is after.foot:
            continue
        if any(
            s.bout == before.bout and s.start_s <= before.time_s and after.time_s <= s.end_s
            for s in clean
        ):
            out.append((before, after))
    return out


def steps(events: tuple[Event, ...], clean: list[Stride]) -> list[tuple[float, Side]]:
    """(step time in s, foot that lands) in order of time."""
    return [(b.time_s - a.time_s, b.foot) for a, b in step_pairs(events, clean)]


def _phases(stride: Stride, events: tuple[Event, ...]) -> tuple[float, float]:
    """Double and single support of one stride in percent; NaN where an event is missing."""
    other = [
        e
        for e in events
        if e.bout == stride.bout
        and e.foot is not stride.foot
        and stride.start_s < e.time_s < stride.end_s
    ]
    offs = [e.time_s for e in other if e.kind == "foot_off"]
    contacts = [e.time_s for e in other if e.kind == "initial_contact"]
    if len(offs) != 1 or len(contacts) != 1 or not np.isfinite(stride.foot_off_s):
        return float("nan"), float("nan")
    if not stride.start_s <= offs[0] <= contacts[0] <= stride.foot_off_s <= stride.end_s:
        return float("nan"), float("nan")
    scale = 100 / (stride.end_s - stride.start_s)
    double = (offs[0] - stride.start_s) + (stride.foot_off_s - contacts[0])
    return double * scale, (contacts[0] - offs[0]) * scale
