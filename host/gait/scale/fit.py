"""The camera above the floor that fits all that speaks about it, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.optimize import OptimizeResult, least_squares
from scipy.special import ndtri

from host.gait.body import HEEL
from host.gait.scale.camera import FloorCamera
from host.gait.scale.evidence import Evidence, Guess, UprightBody, UsualCamera
from host.gait.scale.types import Array, Floor, Underfoot

# log focal length, tilt, roll, log of height by expected height, log stature, height of the heel
_CAMERA = 6
_PRIORS = 6  # residuals that hold these six; those of the looks follow
_SEED = 20261121
_TILTS_RAD = (0.05, 0.25, -0.1)
_LEAST_BELOW_PX = 2.0
_NO_POLE = 0.06  # relative SD of a look: whatever was looked at, it was no upright person
_USUAL_SD = 2.0  # residuals beyond so many standard deviations count less: a look at a wrong point


class FloorFit:
    """Least squares over camera, stature and what the sources need themselves.

    The looks at the person are believed as far as they agree with each other. The covariance of
    the solution (inverse of the normal matrix) is handed on as draws.

    Parameters
    ----------
    usual
        What is known of a camera beforehand.
    draws
        Number of draws, at least (:func:`drawn`).
    usual_stature_m, stature_log_sd
        Where no body height is told but something else gives metres: adults and children.
    heel, heel_sd
        Height of the resting heel's point above the floor and its SD, statures (released networks
        on rendered walkers: 0.01 between people and views).
    """

    def __init__(
        self,
        usual: UsualCamera | None = None,
        draws: int = 40,
        usual_stature_m: float = 1.65,
        stature_log_sd: float = 0.25,
        heel: float = HEEL,
        heel_sd: float = 0.013,
    ) -> None:
        self.usual = usual if usual is not None else UsualCamera()
        self.draws = draws
        self.usual_stature_m = usual_stature_m
        self.stature_log_sd = stature_log_sd
        self.heel = heel
        self.heel_sd = heel_sd

    def fit(
        self, person: UprightBody, others: Sequence[Evidence], picture_px: tuple[int, int]
    ) -> Floor | None:
        """The floor, in metres when a source gives them, else in body heights.

        Parameters
        ----------
        person
            Looks at the walking person, at least one.
        others
            What else there is.
        picture_px
            Width and height of the upright picture.

        Returns
        -------
        None when no camera shows what was seen.
        """
        given = tuple(e.gives for e in others if e.gives is not None)
        metric = bool(given)
        problem = _Problem(self, person, others, picture_px, metric=metric)
        found = min((problem.solve(tilt) for tilt in _TILTS_RAD), key=lambda r: float(r.cost))
        looks = found.fun[problem.looks]
        person.look_sd *= max(1.0, 1.4826 * float(np.median(np.abs(looks))))
        found = problem.solve_from(found.x)
        if not np.isfinite(found.cost) or person.look_sd > _NO_POLE:
            return None
        covariance = np.linalg.pinv(found.jac.T @ found.jac)
        spread = drawn(found.x, covariance, self.draws)
        return Floor(
            problem.underfoot(found.x),
            metric,
            tuple(problem.underfoot(p) for p in spread),
            tuple(dict.fromkeys(given)),
        )


class _Problem:
    """The residuals of one fit as a function of one vector."""

    def __init__(
        self,
        fit: FloorFit,
        person: UprightBody,
        others: Sequence[Evidence],
        picture_px: tuple[int, int],
        *,
        metric: bool,
    ) -> None:
        self.given, self.evidence, self.metric = fit, (person, *others), metric
        self.foot_y_px = float(np.median(person.foot_px[:, 1]))
        self.tall_px = float(np.median(person.tall_px))
        self.looks = slice(_PRIORS, _PRIORS + len(person.tall_px))
        self.longer_px = float(max(picture_px))
        self.centre_px = (picture_px[0] / 2, picture_px[1] / 2)
        ends = np.cumsum([_CAMERA, *(e.unknowns for e in self.evidence)])
        self.parts = [slice(int(a), int(b)) for a, b in pairwise(ends)]
        self.size = int(ends[-1])

    def solve(self, tilt_rad: float) -> OptimizeResult:
        focal_px = self.given.usual.focal_px(self.longer_px)
        stature = self.given.usual_stature_m if self.metric else 1.0
        first = np.zeros(self.size)
        first[:_CAMERA] = np.log(focal_px), tilt_rad, 0.0, 0.0, np.log(stature), self.given.heel
        camera, _ = self.camera(first)
        for part, source in zip(self.parts, self.evidence, strict=True):
            first[part] = source.start(camera)
        return self.solve_from(first)

    def solve_from(self, first: Array) -> OptimizeResult:
        """The solution next to ``first``."""
        return least_squares(
            self.residuals, first, x_scale="jac", loss="soft_l1", f_scale=_USUAL_SD, max_nfev=200
        )

    def camera(self, p: Array) -> tuple[FloorCamera, float]:
        """Camera and stature.

        The person's feet lie below the horizon by as much of their height as the camera stands
        above the floor by that of the body: whatever the tilt is, the height follows from it.
        """
        focal_px, ratio, stature = (float(v) for v in np.exp(np.clip(p[[0, 3, 4]], -10, 20)))
        tilt, roll = float(np.clip(p[1], -1.2, 1.2)), float(p[2])
        below_px = self.foot_y_px - (self.centre_px[1] - focal_px * np.tan(tilt))
        height = stature * max(below_px, _LEAST_BELOW_PX) / self.tall_px * ratio
        return FloorCamera(focal_px, self.centre_px, tilt, roll, height), stature

    def underfoot(self, p: Array) -> Underfoot:
        """Camera, stature and heel."""
        return Underfoot(*self.camera(p), float(p[5]))

    def residuals(self, p: Array) -> Array:
        camera, stature = self.camera(p)
        fit = self.given
        usual = np.log(fit.usual_stature_m) if self.metric else 0.0
        sd = fit.stature_log_sd if self.metric else 1e-4
        parts = [
            fit.usual.residuals(camera, stature, self.longer_px),
            np.array([(p[4] - usual) / sd, (p[5] - fit.heel) / fit.heel_sd]),
        ]
        parts += [
            source.residuals(Guess(camera, stature, float(p[5]), p[part]))
            for part, source in zip(self.parts, self.evidence, strict=True)
        ]
        return np.concatenate(parts)


def drawn(mean: Array, covariance: Array, least: int) -> Array:
    """Draws of a normal distribution that have exactly its mean and covariance.

    A few draws miss the spread they are made for, and with one seed they miss it alike every time:
    40 of them made the error of a told height a fifth too large in every recording. Therefore they
    come from one stratum of each unknown apiece (Latin hypercube, McKay, Beckman and Conover 1979,
    Technometrics 21:239) and are stretched until their moments fit (quadratic resampling,
    Barraquand 1995, Management Science 41:1882).

    Parameters
    ----------
    mean, covariance
        float64[n] and float64[n, n].
    least
        Number of draws; more where n needs them.

    Returns
    -------
    float64[draws, n].
    """
    count = max(least, 2 * len(mean))
    strata = np.tile(np.arange(count), (len(mean), 1))
    strata = np.random.default_rng(_SEED).permuted(strata, axis=1).T
    draws = ndtri((strata + 0.5) / count)
    left, _, right = np.linalg.svd(draws - draws.mean(axis=0), full_matrices=False)
    variance, axes = np.linalg.eigh(covariance)
    root = (axes * np.sqrt(np.maximum(variance, 0.0))) @ axes.T
    return np.asarray(mean + np.sqrt(count) * (left @ right) @ root)
