"""Clips of a walker in a corridor, with their exact truth.

A clip is one pass in front of a still camera: the corridor is empty, the walker comes in on one
side, passes and leaves. The motion is continuous; each frame is drawn at its own time, so events
lie between frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import Side
from quantize.render import effects
from quantize.render.body import BodyModel
from quantize.render.camera import Camera, aim
from quantize.render.clothes import ClothesRanges, Material, Wardrobe
from quantize.render.cohort import Cohort
from quantize.render.contacts import Schedule
from quantize.render.corridor import corridor, floor_sheet, paint_fine
from quantize.render.fitted import MocapWalk
from quantize.render.floor_check import ContactCheck, check_contacts
from quantize.render.legs import Sole, about_z
from quantize.render.light import LightRanges, draw_light
from quantize.render.mocap import MocapLibrary
from quantize.render.parametric import ParametricWalk
from quantize.render.picture import Figure, Painter
from quantize.render.specs import ClipSpec
from quantize.render.stills import floor_spots

Array = NDArray[np.float64]
_BATCH = 32
_BODY_M = 0.75


@dataclass(frozen=True)
class ClipRecipe:
    """A file of clips, one by one or as a cohort; clothes and light are drawn by each seed."""

    clothes: ClothesRanges
    light: LightRanges
    clips: tuple[ClipSpec, ...] | None = None
    cohort: Cohort | None = None

    def all(self) -> tuple[ClipSpec, ...]:
        """Every clip of the recipe."""
        return (self.clips or ()) + (self.cohort.clips() if self.cohort else ())


class Motion(Protocol):
    """A walk along -y with known contacts: parametric or recorded."""

    schedule: Schedule
    soles: dict[Side, Sole]

    @property
    def span_s(self) -> tuple[float, float]:
        """From when to when the walk is known."""

    def pose(self, time_s: Array) -> tuple[Array, Array]:
        """Turns float[T, B, 3, 3] and root places float[T, 3]."""


@dataclass(frozen=True)
class ClipFrame:
    """One frame: the picture uint8[H, W, 3] and what is true in it.

    ``keypoints_m`` float[23, 3] in the room; ``xy_px`` float[23, 2]; ``seen`` int[23] (0 outside,
    1 hidden, 2 visible); ``box_px`` the walker's box, zeros when absent; ``mask`` uint8[H, W / 8],
    the walker's silhouette as bits.
    """

    time_s: float
    picture: NDArray[np.uint8]
    keypoints_m: Array
    xy_px: Array
    seen: NDArray[np.int8]
    box_px: tuple[float, float, float, float]
    mask: NDArray[np.uint8]

    def without_picture(self) -> ClipFrame:
        """The same, its picture dropped to save memory."""
        return replace(self, picture=np.zeros((0, 0, 3), np.uint8))


class ClipStudio:
    """Draws one clip.

    Attributes
    ----------
    check
        The measured contacts of the walk at the frames.
    time_s
        Presentation time of each frame, float[T].
    start_s
        The first frame's moment on the schedule's clock.
    """

    def __init__(
        self, recipe: ClipRecipe, spec: ClipSpec, model: BodyModel, mocap: Path | None = None
    ) -> None:
        if (spec.gait is None) == (spec.trial is None):
            raise ValueError(f"clip {spec.name}: give a gait or a trial, not both")
        self.spec, self._model = spec, model
        self._rng = np.random.default_rng(spec.seed)
        who = spec.person
        self.person = model.sized(
            who.age_years,
            who.female,
            who.stature_m,
            {"muscle": who.muscle, "weight": who.weight, "proportions": who.proportions},
        )
        self._shape = model.shape(self.person.phenotype)
        self._wardrobe = Wardrobe(model)
        self._outfit = self._wardrobe.outfit(self._rng, recipe.clothes, self.person, self._shape)
        self._light = draw_light(self._rng, recipe.light)
        self.camera = clip_camera(spec)
        self._heading = np.deg2rad(90.0 if spec.camera.left_to_right else -90.0)
        self.motion, self.start_s, self.duration_s = self._place(mocap)
        shoe = self._outfit.material == Material.SHOES
        self.shoe_m = float(self._outfit.offset_m[shoe].max(initial=0.0))
        count = int(np.floor(self.duration_s * spec.rate_hz + 1e-9)) + 1
        self.time_s: Array = np.arange(count) / spec.rate_hz
        self._vertices, self.keypoints_m = self._pose_all()
        self.check = self._measure()
        self.check.demand()

    def _place(self, mocap: Path | None) -> tuple[Motion, float, float]:
        """The motion, its moment at the clip's first frame, and the clip's length."""
        spec, gait = self.spec, self.spec.gait
        if gait is None:
            if mocap is None or spec.trial is None:
                raise ValueError(f"clip {spec.name} walks a recorded trial: give --mocap")
            walk = MocapWalk(self._model, self._shape, MocapLibrary(mocap), spec.trial)
            first, last = walk.span_s
            middle = walk.pose(np.array([(first + last) / 2]))[1][0]
            self._origin = middle * [1, 1, 0]
            return walk, first, last - first
        half = visible_half_width(self.camera, spec) + _BODY_M
        length = 2 * half + 2 * spec.empty_s * gait.speed_m_s
        duration = length / gait.speed_m_s
        lead = 4 * 60 / gait.cadence_per_min
        steady = ParametricWalk(self._model, self._shape, gait, duration + 2 * lead, seed=spec.seed)
        start = steady.span_s[0] + lead * 0.61 + self._rng.uniform(0, 0.2)
        begin = steady.pose(np.array([start]))[1][0]
        self._origin = np.array([0.0, begin[1] - length / 2, 0.0])
        return steady, start, duration

    def _pose_all(self) -> tuple[NDArray[np.float32], Array]:
        """Meshes and keypoints of all frames in the room (floor under the shoes at z = 0)."""
        meshes: list[NDArray[np.float32]] = []
        points: list[Array] = []
        for k in range(0, len(self.time_s), _BATCH):
            now = self.start_s + self.time_s[k : k + _BATCH]
            turn, root = self.motion.pose(now)
            vertices, keypoints = self._model.pose(self.person, self._shape, turn, root)
            meshes.append(self._in_room(vertices).astype(np.float32))
            points.append(self._in_room(keypoints))
        return np.concatenate(meshes), np.concatenate(points)

    def _in_room(self, points_m: Array) -> Array:
        spin = about_z(np.rad2deg(np.array(self._heading)))
        return np.asarray((points_m - self._origin) @ spin.T + (0.0, 0.0, self.shoe_m))

    def leg_joints_m(self) -> Array:
        """Centres of the joints in the room: left and right hip, left and right knee.

        float64[T, 4, 3], metres. The skeleton's own: key points of the hips are means of skin,
        which moves with the thigh.
        """
        turn, root = self.motion.pose(self.start_s + self.time_s)
        head, bone = self._shape.heads, self._model.index
        hips, knees = [], []
        for letter in (".L", ".R"):
            thigh, shank = bone["upperleg01" + letter], bone["lowerleg01" + letter]
            hips.append(root + turn[:, bone["root"]] @ (head[thigh] - head[bone["root"]]))
            knees.append(hips[-1] + turn[:, thigh] @ (head[shank] - head[thigh]))
        return self._in_room(np.stack(hips + knees, axis=1))

    def _measure(self) -> ContactCheck:
        bone = np.array(self._model.bones)[self._model.vertex_bone]
        feet = {
            side: np.flatnonzero(
                [b.startswith(("foot", "toe")) and b.endswith(letter) for b in bone]
            )
            for side, letter in ((Side.LEFT, ".L"), (Side.RIGHT, ".R"))
        }
        return check_contacts(
            self.motion.schedule,
            self.motion.soles,
            feet,
            self.start_s + self.time_s,
            self._vertices.astype(np.float64) - [0, 0, self.shoe_m],
        )

    def frames(self) -> Iterator[ClipFrame]:
        """Draw the clip, frame by frame."""
        spec, camera, rng = self.spec, self.camera, self._rng
        scene = corridor(rng, spec.wall_behind_m)
        for sheet in spec.sheets or ():
            scene += floor_sheet(sheet)
        empty = paint_fine(scene, camera, rng)
        projected = [camera.project(v) for v in self._vertices]
        windows = [_window(xy, depth, camera) for xy, depth in projected]
        size = np.array([w[2:] for w in windows if w is not None]).reshape(-1, 2)
        wide, tall = (int(v) for v in size.max(0)) if len(size) else (8, 8)
        painter = Painter(self._model, self._wardrobe, wide, tall)
        painter.wear(self._shape, self._outfit)
        for k, at in enumerate(self.time_s):
            picture = empty.copy()
            cover = np.zeros(picture.shape[:2], np.float32)
            xy, depth = camera.project(self.keypoints_m[k])
            inside = camera.shows(xy) & (depth > 0)
            seen, box = inside.astype(np.int8), (0.0, 0.0, 0.0, 0.0)
            window = windows[k]
            if window is not None:
                x0, y0 = window[:2]
                part = _part_of(camera, x0, y0, wide, tall)
                figure = painter.draw(self._vertices[k], self.keypoints_m[k], part, self._light)
                spots = floor_spots(self.keypoints_m[k], camera)
                effects.cast_shadow(picture, spots, self._light.shadow, 6.0)
                cover, box = _blend(picture, figure, x0, y0)
                seen = (inside * (1 + figure.seen)).astype(np.int8)
            grain = rng.standard_normal(picture.shape[:2], dtype=np.float32)[..., None]
            picture += np.float32(spec.noise) * grain
            out = np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)
            yield ClipFrame(
                float(at), out, self.keypoints_m[k], xy, seen, box, np.packbits(cover > 0.5, axis=1)
            )


def clip_camera(spec: ClipSpec) -> Camera:
    """The still camera of a clip; the middle of the path is the room's origin."""
    view = spec.camera
    yaw = np.deg2rad(view.yaw_deg)
    eye = view.distance_m * np.array([np.sin(yaw), -np.cos(yaw), 0.0])
    eye[2] = view.height_m
    ahead = np.array([-np.sin(yaw), np.cos(yaw), np.tan(np.deg2rad(view.pitch_deg))])
    focal = spec.width / 2 / np.tan(np.deg2rad(view.field_deg) / 2)
    centre = (spec.width / 2, spec.height / 2)
    return Camera(eye, aim(eye, eye + ahead), float(focal), centre, spec.width, spec.height)


