"""From keypoints of the picture to points in space: the room of the network ``gait-lift``.

The network answers, for the middle moment of a window (:mod:`host.pose.windows`), in body sizes:
how far each point lies behind the middle of the hips, and what is to be added to its place in the
picture. Here the picture's own place (:func:`picture_base`) is added.

Axes of the answer: x to the right of the picture, y away from the camera along the line of sight to
the person, z up in the picture; origin in the middle of the hips. A tilted camera tilts them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from host.accelerator import Accelerator
from host.gait.types import Trajectories
from host.pose.windows import Windows, cut
from model_zoo.package import Head
from model_zoo.skeleton import N_KEYPOINTS, Side, part

Array = NDArray[np.float64]

HIPS = [part("hip", side) for side in Side]
_QUADRATIC_5 = np.array([-3.0, 12.0, 17.0, 12.0, -3.0]) / 35.0
"""Value of the parabola of least squares through five even moments in their middle (Savitzky and
Golay, Analytical Chemistry 36(8), 1964)."""
_BATCH = 256

SIZE_PER_STATURE = 0.751
"""Body size (see :mod:`host.pose.windows`) over stature: mean of 208 drawn bodies of 1.45 to
1.90 m, SD 0.008. Bodies of the model anny; real people differ more."""
FOCAL_PER_WIDTH = 0.8
"""Focal length over the longer side of the picture where it is not known: a lens that shows 64
degrees, as the main camera of many telephones does. It decides how far a change of the person's
size in the picture is a way along the line of sight, and nothing else."""
_STEADY_S = 0.4
_LEAST_FRAMES = 10
_ROUNDS = 4


def picture_base(windows: Windows) -> Array:
    """Place of each point in the picture at the middle moment, float64[N, 23, 2], x and z.

    In body sizes relative to the middle of the hips; a parabola over five moments takes off some of
    the jitter. Points never seen in the window lie on the origin.
    """
    middle = windows.points.shape[1] // 2
    five = windows.points[:, middle - 2 : middle + 3]
    base = np.nan_to_num(np.einsum("t,ntkd->nkd", _QUADRATIC_5, five))
    return np.asarray(base - base[:, HIPS].mean(axis=1, keepdims=True))


class VectorDecoder:
    """Head of kind ``vector``: numbers, one per channel, ``(integer + bias) * scale``."""

    def __init__(self, head: Head) -> None:
        self._channels = slice(*head.channels)
        self._scale = np.asarray(head.scale, np.float64)
        self._bias = np.asarray(head.bias, np.float64)

    def decode(self, output: NDArray[np.int32]) -> Array:
        """float64[N, W, channels] of int32[N, 1, W, C]."""
        return np.asarray((output[:, 0, :, self._channels] + self._bias) * self._scale)


@dataclass(frozen=True)
class Lifted:
    """Points in space of N windows.

    Attributes
    ----------
    xyz
        float64[N, 23, 3] in body sizes, origin in the middle of the hips, axes as in the module's
        text; NaN where the window shows too little of a body.
    windows
        What they were lifted from: place and size in the picture.
    """

    xyz: Array
    windows: Windows


class Lifter:
    """Lifts tracks with a network of the role ``lift``.

    Parameters
    ----------
    network
        Opened on any backend.
    base
        What is added to the network's answer for x and z; a per-frame network takes another one.
    """

    def __init__(
        self, network: Accelerator, base: Callable[[Windows], Array] = picture_base
    ) -> None:
        self._network, self._base = network, base
        self._decoder = VectorDecoder(network.model.output.heads[0])
        self.moments = network.model.input.shape[1]
        self.rate_hz = network.model.input.rate_hz or float("nan")

    def lift(self, time_s: Array, xy_px: Array) -> Lifted:
        """Points in space at every frame.

        Parameters
        ----------
        time_s
            float64[T], increasing.
        xy_px
            float[T, 23, 2], y down, left and right put right; NaN where missing.
        """
        return self.lift_windows(cut(time_s, xy_px, time_s, self.rate_hz, self.moments))

    def lift_windows(self, windows: Windows) -> Lifted:
        """Points in space of windows that are cut already."""
        base, xyz = self._base(windows), np.full((len(windows.x), N_KEYPOINTS, 3), np.nan)
        usable = np.flatnonzero(np.isfinite(windows.size_px))
        parts = [usable[i : i + _BATCH] for i in range(0, len(usable), _BATCH)]
        outputs = self._network.stream(windows.x[rows] for rows in parts)
        for rows, output in zip(parts, outputs, strict=True):
            answer = self._decoder.decode(output)[:, 0].reshape(-1, 3, N_KEYPOINTS)
            xyz[rows] = answer.transpose(0, 2, 1)
            xyz[rows, :, 0] += base[rows, :, 0]
            xyz[rows, :, 2] += base[rows, :, 1]
        return Lifted(xyz, windows)


@dataclass(frozen=True)
class Picture:
    """The camera as far as it is known; its optical axis meets the picture's middle.

    Attributes
    ----------
    width_px, height_px
        Of the upright picture.
    focal_px
        None where not known: :data:`FOCAL_PER_WIDTH` times the longer side. (Finding it from feet
        that must stand still, or from the way that the body faces, missed the true one by 10 to
        40 % on rendered clips: no better than assuming it.)
    """

    width_px: float
    height_px: float
    focal_px: float | None = None

    @property
    def focal(self) -> float:
        """Focal length in pixels, known or assumed."""
        return self.focal_px or FOCAL_PER_WIDTH * max(self.width_px, self.height_px)


def lift_track(
    points: Trajectories, lifter: Lifter, picture: Picture, height_m: float | None = None
) -> Trajectories:
    """One person's track in space, as the gait room reads it.

    Axes: x to the right of the picture, y away from the camera along its optical axis, z up in the
    picture; origin where the optical axis is, at the person's mean distance. A camera that looks
    down tilts them: level them by the floor before heights are read. The walk's direction is not
    turned into x.

    Parameters
    ----------
    points
        Pixels of :func:`host.pose.trajectories.to_trajectories`.
    lifter
        The network.
    picture
        The camera.
    height_m
        Stature. Without it the result is scaled so that it has the size of the picture at the
        person's mean distance, unit ``px``.

    Returns
    -------
    All frames; NaN where ``points`` misses the point or the window shows too little of a body.
    """
    lifted = lifter.lift(points.time_s, points.xyz[..., [0, 2]] * (1.0, -1.0))
    xyz, distance = _placed(points.time_s, lifted, picture)
    xyz[~np.isfinite(points.xyz[..., 0])] = np.nan
    mean = float(np.nanmean(distance)) if np.isfinite(distance).any() else float("nan")
    xyz[..., 1] -= mean
    unit = "px" if height_m is None else "m"
    scale = picture.focal / mean if height_m is None else height_m * SIZE_PER_STATURE
    score = np.where(np.isfinite(xyz[..., 0]), points.score, 0.0)
    return Trajectories(
        points.time_s, xyz * scale, unit, score, points.source, points.side_confidence
    )


def along_walk(track: Trajectories) -> Trajectories:
    """The same track turned about the upright axis so that x is along the walk, to and fro.

    The direction in which the hips spread most; of its two senses the one that points to larger x
    in the picture, or away from the camera where the walk leads straight there.
    """
    hips = track.xyz[:, HIPS].mean(axis=1)[:, :2]
    hips = hips[np.isfinite(hips).all(axis=1)]
    if len(hips) < _LEAST_FRAMES:
        return track
    way = np.linalg.eigh(np.cov(hips.T))[1][:, -1]
    straight_on = abs(way[0]) < 0.1
    way = way * np.sign(way[1] if straight_on else way[0])
    turn = np.array([[way[0], way[1], 0.0], [-way[1], way[0], 0.0], [0.0, 0.0, 1.0]])
    return replace(track, xyz=track.xyz @ turn.T)


def _placed(time_s: Array, lifted: Lifted, picture: Picture) -> tuple[Array, Array]:
    """Points in the camera's axes, float64[N, 23, 3], and the hips' distance, in body sizes."""
    distance = _steady_line(time_s, _distance(lifted, picture.focal))
    u, v = (lifted.windows.origin_px - _middle(picture)).T / picture.focal
    root = distance[:, None] * np.stack([u, np.ones_like(u), v], axis=1)
    root[:, [0, 2]] += _hips_in_picture(lifted)
    return root[:, None] + np.einsum("nij,nkj->nki", toward(u, v), lifted.xyz), distance


def _middle(picture: Picture) -> Array:
    """The picture's middle as x right and z up."""
    return np.array([picture.width_px / 2, -picture.height_px / 2])


