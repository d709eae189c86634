"""Labelled single pictures, drawn in groups: one person, one walk, a few outfits, many views."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import INDEX
from quantize.render import effects
from quantize.render.body import BodyModel, BodyRanges, Person
from quantize.render.camera import (
    Camera,
    CameraRanges,
    FrameRanges,
    draw_yaw,
    frame_person,
    view_name,
)
from quantize.render.clinic import ClinicRanges, Moment, Surroundings
from quantize.render.clothes import ClothesRanges, Wardrobe
from quantize.render.company import Companion
from quantize.render.gaits import GaitRanges
from quantize.render.light import LightRanges, draw_light
from quantize.render.photographs import Photographs
from quantize.render.picture import Figure, Painter
from quantize.render.ranges import draw
from quantize.render.scene import SceneRanges, draw_background
from quantize.render.style import StyleRanges
from quantize.render.walks import MocapRanges, PathologyRanges, Walk, walk_source

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SetRecipe:
    """A labelled set of single pictures: seed and every range.

    The walks come from ``mocap`` varied by ``style``, from ``parametric``, or from both, mixed as
    ``pathology`` says. ``clinic`` adds what a clinic shows.
    """

    seed: int
    count: int
    group: int
    outfits: int
    shard: int
    frame: FrameRanges
    mocap: MocapRanges | None
    style: StyleRanges | None
    parametric: GaitRanges | None
    body: BodyRanges
    clothes: ClothesRanges
    camera: CameraRanges
    light: LightRanges
    scene: SceneRanges
    effects: effects.EffectRanges
    clinic: ClinicRanges | None = None
    pathology: PathologyRanges | None = None


@dataclass(frozen=True)
class Sources:
    """Files that a recipe may need and that are no part of the project.

    ``mocap``: file of recorded walks; ``photographs``: folder of labelled photographs to stand
    behind the persons (the labels do not depend on them).
    """

    mocap: Path | None = None
    photographs: Path | None = None


@dataclass(frozen=True)
class Still:
    """One labelled picture: the JPEG file's bytes and its label."""

    jpeg: bytes
    label: dict[str, object]