def visible_half_width(camera: Camera, spec: ClipSpec) -> float:
    """How far along the path, metres from its middle, the camera sees at most (10 m limit)."""
    x = np.linspace(-10, 10, 801)
    path = np.stack([x, np.zeros_like(x), np.full_like(x, 0.9)], 1)
    xy, depth = camera.project(path)
    seen = (depth > 0.3) & (xy[:, 0] >= 0) & (xy[:, 0] < spec.width)
    most = np.inf if spec.reach_m is None else spec.reach_m
    return float(min(np.abs(x[seen]).max(initial=1.0), most))


def _window(xy: Array, depth: Array, camera: Camera) -> tuple[int, int, int, int] | None:
    """Place and size of the part of the picture that the body may cover; None when outside."""
    if (depth < 0.2).any():
        return None
    low = np.floor(xy.min(0)) - 12
    high = np.ceil(xy.max(0)) + 12
    if high[0] <= 0 or low[0] >= camera.width or high[1] <= 0 or low[1] >= camera.height:
        return None
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def _part_of(camera: Camera, x0: int, y0: int, width: int, height: int) -> Camera:
    centre = (camera.centre_px[0] - x0, camera.centre_px[1] - y0)
    return Camera(camera.eye_m, camera.axes, camera.focal_px, centre, width, height)


def _blend(
    picture: NDArray[np.float32], figure: Figure, x0: int, y0: int
) -> tuple[NDArray[np.float32], tuple[float, float, float, float]]:
    """Lay the figure into the picture, in place; its cover float32[H, W] and its box there."""
    h, w = picture.shape[:2]
    fh, fw = figure.cover.shape
    ax, ay, bx, by = max(x0, 0), max(y0, 0), min(x0 + fw, w), min(y0 + fh, h)
    cover = np.zeros((h, w), np.float32)
    if ax >= bx or ay >= by:
        return cover, (0.0, 0.0, 0.0, 0.0)
    part = np.s_[ay - y0 : by - y0, ax - x0 : bx - x0]
    cover[ay:by, ax:bx] = figure.cover[part]
    picture[ay:by, ax:bx] *= 1 - figure.cover[part][..., None]
    picture[ay:by, ax:bx] += figure.colour[part]
    left, top, wide, tall = cv2.boundingRect((cover > 0.5).astype(np.uint8))
    return cover, (float(left), float(top), float(left + wide), float(top + tall))
