"""Whole frames with nobody or several people: who is there, who is the patient, what is no person.

A label holds ``people`` (box, 23 keypoints, role ``patient``, ``helper`` or ``bystander``; the
patient first) and the boxes of ``reflections`` and ``pictures`` (persons printed or on screens),
which a finder must leave alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import Side
from quantize.render import effects
from quantize.render.aids import Aid, aid_holds, aid_thing, draw_aid_or_none
from quantize.render.arms import ArmHold
from quantize.render.body import BodyModel, BodyRanges
from quantize.render.camera import Camera, aim
from quantize.render.clinic import ClinicRanges, brighten, draw_mood
from quantize.render.clothes import ClothesRanges, Wardrobe
from quantize.render.company import Companion, Place, helper_hold, helper_spot
from quantize.render.gaits import GaitRanges
from quantize.render.gowns import dress_for_clinic
from quantize.render.light import Light, LightRanges, draw_light
from quantize.render.mirror import draw_mirror, reflect_into
from quantize.render.picture import Image, Painter
from quantize.render.ranges import Span, draw
from quantize.render.scene import SceneRanges, draw_background
from quantize.render.stills import Sources, Still, floor_spots, keypoint_labels
from quantize.render.style import StyleRanges
from quantize.render.walks import MocapRanges, PathologyRanges, walk_source

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]
_APART_M, _TRIES, _LEAST_PX = 0.5, 12, 6.0
_EDGE_PX = 4.0
"""About what two neighbours of a near body's mesh are apart: a body cut by an edge reaches it."""


@dataclass(frozen=True)
class FrameCamera:
    """Ranges of the cameras of whole frames, and of the people's distance from them."""

    width: int
    height: int
    field_deg: Span
    height_m: Span
    pitch_deg: Span
    roll_deg: Span
    distance_m: Span


@dataclass(frozen=True)
class FramesRecipe:
    """A set of whole frames.

    ``people``: weights of 0, 1, 2, 3 and 4 people; ``poster_share`` of the frames show a person's
    picture. Walks as in a set of single pictures; of ``clinic``, the photographs are not used.
    """

    seed: int
    count: int
    group: int
    shard: int
    people: tuple[float, float, float, float, float]
    poster_share: float
    camera: FrameCamera
    mocap: MocapRanges | None
    style: StyleRanges | None
    parametric: GaitRanges | None
    pathology: PathologyRanges | None
    body: BodyRanges
    clothes: ClothesRanges
    clinic: ClinicRanges
    light: LightRanges
    scene: SceneRanges
    effects: effects.EffectRanges


@dataclass(frozen=True)
class _Standing:
    """A person in one frame."""

    role: str
    who: Companion
    place: Place
    vertices_m: Array
    keypoints_m: Array


@dataclass(frozen=True)
class _Cast:
    """Who is in the frames of a group; the patient is the first of ``people``."""

    people: list[Companion]
    aid: Aid | None
    helper: Side | None
    printed: Companion | None


