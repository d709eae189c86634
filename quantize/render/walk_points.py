"""Walks as key points alone, with their contacts: ``python -m quantize render --walks NAME``.

No picture is drawn, so that thousands of strides cost what a few frames cost. One file per walk
(:mod:`quantize.render.walk_file`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import Side, part
from quantize.data.storage import claim
from quantize.render.body import BodyModel, BodyRanges, Person, Shape
from quantize.render.contacts import Schedule
from quantize.render.fitted import MocapWalk
from quantize.render.gaits import GaitRanges, draw_gait
from quantize.render.mocap import MocapLibrary
from quantize.render.parametric import ParametricWalk
from quantize.render.pathology.patterns import Pattern
from quantize.render.points import PointSkin
from quantize.render.ranges import Span, draw
from quantize.render.walk_file import WalkPoints
from quantize.render.walks import MocapRanges, PathologyRanges, impaired

Array = NDArray[np.float64]
_KINDS = ("initial_contact", "foot_off")
_SLIDE_M_S = 0.12
"""A heel that stands flat moves no faster: its key point lies inside the heel, not on the floor."""
_TRIES = 20


@dataclass(frozen=True)
class WalksRecipe:
    """A file of walks: how many, who walks, and how.

    ``bodies`` people are drawn; each walk is one of theirs. ``spread``: variation from step to
    step. ``[pathology]`` also tells which part of all walks are recorded ones; without any
    description the parametric walks are the first recipes' ones, whose feet push off more briskly.
    """

    seed: int
    count: int
    bodies: int
    rate_hz: float
    duration_s: Span
    spread: Span
    body: BodyRanges
    gait: GaitRanges
    pathology: PathologyRanges
    mocap: MocapRanges


class WalkStudio:
    """Draws walks by number; each has a seed of its own.

    Parameters
    ----------
    recipe
        What the walks are drawn from.
    mocap
        File of recorded walks; may be None where the recipe walks none.
    model
        The body model; loaded when None.
    """

    def __init__(
        self, recipe: WalksRecipe, mocap: Path | None, model: BodyModel | None = None
    ) -> None:
        self.recipe, self._model = recipe, model or BodyModel()
        self._bodies: dict[int, tuple[Person, Shape, PointSkin]] = {}
        if mocap is None:
            if recipe.pathology.recorded_share:
                raise ValueError("the recipe walks recorded trials: give --mocap")
            return
        self._library = MocapLibrary(mocap)
        ranges = recipe.mocap
        self._clips = self._library.choose(
            ranges.subjects, ranges.trials, ranges.without_subjects, ranges.without_trials
        )

    def walk(self, number: int) -> WalkPoints:
        """Walk ``number``.

        Raises
        ------
        ValueError
            When the ranges hardly allow any walk.
        """
        rng = np.random.default_rng([self.recipe.seed, number])
        body = int(rng.integers(self.recipe.bodies))
        for _ in range(_TRIES):
            try:
                walk = self._draw(rng, body)
            except ValueError:  # no double support, or a recording that is no straight walk
                continue
            if walk is not None:
                return walk
        raise ValueError(f"walk {number}: {_TRIES} draws gave no walk that keeps its contacts")

    def _body(self, number: int) -> tuple[Person, Shape, PointSkin]:
        if number not in self._bodies:
            rng = np.random.default_rng([self.recipe.seed, 1_000_000 + number])
            person = self._model.person(rng, self.recipe.body)
            shape = self._model.shape(person.phenotype)
            self._bodies[number] = person, shape, PointSkin(self._model, shape)
        return self._bodies[number]

    def _draw(self, rng: np.random.Generator, body: int) -> WalkPoints | None:
        recipe = self.recipe
        person, shape, skin = self._body(body)
        motion: MocapWalk | ParametricWalk
        tags: dict[str, Any] = {"body": body}
        if rng.random() < recipe.pathology.recorded_share:
            i = int(rng.choice(self._clips))
            motion = MocapWalk(self._model, shape, self._library, self._library.trials[i])
            tags |= {"source": f"cmu {self._library.trials[i]}", "pathology": "none"}
        else:
            gait = replace(draw_gait(rng, recipe.gait), spread=draw(rng, recipe.spread))
            pattern: Pattern | None = None
            if recipe.pathology.descriptions:
                gait, pattern = impaired(rng, gait, recipe.pathology)
            tags |= {"source": "parametric", "pathology": pattern.name if pattern else "none"}
            tags |= {"severity": pattern.severity, "side": pattern.side} if pattern else {}
            seed = int(rng.integers(1 << 30))
            duration = draw(rng, recipe.duration_s)
            motion = ParametricWalk(self._model, shape, gait, duration, seed=seed)
        first, last = motion.span_s
        time_s = np.arange(first, last, 1 / recipe.rate_hz)
        points = skin.points(*motion.pose(time_s))
        if not _stands(motion.schedule, time_s, points):
            return None
        events = _events(motion.schedule, first, float(time_s[-1]))
        return WalkPoints(points, recipe.rate_hz, person.stature_m, events, tags)


def _events(schedule: Schedule, first_s: float, last_s: float) -> Array:
    sides = [side.value for side in Side]
    return np.array(
        [
            (sides.index(e["foot"]), _KINDS.index(e["kind"]), e["time_s"])
            for e in schedule.events(first_s, last_s)
        ]
    ).reshape(-1, 3)


def _stands(schedule: Schedule, time_s: Array, points_m: Array) -> bool:
    """Whether every flat foot's heel stays where it is."""
    for contact in schedule.contacts:
        flat = (time_s >= contact.flat_s) & (time_s <= contact.heel_off_s)
        heel = points_m[flat, part("heel", contact.side)]
        if len(heel) > 1:
            way = np.linalg.norm(heel[-1] - heel[0])
            if way > _SLIDE_M_S * (time_s[flat][-1] - time_s[flat][0]):
                return False
    return True


def write_walks(
    recipe: WalksRecipe, name: str, out: Path, mocap: Path | None, told: Callable[[int], None]
) -> None:
    """Write all walks of a recipe that are not there yet; ``told`` hears each number.

    Raises
    ------
    ValueError
        When ``out`` holds walks of another recipe.
    """
    claim(out, f"{name}\n{recipe}\n")
    studio = WalkStudio(recipe, mocap)
    for number in range(recipe.count):
        path = out / f"walk-{number:05d}.npz"
        if path.exists():
            continue
        fresh = out / f".{path.name}.new"
        fresh.write_bytes(studio.walk(number).to_bytes())
        fresh.replace(path)
        told(number)
