"""Things beside the labelled person: meshes with their own colours, built from tubes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MATERIALS = 6


@dataclass(frozen=True)
class Palette:
    """Colours of up to six materials.

    ``colour`` and ``colour2`` float[6, 3]; ``pattern`` float[6, 4] and ``fold`` float[6, 2] as in
    :class:`quantize.render.clothes.Outfit`.
    """

    colour: Array
    colour2: Array
    pattern: Array
    fold: Array

    @staticmethod
    def plain(*colours: Array) -> Palette:
        """A palette of plain colours."""
        colour = np.zeros((MATERIALS, 3))
        colour[: len(colours)] = colours
        return Palette(colour, colour, np.zeros((MATERIALS, 4)), np.zeros((MATERIALS, 2)))


@dataclass(frozen=True)
class Thing:
    """A mesh in the room.

    ``points`` and ``normals`` float[N, 3]; ``rest`` float[N, 3], where patterns are looked up;
    ``material`` int[N]; ``faces`` int[F, 3].
    """

    points: Array
    normals: Array
    rest: Array
    material: NDArray[np.intp]
    faces: NDArray[np.int32]
    palette: Palette


@dataclass(frozen=True)
class Part:
    """A piece of a thing, of one material: points, outward normals, triangles."""

    points: Array
    normals: Array
    faces: NDArray[np.int32]
    material: int


def tube(start_m: Array, end_m: Array, radius_m: float, material: int = 0, sides: int = 8) -> Part:
    """A closed round bar from ``start_m`` to ``end_m``."""
    axis = end_m - start_m
    axis = axis / np.linalg.norm(axis)
    helper = np.eye(3)[int(np.argmin(np.abs(axis)))]
    u = np.cross(axis, helper)
    u /= np.linalg.norm(u)
    v = np.cross(axis, u)
    angle = np.arange(sides) / sides * 2 * np.pi
    out = np.cos(angle)[:, None] * u + np.sin(angle)[:, None] * v
    mantle = np.concatenate([start_m + radius_m * out, end_m + radius_m * out])
    # The caps have their own corners, so that their normals point along the axis.
    caps = np.concatenate([mantle, [start_m], [end_m]])
    cap_normals = np.concatenate(
        [np.tile(-axis, (sides, 1)), np.tile(axis, (sides, 1)), [-axis], [axis]]
    )
    i = np.arange(sides)
    k = (i + 1) % sides
    around = np.concatenate(
        [np.stack([i, k, i + sides], 1), np.stack([k, k + sides, i + sides], 1)]
    )
    first = 2 * sides
    lids = np.concatenate(
        [
            np.stack([i, k, np.full(sides, 2 * sides)], 1),
            np.stack([i + sides, k + sides, np.full(sides, 2 * sides + 1)], 1),
        ]
    )
    faces = np.concatenate([around, lids + first]).astype(np.int32)
    return Part(
        np.concatenate([mantle, caps]), np.concatenate([out, out, cap_normals]), faces, material
    )


def join(parts: list[Part], palette: Palette) -> Thing:
    """One thing from its parts."""
    start = np.cumsum([0] + [len(p.points) for p in parts[:-1]])
    points = np.concatenate([p.points for p in parts])
    return Thing(
        points,
        np.concatenate([p.normals for p in parts]),
        points - points.mean(0),
        np.concatenate([np.full(len(p.points), p.material) for p in parts]),
        np.concatenate([p.faces + s for p, s in zip(parts, start, strict=True)]).astype(np.int32),
        palette,
    )