def _hips_in_picture(lifted: Lifted) -> Array:
    """Middle of the hips beside the steady origin, float64[N, 2] in body sizes."""
    middle = lifted.windows.points.shape[1] // 2
    five = lifted.windows.points[:, middle - 2 : middle + 3][:, :, HIPS].mean(axis=2)
    return np.asarray(np.einsum("t,ntd->nd", _QUADRATIC_5, five))


def _distance(lifted: Lifted, focal_px: float) -> Array:
    """Distance of the hips in body sizes, float64[N]: at which the answer fills its picture."""
    base = picture_base(lifted.windows)
    size_px = lifted.windows.size_px
    flat, depth = lifted.xyz[..., [0, 2]], lifted.xyz[..., 1]
    distance = focal_px / size_px
    for _ in range(_ROUNDS):
        shown = flat / (1 + depth / distance[:, None])[..., None]
        fit = (shown * base).sum(axis=(1, 2)) / (shown**2).sum(axis=(1, 2))
        distance = focal_px / (fit * size_px)
    return np.asarray(distance)


def _steady_line(time_s: Array, values: Array) -> Array:
    """Straight lines of least squares over +-0.4 s at each frame; NaN stays NaN."""
    out = np.full(len(values), np.nan)
    for i in np.flatnonzero(np.isfinite(values)):
        near = np.isfinite(values) & (np.abs(time_s - time_s[i]) <= _STEADY_S)
        after = time_s[near] - time_s[i]
        centred = after - after.mean()
        slope = (centred @ values[near]) / max(centred @ centred, 1e-9)
        out[i] = values[near].mean() - slope * after.mean()
    return out


def toward(u: Array, v: Array) -> Array:
    """Rotations float64[N, 3, 3] from axes along the line of sight to those of the camera.

    ``u``, ``v`` float64[N]: where the line of sight meets the picture, to the right of and above
    its middle, divided by the focal length.
    """
    pitch = -np.arctan(v)
    aside = np.arctan(u * np.cos(pitch))
    a, b, zero, one = aside, pitch, np.zeros_like(aside), np.ones_like(aside)
    yaw = np.array([[np.cos(a), np.sin(a), zero], [-np.sin(a), np.cos(a), zero], [zero, zero, one]])
    nod = np.array([[one, zero, zero], [zero, np.cos(b), np.sin(b)], [zero, -np.sin(b), np.cos(b)]])
    return np.asarray(np.einsum("ijn,jkn->nik", nod, yaw))
