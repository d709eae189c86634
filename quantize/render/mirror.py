"""A mirror or a pane of glass beside the person, and the person's reflection in it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from quantize.render.camera import Camera
from quantize.render.light import Light
from quantize.render.picture import Image, Painter
from quantize.render.scene import cut_to_view

Array = NDArray[np.float64]
_SHOWS, _LEAST_PX = 0.15, 150


@dataclass(frozen=True)
class Mirror:
    """An upright rectangle of glass.

    ``foot`` is a point of its foot line, ``normal`` the unit vector towards the person, ``half_m``
    its extent to both sides, ``strength`` the part of the light that comes back.
    """

    foot: Array
    normal: Array
    half_m: float
    low_m: float
    high_m: float
    strength: float

    @property
    def corners(self) -> Array:
        """float[4, 3]."""
        along = np.array([-self.normal[1], self.normal[0], 0.0]) * self.half_m
        up = np.array([0.0, 0.0, 1.0])
        low, high = self.foot + self.low_m * up, self.foot + self.high_m * up
        return np.array([low - along, low + along, high + along, high - along])

    def reflect(self, points: Array) -> Array:
        """Points float[N, 3] behind the glass."""
        return points - 2 * ((points - self.foot) @ self.normal)[:, None] * self.normal


def draw_mirror(rng: np.random.Generator, spot: Array, camera: Camera) -> Mirror:
    """A mirror near ``spot`` whose reflection the camera may see beside the person."""
    towards = (camera.eye_m - spot) * [1, 1, 0]
    towards /= np.linalg.norm(towards)
    turn = np.deg2rad(rng.choice([-1, 1]) * rng.uniform(12, 75))
    c, s = np.cos(turn), np.sin(turn)
    normal = np.array([c * towards[0] - s * towards[1], s * towards[0] + c * towards[1], 0.0])
    return Mirror(
        spot - normal * rng.uniform(0.35, 0.95),
        normal,
        rng.uniform(0.5, 3.0),
        rng.uniform(0.0, 0.7),
        rng.uniform(1.7, 2.6),
        rng.uniform(0.25, 1.0),
    )


def reflect_into(
    picture: Image,
    painter: Painter,
    mirror: Mirror,
    vertices_m: Array,
    camera: Camera,
    light: Light,
) -> tuple[float, float, float, float] | None:
    """Paint glass and reflection into the background, in place.

    Returns
    -------
    Box of the reflection in the picture, None where hardly any of it shows.
    """
    corners = cut_to_view(mirror.corners, camera)
    if len(corners) < 3:
        return None
    glass = np.zeros(picture.shape[:2], np.uint8)
    fixed = np.round(camera.project(corners)[0] * 16).astype(np.int32)
    cv2.fillConvexPoly(glass, fixed, 255, cv2.LINE_AA, 4)
    pane = (glass.astype(np.float32) / 255 * np.float32(mirror.strength))[..., None]
    behind = cv2.GaussianBlur(picture[:, ::-1], (0, 0), 2.0)
    picture *= 1 - pane
    picture += pane * behind * np.float32(0.9)
    points = mirror.reflect(vertices_m)
    figure = painter.draw(points, points[:23], camera, light)
    cover = figure.cover[..., None] * pane
    picture *= 1 - cover
    picture += figure.colour * pane * np.float32(0.92)
    shows = (cover[..., 0] > _SHOWS).astype(np.uint8)
    if shows.sum() < _LEAST_PX:
        return None
    x0, y0, wide, tall = cv2.boundingRect(shows)
    return float(x0), float(y0), float(x0 + wide), float(y0 + tall)
