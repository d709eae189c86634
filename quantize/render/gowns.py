"""What people wear in a clinic: gowns, wide trousers, folded skirts, slippers, socks, bare feet."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from quantize.render.body import Shape
from quantize.render.clothes import Hull, Material, Outfit, Wardrobe
from quantize.render.ranges import Span, draw


@dataclass(frozen=True)
class ClinicClothes:
    """Ranges of the changes to an ordinary outfit.

    Shares are probabilities, hems parts of the stature; ``fold`` is the strength of the shaded
    folds of all cloth; ``folds`` and ``fold_m`` count and depth of those of skirts and gowns.
    """

    gown_share: float
    gown_hem: Span
    gown_offset_m: Span
    wide_share: float
    wide_offset_m: Span
    slipper_share: float
    sock_share: float
    bare_share: float
    fold: Span
    fold_m: Span
    folds: Span


def dress_for_clinic(
    rng: np.random.Generator,
    ranges: ClinicClothes,
    wardrobe: Wardrobe,
    shape: Shape,
    outfit: Outfit,
) -> tuple[Outfit, str]:
    """The outfit changed for a clinic, and what it is called: ``gown``, ``wide`` or ``usual``."""
    outfit = replace(
        outfit,
        material=outfit.material.copy(),
        offset_m=outfit.offset_m.copy(),
        fold=np.stack(
            [rng.uniform(*ranges.fold, len(Material)), rng.uniform(15, 60, len(Material))], 1
        ),
    )
    outfit.fold[[Material.SKIN, Material.HAIR, Material.SHOES]] = 0
    kind = "usual"
    u = rng.random()
    if u < ranges.gown_share:
        outfit, kind = _gown(rng, ranges, wardrobe, outfit), "gown"
    elif u < ranges.gown_share + ranges.wide_share and outfit.hull is None:
        _widen(rng, ranges, shape, outfit)
        kind = "wide"
    elif outfit.hull is not None:
        outfit = replace(outfit, hull=_folded(rng, ranges, outfit.hull))
    _feet(rng, ranges, wardrobe, shape, outfit)
    return outfit, kind


def _folded(rng: np.random.Generator, ranges: ClinicClothes, hull: Hull) -> Hull:
    return replace(
        hull,
        folds=round(draw(rng, ranges.folds)),
        fold_m=draw(rng, ranges.fold_m),
        fold_phase=float(rng.uniform(0, 2 * np.pi)),
    )


def _gown(
    rng: np.random.Generator, ranges: ClinicClothes, wardrobe: Wardrobe, outfit: Outfit
) -> Outfit:
    """A loose gown from the shoulders: wide short sleeves, legs bare below the hem."""
    loose = draw(rng, ranges.gown_offset_m)
    body = wardrobe.trunk | wardrobe.hip
    for part, material, offset in (
        (wardrobe.leg, Material.SKIN, 0.0),
        (wardrobe.forearm, Material.SKIN, 0.0),
        (body, Material.TOP, loose * 0.6),
        (wardrobe.upper_arm, Material.TOP, loose),
    ):
        outfit.material[part] = material
        outfit.offset_m[part] = offset
    if rng.random() < 0.3:
        outfit.material[wardrobe.forearm] = Material.TOP
        outfit.offset_m[wardrobe.forearm] = loose
    colour, colour2, pattern = (a.copy() for a in (outfit.colour, outfit.colour2, outfit.pattern))
    if rng.random() < 0.7:
        pale = np.array([0.70, 0.80, 0.84]) + rng.uniform(-0.12, 0.12, 3)
        colour[Material.TOP] = pale
        colour2[Material.TOP] = pale * rng.uniform(0.5, 0.9)
    for array in (colour, colour2, pattern):
        array[Material.HULL] = array[Material.TOP]
    hull = Hull(
        rng.uniform(0.66, 0.72),
        draw(rng, ranges.gown_hem),
        loose * 0.6 + 0.01,
        rng.uniform(0.0, 0.07),
    )
    return replace(
        outfit,
        hull=_folded(rng, ranges, hull),
        colour=colour,
        colour2=colour2,
        pattern=pattern,
    )


def _widen(rng: np.random.Generator, ranges: ClinicClothes, shape: Shape, outfit: Outfit) -> None:
    """Wide trousers: the cloth stands off the leg, more towards the hem."""
    z = shape.vertices[:, 2] - shape.vertices[:, 2].min()
    z = z / np.ptp(shape.vertices[:, 2])
    worn = outfit.material == Material.BOTTOM
    off = draw(rng, ranges.wide_offset_m)
    outfit.offset_m[worn] = 0.012 + off * np.clip((0.5 - z[worn]) / 0.4, 0, 1)


def _feet(
    rng: np.random.Generator,
    ranges: ClinicClothes,
    wardrobe: Wardrobe,
    shape: Shape,
    outfit: Outfit,
) -> None:
    """Slippers that leave the heel open, socks without shoes, or bare feet."""
    u, foot = rng.random(), wardrobe.foot
    bare, socks = ranges.bare_share, ranges.bare_share + ranges.sock_share
    if u < bare:
        outfit.material[foot] = Material.SKIN
        outfit.offset_m[foot] = 0.0
    elif u < socks:
        outfit.material[foot] = Material.SHOES
        outfit.offset_m[foot] = 0.002
    elif u < socks + ranges.slipper_share:
        v = shape.vertices
        back, ahead = v[foot, 1].max(), v[foot, 1].min()
        open_heel = back + (ahead - back) * rng.uniform(0.3, 0.5)
        over = foot & (v[:, 1] > open_heel) & (v[:, 2] > v[:, 2].min() + 0.015)
        outfit.material[foot] = Material.SHOES
        outfit.offset_m[foot] = rng.uniform(0.006, 0.014)
        outfit.material[over] = Material.SKIN
        outfit.offset_m[over] = 0.0