class FrameStudio:
    """Draws the frames of a recipe. Group ``g`` is the same whatever was drawn before it."""

    def __init__(self, recipe: FramesRecipe, sources: Sources) -> None:
        if sources.photographs is not None:
            raise ValueError("whole frames draw their backgrounds: they take no --photographs")
        self.recipe = recipe
        self._model = BodyModel()
        self._wardrobe = Wardrobe(self._model)
        view = recipe.camera
        self._painter = Painter(self._model, self._wardrobe, view.width, view.height)
        recorded = (recipe.mocap, recipe.style) if recipe.mocap and recipe.style else None
        self._walks = walk_source(
            self._model, recorded, recipe.parametric, recipe.pathology, sources.mocap
        )

    def group(self, number: int) -> list[Still]:
        """All frames of one group: the same people at other moments, places and cameras."""
        rng = np.random.default_rng([self.recipe.seed, number])
        cast = self._cast(rng)
        return [self._frame(rng, cast) for _ in range(self.recipe.group)]

    def _cast(self, rng: np.random.Generator) -> _Cast:
        recipe = self.recipe
        share = np.array(recipe.people) / sum(recipe.people)
        count = int(rng.choice(len(share), p=share))
        clinic = recipe.clinic
        aid = draw_aid_or_none(rng, clinic.aid_share, clinic.aid_weights) if count else None
        helper: Side | None = None
        if count > 1 and rng.random() < recipe.clinic.helper_share:
            helper = Side.LEFT if rng.random() < 0.5 else Side.RIGHT
        people = []
        for k in range(count):
            holds: tuple[ArmHold, ...] = ()
            if k == 0 and aid is not None:
                holds = aid_holds(rng, aid)
            elif k == 1 and helper is not None:
                holds = helper_hold(rng, helper)
            people.append(self._person(rng, holds))
        printed = self._person(rng, ()) if rng.random() < recipe.poster_share else None
        return _Cast(people, aid, helper, printed)

    def _person(self, rng: np.random.Generator, holds: tuple[ArmHold, ...]) -> Companion:
        recipe = self.recipe
        person = self._model.person(rng, recipe.body)
        shape = self._model.shape(person.phenotype)
        walk = self._walks(rng, person, shape, recipe.group, holds)
        outfit = self._wardrobe.outfit(rng, recipe.clothes, person, shape)
        outfit, _ = dress_for_clinic(rng, recipe.clinic.clothes, self._wardrobe, shape, outfit)
        return Companion(shape, outfit, walk.vertices_m, walk.keypoints_m, walk.heading_rad)

    def _frame(self, rng: np.random.Generator, cast: _Cast) -> Still:
        recipe, painter = self.recipe, self._painter
        camera = _draw_camera(rng, recipe.camera)
        light = draw_light(rng, recipe.light)
        mood = draw_mood(rng, recipe.clinic, light, recipe.effects, camera)
        standing = self._stand(rng, cast, camera)
        centre = standing[0].place.spot if standing else _spot(rng, recipe.camera, camera)
        picture = draw_background(rng, recipe.scene, camera, centre)
        brighten(picture, mood.behind)
        pictures = [] if cast.printed is None else self._print(rng, picture, cast.printed)
        reflections, labels = [], []
        if standing:
            patient = standing[0]
            painter.wear(patient.who.shape, patient.who.outfit)
            if rng.random() < recipe.clinic.mirror_share:
                mirror = draw_mirror(rng, patient.place.spot, camera)
                box = reflect_into(picture, painter, mirror, patient.vertices_m, camera, mood.light)
                reflections = [] if box is None else [box]
            picture = self._people(rng, picture, standing, cast.aid, camera, mood.light)
            labels = self._labels(standing, camera)
        developed = effects.develop(rng, mood.effects, picture)
        quality = int(draw(rng, mood.effects.jpeg_quality))
        jpeg = cv2.imencode(".jpg", developed[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        label: dict[str, object] = {
            "width": camera.width,
            "height": camera.height,
            "people": labels,
            "reflections": reflections,
            "pictures": pictures,
            "light": mood.name,
        }
        return Still(jpeg.tobytes(), label)

    def _stand(self, rng: np.random.Generator, cast: _Cast, camera: Camera) -> list[_Standing]:
        """Everybody at a free place; who finds none is left out (never the patient)."""
        found: list[_Standing] = []
        for k, who in enumerate(cast.people):
            heading, role = float(rng.uniform(-np.pi, np.pi)), "patient" if k == 0 else "bystander"
            spot: Array | None = None
            if k == 1 and cast.helper is not None:
                heading, role = found[0].place.heading_rad, "helper"
                spot = helper_spot(rng, cast.helper, found[0].place)
            for _ in range(_TRIES):
                if spot is not None:
                    break
                at = _spot(rng, self.recipe.camera, camera)
                if all(np.linalg.norm(at - f.place.spot) > _APART_M for f in found):
                    spot = at
            if spot is None:
                continue
            moment = int(rng.integers(len(who.vertices_m)))
            posed = who.at(moment, heading, spot)
            found.append(_Standing(role, who, Place(spot, heading), *posed))
        return found

    def _people(
        self,
        rng: np.random.Generator,
        picture: Image,
        standing: list[_Standing],
        aid: Aid | None,
        camera: Camera,
        light: Light,
    ) -> Image:
        """The picture with all people in true depth, and their shadows."""
        patient, painter = standing[0], self._painter
        things = [painter.dressed(s.vertices_m, s.who.shape, s.who.outfit) for s in standing[1:]]
        if aid is not None:
            things.append(aid_thing(aid, patient.keypoints_m, patient.place.heading_rad))
        figure = painter.draw(patient.vertices_m, patient.keypoints_m, camera, light, things)
        softness = rng.uniform(1.5, 5.0)
        for each in standing:
            spots = floor_spots(each.keypoints_m, camera)
            effects.cast_shadow(picture, spots, light.shadow, softness)
        return np.asarray(picture * (1 - figure.cover[..., None]) + figure.colour, np.float32)

    def _labels(self, standing: list[_Standing], camera: Camera) -> list[dict[str, object]]:
        """Who is in the picture that was drawn last; people outside it are left out."""
        open_view = np.zeros((camera.height, camera.width), np.bool_)
        labels: list[dict[str, object]] = []
        for each in standing:
            body = camera.project(each.vertices_m)[0]
            box = _bounds(body[_near_view(body, camera)], camera)
            if box is not None:
                points = keypoint_labels(
                    *self._painter.visible(each.keypoints_m, camera), open_view
                )
                labels.append({"role": each.role, "box": box, "keypoints": points})
        return labels

    def _print(self, rng: np.random.Generator, picture: Image, who: Companion) -> list[Box]:
        """Put a person's picture (a poster, a screen) into the background, in place; its box."""
        h, w = picture.shape[:2]
        moment = int(rng.integers(len(who.vertices_m)))
        vertices, keypoints = who.at(moment, float(rng.uniform(-np.pi, np.pi)), np.zeros(3))
        eye = np.array([0.0, -4.0, rng.uniform(0.9, 1.6)])
        axes = aim(eye, np.array([0.0, 0.0, 0.9]))
        camera = Camera(eye, axes, 1.9 * h, (w / 2, h / 2), w, h)
        self._painter.wear(who.shape, who.outfit)
        light = draw_light(rng, self.recipe.light)
        figure = self._painter.draw(vertices, keypoints, camera, light)
        cut = np.s_[:, w // 2 - h // 3 : w // 2 + h // 3]
        paper = rng.uniform(0.1, 0.95, 3).astype(np.float32)
        page = figure.colour[cut] + (1 - figure.cover[cut])[..., None] * paper
        tall = rng.uniform(0.12, 0.4) * h
        wide = tall * rng.uniform(0.5, 1.0)
        x, y = rng.uniform(0, w - wide), rng.uniform(0, 0.6 * h)
        slant = rng.uniform(-0.12, 0.12) * tall
        corners = np.array(
            [[x, y], [x + wide, y + slant], [x + wide, y + tall - slant], [x, y + tall]]
        )
        edges = np.array(
            [[0, 0], [page.shape[1], 0], [page.shape[1], page.shape[0]], [0, page.shape[0]]]
        )
        to = cv2.getPerspectiveTransform(edges.astype(np.float32), corners.astype(np.float32))
        small = cv2.blur(page, (5, 5))
        cover = cv2.warpPerspective(np.ones(page.shape[:2], np.float32), to, (w, h))[..., None]
        picture *= 1 - cover
        picture += cv2.warpPerspective(small, to, (w, h)) * np.float32(rng.uniform(0.6, 1.1))
        box = _bounds(corners, camera)
        return [] if box is None else [box]


def _draw_camera(rng: np.random.Generator, ranges: FrameCamera) -> Camera:
    field = np.deg2rad(draw(rng, ranges.field_deg))
    eye = np.array([0.0, 0.0, draw(rng, ranges.height_m)])
    ahead = np.array([0.0, 1.0, np.tan(np.deg2rad(draw(rng, ranges.pitch_deg)))])
    axes = aim(eye, eye + ahead, draw(rng, ranges.roll_deg))
    focal = ranges.width / 2 / np.tan(field / 2)
    centre = (ranges.width / 2, ranges.height / 2)
    return Camera(eye, axes, float(focal), centre, ranges.width, ranges.height)


def _spot(rng: np.random.Generator, ranges: FrameCamera, camera: Camera) -> Array:
    """A place on the floor inside the width of the picture."""
    far = draw(rng, ranges.distance_m)
    aside = rng.uniform(-0.45, 0.45) * camera.width / camera.focal_px * far
    return np.array([aside, far, 0.0])


def _near_view(xy_px: Array, camera: Camera) -> NDArray[np.bool_]:
    """Points in the picture or hardly beyond: a leg below the frame widens nobody's box."""
    size = np.array([camera.width, camera.height])
    return np.asarray(((xy_px > -_EDGE_PX) & (xy_px < size + _EDGE_PX)).all(-1), np.bool_)


def _bounds(xy_px: Array, camera: Camera) -> Box | None:
    """Box of points inside the picture; None when hardly any of it is."""
    if not len(xy_px):
        return None
    x0, y0 = np.clip(xy_px.min(0), 0, [camera.width, camera.height])
    x1, y1 = np.clip(xy_px.max(0), 0, [camera.width, camera.height])
    if x1 - x0 < _LEAST_PX or y1 - y0 < _LEAST_PX:
        return None
    return round(float(x0), 1), round(float(y0), 1), round(float(x1), 1), round(float(y1), 1)
