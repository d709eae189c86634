"""Windows of walks with their truth, to learn to lift from and to be tested on. numpy only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.pose.lift import picture_base
from host.pose.windows import Windows, body_size, windows_of
from model_zoo.skeleton import INDEX, KEYPOINTS, N_KEYPOINTS
from quantize.render.ranges import Span, build
from quantize.temporal.noise import NoiseModel, read_noise
from quantize.temporal.projection import Cameras, Views, WalkPool, see

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Base = Callable[[Windows], Array]

_FACE = [INDEX[n] for n in ("nose", "left_eye", "right_eye", "left_ear", "right_ear")]
_FEET = [i for i, n in enumerate(KEYPOINTS) if n.endswith(("toe", "heel"))]
_ARMS = [i for i, n in enumerate(KEYPOINTS) if n.endswith(("elbow", "wrist"))]
HELD_OUT = 1200
_HELD_OUT_SEED = 99


@dataclass(frozen=True)
class LiftData:
    """``[data]`` of the recipe: folders of walks below ``--data`` and their shares of a batch.

    ``pace``: walks made faster; ``no_*``: shares of windows without these points; ``exact_share``
    of the windows have no errors, the others those of one of the networks ``noise`` times a factor
    whose logarithm has the SD ``strength_sd``. ``kept`` and ``fresh``: see
    :class:`quantize.temporal.task.Renewed`.
    """

    walks: dict[str, float]
    held_out: str
    pace: Span
    no_face_feet: float
    no_feet: float
    no_arms: float
    exact_share: float
    strength_sd: float
    noise: tuple[str, ...]
    kept: int
    fresh: float

    @classmethod
    def of(cls, table: dict[str, Any]) -> LiftData:
        """``[data]`` of a recipe."""
        pairs = table.items()
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in pairs}
        return cls(**values)


@dataclass(frozen=True)
class Seen:
    """Windows of walks and what is true in them.

    Attributes
    ----------
    windows
        As a network would have given them.
    truth
        float64[N, 23, 3] at the middle moment in body sizes, in the camera's frame relative to the
        middle of the hips; NaN where not known.
    size_m
        float64[N], the body's size.
    views
        How they were looked at.
    walk
        int[N], number of the walk.
    """

    windows: Windows
    truth: Array
    size_m: Array
    views: Views
    walk: NDArray[np.intp]


class LiftWindows:
    """Draws windows by the recipe's ``[data]`` and ``[cameras]``.

    Parameters
    ----------
    recipe
        Of the network.
    moments, rate_hz
        Of its input.
    """

    def __init__(self, recipe: dict[str, Any], moments: int, rate_hz: float) -> None:
        self.data = LiftData.of(recipe["data"])
        self.moments, self.rate_hz, self.seed = moments, rate_hz, int(recipe["seed"])
        self._cameras = build(Cameras, recipe["cameras"], "cameras")
        known = read_noise()
        self._noise: list[NoiseModel] = [known[name] for name in self.data.noise]

    def training(self, pool: WalkPool, n: int, rng: np.random.Generator) -> Seen:
        """``n`` windows varied in every way."""
        points, covered, walk = pool.draw(
            rng, n, self.moments, self.rate_hz, self.data.pace, mirror=True
        )
        strength = np.exp(rng.normal(0, self.data.strength_sd, n))
        strength[rng.random(n) < self.data.exact_share] = 0.0
        known = np.isfinite(points).all(axis=-1) & covered[..., None]
        for group, share in (
            ([*_FACE, *_FEET], self.data.no_face_feet),
            (_FEET, self.data.no_feet),
            (_ARMS, self.data.no_arms),
        ):
            chosen = np.flatnonzero(rng.random(n) < share)
            known[np.ix_(chosen, np.arange(self.moments), np.array(group))] = False
        model = self._noise[int(rng.integers(len(self._noise)))]
        return self._look(rng, (points, known, walk), strength, model)

    def held_out(self, pool: WalkPool, strength: float, kinds: tuple[str, ...] = ()) -> Seen:
        """The same windows at every call, from cameras as in training.

        Parameters
        ----------
        pool
            Walks that no training sees.
        strength
            Of the first network's errors; 0: exact points.
        kinds
            Kinds of walks (see :class:`WalkPool`); all when empty.
        """
        rng = np.random.default_rng([self.seed, _HELD_OUT_SEED])
        points, covered, walk = pool.draw(rng, HELD_OUT, self.moments, self.rate_hz)
        known = np.isfinite(points).all(axis=-1) & covered[..., None]
        if kinds:
            chosen = np.array([pool.kinds[i] in kinds for i in walk])
            points, known, walk = points[chosen], known[chosen], walk[chosen]
        errors = np.full(len(points), strength)
        return self._look(rng, (points, known, walk), errors, self._noise[0])

    def _look(
        self,
        rng: np.random.Generator,
        drawn: tuple[Array, Mask, NDArray[np.intp]],
        strength: Array,
        noise: NoiseModel,
    ) -> Seen:
        points, known, walk = drawn
        true = np.isfinite(points[:, self.moments // 2]).all(axis=-1)
        views = see(rng, np.nan_to_num(points), self._cameras)
        size = body_size(views.xy)[:, None, None, None]
        xz = noise.apply(rng, views.xy / size * (1, -1), strength) * (1, -1)
        xz[~known] = np.nan
        size_m = body_size(views.xyz_m)
        truth = views.xyz_m[:, self.moments // 2] / size_m[:, None, None]
        truth[~true] = np.nan
        return Seen(windows_of(xz, self.rate_hz), truth, size_m, views, walk)


def targets(seen: Seen, base: Base = picture_base) -> tuple[NDArray[np.float32], Mask]:
    """float32[N, 23, 6]: truth x y z, picture x z, 1 / distance (body sizes); and what is known."""
    known = np.isfinite(seen.truth).all(axis=-1) & np.isfinite(seen.windows.size_px)[:, None]
    target = np.zeros((len(known), N_KEYPOINTS, 6), np.float32)
    target[..., :3] = np.nan_to_num(seen.truth)
    target[..., 3:5] = base(seen.windows)
    target[..., 5] = (seen.size_m / seen.views.distance_m)[:, None]
    return target, known


def read_pool(root: Path, shares: dict[str, float]) -> WalkPool:
    """Folders of walks below ``root``."""
    return WalkPool({root / name: share for name, share in shares.items()})
