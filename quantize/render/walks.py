"""Where the poses of single pictures come from: recorded walks, or the parametric walker."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quantize.render.arms import ArmHold, hold_arms
from quantize.render.body import BodyModel, Person, Shape
from quantize.render.gaits import GaitRanges, random_moments
from quantize.render.mocap import MocapLibrary, Retarget
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

    ``onward_m`` float[N, V, 3]: the way of each vertex in the following 1/60 s.
    """

    source: str
    vertices_m: Array
    onward_m: Array
    keypoints_m: Array
    heading_rad: Array


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
    """Walks of the parametric walker; no file is needed."""

    def __init__(self, model: BodyModel, ranges: GaitRanges) -> None:
        self._model, self._ranges = model, ranges

    def __call__(
        self,
        rng: np.random.Generator,
        person: Person,
        shape: Shape,
        n: int,
        holds: tuple[ArmHold, ...] = (),
    ) -> Walk:
        """``n`` poses at random moments of one walk."""
        turn, root = random_moments(rng, self._model, shape, self._ranges, n)
        hold_arms(self._model, shape, turn, np.zeros(len(turn)), holds)
        vertices, onward, keypoints = _posed(self._model, person, shape, turn, root)
        return Walk("parametric", vertices, onward, keypoints, np.zeros(n))


def _posed(
    model: BodyModel, person: Person, shape: Shape, turn: Array, root: Array
) -> tuple[Array, Array, Array]:
    """Vertices and their way to the next moment, keypoints: the later half is the next moment."""
    n = len(turn) // 2
    vertices, keypoints = model.pose(person, shape, turn[:n], root[:n])
    later, _ = model.pose(person, shape, turn[n:], root[n:])
    return vertices, later - vertices, keypoints


def walk_source(
    model: BodyModel,
    mocap: MocapRanges | None,
    style: StyleRanges | None,
    parametric: GaitRanges | None,
    file: Path | None,
) -> MocapWalks | ParametricWalks:
    """The source of motion that the recipe names."""
    if parametric is not None and mocap is None and style is None:
        return ParametricWalks(model, parametric)
    if parametric is not None or mocap is None or style is None:
        raise ValueError("a set takes its walks from [mocap] and [style], or from [parametric]")
    if file is None:
        raise ValueError("this set walks recorded trials: give --mocap")
    return MocapWalks(model, file, mocap, style)
