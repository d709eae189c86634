"""Lengths and speed from footprints on the floor, each with how sure its scale is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.gait.parameters.samples import Samples
from host.gait.parameters.temporal import step_pairs
from host.gait.scale.footprints import Footprints, WalkLine
from host.gait.scale.types import Array, Floor, Underfoot
from host.gait.track import Track
from host.gait.types import Bout, Event, Stride
from model_zoo.skeleton import Side

_LEAST_DRAWN = 0.8
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class _Walk:
    """One bout: its footprints, and which of them make strides and steps."""

    prints: Footprints
    direction: int
    strides: Indices
    """[n, 2]: first and last footprint of each stride."""
    stride_s: Array
    steps: Indices
    """[n, 2]: footprint of the other foot and of the landing one."""


class FloorMeasure:
    """Steps, strides, width and speed in the unit of the floor.

    Speed is the way between two footprints of a foot by the time between their contacts. The step
    width is signed, positive where the left foot stands to the left: the mean over steps is then
    free of the noise of single footprints, and crossed steps come out negative.

    Parameters
    ----------
    track
        The person, in pixels.
    floor
        Camera above the floor.
    """

    def __init__(self, track: Track, floor: Floor) -> None:
        self.track = track
        self.floor = floor

    def measure(
        self, bouts: tuple[Bout, ...], events: tuple[Event, ...], strides: tuple[Stride, ...]
    ) -> tuple[dict[str, Samples], dict[str, Samples], float]:
        """Lengths and speed of the clean strides, in the floor's unit and in body heights.

        Returns
        -------
        The samples by name with their ``scale_sd``; the same in body heights; and the angle of the
        view in degrees (0 from the side, 90 from the front), NaN without footprints.
        """
        walks = [self._walk(bout, events, strides) for bout in bouts]
        found, angle_deg = _values(walks, self.floor.best)
        drawn = [(_values(walks, draw)[0], draw.stature) for draw in self.floor.draws]
        metric, relative = {}, {}
        for name, samples in found.items():
            usual = samples.mean() if samples.n else float("nan")
            others = np.array([d[name].mean() if d[name].n else np.nan for d, _ in drawn])
            statures = np.array([stature for _, stature in drawn])
            metric[name] = samples.with_scale_sd(_spread(others / usual))
            own = others / statures / (usual / self.floor.stature)
            relative[name] = samples.times(1 / self.floor.stature).with_scale_sd(_spread(own))
        return metric, relative, angle_deg

    def _walk(self, bout: Bout, events: tuple[Event, ...], strides: tuple[Stride, ...]) -> _Walk:
        own = [s for s in strides if s.bout == bout.index and not s.excluded]
        prints = Footprints.of(self.track, bout, events, own)
        feet = [Side.RIGHT if right else Side.LEFT for right in prints.right]
        number = {key: i for i, key in enumerate(zip(prints.contact_s, feet, strict=True))}
        paced = [(number[s.start_s, s.foot], number[s.end_s, s.foot]) for s in own]
        pairs = step_pairs(events, own)
        steps = [(number[a.time_s, a.foot], number[b.time_s, b.foot]) for a, b in pairs]
        return _Walk(
            prints,
            bout.direction,
            np.array(paced, dtype=np.intp).reshape(-1, 2),
            np.array([s.end_s - s.start_s for s in own]),
            np.array(steps, dtype=np.intp).reshape(-1, 2),
        )


def _values(walks: list[_Walk], under: Underfoot) -> tuple[dict[str, Samples], float]:
    """All samples seen through one camera, and the mean angle of the view in degrees."""
    names = ("walking_speed", "stride_length", "step_length", "step_width")
    rows: dict[str, list[tuple[Array, NDArray[np.bool_], int]]] = {name: [] for name in names}
    angles = []
    for walk in walks:
        placed = WalkLine().place(walk.prints, under)
        if placed is None:
            continue
        way = placed.along[walk.strides[:, 1]] - placed.along[walk.strides[:, 0]]
        foot = walk.prints.right[walk.strides[:, 1]]
        rows["stride_length"].append((way, foot, 0))
        rows["walking_speed"].append((way / walk.stride_s, foot, 0))
        other, landing = walk.steps.T
        foot = walk.prints.right[landing]
        step = placed.along[landing] - placed.along[other]
        rows["step_length"].append((step, foot, walk.direction))
        width = (placed.across[landing] - placed.across[other]) * np.where(foot, -1.0, 1.0)
        rows["step_width"].append((width, foot, 0))
        sight = placed.middle / np.hypot(*placed.middle)
        angles.append(float(np.degrees(np.arcsin(min(1.0, abs(float(placed.heading @ sight)))))))
    angle = float(np.mean(angles)) if angles else float("nan")
    return {name: _joined(rows[name]) for name in names}, angle


def _joined(rows: list[tuple[Array, NDArray[np.bool_], int]]) -> Samples:
    value = np.concatenate([r[0] for r in rows]) if rows else np.zeros(0)
    right = np.concatenate([r[1] for r in rows]) if rows else np.zeros(0, dtype=bool)
    ways = [np.full(len(r[0]), r[2], dtype=np.int64) for r in rows]
    direction = np.concatenate(ways) if ways else np.zeros(0, dtype=np.int64)
    seen = np.isfinite(value)
    return Samples(value[seen], right[seen], direction[seen])


def _spread(ratios: Array) -> float:
    """Relative SD of what the draws give, by their middle two thirds; infinite where many fail."""
    seen = ratios[np.isfinite(ratios)]
    if len(seen) < max(2, _LEAST_DRAWN * len(ratios)):
        return float("inf")
    low, high = np.percentile(seen, [15.87, 84.13])
    return float((high - low) / 2)
