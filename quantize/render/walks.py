"""Where the poses of single pictures come from: recorded walks, or the parametric walker."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import Side
from quantize.render.arms import ArmHold, hold_arms
from quantize.render.body import BodyModel, Person, Shape
from quantize.render.gaits import GaitRanges, draw_gait, random_moments
from quantize.render.mocap import MocapLibrary, Retarget
from quantize.render.pathology.edit import Severity
from quantize.render.pathology.patterns import FIRST, ONE_SIDED, Pattern
from quantize.render.plan import Changes, Gait
from quantize.render.style import StyleRanges, vary

Array = NDArray[np.float64]


@dataclass(frozen=True)
class MocapRanges:
    """Which clips of the mocap file are walked. Empty lists of what is wanted mean all."""

    subjects: tuple[str, ...]
    trials: tuple[str, ...]
    without_subjects: tuple[str, ...]
    without_trials: tuple[str, ...]


@dataclass(frozen=True)
class Walk:
    """A few poses of one person: what a source of motion hands to the studio.

    ``onward_m`` float[N, V, 3]: the way of each vertex in the following 1/60 s. ``tags`` go into
    the labels.
    """

    source: str
    vertices_m: Array
    onward_m: Array
    keypoints_m: Array
    heading_rad: Array
    tags: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class PathologyRanges:
    """Impaired walks among parametric ones.

    ``share`` of the parametric walks show a pattern in one of its two descriptions;
    ``recorded_share`` of all walks are recorded ones, where the recipe has these too.
    """

    share: float
    recorded_share: float
    descriptions: tuple[int, ...]


class MocapWalks:
    """Walks from the mocap file; subjects with many clips are drawn less often per clip."""

    def __init__(
        self, model: BodyModel, path: Path, ranges: MocapRanges, style: StyleRanges
    ) -> None:
        self._model = model
        self._library = MocapLibrary(path)
        self._retarget = Retarget(model, self._library.joints)
        self._style = style
        self._clips = self._library.choose(
            ranges.subjects, ranges.trials, ranges.without_subjects, ranges.without_trials
        )
        if not self._clips:
            raise ValueError(f"no clip of {path} is left by the recipe's subjects and trials")
        subject = np.array([self._library.subjects[i] for i in self._clips])
        share = np.array([1 / np.sqrt((subject == s).sum()) for s in subject])
        self._share = share / share.sum()

    def __call__(
        self,
        rng: np.random.Generator,
        person: Person,
        shape: Shape,
        n: int,
        holds: tuple[ArmHold, ...] = (),
    ) -> Walk:
        """``n`` poses at random moments of one clip, lowest point on the floor."""
        clip = self._library.clip(int(rng.choice(self._clips, p=self._share)))
        varied = vary(rng, clip, self._style)
        turn, root = self._retarget(shape, varied)
        moment = np.sort(rng.choice(len(turn), n, replace=len(turn) < n))
        heading = clip.heading_rad[moment]
        both = np.concatenate([moment, np.minimum(moment + 1, len(turn) - 1)])
        turn, root = turn[both], root[both]
        hold_arms(self._model, shape, turn, np.tile(heading, 2), holds)
        vertices, onward, keypoints = _posed(self._model, person, shape, turn, root)
        floor = vertices[..., 2].min(1)[:, None]
        vertices[..., 2] -= floor
        keypoints[..., 2] -= floor
        return Walk(f"cmu {clip.trial}", vertices, onward * clip.rate_hz / 60, keypoints, heading)


class ParametricWalks:
    """Walks of the parametric walker, healthy or impaired; no file is needed."""

    def __init__(
        self, model: BodyModel, ranges: GaitRanges, pathology: PathologyRanges | None = None
    ) -> None:
        self._model, self._ranges, self._pathology = model, ranges, pathology

    def __call__(
        self,
        rng: np.random.Generator,
        person: Person,
        shape: Shape,
        n: int,
        holds: tuple[ArmHold, ...] = (),
    ) -> Walk:
        """``n`` poses at random moments of one walk."""
        first = Side.LEFT if rng.random() < 0.5 else Side.RIGHT
        gait = draw_gait(rng, self._ranges)
        tags: dict[str, object] = {}
        if self._pathology is not None:
            gait, pattern = impaired(rng, gait, self._pathology)
            tags = {"pathology": "none"} if pattern is None else _tags(pattern)
        turn, root = random_moments(rng, self._model, shape, gait, first, n)
        hold_arms(self._model, shape, turn, np.zeros(len(turn)), holds)
        vertices, onward, keypoints = _posed(self._model, person, shape, turn, root)
        return Walk("parametric", vertices, onward, keypoints, np.zeros(n), tags)


def impaired(
    rng: np.random.Generator, gait: Gait, ranges: PathologyRanges
) -> tuple[Gait, Pattern | None]:
    """The walk with a pattern drawn for it, in a part of the walks; ready for one in the others."""
    gait = replace(gait, changes=Changes())
    if rng.random() >= ranges.share:
        return gait, None
    name = str(rng.choice(sorted(FIRST)))
    severity = str(rng.choice([s.name.lower() for s in Severity]))
    side = str(rng.choice(["left", "right"])) if name in ONE_SIDED else "both"
    pattern = Pattern(name, severity, side, int(rng.choice(ranges.descriptions)))
    return pattern.change(gait), pattern


def _tags(pattern: Pattern) -> dict[str, object]:
    return {
        "pathology": pattern.name,
        "severity": pattern.severity,
        "affected_side": pattern.side,
    }


class MixedWalks:
    """Recorded walks and parametric ones."""

    def __init__(self, recorded: MocapWalks, walked: ParametricWalks, share: float) -> None:
        self._recorded, self._walked, self._share = recorded, walked, share

    def __call__(
        self,
        rng: np.random.Generator,
        person: Person,
        shape: Shape,
        n: int,
        holds: tuple[ArmHold, ...] = (),
    ) -> Walk:
        """``n`` poses of one walk of either kind."""
        if rng.random() < self._share:
            walk = self._recorded(rng, person, shape, n, holds)
            return replace(walk, tags={"pathology": "none"})
        return self._walked(rng, person, shape, n, holds)


def _posed(
    model: BodyModel, person: Person, shape: Shape, turn: Array, root: Array
) -> tuple[Array, Array, Array]:
    """Vertices and their way to the next moment, keypoints: the later half is the next moment."""
    n = len(turn) // 2
    vertices, keypoints = model.pose(person, shape, turn[:n], root[:n])
    later, _ = model.pose(person, shape, turn[n:], root[n:])
    return vertices, later - vertices, keypoints


Walks = MocapWalks | ParametricWalks | MixedWalks


def walk_source(
    model: BodyModel,
    recorded: tuple[MocapRanges, StyleRanges] | None,
    parametric: GaitRanges | None,
    pathology: PathologyRanges | None,
    file: Path | None,
) -> Walks:
    """The source of motion that a recipe names; ``file`` holds the recorded walks.

    Raises
    ------
    ValueError
        When the recipe names none, two without saying how they mix, or a file that is not given.
    """
    walked = None if parametric is None else ParametricWalks(model, parametric, pathology)
    if recorded is None:
        if walked is None:
            raise ValueError("a set takes its walks from [mocap] and [style], or [parametric]")
        return walked
    if file is None:
        raise ValueError("this set walks recorded trials: give --mocap")
    walks = MocapWalks(model, file, *recorded)
    if walked is None:
        return walks
    if pathology is None:
        raise ValueError("recorded and parametric walks need [pathology], which tells the shares")
    return MixedWalks(walks, walked, pathology.recorded_share)
