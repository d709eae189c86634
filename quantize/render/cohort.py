"""Many clips from a few lines: walkers with patterns, and healthy ones, drawn from ranges."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from quantize.render.body import BodyRanges
from quantize.render.gaits import GaitRanges, draw_gait
from quantize.render.pathology.patterns import FIRST, ONE_SIDED, Pattern
from quantize.render.plan import Changes, Gait
from quantize.render.ranges import Span, draw
from quantize.render.specs import CameraSpec, ClipSpec, PersonSpec


@dataclass(frozen=True)
class Cohort:
    """One clip of each pattern, severity and side in one description, and ``healthy`` others.

    ``seconds`` is how long a walker shall take past the camera: the camera stands nearer to slow
    walkers, within ``distance_m``. ``patterns`` are the names drawn (all where None); with
    ``yaw_either_way`` half of the cameras look from the other side. ``reach_m`` is how far from the
    middle of the path a walk begins and ends (:class:`~quantize.render.specs.ClipSpec`). Where
    ``fields_deg`` is given each camera's angle of view is drawn from it; ``field_deg`` then only
    sets how far away it stands.
    """

    seed: int
    rate_hz: float
    width: int
    height: int
    empty_s: float
    noise: float
    description: int
    severities: tuple[str, ...]
    healthy: int
    seconds: float
    yaw_deg: Span
    camera_height_m: Span
    distance_m: Span
    field_deg: float
    wall_behind_m: Span
    body: BodyRanges
    gait: GaitRanges
    patterns: tuple[str, ...] | None = None
    yaw_either_way: bool | None = None
    reach_m: float | None = None
    fields_deg: Span | None = None

    def clips(self) -> tuple[ClipSpec, ...]:
        """All clips, each from a seed of its own: the others do not change it."""
        patterns: list[Pattern | None] = [
            Pattern(name, severity, side, self.description)
            for name in (FIRST if self.patterns is None else self.patterns)
            for severity in self.severities
            for side in (("left", "right") if name in ONE_SIDED else ("both",))
        ]
        patterns += [None] * self.healthy
        return tuple(self._clip(k, pattern) for k, pattern in enumerate(patterns))

    def _clip(self, k: int, pattern: Pattern | None) -> ClipSpec:
        rng = np.random.default_rng([self.seed, k])
        gait = replace(draw_gait(rng, self.gait), spread=0.015, changes=Changes())
        walked = gait if pattern is None else pattern.change(gait)
        name = f"healthy-{k:02d}"
        if pattern is not None:
            name = f"{pattern.name}-{pattern.severity}-{pattern.side}"
        return ClipSpec(
            name,
            self.seed * 1000 + k,
            self.rate_hz,
            self.width,
            self.height,
            self.empty_s,
            draw(rng, self.wall_behind_m),
            self.noise,
            self._person(rng),
            self._camera(rng, walked),
            walked,
            None,
            pattern,
            reach_m=self.reach_m,
        )

    def _person(self, rng: np.random.Generator) -> PersonSpec:
        ranges = self.body
        old, female = rng.random() < ranges.old_share, bool(rng.random() < 0.5)
        return PersonSpec(
            draw(rng, ranges.age_old if old else ranges.age_other),
            female,
            draw(rng, ranges.stature_m_women if female else ranges.stature_m_men),
            draw(rng, ranges.muscle),
            draw(rng, ranges.weight),
            draw(rng, ranges.proportions),
        )

    def _camera(self, rng: np.random.Generator, gait: Gait) -> CameraSpec:
        half = self.seconds * gait.speed_m_s / 2
        distance = half / np.tan(np.deg2rad(self.field_deg) / 2)
        camera = CameraSpec(
            draw(rng, self.yaw_deg),
            draw(rng, self.camera_height_m),
            float(np.clip(distance, *self.distance_m)),
            self.field_deg,
            rng.uniform(-4.0, -1.0),
            bool(rng.random() < 0.5),
        )
        if self.yaw_either_way and rng.random() < 0.5:
            camera = replace(camera, yaw_deg=-camera.yaw_deg)
        if self.fields_deg is not None:
            camera = replace(camera, field_deg=draw(rng, self.fields_deg))
        return camera
