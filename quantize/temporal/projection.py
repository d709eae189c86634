"""Walks in space as windows of the picture: random moments, random cameras."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import MIRROR, Side, part
from quantize.render.ranges import Span
from quantize.render.walk_file import load_walks

Array = NDArray[np.float64]

_HIPS = [part("hip", side) for side in Side]


@dataclass(frozen=True)
class Cameras:
    """Ranges of the cameras; each looks at the middle of the hips, or beside it.

    ``side_share`` of the views lie about the two side views with the spread ``side_sd_deg``, the
    others are uniform over 360 degrees. ``aside_deg`` and ``pitch_deg``: the optical axis against
    the line to the person.
    """

    side_share: float
    side_sd_deg: float
    height_m: Span
    distance_m: Span
    aside_deg: Span
    pitch_deg: Span
    roll_sd_deg: float


@dataclass(frozen=True)
class Views:
    """N windows seen by a camera each.

    Attributes
    ----------
    xy
        float64[N, T, 23, 2] of the picture, focal length 1, x right and y down.
    xyz_m
        float64[N, T, 23, 3] in the camera's frame relative to the middle of the hips at the middle
        moment: x to the right of the picture, y away from the camera along the line of sight to
        that point, z up in the picture.
    distance_m
        float64[N] from the camera to that point.
    yaw_deg
        float64[N]: 0 shows the face, 90 the person's left side, 180 the back; -180 to 180.
    """

    xy: Array
    xyz_m: Array
    distance_m: Array
    yaw_deg: Array


class WalkPool:
    """Many walks in memory, windows drawn from them.

    Parameters
    ----------
    folders
        Folders of walks (:mod:`quantize.render.walk_file`) with the share of the draws that each
        gets.

    Attributes
    ----------
    kinds
        Tag ``body`` of each walk: ``plain``, ``varied``, ``joints``, or the body's number.
    """

    def __init__(self, folders: dict[Path, float]) -> None:
        parts: list[NDArray[np.float32]] = []
        rates: list[float] = []
        shares: list[float] = []
        self.kinds: list[str] = []
        for folder, share in folders.items():
            walks = load_walks(folder).values()
            points = [walk.xyz_m.astype(np.float32) for walk in walks]
            rate = [walk.rate_hz for walk in walks]
            # The square root keeps long walks from crowding out the others.
            weight = np.sqrt([len(p) / r for p, r in zip(points, rate, strict=True)])
            shares += list(share * weight / weight.sum())
            parts, rates = parts + points, rates + rate
            self.kinds += [str(walk.tags.get("body")) for walk in walks]
        self._points = np.concatenate(parts)
        self._length = np.array([len(p) for p in parts])
        self._start = np.concatenate([[0], np.cumsum(self._length)[:-1]])
        self._rate, self._share = np.array(rates), np.array(shares) / np.sum(shares)

    def draw(
        self,
        rng: np.random.Generator,
        n: int,
        moments: int,
        rate_hz: float,
        pace: Span = (1.0, 1.0),
        *,
        mirror: bool = False,
    ) -> tuple[Array, NDArray[np.bool_], NDArray[np.intp]]:
        """Random windows of walks.

        Returns float64[n, moments, 23, 3] in metres; which moments the walk covers, bool[n,
        moments]; and the number of each walk. A window's middle lies anywhere in the walk; moments
        before its begin and behind its end show the first or last pose. ``pace`` is by how much
        the walk is made faster; with ``mirror`` half of the windows show the mirrored walk.
        """
        walk = rng.choice(len(self._share), n, p=self._share)
        at = rng.uniform(0, 1, n) * (self._length[walk] - 1)
        step = self._rate[walk] / rate_hz * rng.uniform(*pace, n)
        rows = at[:, None] + (np.arange(moments) - moments // 2) * step[:, None]
        last = (self._length[walk] - 1)[:, None]
        covered = (rows >= -0.5) & (rows <= last + 0.5)
        rows = np.clip(rows, 0, last)
        below = np.minimum(rows.astype(np.int64), last - 1)
        share = (rows - below)[..., None, None]
        index = self._start[walk][:, None] + below
        points = self._points[index] * (1 - share) + self._points[index + 1] * share
        if mirror:
            turned = points[..., MIRROR, :] * (-1.0, 1.0, 1.0)
            points = np.where(rng.random(n)[:, None, None, None] < 0.5, turned, points)
        return points.astype(np.float64), covered, walk


def see(rng: np.random.Generator, points_m: Array, cameras: Cameras) -> Views:
    """Look at windows float64[N, T, 23, 3] (z up, floor near 0) with a random camera each."""
    n, t = points_m.shape[:2]
    hips = points_m[:, :, _HIPS].mean(axis=2)
    root = hips[:, t // 2]
    across = points_m[:, t // 2, _HIPS[0]] - points_m[:, t // 2, _HIPS[1]]
    left = np.arctan2(across[:, 1], across[:, 0])
    # A camera beyond the person's left hip sees the left side; the face lies 90 degrees back.
    yaw = _draw_yaw(rng, n, cameras)
    toward = left + np.deg2rad(yaw) - np.pi / 2
    distance = rng.uniform(*cameras.distance_m, n)
    above = rng.uniform(*cameras.height_m, n) - root[:, 2]
    tilt = np.arctan2(above, distance)
    away = -np.stack(
        [np.cos(toward) * np.cos(tilt), np.sin(toward) * np.cos(tilt), np.sin(tilt)], axis=-1
    )
    right = np.stack([-np.sin(toward), np.cos(toward), np.zeros(n)], axis=-1)
    up = np.cross(right, away)
    roll = np.deg2rad(rng.normal(0, cameras.roll_sd_deg, n))[:, None]
    right, up = np.cos(roll) * right + np.sin(roll) * up, np.cos(roll) * up - np.sin(roll) * right
    axes = np.stack([right, away, up], axis=1)
    xyz = _rotated(axes, points_m - root[:, None, None])
    range_m = np.hypot(distance, above)
    seen = xyz + np.array([0.0, 1.0, 0.0]) * range_m[:, None, None, None]
    aside = _turn(
        np.deg2rad(rng.uniform(*cameras.aside_deg, n)),
        np.deg2rad(rng.uniform(*cameras.pitch_deg, n)),
    )
    turned = _rotated(aside, seen)
    depth = np.maximum(turned[..., 1], 0.2)
    xy = np.stack([turned[..., 0] / depth, -turned[..., 2] / depth], axis=-1)
    return Views(xy, xyz, range_m, (yaw + 180) % 360 - 180)


def _rotated(rotation: Array, points: Array) -> Array:
    """Points [N, T, K, 3] turned by [N, 3, 3]; as one product of matrices, which is fast."""
    flat = points.reshape(len(points), -1, 3) @ rotation.transpose(0, 2, 1)
    return np.asarray(flat.reshape(points.shape))


def _draw_yaw(rng: np.random.Generator, n: int, cameras: Cameras) -> Array:
    side = rng.choice([-90.0, 90.0], n) + rng.normal(0, cameras.side_sd_deg, n)
    return np.where(rng.random(n) < cameras.side_share, side, rng.uniform(-180, 180, n))


def _turn(aside: Array, pitch: Array) -> Array:
    """Rotations float64[N, 3, 3] of the camera about its upright and its right axis."""
    a, b, zero, one = aside, pitch, np.zeros_like(aside), np.ones_like(aside)
    yaw = np.array([[np.cos(a), np.sin(a), zero], [-np.sin(a), np.cos(a), zero], [zero, zero, one]])
    nod = np.array([[one, zero, zero], [zero, np.cos(b), np.sin(b)], [zero, -np.sin(b), np.cos(b)]])
    return np.einsum("ijn,jkn->nik", nod, yaw)
