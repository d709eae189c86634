"""Lengths and speed, from feet that stand and a pelvis that moves on.

A foot's place is where its heel rests: the median of its forward position between ``_REST`` of the
stride after its contact (foot flat), not a single frame at the contact. Stride length = place to
next place of the same foot; step length = place of the landing foot ahead of the other foot's place
(negative in a step-to gait); speed = way of the pelvis over a stride divided by its time (the
pelvis is the steadiest point).

Pixels become metres at the local scale: stature in metres over stature in pixels at that moment, so
that a person who comes nearer does not walk faster. A path that is turned against the picture by
the angle of the view looks shorter by its cosine, which is taken back. A camera
that is turned by an angle sees one foot ahead of the other by the step width times its sine, which
lengthens the steps of one side and shortens the other's (6 % at 14 degrees, on rendered walkers);
strides and the mean of both sides are free of it, one side's step length is not. Walking back turns
it round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from host.codes import ViewKind
from host.gait.body import BodySize
from host.gait.parameters.samples import Samples
from host.gait.parameters.temporal import step_pairs
from host.gait.signals import Array, bridged, low_pass
from host.gait.track import Track
from host.gait.types import Bout, Event, Stride, View
from model_zoo.skeleton import Side

# Part of the stride after a contact in which the foot is flat on the floor (Perry 1992: 12 to 31
# %).
_REST = (0.12, 0.31)


@dataclass(frozen=True)
class SpatialSamples:
    """Samples of one recording, metres and metres per second.

    ``step_length_by_direction`` holds the step lengths of each walking direction that was seen.
    """

    walking_speed: Samples
    stride_length: Samples
    step_length: Samples
    step_width: Samples
    step_length_by_direction: tuple[Samples, ...]


@dataclass(frozen=True)
class _Ground:
    """Forward way in metres of pelvis and heels of one bout."""

    time_s: Array
    pelvis: Array
    heel: dict[Side, Array]
    lateral: dict[Side, Array]


class SpatialMeasure:
    """Measures lengths in metres.

    Parameters
    ----------
    track, body
        The person.
    height_m
        Stature in metres; needed only where the track is in pixels.
    view
        From where the camera sees the walk.
    """

    def __init__(self, track: Track, body: BodySize, height_m: float | None, view: View) -> None:
        self.track = track
        self.body = body
        self.height_m = height_m
        self.view = view

    def metres_per_unit(self) -> Array | None:
        """Local scale per grid sample; None without stature."""
        if self.track.unit == "m":
            return np.ones(len(self.track.time_s))
        if self.height_m is None or not self.body.known:
            return None
        return self.height_m / self.body.height

    def measure(
        self, bouts: tuple[Bout, ...], events: tuple[Event, ...], strides: tuple[Stride, ...]
    ) -> SpatialSamples | None:
        """Samples of all clean strides; None without a scale."""
        scale = self.metres_per_unit()
        if scale is None:
            return None
        if self.view.kind is ViewKind.SIDE:
            scale = scale / np.cos(np.radians(self.view.angle_deg))
        clean = [s for s in strides if not s.excluded]
        speed, stride_m, step_m, width_m = [], [], [], []
        directed: dict[int, list[tuple[float, Side]]] = {}
        for bout in bouts:
            ground = self._ground(bout, scale)
            own = [s for s in clean if s.bout == bout.index]
            stride_s = float(np.median([s.end_s - s.start_s for s in own])) if own else 1.1
            for s in own:
                way = _at(ground, ground.pelvis, s.end_s) - _at(ground, ground.pelvis, s.start_s)
                speed.append((way / (s.end_s - s.start_s), s.foot))
                place = [_place(ground, s.foot, t, stride_s) for t in (s.start_s, s.end_s)]
                stride_m.append((place[1] - place[0], s.foot))
            for before, after in step_pairs(events, own):
                places = [_place(ground, e.foot, e.time_s, stride_s) for e in (before, after)]
                step_m.append((places[1] - places[0], after.foot))
                directed.setdefault(bout.direction, []).append(step_m[-1])
                sides = [
                    _place(ground, e.foot, e.time_s, stride_s, lateral=True)
                    for e in (before, after)
                ]
                width_m.append((abs(sides[1] - sides[0]), after.foot))
        return SpatialSamples(
            walking_speed=Samples.of(speed),
            stride_length=Samples.of(stride_m),
            step_length=Samples.of(step_m),
            step_width=Samples.of(width_m),
            step_length_by_direction=tuple(Samples.of(v) for v in directed.values()),
        )

    def _ground(self, bout: Bout, scale: Array) -> _Ground:
        track = self.track
        pelvis = low_pass(bridged(track.middle("hip", 0)), 6.0)
        moved = bout.direction * np.gradient(pelvis) * scale
        way = np.concatenate(([0.0], np.cumsum((moved[1:] + moved[:-1]) / 2)))
        heel, lateral = {}, {}
        for side in Side:
            xyz = track.xyz[:, track.foot("heel", side)]
            heel[side] = bout.direction * (low_pass(xyz[:, 0], 6.0) - pelvis) * scale + way
            lateral[side] = xyz[:, 1] * scale
        return _Ground(track.time_s, way, heel, lateral)


def _at(ground: _Ground, values: Array, time_s: float) -> float:
    return float(np.interp(time_s, ground.time_s, values))


def _place(
    ground: _Ground, side: Side, contact_s: float, stride_s: float, *, lateral: bool = False
) -> float:
    """Where the foot rests after a contact, metres; NaN where it is not seen."""
    start, stop = (contact_s + share * stride_s for share in _REST)
    rows = (ground.time_s >= start) & (ground.time_s <= stop)
    values = (ground.lateral if lateral else ground.heel)[side][rows]
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else float("nan")
