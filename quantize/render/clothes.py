"""Clothes, skin, hair and shoes: a material and an outward offset for each vertex of the body."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from quantize.render.body import BodyModel, Person, Shape
from quantize.render.ranges import Span, draw

Array = NDArray[np.float64]
HULL_RINGS, HULL_SPOKES = 9, 32


class Material(IntEnum):
    """What a vertex is made of; the number is the index into the palette."""

    SKIN = 0
    TOP = 1
    BOTTOM = 2
    SHOES = 3
    HAIR = 4
    HULL = 5


@dataclass(frozen=True)
class ClothesRanges:
    """Ranges of clothing; shares are probabilities, heights are parts of the stature.

    A coat or a skirt hangs as a hull around hips and legs from the waist down to its hem.
    """

    coat_share: float
    skirt_share: float
    short_leg_share: float
    long_sleeve_share: float
    no_sleeve_share: float
    bald_share_men: float
    bald_share_women: float
    bare_foot_share: float
    pattern_share: float
    muted_share: float
    waist: Span
    short_hem: Span
    coat_hem: Span
    skirt_hem: Span
    top_offset_m: Span
    coat_offset_m: Span
    trouser_offset_m: Span
    shoe_offset_m: Span
    hair_offset_m: Span
    flare_m: Span


@dataclass(frozen=True)
class Hull:
    """A skirt, gown or the lower part of a coat, between two heights (parts of the stature).

    ``folds`` upright folds around it, ``fold_m`` deep at the hem, turned by ``fold_phase`` (rad).
    """

    waist: float
    hem: float
    slack_m: float
    flare_m: float
    folds: int = 0
    fold_m: float = 0.0
    fold_phase: float = 0.0


@dataclass(frozen=True)
class Outfit:
    """Clothes of one person.

    ``material`` int[V]; ``offset_m`` float[V] outward along the normal; ``colour`` and
    ``colour2`` float[6, 3] per material; ``pattern`` float[6, 4]: kind (0 cloudy, 1 stripes,
    2 checks), frequency in 1/m, strength 0..1, direction in rad; ``fold`` float[6, 2]: strength and
    frequency (1/m) of folds that only the shading shows.
    """

    material: NDArray[np.intp]
    offset_m: Array
    colour: Array
    colour2: Array
    pattern: Array
    hull: Hull | None
    fold: Array = field(default_factory=lambda: np.zeros((len(Material), 2)))


@dataclass(frozen=True)
class _Dressing:
    """A body being dressed: rest vertices, their height as part of the stature, what they wear."""

    v: Array
    z: Array
    material: NDArray[np.intp]
    offset: Array


class Wardrobe:
    """Draws outfits; knows which vertices of the model are leg, arm, head and so on."""

    def __init__(self, model: BodyModel) -> None:
        name = np.array(model.bones)[model.vertex_bone]

        def area(*prefixes: str) -> NDArray[np.bool_]:
            return np.array([n.startswith(prefixes) for n in name])

        self.leg = area("upperleg", "lowerleg")
        self.foot = area("foot", "toe")
        self.upper_arm, self.forearm = area("upperarm"), area("lowerarm")
        self.trunk = area("spine", "clavicle", "shoulder")
        self.hip = area("root", "pelvis")
        self.head = area("head", "neck", "eye")
        self.hung = self.leg | self.hip | self.trunk

    def outfit(
        self, rng: np.random.Generator, ranges: ClothesRanges, person: Person, shape: Shape
    ) -> Outfit:
        """Draw clothes for ``person``."""
        v = shape.vertices
        z = (v[:, 2] - v[:, 2].min()) / np.ptp(v[:, 2])
        material = np.full(len(v), int(Material.SKIN))
        offset = np.zeros(len(v))
        waist = draw(rng, ranges.waist)
        coat = rng.random() < ranges.coat_share
        skirt = rng.random() < ranges.skirt_share * (2.0 if person.female else 0.1)
        worn_on = _Dressing(v, z, material, offset)
        self._trousers(rng, ranges, worn_on, waist)
        self._top(rng, ranges, worn_on, waist, coat)
        if rng.random() >= ranges.bare_foot_share:
            material[self.foot] = Material.SHOES
            offset[self.foot] = draw(rng, ranges.shoe_offset_m)
        self._hair(rng, ranges, person, worn_on)
        hull = None
        if coat or skirt:
            hem = draw(rng, ranges.coat_hem if coat else ranges.skirt_hem)
            slack = float(offset[self.trunk].max()) + 0.005 if coat else rng.uniform(0.008, 0.02)
            hull = Hull(waist, hem, slack, draw(rng, ranges.flare_m))
        return Outfit(material, offset, *self._colours(rng, ranges, person, coat), hull)

    def _trousers(
        self, rng: np.random.Generator, ranges: ClothesRanges, worn_on: _Dressing, waist: float
    ) -> None:
        z, material, offset = worn_on.z, worn_on.material, worn_on.offset
        hem = draw(rng, ranges.short_hem) if rng.random() < ranges.short_leg_share else 0.06
        worn = (self.leg | self.hip | (self.trunk & (z < waist))) & (z > hem)
        material[worn] = Material.BOTTOM
        loose = draw(rng, ranges.trouser_offset_m)
        # Trousers widen towards the hem: the thigh fills the cloth, the shin does not.
        offset[worn] = loose * (1.0 + 0.6 * np.clip((0.3 - z[worn]) / 0.24, 0, 1))

    def _top(
        self,
        rng: np.random.Generator,
        ranges: ClothesRanges,
        worn_on: _Dressing,
        waist: float,
        coat: bool,
    ) -> None:
        z, material, offset = worn_on.z, worn_on.material, worn_on.offset
        low = waist if coat else waist - rng.uniform(0.0, 0.12)
        worn = (self.trunk & (z > low)) | (self.hip & (z > low)) | self.upper_arm
        u = rng.random()
        if coat or u < ranges.long_sleeve_share:
            worn |= self.forearm
        elif u > 1 - ranges.no_sleeve_share:
            worn &= ~self.upper_arm
        material[worn] = Material.TOP
        offset[worn] = draw(rng, ranges.coat_offset_m if coat else ranges.top_offset_m)

    def _hair(
        self,
        rng: np.random.Generator,
        ranges: ClothesRanges,
        person: Person,
        worn_on: _Dressing,
    ) -> None:
        v, z, material, offset = worn_on.v, worn_on.z, worn_on.material, worn_on.offset
        bald = ranges.bald_share_women if person.female else ranges.bald_share_men
        if rng.random() < bald:
            return
        head_z, head_y = z[self.head], v[self.head, 1]
        crown = head_z.min() + np.ptp(head_z) * rng.uniform(0.72, 0.86)
        nape = head_z.min() + np.ptp(head_z) * rng.uniform(0.25 if person.female else 0.45, 0.65)
        front = np.quantile(head_y, rng.uniform(0.12, 0.3))
        middle = np.quantile(head_y, rng.uniform(0.5, 0.68))
        worn = self.head & ((z > crown) & (v[:, 1] > front) | (z > nape) & (v[:, 1] > middle))
        material[worn] = Material.HAIR
        offset[worn] = draw(rng, ranges.hair_offset_m)

    def _colours(
        self, rng: np.random.Generator, ranges: ClothesRanges, person: Person, coat: bool
    ) -> tuple[Array, Array, Array]:
        def cloth() -> Array:
            if rng.random() < ranges.muted_share:
                return np.clip(rng.uniform(0.03, 0.92) + rng.uniform(-0.07, 0.07, 3), 0, 1)
            return np.asarray(rng.uniform(0, 1, 3))

        tone = rng.uniform() ** 0.8
        skin = np.array([0.27, 0.16, 0.11]) * (1 - tone) + np.array([0.93, 0.74, 0.64]) * tone
        grey = np.clip((person.age_years - rng.uniform(35, 75)) / 25, 0, 1)
        dark = np.array([0.35, 0.24, 0.15]) * rng.uniform(0.1, 1.6)
        hair = dark * (1 - grey) + np.array([0.85, 0.84, 0.82]) * rng.uniform(0.6, 1.0) * grey
        colour = np.stack(
            [
                skin,
                cloth(),
                cloth() * rng.uniform(0.3, 1),
                cloth() * rng.uniform(0.1, 1),
                hair,
                cloth(),
            ]
        )
        if coat:
            colour[Material.HULL] = colour[Material.TOP]
        colour2 = np.stack([skin * 0.88, cloth(), cloth(), cloth(), hair * 0.7, cloth()])
        pattern = np.zeros((len(Material), 4))
        pattern[:, 0] = rng.integers(0, 3, len(Material))
        pattern[:, 1] = np.exp(rng.uniform(np.log(3), np.log(40), len(Material)))
        worn = rng.random(len(Material)) < ranges.pattern_share
        pattern[:, 2] = rng.uniform(0, 1, len(Material)) ** 1.5 * worn
        pattern[:, 3] = rng.uniform(0, np.pi, len(Material))
        pattern[[Material.SKIN, Material.HAIR], 0] = 0
        pattern[[Material.SKIN, Material.HAIR], 2] = 0.35
        if coat:
            pattern[Material.HULL], colour2[Material.HULL] = (
                pattern[Material.TOP],
                colour2[Material.TOP],
            )
        return colour, colour2, pattern

    def hang(self, vertices: Array, hull: Hull) -> tuple[Array, Array]:
        """The hull of a skirt or coat around the posed body.

        At each height the support function of the legs and hips in 32 directions, widened
        downwards; a fold between two legs is bridged, as cloth does.

        Returns
        -------
        Points and outward normals, float[HULL_RINGS * HULL_SPOKES, 3].
        """
        v = vertices[self.hung]
        low, tall = vertices[:, 2].min(), np.ptp(vertices[:, 2])
        angle = np.arange(HULL_SPOKES) / HULL_SPOKES * 2 * np.pi
        spoke = np.stack([np.cos(angle), np.sin(angle)], 1)
        rings, centre, radius = [], np.zeros(2), np.zeros(HULL_SPOKES)
        for i, part in enumerate(np.linspace(hull.waist, hull.hem, HULL_RINGS)):
            z = low + part * tall
            slab = v[np.abs(v[:, 2] - z) < 0.05]
            if len(slab):
                centre = slab[:, :2].mean(0)
                radius = ((slab[:, :2] - centre) @ spoke.T).max(0)
                radius += hull.slack_m + hull.flare_m * i / HULL_RINGS
                for shift in (1, -1):
                    radius = np.maximum(radius, np.roll(radius, shift) * 0.96)
            wave = np.sin(hull.folds * angle + hull.fold_phase)
            reach = radius + hull.fold_m * i / HULL_RINGS * (1 + wave)
            ring = centre + spoke * reach[:, None]
            rings.append(np.concatenate([ring, np.full((HULL_SPOKES, 1), z)], 1))
        normal = np.tile(np.concatenate([spoke, np.zeros((HULL_SPOKES, 1))], 1), (HULL_RINGS, 1))
        if hull.fold_m:
            # The slope of a fold turns its normal towards the next trough (radius about 0.2 m).
            slope = hull.folds * hull.fold_m * np.cos(hull.folds * angle + hull.fold_phase) / 0.2
            across = np.stack([-spoke[:, 1], spoke[:, 0], np.zeros(HULL_SPOKES)], 1)
            depth = np.repeat(np.arange(HULL_RINGS) / HULL_RINGS, HULL_SPOKES)[:, None]
            normal = normal - depth * np.tile(slope[:, None] * across, (HULL_RINGS, 1))
            normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        return np.concatenate(rings), normal


def hull_faces() -> NDArray[np.int32]:
    """Triangles of the hull, int32[F, 3], corners counted from its first point."""
    i, j = np.meshgrid(np.arange(HULL_RINGS - 1), np.arange(HULL_SPOKES), indexing="ij")
    k = (j + 1) % HULL_SPOKES
    a, b, c, d = (p * HULL_SPOKES + q for p, q in ((i, j), (i + 1, j), (i, k), (i + 1, k)))
    both = np.concatenate([np.stack([a, b, c], -1), np.stack([c, b, d], -1)])
    return np.asarray(both.reshape(-1, 3), dtype=np.int32)
