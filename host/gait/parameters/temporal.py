"""Times of steps and strides and the phases of the gait cycle.

Definitions (right leg): step time R = contact R - contact L before it; stride time = contact to
next contact of the same foot; stance = foot off - contact; swing = next contact - foot off; double
support = initial (contact R to foot off L) + terminal (contact L to foot off R); single support R =
swing of the left foot inside R's stride. Phases in percent of the stride.

Means from contact to contact are Huber's (:mod:`host.gait.parameters.robust`): on 135 walks with
sensors cadence then errs by 0.56 instead of 0.65 steps/min, one side's step time by 11.9 instead of
12.1 ms. Which means are Huber's was chosen on all of these walks: the stance is no better with it.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from host.gait.parameters.samples import Measured, Samples
from host.gait.types import Event, Stride
from model_zoo.skeleton import Side


def temporal_samples(events: tuple[Event, ...], strides: tuple[Stride, ...]) -> Measured:
    """Times in seconds and phases in percent of the stride, from the clean strides.

    A step counts when it lies in such a stride.
    """
    clean = [s for s in strides if not s.excluded]
    whole = [s.end_s - s.start_s for s in clean]
    stance = [s.foot_off_s - s.start_s for s in clean]
    phases = [_phases(s, events) for s in clean]
    double, single = ([p[i] for p in phases] for i in (0, 1))

    def of(values: list[float]) -> Samples:
        return Samples.of([(v, s.foot) for v, s in zip(values, clean, strict=True)])

    def percent(values: list[float]) -> list[float]:
        return [100 * v / t for v, t in zip(values, whole, strict=True)]

    return {
        "step_time": Samples.of(steps(events, clean)).with_robust_means(),
        "stride_time": of(whole).with_robust_means(),
        "stance_time": of(stance),
        "swing_time": of([t - v for t, v in zip(whole, stance, strict=True)]),
        "stance_percent": of(percent(stance)),
        "swing_percent": of([100 - v for v in percent(stance)]),
        "double_support_percent": of(double),
        "single_support_percent": of(single),
    }


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
