"""What a clinic adds to a picture: aids, helpers, mirrors, gowns, hard light, moving limbs.

Everything is drawn from generators of its own, so that a set without this part is unchanged and
the labels do not depend on which photographs stand behind the person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import Side
from quantize.render.aids import aid_holds, aid_thing, draw_aid_or_none
from quantize.render.arms import ArmHold
from quantize.render.body import Shape
from quantize.render.camera import Camera
from quantize.render.clothes import Outfit, Wardrobe
from quantize.render.company import Companion, Place, beside, crossing, helper_hold
from quantize.render.effects import EffectRanges
from quantize.render.gowns import ClinicClothes, dress_for_clinic
from quantize.render.light import Light
from quantize.render.mesh import Thing
from quantize.render.mirror import draw_mirror, reflect_into
from quantize.render.photographs import Photographs
from quantize.render.picture import Figure, Image, Painter
from quantize.render.ranges import Span, draw

Array = NDArray[np.float64]
_EXPOSURES = 4
_MEETS = 0.7
"""Share of a group's pictures in which the passer-by is there."""


@dataclass(frozen=True)
class ClinicRanges:
    """Shares are probabilities of a group (aids, company) or of a picture (all others).

    ``aid_weights``: stick, crutch, crutches, frame, rollator; ``exposure_s``: how long the shutter
    is open in pictures with moving limbs; ``backlight`` and ``low_light``: factors of the light.
    """

    aid_share: float
    aid_weights: tuple[float, float, float, float, float]
    helper_share: float
    crossing_share: float
    mirror_share: float
    backlight_share: float
    backlight: Span
    low_light_share: float
    low_light: Span
    low_light_noise: Span
    exposure_share: float
    exposure_s: Span
    photograph_share: float
    clothes: ClinicClothes
    most_hidden: float | None = None
    """Other people who hide more than this part of the visible points leave the picture."""


@dataclass(frozen=True)
class Moment:
    """One pose.

    ``vertices_m`` float[V, 3], their way ``onward_m`` in the next 1/60 s, ``keypoints_m``
    float[23, 3].
    """

    vertices_m: Array
    onward_m: Array
    keypoints_m: Array
    heading_rad: float


@dataclass(frozen=True)
class Shot:
    """The figure with what stands around it, the background, and what follows for the picture.

    ``tags`` go into the label: aid, clothes, light, company, reflection.
    """

    figure: Figure
    picture: Image
    light: Light
    effects: EffectRanges
    tags: dict[str, object]


