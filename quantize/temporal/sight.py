"""A walk as a camera and a pose network would have given it: projection, frames, errors."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from model_zoo.skeleton import LEG_NAMES, MIRROR, N_KEYPOINTS, Side, part
from quantize.render.ranges import Span, draw
from quantize.temporal.residuals import Residuals

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
_FOCAL_PX = 1000.0
_LEAST_DEPTH_M = 0.8
_LEGS = np.array([[part(name, side) for name in LEG_NAMES] for side in Side])
_FEET = {side: [part(n, side) for n in ("ankle", "heel", "big_toe", "small_toe")] for side in Side}
_HEELS_TOES = [part(n, s) for s in Side for n in ("heel", "big_toe", "small_toe")]
_FOOT_POINTS = [p for points in _FEET.values() for p in points]


@dataclass(frozen=True)
class SightRanges:
    """How walks are seen; all places in body heights where nothing else is said.

    ``rates_hz`` frames per second, ``stretch`` of time; ``yaw_sd_deg`` of the usual side views and
    the share and range of other angles; ``half_field_deg`` of the picture. ``network_share`` of
    the walks have errors of a real network, times ``network_scale``; ``noise`` is the SD of
    further noise with a memory of ``noise_s``, ``bias`` the SD of constant displacements;
    ``ahead_share`` of the walks have ``ahead_factor`` times the noise ahead, as points in space
    from one camera that stands in front.
    Shares of walks with exchanged legs, with feet lost for a while, with smoothed points, and
    without heels and toes; ``smooth_s`` is the SD of the smoothing.
    """

    rates_hz: tuple[float, ...]
    stretch: Span
    yaw_sd_deg: float
    other_yaw_share: float
    other_yaw_deg: Span
    height_m: Span
    distance_m: Span
    half_field_deg: float
    network_share: float
    network_scale: Span
    noise: Span
    noise_s: Span
    bias: float
    ahead_share: float
    ahead_factor: Span
    exchange_share: float
    lost_share: float
    smooth_share: float
    smooth_s: Span
    no_feet_share: float
    dropped_share: float


@dataclass(frozen=True)
class Seen:
    """A walk as it was seen.

    Attributes
    ----------
    time_s
        float64[F], from the first frame.
    xyz_px
        float64[F, 23, 3]: x right, y NaN, z up; NaN where missing.
    direction
        +1 walks towards larger x.
    events
        float64[E, 3] as in :class:`quantize.render.walk_file.WalkPoints`, on this clock.
    """

    time_s: Array
    xyz_px: Array
    direction: int
    events: Array


class Sight:
    """Looks at walks.

    Parameters
    ----------
    ranges
        What views and errors are drawn from.
    residuals
        Errors of real networks; may be empty.
    """

    def __init__(self, ranges: SightRanges, residuals: list[Residuals]) -> None:
        self._ranges, self._residuals = ranges, residuals

    def see(self, rng: np.random.Generator, xyz_m: Array, rate_hz: float, events: Array) -> Seen:
        """Draw a camera, frames and errors for a walk along -y, float64[T, 23, 3] in metres."""
        ranges = self._ranges
        stretch = draw(rng, ranges.stretch)
        moments = np.arange(len(xyz_m)) / rate_hz * stretch
        direction = 1 if rng.random() < 0.5 else -1
        time_s = self._frames(rng, float(moments[-1]))
        flat = np.stack(
            [np.interp(time_s, moments, column) for column in xyz_m.reshape(len(xyz_m), -1).T], 1
        )
        xz, inside = self._project(rng, flat.reshape(-1, N_KEYPOINTS, 3), direction)
        time_s, xz = time_s[inside], xz[inside]
        if len(time_s) < 2:
            return Seen(time_s, np.full((len(xz), N_KEYPOINTS, 3), np.nan), direction, events)
        height = self._height(xz)
        own = events * (1, 1, stretch)
        xz += self._errors(rng, time_s, own, direction) * height[:, None, None] * (direction, 1)
        xz = self._losses(rng, time_s, self._smoothed(rng, time_s, xz))
        xyz = np.full((len(xz), N_KEYPOINTS, 3), np.nan)
        xyz[..., [0, 2]] = xz
        own[:, 2] -= time_s[0]
        return Seen(time_s - time_s[0], xyz, direction, own)

    def _frames(self, rng: np.random.Generator, end_s: float) -> Array:
        rate = float(rng.choice(self._ranges.rates_hz))
        times = np.arange(rng.uniform(0, 1 / rate), end_s, 1 / rate)
        if rng.random() < self._ranges.dropped_share:
            times = times[rng.random(len(times)) > rng.uniform(0.01, 0.15)]
        return times

    def _project(
        self, rng: np.random.Generator, xyz_m: Array, direction: int
    ) -> tuple[Array, NDArray[np.bool_]]:
        """Places float64[F, 23, 2] in pixels (x right, z up), and frames inside the picture."""
        ranges = self._ranges
        yaw = rng.normal(0, ranges.yaw_sd_deg)
        if rng.random() < ranges.other_yaw_share:
            yaw = draw(rng, ranges.other_yaw_deg) * rng.choice([-1, 1])
        hips = xyz_m[:, [part("hip", s) for s in Side]].mean(axis=1)
        aim = hips[int(rng.uniform(0.3, 0.7) * len(hips))] * (1, 1, 0)
        # The walk runs along -y; in the room it runs to the right or left of a camera on -y.
        room = Rotation.from_euler("z", 90.0 * direction, degrees=True)
        room = Rotation.from_euler("z", yaw, degrees=True) * room
        places = room.apply((xyz_m - aim).reshape(-1, 3)).reshape(xyz_m.shape)
        distance, height = draw(rng, ranges.distance_m), draw(rng, ranges.height_m)
        places += np.array([0.0, distance, -height])
        tilt = np.rad2deg(np.arctan2(height - 0.9, distance)) + rng.normal(0, 2)
        camera = Rotation.from_euler("yx", [rng.normal(0, 1.5), tilt], degrees=True)
        places = camera.apply(places.reshape(-1, 3)).reshape(places.shape)
        depth = places[..., 1]
        limit = np.tan(np.deg2rad(ranges.half_field_deg))
        middle = places[:, [part("hip", s) for s in Side]].mean(axis=1)
        inside = (depth.min(axis=1) > _LEAST_DEPTH_M) & (
            np.abs(middle[:, 0]) < limit * middle[:, 1]
        )
        inside = _longest(inside)
        xz = _FOCAL_PX * places[..., [0, 2]] / np.maximum(depth, _LEAST_DEPTH_M)[..., None]
        return xz, inside

    @staticmethod
    def _height(xz: Array) -> Array:
        """Stature in pixels per frame, float64[F]."""
        eyes = xz[:, [part("eye", s) for s in Side], 1].mean(axis=1)
        heel = xz[:, [part("heel", s) for s in Side], 1].min(axis=1)
        return np.asarray((eyes - heel) / 0.9)

    def _errors(
        self, rng: np.random.Generator, time_s: Array, events: Array, direction: int
    ) -> Array:
        """Ahead and up, float64[F, 23, 2]."""
        ranges = self._ranges
        out = rng.normal(0, ranges.bias, (N_KEYPOINTS, 2)) * np.ones((len(time_s), 1, 1))
        size = np.exp(rng.uniform(*np.log(ranges.noise)))
        memory_s = draw(rng, ranges.noise_s)
        noise = _wandering(rng, time_s, size, memory_s)
        if rng.random() < ranges.ahead_share:
            noise[..., 0] *= draw(rng, ranges.ahead_factor)
        out += noise
        if self._residuals and rng.random() < ranges.network_share:
            one = self._residuals[int(rng.integers(len(self._residuals)))]
            near = Side.RIGHT if direction > 0 else Side.LEFT
            phases = _phases(events, list(Side).index(near), float(time_s[-1]))
            error = one.along(time_s, phases, int(rng.integers(len(one.phases))))
            error *= draw(rng, ranges.network_scale)
            out += error if near is Side.LEFT else error[:, MIRROR]
        return out

    def _smoothed(self, rng: np.random.Generator, time_s: Array, xz: Array) -> Array:
        if rng.random() >= self._ranges.smooth_share or np.isnan(xz).any():
            return xz
        frames = draw(rng, self._ranges.smooth_s) / np.median(np.diff(time_s))
        return np.asarray(gaussian_filter1d(xz, frames, axis=0, mode="nearest"))

    def _losses(self, rng: np.random.Generator, time_s: Array, xz: Array) -> Array:
        ranges = self._ranges
        if rng.random() < ranges.exchange_share:
            for _ in range(int(rng.integers(1, 4))):
                rows = _span(rng, time_s, 0.03, 0.3)
                xz[rows] = xz[rows][:, _exchanged()]
        if rng.random() < ranges.lost_share:
            for _ in range(int(rng.integers(1, 5))):
                side = Side.LEFT if rng.random() < 0.5 else Side.RIGHT
                xz[_span(rng, time_s, 0.03, 0.45)[:, None], _FEET[side]] = np.nan
            xz[rng.random(xz.shape[:2]) < rng.uniform(0, 0.06)] = np.nan
        if rng.random() < ranges.no_feet_share:
            xz[:, _HEELS_TOES] = np.nan
        return xz


def _wandering(rng: np.random.Generator, time_s: Array, size: float, memory_s: float) -> Array:
    """Noise float64[F, 23, 2] of SD about ``size`` whose memory fades within ``memory_s``."""
    factor = np.exp(rng.normal(0, 0.4, (N_KEYPOINTS, 1)))
    factor[_FOOT_POINTS] *= 1.3
    fresh = rng.normal(0, 1, (len(time_s), N_KEYPOINTS, 2))
    out = fresh.copy()
    for k, step in enumerate(np.diff(time_s), 1):
        keep = np.exp(-step / memory_s)
        out[k] = keep * out[k - 1] + np.sqrt(1 - keep**2) * fresh[k]
    return np.asarray(size * factor * out)


def _phases(events: Array, side: int, end_s: float) -> list[tuple[int, float, float]]:
    """(kind, start, end) of one foot's phases, continued to both ends by phases as long."""
    own = sorted((float(t), int(kind)) for foot, kind, t in events if int(foot) == side)
    lengths: dict[int, list[float]] = {0: [], 1: []}
    for (start, kind), (end, _) in itertools.pairwise(own):
        lengths[kind].append(end - start)
    if not (lengths[0] and lengths[1]):
        return []
    length = {kind: float(np.median(found)) for kind, found in lengths.items()}
    while own[0][0] > 0:
        kind = 1 - own[0][1]
        own.insert(0, (own[0][0] - length[kind], kind))
    while own[-1][0] < end_s:
        kind = own[-1][1]
        own.append((own[-1][0] + length[kind], 1 - kind))
    return [(a[1], a[0], b[0]) for a, b in itertools.pairwise(own)]


def _span(rng: np.random.Generator, time_s: Array, least_s: float, most_s: float) -> Rows:
    """Numbers of the frames of a random stretch."""
    start = rng.uniform(time_s[0], time_s[-1])
    inside = (time_s >= start) & (time_s <= start + rng.uniform(least_s, most_s))
    return np.flatnonzero(inside)


def _exchanged() -> Rows:
    order = np.arange(N_KEYPOINTS)
    order[_LEGS[0]], order[_LEGS[1]] = _LEGS[1], _LEGS[0]
    return order


def _longest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The longest stretch of a mask alone."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(int)))
    out = np.zeros(len(mask), bool)
    if len(edges):
        best = int(np.argmax(edges[1::2] - edges[::2]))
        out[edges[2 * best] : edges[2 * best + 1]] = True
    return out
