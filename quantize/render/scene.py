"""Backgrounds in right perspective: rooms of flat faces, and clutter without meaning."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from quantize.render.camera import NEAR_M, Camera
from quantize.render.ranges import Span, draw

Array = NDArray[np.float64]
_SUBPIXEL = 4


@dataclass(frozen=True)
class SceneRanges:
    """Ranges of the backgrounds of single pictures; shares are probabilities."""

    clutter_share: float
    wall_behind_m: Span
    wall_turn_deg: Span
    side_wall_share: float
    wall_things: Span
    furniture: Span
    floor_lines_share: float
    clutter_things: Span
    colourful_share: float
    grain: Span
    brightness: Span


@dataclass(frozen=True)
class Face:
    """A flat polygon float[N, 3] in metres with one colour float[3], 0..1."""

    corners: Array
    colour: Array


Scene = list[Face]
"""Faces from far to near, painted in this order."""


def paint(scene: Scene, camera: Camera, backdrop: Array) -> NDArray[np.uint8]:
    """The scene through ``camera`` on a plain backdrop colour, uint8[H, W, 3]."""
    canvas = np.empty((camera.height, camera.width, 3), np.uint8)
    canvas[:] = np.clip(backdrop * 255, 0, 255).astype(np.uint8)
    for face in scene:
        corners = cut_to_view(face.corners, camera)
        if len(corners) < 3:
            continue
        fixed = np.round(camera.project(corners)[0] * 2**_SUBPIXEL).astype(np.int32)
        colour = tuple(float(c) for c in np.clip(face.colour * 255, 0, 255))
        cv2.fillConvexPoly(canvas, fixed, colour, cv2.LINE_AA, _SUBPIXEL)
    return canvas


def cut_to_view(corners: Array, camera: Camera) -> Array:
    """Cut a convex polygon at the near plane and at the picture's edges (widened a little).

    Far corners would otherwise leave the range of OpenCV's fixed-point coordinates.
    """
    q = (corners - camera.eye_m) @ camera.axes.T
    rim = 8.0
    left = (camera.centre_px[0] + rim) / camera.focal_px
    right = (camera.width + rim - camera.centre_px[0]) / camera.focal_px
    top = (camera.centre_px[1] + rim) / camera.focal_px
    low = (camera.height + rim - camera.centre_px[1]) / camera.focal_px
    # Distances (up to a factor) inside each plane; the depth is -q_z.
    planes = np.array([[0, 0, -1], [1, 0, -left], [-1, 0, -right], [0, -1, -top], [0, 1, -low]])
    offset = np.array([-2 * NEAR_M, 0, 0, 0, 0])
    inside = q @ planes.T + offset
    for k in range(len(planes)):
        if (inside[:, k] >= 0).all():
            continue
        following = np.roll(corners, -1, 0), np.roll(inside, -1, 0)
        out, kept = [], []
        for a, b, da, db in zip(corners, following[0], inside, following[1], strict=True):
            if da[k] >= 0:
                out.append(a)
                kept.append(da)
            if (da[k] >= 0) != (db[k] >= 0):
                part = da[k] / (da[k] - db[k])
                out.append(a + (b - a) * part)
                kept.append(da + (db - da) * part)
        if len(out) < 3:
            return np.zeros((0, 3))
        corners, inside = np.array(out), np.array(kept)
    return corners


@dataclass(frozen=True)
class Wall:
    """An upright plane: ``origin`` float[3] on the floor, ``along`` and ``inward`` unit vectors."""

    origin: Array
    along: Array
    inward: Array

    def patch(self, x0: float, x1: float, z0: float, z1: float, out: float = 0.0) -> Array:
        """Rectangle on the wall, metres along and up, ``out`` metres in front of it."""
        base = self.origin + self.inward * out
        return np.array(
            [
                base + self.along * x + np.array([0, 0, z])
                for x, z in ((x0, z0), (x1, z0), (x1, z1), (x0, z1))
            ]
        )


def floor_patch(centre: Array, along: Array, across: Array, length: float, width: float) -> Array:
    """Rectangle on the floor about ``centre``; ``length`` along, ``width`` across, in metres."""
    a, b = along * length / 2, across * width / 2
    return np.array([centre - a - b, centre + a - b, centre + a + b, centre - a + b])


def _colour(rng: np.random.Generator, ranges: SceneRanges) -> Array:
    spread = 0.45 if rng.random() < ranges.colourful_share else 0.07
    return np.clip(draw(rng, ranges.brightness) + rng.uniform(-spread, spread, 3), 0, 1)


def draw_room(
    rng: np.random.Generator, ranges: SceneRanges, camera: Camera, spot_m: Array
) -> tuple[Scene, Array]:
    """A room around a person who stands at ``spot_m`` (on the floor), and its backdrop colour."""
    away = -camera.axes[2] * [1, 1, 0]
    away /= np.linalg.norm(away)
    turn = np.deg2rad(draw(rng, ranges.wall_turn_deg))
    c, s = np.cos(turn), np.sin(turn)
    away = np.array([c * away[0] - s * away[1], s * away[0] + c * away[1], 0.0])
    along = np.array([-away[1], away[0], 0.0])
    foot = np.array([spot_m[0], spot_m[1], 0.0])
    back = Wall(foot + away * draw(rng, ranges.wall_behind_m), along, -away)
    walls = [back]
    if rng.random() < ranges.side_wall_share:
        side = rng.choice([-1.0, 1.0])
        corner = back.origin + along * side * rng.uniform(0.6, 4.0)
        walls.append(Wall(corner, away, -along * side))
    scene = [Face(floor_patch(foot, along, away, 80, 80), _colour(rng, ranges))]
    if rng.random() < ranges.floor_lines_share:
        scene += _floor_lines(rng, ranges, foot, along, away)
    for wall in walls:
        scene += _wall(rng, ranges, wall)
    for _ in range(round(draw(rng, ranges.furniture))):
        place = foot + along * rng.uniform(-2.5, 2.5) + away * rng.uniform(0.35, 2.0)
        scene += _box(rng, ranges, place, along, away, camera)
    return scene, _colour(rng, ranges)


def _floor_lines(
    rng: np.random.Generator, ranges: SceneRanges, foot: Array, along: Array, away: Array
) -> Scene:
    colour, step = _colour(rng, ranges), rng.uniform(0.25, 1.2)
    width = rng.uniform(0.01, 0.06)
    shift = rng.uniform(0, step)
    n = int(6 / step)
    lines = [
        Face(floor_patch(foot + away * (k * step + shift), along, away, 30, width), colour)
        for k in range(-n, n + 1)
    ]
    if rng.random() < 0.6:
        lines += [
            Face(floor_patch(foot + along * (k * step + shift), away, along, 30, width), colour)
            for k in range(-n, n + 1)
        ]
    return lines


def _wall(rng: np.random.Generator, ranges: SceneRanges, wall: Wall) -> Scene:
    faces = [Face(wall.patch(-40, 40, 0, rng.choice([2.4, 2.8, 3.5, 9.0])), _colour(rng, ranges))]
    if rng.random() < 0.3:
        faces.append(
            Face(wall.patch(-40, 40, 0, rng.uniform(0.7, 1.4), 0.004), _colour(rng, ranges))
        )
    faces.append(Face(wall.patch(-40, 40, 0, rng.uniform(0.05, 0.14), 0.01), _colour(rng, ranges)))
    if rng.random() < 0.25:
        z = rng.uniform(0.8, 1.0)
        faces.append(
            Face(wall.patch(-40, 40, z, z + rng.uniform(0.04, 0.15), 0.05), _colour(rng, ranges))
        )
    for _ in range(round(draw(rng, ranges.wall_things))):
        x, kind, colour = rng.uniform(-3.5, 3.5), rng.random(), _colour(rng, ranges)
        if kind < 0.4:  # a door in its frame
            wide, frame = rng.uniform(0.7, 1.3), rng.uniform(0.04, 0.1)
            faces.append(
                Face(
                    wall.patch(x - frame, x + wide + frame, 0, 2.05 + frame, 0.015),
                    _colour(rng, ranges),
                )
            )
            faces.append(Face(wall.patch(x, x + wide, 0, 2.05, 0.02), colour))
        elif kind < 0.75:  # picture, board, switch
            wide, tall, z = rng.uniform(0.1, 1.4), rng.uniform(0.1, 1.0), rng.uniform(0.8, 1.7)
            faces.append(
                Face(
                    wall.patch(x - 0.03, x + wide + 0.03, z - 0.03, z + tall + 0.03, 0.015),
                    _colour(rng, ranges),
                )
            )
            faces.append(Face(wall.patch(x, x + wide, z, z + tall, 0.02), colour))
        else:  # window or radiator
            wide, z = rng.uniform(0.5, 2.0), rng.choice([0.1, 0.9])
            faces.append(Face(wall.patch(x, x + wide, z, z + rng.uniform(0.5, 1.3), 0.02), colour))
            shade = _colour(rng, ranges)
            for k in range(1, int(rng.integers(2, 8))):
                at = x + wide * k / 8
                faces.append(Face(wall.patch(at, at + 0.03, z, z + 0.5, 0.03), shade))
    return faces


def _box(
    rng: np.random.Generator,
    ranges: SceneRanges,
    place: Array,
    along: Array,
    away: Array,
    camera: Camera,
) -> Scene:
    """A box on the floor (chair, cupboard, bed, post): the three faces that the camera may see."""
    wide, deep = rng.uniform(0.05, 1.6), rng.uniform(0.05, 0.7)
    tall = rng.choice([rng.uniform(0.3, 1.0), rng.uniform(1.0, 2.2)])
    colour = _colour(rng, ranges)
    near = Wall(place, along, -away)
    seen = float((camera.eye_m - place) @ along)
    edge = wide if seen > wide else 0.0
    flank = Wall(place + along * edge, away, along)
    lid = (
        place
        + np.array([np.zeros(3), along * wide, along * wide + away * deep, away * deep])
        + np.array([0.0, 0.0, tall])
    )
    return [
        Face(lid, colour * 1.15),
        Face(flank.patch(0, deep, 0, tall), colour * 0.75),
        Face(near.patch(0, wide, 0, tall), colour),
    ]


def paint_clutter(
    rng: np.random.Generator, ranges: SceneRanges, width: int, height: int
) -> NDArray[np.uint8]:
    """A background without meaning: two tones and random shapes, uint8[H, W, 3]."""
    tone = [_colour(rng, ranges) for _ in range(3)]
    ramp = np.linspace(0, 1, height)[:, None, None]
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:] = np.clip((tone[0] * (1 - ramp) + tone[1] * ramp) * 255, 0, 255).astype(np.uint8)
    canvas[int(height * rng.uniform(0.45, 0.95)) :] = np.clip(tone[2] * 255, 0, 255)
    for _ in range(round(draw(rng, ranges.clutter_things))):
        colour = tuple(float(c) for c in _colour(rng, ranges) * 255)
        at = (rng.uniform(-0.1, 1.1, (4, 2)) * [width, height]).astype(int)
        kind = rng.random()
        if kind < 0.5:
            box = np.array([at[0], [at[1, 0], at[0, 1]], at[1], [at[0, 0], at[1, 1]]])
            cv2.fillPoly(canvas, [box], colour, cv2.LINE_AA)
        elif kind < 0.65:
            cv2.fillPoly(canvas, [at], colour, cv2.LINE_AA)
        elif kind < 0.85:
            a, b = (int(at[0, 0]), int(at[0, 1])), (int(at[1, 0]), int(at[1, 1]))
            cv2.line(canvas, a, b, colour, int(rng.integers(1, 14)), cv2.LINE_AA)
        else:
            size = (int(rng.uniform(3, 0.3 * width)), int(rng.uniform(3, 0.3 * height)))
            centre = (int(at[0, 0]), int(at[0, 1]))
            cv2.ellipse(canvas, centre, size, rng.uniform(0, 180), 0, 360, colour, -1, cv2.LINE_AA)
    return canvas


def add_grain(
    rng: np.random.Generator, ranges: SceneRanges, picture: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Cloudy brightness at four scales and a slope of light, float32[H, W, 3] in 0..1."""
    h, w = picture.shape[:2]
    cloud = np.zeros((h, w), np.float32)
    for cell in (3, 9, 27, 81):
        coarse = rng.normal(0, draw(rng, ranges.grain), (h // cell + 2, w // cell + 2))
        cloud += cv2.resize(coarse.astype(np.float32), (w, h), interpolation=cv2.INTER_LINEAR)
    sx, sy = rng.uniform(-0.25, 0.25, 2)
    cloud += (
        np.linspace(-sx, sx, w, dtype=np.float32)
        + np.linspace(-sy, sy, h, dtype=np.float32)[:, None]
    )
    return np.asarray(picture.astype(np.float32) / 255 * (1 + cloud[..., None]), np.float32)


def draw_background(
    rng: np.random.Generator, ranges: SceneRanges, camera: Camera, spot_m: Array
) -> NDArray[np.float32]:
    """The background of a single picture, float32[H, W, 3]."""
    if rng.random() < ranges.clutter_share:
        flat = paint_clutter(rng, ranges, camera.width, camera.height)
    else:
        room, backdrop = draw_room(rng, ranges, camera, spot_m)
        flat = paint(room, camera, backdrop)
    return add_grain(rng, ranges, flat)
