"""The corridor of a clip: floor, a long wall with doors, skirting board, handrail and notices."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from quantize.render.camera import Camera
from quantize.render.scene import Face, Scene, Wall, floor_patch, paint
from quantize.render.specs import SheetSpec

Array = NDArray[np.float64]
_FINER = 3


def corridor(rng: np.random.Generator, wall_behind_m: float) -> Scene:
    """A corridor along x whose wall stands at y = ``wall_behind_m``; the walk runs along y = 0."""
    along, away = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    wall = Wall(away * wall_behind_m, along, -away)
    paint_colour = (
        np.array([0.80, 0.79, 0.74]) + rng.uniform(-0.1, 0.06) + rng.uniform(-0.03, 0.03, 3)
    )
    floor = np.array([0.52, 0.50, 0.47]) + rng.uniform(-0.12, 0.12) + rng.uniform(-0.03, 0.03, 3)
    scene = [Face(floor_patch(np.zeros(3), along, away, 60, 60), floor)]
    scene += [
        Face(floor_patch(along * x, away, along, 60, 0.008), floor * 0.88)
        for x in np.arange(-12, 12.1, 0.6)
    ]
    scene += [
        Face(floor_patch(away * (wall_behind_m - y), along, away, 60, 0.008), floor * 0.88)
        for y in np.arange(0.6, 6.1, 0.6)
    ]
    scene.append(Face(wall.patch(-30, 30, 0, 2.6), paint_colour))
    scene.append(Face(wall.patch(-30, 30, 2.6, 6.0), np.array([0.9, 0.9, 0.9])))
    scene.append(Face(wall.patch(-30, 30, 0, 1.05, 0.003), paint_colour * [0.86, 0.92, 0.95]))
    scene += _doors(rng, wall)
    scene.append(Face(wall.patch(-30, 30, 0, 0.1, 0.012), np.array([0.36, 0.33, 0.31])))
    scene.append(Face(wall.patch(-30, 30, 0.88, 0.95, 0.06), np.array([0.55, 0.42, 0.30])))
    return scene


def floor_sheet(spec: SheetSpec) -> Scene:
    """A printed marker on the floor, at its true size and place."""
    turn = np.deg2rad(spec.turn_deg)
    up = np.array([-np.sin(turn), np.cos(turn), 0.0])
    right = np.array([up[1], -up[0], 0.0])
    middle = np.array([spec.x_m, spec.y_m, 0.0])
    paper, ink = np.full(3, 0.93), np.full(3, 0.07)
    wide, long = spec.width_m, spec.length_m
    rim = 2 * spec.margin_m
    scene = [Face(floor_patch(middle, up, right, long + rim, wide + rim), paper)]
    scene.append(Face(floor_patch(middle, up, right, long, wide), ink))
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_100)
    cells = dictionary.markerSize + 2
    bits = cv2.aruco.generateImageMarker(dictionary, spec.marker, cells) > 0
    corner = middle + up * long / 2 - right * wide / 2
    for row, column in np.argwhere(bits):
        place = corner - up * long * (row + 0.5) / cells + right * wide * (column + 0.5) / cells
        # A hair larger than its cell, so that no dark seam stays between two white ones.
        patch = floor_patch(place, up, right, 1.01 * long / cells, 1.01 * wide / cells)
        scene.append(Face(patch, paper))
    return scene


def _doors(rng: np.random.Generator, wall: Wall) -> Scene:
    scene = []
    first = rng.uniform(-1.5, 0.5)
    for x in np.arange(first - 8, 10, 4.0):
        wood = np.array([0.60, 0.48, 0.36]) * rng.uniform(0.85, 1.1)
        scene.append(Face(wall.patch(x - 0.07, x + 1.07, 0, 2.12, 0.06), wood * 0.7))
        scene.append(Face(wall.patch(x, x + 1.0, 0, 2.05, 0.061), wood))
        scene.append(Face(wall.patch(x + 0.08, x + 0.2, 1.0, 1.04, 0.07), np.full(3, 0.25)))
        at, wide = x + rng.uniform(1.6, 2.2), rng.uniform(0.5, 1.2)
        scene.append(
            Face(wall.patch(at - 0.03, at + wide + 0.03, 1.27, 1.93, 0.01), np.full(3, 0.3))
        )
        scene.append(Face(wall.patch(at, at + wide, 1.3, 1.9, 0.011), rng.uniform(0.4, 0.9, 3)))
    return scene


def paint_fine(scene: Scene, camera: Camera, rng: np.random.Generator) -> NDArray[np.float32]:
    """The scene with smooth edges, a fall of light and a little grain, float32[H, W, 3] 0..1."""
    k = _FINER
    fine = Camera(
        camera.eye_m,
        camera.axes,
        camera.focal_px * k,
        (camera.centre_px[0] * k, camera.centre_px[1] * k),
        camera.width * k,
        camera.height * k,
    )
    big = paint(scene, fine, np.array([0.85, 0.85, 0.85]))
    flat = cv2.resize(big, (camera.width, camera.height), interpolation=cv2.INTER_AREA)
    light = np.ones((camera.height, camera.width), np.float32)
    light += np.linspace(-0.06, 0.06, camera.width, dtype=np.float32) * rng.choice([-1, 1])
    light += np.linspace(0.05, -0.07, camera.height, dtype=np.float32)[:, None]
    light += 0.012 * cv2.GaussianBlur(
        rng.standard_normal(light.shape, dtype=np.float32), (0, 0), 1.2
    )
    return np.asarray(flat.astype(np.float32) / 255 * light[..., None])
