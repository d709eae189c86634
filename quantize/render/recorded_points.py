"""Recorded walks as key points alone, turns and all: ``python -m quantize render --recorded NAME``.

Unlike ``--walks`` nothing is fitted to a schedule of contacts, so no clip is refused and no events
are known: poses for networks that need none. Files as :class:`quantize.render.walk_points` writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_zoo.skeleton import INDEX, N_KEYPOINTS
from quantize.data.storage import claim
from quantize.render.body import BodyModel, BodyRanges
from quantize.render.mocap import MocapLibrary, Retarget
from quantize.render.points import PointSkin
from quantize.render.style import StyleRanges, vary
from quantize.render.walk_file import WalkPoints
from quantize.render.walks import MocapRanges

_JOINTS = {"shoulder": "clavicle", "elbow": "humerus", "wrist": "radius"}
_JOINTS |= {"hip": "hipjoint", "knee": "femur", "ankle": "tibia"}
"""Key point and the mocap bone at whose end that joint lies, both without the side."""


@dataclass(frozen=True)
class RecordedRecipe:
    """Which clips are walked and by how many bodies each.

    ``varied``: copies of each clip with a body and a variation of the motion each; ``plain``:
    copies as recorded, on bodies; ``joints``: whether each clip also appears as the recorded
    person's own joint centres, without face and feet.
    """

    seed: int
    varied: int
    plain: int
    joints: bool
    body: BodyRanges
    mocap: MocapRanges
    style: StyleRanges


def draw_recorded(recipe: RecordedRecipe, mocap: Path) -> Iterator[WalkPoints]:
    """All walks of a recipe; ``tags["source"]`` names clip and subject, ``tags["body"]`` who."""
    library, model = MocapLibrary(mocap), BodyModel()
    ranges = recipe.mocap
    chosen = library.choose(
        ranges.subjects, ranges.trials, ranges.without_subjects, ranges.without_trials
    )
    retarget = Retarget(model, library.joints)
    for i in chosen:
        clip = library.clip(i)
        tags = {"source": f"cmu {clip.trial}", "subject": clip.subject, "pathology": "none"}
        if recipe.joints:
            yield _joint_centres(library, i, tags)
        for copy in range(recipe.varied + recipe.plain):
            rng = np.random.default_rng([recipe.seed, i, copy])
            person = model.person(rng, recipe.body)
            shape = model.shape(person.phenotype)
            walked = vary(rng, clip, recipe.style) if copy < recipe.varied else clip
            points = PointSkin(model, shape).points(*retarget(shape, walked))
            points[..., 2] -= points[..., 2].min(axis=1).mean()
            kind = "varied" if copy < recipe.varied else "plain"
            yield WalkPoints(
                points, clip.rate_hz, person.stature_m, np.zeros((0, 3)), {**tags, "body": kind}
            )


def _joint_centres(library: MocapLibrary, i: int, tags: dict[str, str]) -> WalkPoints:
    """The recorded joint centres of the twelve body joints; the other points are NaN."""
    places = library.places_m(i)
    points = np.full((len(places), N_KEYPOINTS, 3), np.nan)
    for name, bone in _JOINTS.items():
        for side in ("left", "right"):
            points[:, INDEX[f"{side}_{name}"]] = places[:, library.joints.index(side[0] + bone)]
    stature = float("nan")
    rate = library.clip(i).rate_hz
    return WalkPoints(points, rate, stature, np.zeros((0, 3)), {**tags, "body": "joints"})


def write_recorded(
    recipe: RecordedRecipe, name: str, out: Path, mocap: Path, told: Callable[[int], None]
) -> int:
    """Write all walks of a recipe as ``walk-00000.npz``; ``told`` hears each number.

    Returns how many there are.

    Raises
    ------
    ValueError
        When ``out`` holds walks of another recipe.
    """
    claim(out, f"{name}\n{recipe}\n")
    number = 0
    for number, walk in enumerate(draw_recorded(recipe, mocap), start=1):
        path = out / f"walk-{number - 1:05d}.npz"
        path.write_bytes(walk.to_bytes())
        told(number)
    return number
