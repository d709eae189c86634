"""Lengths and speed, from feet that stand and a pelvis that moves on.

A foot's place is where its heel rests: the median of its forward position between ``REST`` of the
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

from host.codes import Absence, ViewKind
from host.gait.body import BodySize
from host.gait.parameters.on_floor import FloorMeasure
from host.gait.parameters.samples import Measured, Samples
from host.gait.parameters.temporal import step_pairs
from host.gait.scale.evidence import STATURE_SD
from host.gait.scale.types import Floor
from host.gait.signals import Array, bridged, low_pass
from host.gait.track import Track
from host.gait.types import Bout, Event, Stride, View
from model_zoo.skeleton import Side

# Part of the stride after a contact in which the foot is flat on the floor (Perry 1992: 12 to 31
# %).
_REST = (0.12, 0.31)
# Dimensionless speed = v / sqrt(g l), the square root of the Froude number (Hof 1996, Gait Posture
# 4:222); leg length as share of stature as in the Mobilise-D library, after Winter (2009).
_GRAVITY = 9.81
_LEG_SHARE = 0.53
MAX_SCALE_SD = 0.12
"""A length whose scale is less sure is withheld: its interval would reach over a quarter of it."""
_METRIC = ("walking_speed", "dimensionless_speed", "stride_length", "step_length", "step_width")
_RELATIVE = ("relative_speed", "relative_step_length")


@dataclass(frozen=True)
class _Ground:
    """Forward way in metres of pelvis and heels of one bout."""

    time_s: Array
    pelvis: Array
    heel: dict[Side, Array]
    lateral: dict[Side, Array]


class SpatialMeasure:
    """Measures lengths.

    Parameters
    ----------
    track, body
        The person.
    height_m
        Stature in metres; needed only where the track is in pixels and the floor is not known.
    view
        From where the camera sees the walk.
    floor
        The camera above the floor; None where it is not known or not needed (points in metres).
    scale_sd
        Of a walk in depth, whose y points to the person's left: relative SD of lengths along the
        walk, through a lens that is not known exactly. None of all other walks.
    """

    def __init__(
        self,
        track: Track,
        body: BodySize,
        height_m: float | None,
        view: View,
        floor: Floor | None = None,
        scale_sd: float | None = None,
    ) -> None:
        self.track = track
        self.body = body
        self.height_m = height_m
        self.view = view
        self.floor = floor
        self.scale_sd = scale_sd

    def metres_per_unit(self) -> Array | None:
        """Local scale per grid sample; None without stature."""
        if self.track.unit == "m":
            return np.ones(len(self.track.time_s))
        stature_m = self.stature_m()
        if stature_m is None or not self.body.known:
            return None
        return stature_m / self.body.height

    def measure(
        self, bouts: tuple[Bout, ...], events: tuple[Event, ...], strides: tuple[Stride, ...]
    ) -> Measured:
        """Lengths and speed of all clean strides; without a scale those in body heights only."""
        if not self.body.known:
            return dict.fromkeys(_METRIC + _RELATIVE, Absence.TOO_FEW_STRIDES)
        stature_m, scale = self.stature_m(), self.metres_per_unit()
        metric: dict[str, Samples] | None = None
        if self.floor is not None:
            found, relative, _ = FloorMeasure(self.track, self.floor).measure(
                bouts, events, strides
            )
            metric = found if self.floor.metric else None
        else:
            relative = self._measured(1 / self.body.height, bouts, events, strides)
            if scale is not None:
                metric = self._measured(scale, bouts, events, strides)
        out: Measured = {
            "relative_speed": relative["walking_speed"],
            "relative_step_length": relative["step_length"],
        }
        if metric is None or stature_m is None:
            return out | dict.fromkeys(_METRIC, Absence.NO_SCALE)
        out |= metric
        out["dimensionless_speed"] = _dimensionless(
            metric["walking_speed"], relative["walking_speed"], stature_m
        )
        if metric["step_width"].n == 0 or self._too_flat_for_width():
            out["step_width"] = Absence.NOT_OBSERVABLE
        return {name: _sure(samples) for name, samples in out.items()}

    def _too_flat_for_width(self) -> bool:
        """Whether the width of the steps lies along the ray of sight."""
        return self.floor is not None and self.view.kind is ViewKind.SIDE

    def stature_m(self) -> float | None:
        """Stature in metres: that of the floor's fit, told, or measured on a track in metres."""
        if self.floor is not None:
            return self.floor.stature if self.floor.metric else None
        if self.height_m is not None:
            return self.height_m
        measured = self.track.unit == "m" and self.body.known
        return float(np.median(self.body.height)) if measured else None

    def _measured(
        self,
        scale: Array,
        bouts: tuple[Bout, ...],
        events: tuple[Event, ...],
        strides: tuple[Stride, ...],
    ) -> dict[str, Samples]:
        """Speed and lengths in the unit that ``scale`` (float64[N], per track unit) makes."""
        if self.view.kind is ViewKind.SIDE:
            scale = scale / np.cos(np.radians(self.view.angle_deg))
        clean = [s for s in strides if not s.excluded]
        speed, stride, step, width, directions = [], [], [], [], []
        for bout in bouts:
            ground = self._ground(bout, scale)
            own = [s for s in clean if s.bout == bout.index]
            stride_s = float(np.median([s.end_s - s.start_s for s in own])) if own else 1.1
            for s in own:
                way = _at(ground, ground.pelvis, s.end_s) - _at(ground, ground.pelvis, s.start_s)
                speed.append((way / (s.end_s - s.start_s), s.foot))
                place = [_place(ground, s.foot, t, stride_s) for t in (s.start_s, s.end_s)]
                stride.append((place[1] - place[0], s.foot))
            for before, after in step_pairs(events, own):
                pair = [(e.foot, e.time_s, stride_s) for e in (before, after)]
                places = [_place(ground, *one) for one in pair]
                sides = [_place(ground, *one, lateral=True) for one in pair]
                step.append((places[1] - places[0], after.foot))
                width.append((self._width(sides, after.foot), after.foot))
                directions.append(bout.direction)
        steps = Samples.of(step, directions)
        found = {
            "walking_speed": Samples.of(speed),
            "stride_length": Samples.of(stride),
            "step_length": steps,
            "step_width": Samples.of(width),
        }
        if self.scale_sd is not None:
            # The breadth of the picture is measured in statures, whatever the lens.
            whole_sd = float(np.hypot(self.scale_sd, STATURE_SD))
            found = {n: samples.with_scale_sd(whole_sd) for n, samples in found.items()}
            found["step_width"] = found["step_width"].with_scale_sd(STATURE_SD)
        if found["step_width"].n:
            # Points with a lateral coordinate show both feet alike from everywhere.
            found["step_length"] = found["step_length"].without_directions()
        return found

    def _width(self, lateral: list[float], landing: Side) -> float:
        """Distance across of two successive footprints, from one walk in depth with its sign.

        The mean over both sides is then free of a path that slants across the line of sight.
        """
        apart = lateral[1] - lateral[0]
        if self.scale_sd is None:
            return abs(apart)
        return apart if landing is Side.LEFT else -apart

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


def _dimensionless(metric: Samples, relative: Samples, stature_m: float) -> Samples:
    """Speed by the root of gravity and leg length: only the root of the told height enters."""
    told = max(metric.scale_sd**2 - relative.scale_sd**2, 0.0)
    return metric.times(1 / np.sqrt(_GRAVITY * _LEG_SHARE * stature_m)).with_scale_sd(
        float(np.sqrt(relative.scale_sd**2 + told / 4))
    )


def _sure(samples: Samples | Absence) -> Samples | Absence:
    """The samples, or why their scale is not good enough to tell them."""
    if isinstance(samples, Absence) or samples.n == 0 or samples.scale_sd <= MAX_SCALE_SD:
        return samples
    return Absence.SCALE_UNSURE


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