class Studio:
    """Draws the pictures of a recipe. Group ``g`` is the same whatever was drawn before it."""

    def __init__(self, recipe: SetRecipe, sources: Sources) -> None:
        self.recipe = recipe
        if sources.photographs is not None and recipe.clinic is None:
            raise ValueError("this set draws its backgrounds: it takes no --photographs")
        folder = sources.photographs
        self._photographs = None if folder is None else Photographs(folder)
        self._model = BodyModel()
        self._wardrobe = Wardrobe(self._model)
        self._painter = Painter(
            self._model, self._wardrobe, recipe.frame.width, recipe.frame.height
        )
        if (recipe.mocap is None) != (recipe.style is None):
            raise ValueError("recorded walks need both [mocap] and [style]")
        recorded = (recipe.mocap, recipe.style) if recipe.mocap and recipe.style else None
        self._walks = walk_source(
            self._model, recorded, recipe.parametric, recipe.pathology, sources.mocap
        )

    def group(self, number: int) -> list[Still]:
        """All pictures of one group."""
        recipe = self.recipe
        rng = np.random.default_rng([recipe.seed, number])
        person = self._model.person(rng, recipe.body)
        shape = self._model.shape(person.phenotype)
        around = self._surroundings(number)
        walk = self._walks(rng, person, shape, recipe.group, around.holds if around else ())
        order = rng.permutation(recipe.group)
        stills: list[Still] = []
        bystander: Figure | None = None
        per_outfit = -(-recipe.group // recipe.outfits)
        for i, moment in enumerate(order):
            if i % per_outfit == 0:
                outfit = self._wardrobe.outfit(rng, recipe.clothes, person, shape)
                if around is not None:
                    outfit = around.dress(shape, outfit)
                self._painter.wear(shape, outfit)
            still, figure = self._still(rng, person, walk, int(moment), bystander, around)
            stills.append(still)
            if i % per_outfit == per_outfit - 1:
                bystander = figure
        return stills

    def _surroundings(self, number: int) -> Surroundings | None:
        """Aid, company and so on of a group, where the recipe has them."""
        recipe = self.recipe
        if recipe.clinic is None:
            return None
        rng = np.random.default_rng([recipe.seed, number, 1])
        around = Surroundings(rng, recipe.clinic, self._painter, self._wardrobe, self._photographs)
        if around.has_company:
            person = self._model.person(rng, recipe.body)
            shape = self._model.shape(person.phenotype)
            walk = self._walks(rng, person, shape, max(recipe.group // 2, 1), around.company_holds)
            outfit = self._wardrobe.outfit(rng, recipe.clothes, person, shape)
            around.meet(
                Companion(shape, outfit, walk.vertices_m, walk.keypoints_m, walk.heading_rad)
            )
        return around

    def _still(
        self,
        rng: np.random.Generator,
        person: Person,
        walk: Walk,
        moment: int,
        bystander: Figure | None,
        around: Surroundings | None,
    ) -> tuple[Still, Figure]:
        recipe = self.recipe
        vertices, keypoints = walk.vertices_m[moment], walk.keypoints_m[moment]
        heading = float(walk.heading_rad[moment])
        yaw = draw_yaw(rng, recipe.camera)
        camera = frame_person(rng, recipe.camera, recipe.frame, vertices, heading, yaw)
        light = draw_light(rng, recipe.light)
        spot = (vertices.max(0) + vertices.min(0)) / 2
        changes, tags = recipe.effects, {}
        if around is None:
            figure = self._painter.draw(vertices, keypoints, camera, light)
            picture = draw_background(rng, recipe.scene, camera, spot)
        else:
            shot = around.shot(
                Moment(vertices, walk.onward_m[moment], keypoints, heading),
                camera,
                light,
                changes,
                lambda scene: draw_background(scene, recipe.scene, camera, spot),
            )
            figure, picture, light = shot.figure, shot.picture, shot.light
            changes, tags = shot.effects, shot.tags
        if bystander is not None and rng.random() < recipe.effects.bystander_share:
            _stand_behind(rng, picture, bystander, figure)
        effects.cast_shadow(
            picture, floor_spots(keypoints, camera), light.shadow, rng.uniform(1.5, 5.0)
        )
        picture = picture * (1 - figure.cover[..., None]) + figure.colour
        hidden = effects.occlude(rng, changes, picture, figure.box_px)
        developed = effects.develop(rng, changes, picture)
        quality = int(draw(rng, changes.jpeg_quality))
        jpeg = cv2.imencode(".jpg", developed[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        label = {
            "width": recipe.frame.width,
            "height": recipe.frame.height,
            "box": _jittered(rng, figure.box_px, recipe.frame.box_jitter),
            "keypoints": keypoint_labels(figure.xy_px, figure.inside, figure.seen, hidden),
            "source": walk.source,
            "yaw_deg": round(yaw, 1),
            "view": view_name(yaw),
            "age": round(person.age_years),
            "sex": "f" if person.female else "m",
            "stature_m": round(person.stature_m, 3),
            "mm_per_px": round(mm_per_px(keypoints, camera), 3),
            "camera_height_m": round(float(camera.eye_m[2]), 2),
            **walk.tags,
            **tags,
        }
        return Still(jpeg.tobytes(), label), figure


def mm_per_px(keypoints_m: Array, camera: Camera) -> float:
    """Millimetres that one pixel covers at the depth of the middle of the hips."""
    hips = keypoints_m[[INDEX["left_hip"], INDEX["right_hip"]]].mean(0)
    return float(1000 * camera.project(hips)[1] / camera.focal_px)


def floor_spots(keypoints_m: Array, camera: Camera) -> list[Array]:
    """Outlines in the picture of the shadows that feet and body leave on the floor."""
    spots = []
    round_spot = np.stack([np.cos(a := np.arange(16) / 16 * 2 * np.pi), np.sin(a), 0 * a], 1)
    for side in ("left", "right"):
        heel, toe = (keypoints_m[INDEX[f"{side}_{n}"]] for n in ("heel", "big_toe"))
        middle, height = (heel + toe) / 2, max(float(min(heel[2], toe[2])), 0.0)
        if height < 0.2:
            reach = 0.6 * np.linalg.norm((toe - heel)[:2])
            spots.append(camera.project(middle * [1, 1, 0] + round_spot * reach * [1, 1, 0])[0])
    return spots


def _stand_behind(
    rng: np.random.Generator, picture: NDArray[np.float32], other: Figure, figure: Figure
) -> None:
    """Put another person behind the labelled one, smaller and well aside, in place."""
    h, w = picture.shape[:2]
    scale = rng.uniform(0.45, 0.9)
    ox0, _, ox1, oy1 = other.box_px
    x0, _, x1, y1 = figure.box_px
    side = rng.choice([-1, 1])
    want_x = (x0 + x1) / 2 + side * ((x1 - x0) / 2 + (ox1 - ox0) * scale * rng.uniform(0.2, 0.7))
    want_y = y1 - (y1 - h / 2) * rng.uniform(0.0, 0.35)
    move = np.array(
        [[scale, 0, want_x - scale * (ox0 + ox1) / 2], [0, scale, want_y - scale * oy1]]
    )
    colour, cover = (cv2.warpAffine(layer, move, (w, h)) for layer in (other.colour, other.cover))
    picture *= 1 - cover[..., None]
    picture += colour * np.float32(rng.uniform(0.7, 1.1))


def _jittered(
    rng: np.random.Generator, box: tuple[float, float, float, float], jitter: float
) -> list[float]:
    """The box, its centre and size changed by up to ``jitter`` of its sides."""
    x0, y0, x1, y1 = box
    if jitter:
        dx, dy, sx, sy = rng.uniform(-jitter, jitter, 4)
        cx, cy = (x0 + x1) / 2 + dx * (x1 - x0), (y0 + y1) / 2 + dy * (y1 - y0)
        half_w, half_h = (x1 - x0) / 2 * (1 + sx), (y1 - y0) / 2 * (1 + sy)
        x0, y0, x1, y1 = cx - half_w, cy - half_h, cx + half_w, cy + half_h
    return [round(v, 1) for v in (x0, y0, x1, y1)]


def keypoint_labels(
    xy_px: Array,
    inside: NDArray[np.bool_],
    seen: NDArray[np.bool_],
    hidden: NDArray[np.bool_],
) -> list[list[float]]:
    """Keypoints as [x, y, v]: 0 outside the picture, 1 hidden, 2 visible."""
    rows = []
    for (x, y), within, clear in zip(xy_px, inside, seen, strict=True):
        if not within:
            rows.append([0.0, 0.0, 0])
            continue
        covered = hidden[min(int(y), hidden.shape[0] - 1), min(int(x), hidden.shape[1] - 1)]
        rows.append([round(float(x), 1), round(float(y), 1), 2 if clear and not covered else 1])
    return rows
