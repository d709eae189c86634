"""A pinhole camera that stands still, and the cameras drawn for single pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quantize.render.ranges import Span, draw

Array = NDArray[np.float64]
NEAR_M, FAR_M = 0.1, 60.0


@dataclass(frozen=True)
class Camera:
    """A camera.

    ``eye_m`` float[3]; ``axes`` float[3, 3], rows right, up and backwards in the world;
    ``focal_px``; ``centre_px`` where the optical axis meets the picture (may lie outside);
    ``width``, ``height`` of the picture. Pixel i covers i to i + 1; x right, y down.
    """

    eye_m: Array
    axes: Array
    focal_px: float
    centre_px: tuple[float, float]
    width: int
    height: int

    def project(self, points_m: Array) -> tuple[Array, Array]:
        """Pixels float[..., 2] and depths float[...] in metres (positive in front)."""
        q = (points_m - self.eye_m) @ self.axes.T
        depth = -q[..., 2]
        scale = self.focal_px / np.where(np.abs(depth) < 1e-9, 1e-9, depth)
        x = self.centre_px[0] + q[..., 0] * scale
        y = self.centre_px[1] - q[..., 1] * scale
        return np.stack([x, y], -1), depth

    def shows(self, xy_px: Array) -> NDArray[np.bool_]:
        """Whether pixels float[..., 2] lie inside the picture, bool[...]."""
        inside = (xy_px >= 0) & (xy_px < [self.width, self.height])
        return np.asarray(inside.all(-1), np.bool_)

    def matrix(self) -> NDArray[np.float32]:
        """World to clip space for OpenGL, float32[4, 4]."""
        w, h, (cx, cy), f = self.width, self.height, self.centre_px, self.focal_px
        lens = np.array(
            [
                [2 * f / w, 0, 1 - 2 * cx / w, 0],
                [0, 2 * f / h, 2 * cy / h - 1, 0],
                [
                    0,
                    0,
                    -(FAR_M + NEAR_M) / (FAR_M - NEAR_M),
                    -2 * FAR_M * NEAR_M / (FAR_M - NEAR_M),
                ],
                [0, 0, -1, 0],
            ]
        )
        view = np.eye(4)
        view[:3, :3] = self.axes
        view[:3, 3] = -self.axes @ self.eye_m
        return np.asarray(lens @ view, dtype=np.float32)


def aim(eye_m: Array, at_m: Array, roll_deg: float = 0.0) -> Array:
    """Axes of a camera at ``eye_m`` that looks at ``at_m``."""
    back = eye_m - at_m
    back = back / np.linalg.norm(back)
    right = np.cross([0.0, 0.0, 1.0], back)
    right = right / np.linalg.norm(right)
    up = np.cross(back, right)
    c, s = np.cos(np.deg2rad(roll_deg)), np.sin(np.deg2rad(roll_deg))
    return np.stack([c * right + s * up, c * up - s * right, back])


@dataclass(frozen=True)
class CameraRanges:
    """Ranges of the cameras of single pictures.

    ``uniform_share`` of the yaws are uniform over 360 degrees, the others lie about the two side
    views with the spread ``side_sd_deg``. ``aside_deg``: angle between the optical axis and the
    person, who need not walk through the middle of the picture.
    """

    uniform_share: float
    side_sd_deg: float
    height_m: Span
    distance_m: Span
    aside_deg: Span
    pitch_deg: Span
    roll_deg: Span


@dataclass(frozen=True)
class FrameRanges:
    """Size of the stored pictures and of the person in them.

    ``shift``: place of the person, -1..1, as part of the free room; ``box_jitter``: the stored
    box is moved and scaled by up to this part of its size (0 keeps the tight box).
    """

    width: int
    height: int
    person_px: Span
    shift: Span
    box_jitter: float


def draw_yaw(rng: np.random.Generator, ranges: CameraRanges) -> float:
    """Yaw in degrees, -180..180: 0 shows the face, +90 the person's left side, 180 the back."""
    if rng.random() < ranges.uniform_share:
        return float(rng.uniform(-180, 180))
    side = rng.choice([-90.0, 90.0]) + rng.normal(0, ranges.side_sd_deg)
    return float((side + 180) % 360 - 180)


def view_name(yaw_deg: float) -> str:
    """``front``, ``oblique_front``, ``side``, ``oblique_back`` or ``back``: 45-degree sectors."""
    away = abs((yaw_deg + 180) % 360 - 180)
    names = ("front", "oblique_front", "side", "oblique_back", "back")
    return names[int((away + 22.5) // 45)]


def frame_person(
    rng: np.random.Generator,
    ranges: CameraRanges,
    frame: FrameRanges,
    vertices_m: Array,
    heading_rad: float,
    yaw_deg: float,
) -> Camera:
    """A camera that shows one person, near the middle of a small picture.

    The camera's place and optical axis are those of a whole scene; the picture is the cut-out
    around the person, as a crop from the full frame is.
    """
    size_px = (frame.width, frame.height)
    person_px = draw(rng, frame.person_px)
    middle = (vertices_m.max(0) + vertices_m.min(0)) / 2
    seen_from = heading_rad + np.deg2rad(yaw_deg)
    distance = draw(rng, ranges.distance_m)
    eye = middle + distance * np.array([np.sin(seen_from), -np.cos(seen_from), 0.0])
    eye[2] = vertices_m[:, 2].min() + draw(rng, ranges.height_m)
    aside = seen_from + np.deg2rad(draw(rng, ranges.aside_deg))
    ahead = np.array([-np.sin(aside), np.cos(aside), 0.0])
    ahead[2] = np.tan(np.deg2rad(draw(rng, ranges.pitch_deg)))
    axes = aim(eye, eye + ahead, draw(rng, ranges.roll_deg))
    flat, _ = Camera(eye, axes, 1.0, (0.0, 0.0), *size_px).project(vertices_m)
    low, high = flat.min(0), flat.max(0)
    # The picture stays the same size for wide poses: the person then becomes a little smaller.
    focal = min(person_px / (high[1] - low[1]), size_px[0] * 0.8 / (high[0] - low[0]))
    room = np.array(size_px) - (high - low) * focal
    place = (
        np.array(size_px) / 2
        + np.array([draw(rng, frame.shift), draw(rng, frame.shift)]) * room / 2
    )
    centre = place - (low + high) / 2 * focal
    return Camera(eye, axes, float(focal), (float(centre[0]), float(centre[1])), *size_px)