class Surroundings:
    """Aid, company and clothes of one group; draws each of its shots.

    Attributes
    ----------
    holds, company_holds
        How the patient's and the other person's arms are held.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        ranges: ClinicRanges,
        painter: Painter,
        wardrobe: Wardrobe,
        photographs: Photographs | None,
    ) -> None:
        self._rng, self._ranges = rng, ranges
        self._painter, self._wardrobe, self._photographs = painter, wardrobe, photographs
        # Backgrounds have their own generator: labels must not depend on the photographs.
        self._scene_rng = rng.spawn(1)[0]
        self._aid = draw_aid_or_none(rng, ranges.aid_share, ranges.aid_weights)
        self.holds = aid_holds(rng, self._aid) if self._aid else ()
        self._helper: Side | None = None
        self.company_holds: tuple[ArmHold, ...] = ()
        if rng.random() < ranges.helper_share:
            self._helper = Side.LEFT if rng.random() < 0.5 else Side.RIGHT
            if self._aid is not None and len(self._aid.hands) == 1:
                self._helper = self._aid.side.other
            self.company_holds = helper_hold(rng, self._helper)
        self._crossed = bool(rng.random() < ranges.crossing_share)
        self._other: Companion | None = None
        self._clothes = "usual"

    @property
    def has_company(self) -> bool:
        """Whether another person is needed (:meth:`meet`)."""
        return self._helper is not None or self._crossed

    def meet(self, other: Companion) -> None:
        """Give the group its second person."""
        self._other = other

    def dress(self, shape: Shape, outfit: Outfit) -> Outfit:
        """Change the patient's outfit for the clinic."""
        dressed, self._clothes = dress_for_clinic(
            self._rng, self._ranges.clothes, self._wardrobe, shape, outfit
        )
        return dressed

    def shot(
        self,
        moment: Moment,
        camera: Camera,
        light: Light,
        usual: EffectRanges,
        draw_scene: Callable[[np.random.Generator], Image],
    ) -> Shot:
        """Draw one picture's figure and background."""
        rng, ranges, painter = self._rng, self._ranges, self._painter
        mood = draw_mood(rng, ranges, light, usual, camera)
        place = Place.of(moment.keypoints_m, moment.heading_rad)
        things: list[Thing] = []
        company = "none"
        if self._aid is not None:
            things.append(aid_thing(self._aid, moment.keypoints_m, moment.heading_rad))
        if self._other is not None and self._helper is not None:
            things.append(beside(rng, painter, self._other, self._helper, place))
            company = "helper"
        elif self._other is not None and rng.random() < _MEETS:
            things.append(crossing(rng, painter, self._other, place, camera))
            company = "crossing"
        open_s = draw(rng, ranges.exposure_s) if rng.random() < ranges.exposure_share else 0.0
        if company != "none" and self._hides(moment, camera, mood.light, things):
            things, company = things[:-1], "none"
        figure = _exposed(painter, moment, open_s, camera, mood.light, things)
        picture = self._behind(camera, draw_scene)
        brighten(picture, mood.behind)
        reflected = False
        if rng.random() < ranges.mirror_share:
            mirror = draw_mirror(rng, place.spot, camera)
            seen = reflect_into(picture, painter, mirror, moment.vertices_m, camera, mood.light)
            reflected = seen is not None
        tags: dict[str, object] = {
            "aid": "none" if self._aid is None else self._aid.kind.value,
            "clothes": self._clothes,
            "light": mood.name,
            "company": company,
            "reflection": reflected,
        }
        return Shot(figure, picture, mood.light, mood.effects, tags)

    def _hides(self, moment: Moment, camera: Camera, light: Light, things: list[Thing]) -> bool:
        """Whether the last of the things hides too much of the person."""
        if self._ranges.most_hidden is None:
            return False
        pose = moment.vertices_m, moment.keypoints_m, camera, light
        with_it, alone = (self._painter.draw(*pose, found) for found in (things, things[:-1]))
        return with_it.seen.sum() < (1 - self._ranges.most_hidden) * alone.seen.sum()

    def _behind(self, camera: Camera, draw_scene: Callable[[np.random.Generator], Image]) -> Image:
        rng, ranges = self._scene_rng, self._ranges
        if self._photographs is not None and rng.random() < ranges.photograph_share:
            return self._photographs.background(rng, camera.width, camera.height)
        return draw_scene(rng)


@dataclass(frozen=True)
class Mood:
    """Light and effects of one picture, the brightness of what lies behind, and its name."""

    light: Light
    effects: EffectRanges
    behind: float
    name: str


def draw_mood(
    rng: np.random.Generator,
    ranges: ClinicRanges,
    light: Light,
    usual: EffectRanges,
    camera: Camera,
) -> Mood:
    """The usual light, or light from behind, or hardly any."""
    u = rng.random()
    if u < ranges.backlight_share:
        dim = draw(rng, ranges.backlight)
        from_behind = -camera.axes[2] + np.array([0, 0, rng.uniform(0.1, 0.8)])
        from_behind /= np.linalg.norm(from_behind)
        dark = replace(
            light,
            key_direction=from_behind,
            ambient=light.ambient * dim,
            second=light.second * dim,
        )
        return Mood(dark, usual, rng.uniform(1.2, 2.4), "back")
    if u < ranges.backlight_share + ranges.low_light_share:
        return Mood(
            light,
            replace(usual, gain=ranges.low_light, noise=ranges.low_light_noise, lift=(0.0, 0.04)),
            1.0,
            "low",
        )
    return Mood(light, usual, 1.0, "usual")


def _exposed(
    painter: Painter,
    moment: Moment,
    open_s: float,
    camera: Camera,
    light: Light,
    things: list[Thing],
) -> Figure:
    """The figure; its limbs are smeared when the shutter is open for ``open_s``.

    The labels are those of the middle of the exposure.
    """
    middle = painter.draw(moment.vertices_m, moment.keypoints_m, camera, light, things)
    if open_s == 0:
        return middle
    colour, cover = np.zeros_like(middle.colour), np.zeros_like(middle.cover)
    for part in (np.arange(_EXPOSURES) + 0.5) / _EXPOSURES - 0.5:
        vertices = moment.vertices_m + part * open_s * 60 * moment.onward_m
        moved = painter.draw(vertices, moment.keypoints_m, camera, light, things)
        colour += moved.colour / _EXPOSURES
        cover += moved.cover / _EXPOSURES
    return replace(middle, colour=colour, cover=cover)


def brighten(picture: Image, factor: float) -> None:
    """Light behind the person, in place; what is too bright stays white."""
    if factor != 1.0:
        np.minimum(picture * np.float32(factor) + np.float32(0.08 * (factor - 1)), 1.0, out=picture)
