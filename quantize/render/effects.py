"""What happens to a picture after drawing: things in front, tone, blur, lost resolution, noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from quantize.render.ranges import Span, draw

Array = NDArray[np.float64]
Image = NDArray[np.float32]


@dataclass(frozen=True)
class EffectRanges:
    """Ranges of the effects; shares are probabilities, sizes are parts of the person's height."""

    occluder_share: float
    occluder_size: Span
    bench_share: float
    bystander_share: float
    gain: Span
    lift: Span
    tint: float
    gamma: Span
    blur_share: float
    blur_px: Span
    motion_share: float
    motion_px: Span
    coarse_share: float
    coarse_factor: Span
    noise: Span
    jpeg_quality: Span


def occlude(
    rng: np.random.Generator,
    ranges: EffectRanges,
    picture: Image,
    box_px: tuple[float, float, float, float],
) -> NDArray[np.bool_]:
    """Put things in front of the person, in place; the mask bool[H, W] of what they cover."""
    h, w = picture.shape[:2]
    mask = np.zeros((h, w), np.uint8)
    x0, y0, x1, y1 = box_px
    tall = y1 - y0
    if rng.random() < ranges.occluder_share:
        for _ in range(int(rng.integers(1, 3))):
            size = (
                np.array([draw(rng, ranges.occluder_size), draw(rng, ranges.occluder_size)]) * tall
            )
            at = np.array([rng.uniform(x0, x1), rng.uniform(y0, y1)])
            _shape(rng, picture, mask, at, size / 2)
    if rng.random() < ranges.bench_share:
        top = y1 - tall * rng.uniform(0.05, 0.45)
        low = top + tall * rng.uniform(0.03, 0.4)
        left, right = sorted(rng.uniform(-0.3, 1.3, 2) * w)
        corners = np.array([[left, top], [right, top], [right, low], [left, low]])
        _fill(rng, picture, mask, corners)
    return mask > 127


def _shape(
    rng: np.random.Generator, picture: Image, mask: NDArray[np.uint8], at: Array, half: Array
) -> None:
    kind = rng.random()
    if kind < 0.45:
        corners = at + half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    elif kind < 0.75:  # a post from top to bottom, perhaps aslant
        lean = rng.uniform(-0.3, 0.3) * picture.shape[0]
        wide = half[0] * 0.4
        foot, top = picture.shape[0] + 2.0, -2.0
        corners = np.array(
            [
                [at[0] - wide - lean, top],
                [at[0] + wide - lean, top],
                [at[0] + wide + lean, foot],
                [at[0] - wide + lean, foot],
            ]
        )
    else:
        angle = np.sort(rng.uniform(0, 2 * np.pi, 9))
        reach = half * rng.uniform(0.5, 1.2, (9, 1))
        corners = at + reach * np.stack([np.cos(angle), np.sin(angle)], 1)
    _fill(rng, picture, mask, corners)


def _fill(
    rng: np.random.Generator, picture: Image, mask: NDArray[np.uint8], corners: Array
) -> None:
    """Paint a polygon with one colour and some grain into the picture and the mask."""
    part = np.zeros_like(mask)
    fixed = np.round(np.clip(corners, -2000, 2000) * 16).astype(np.int32)
    cv2.fillPoly(part, [fixed], 255, cv2.LINE_AA, 4)
    tone = np.clip(rng.uniform(0.02, 0.95) + rng.uniform(-0.15, 0.15, 3), 0, 1)
    ramp = np.linspace(rng.uniform(0.7, 1.3), rng.uniform(0.7, 1.3), mask.shape[0])[:, None, None]
    alpha = part[..., None].astype(np.float32) / 255
    picture *= 1 - alpha
    picture += (alpha * ramp * tone).astype(np.float32)
    np.maximum(mask, part, out=mask)


def develop(rng: np.random.Generator, ranges: EffectRanges, picture: Image) -> NDArray[np.uint8]:
    """Tone, blur, lost resolution and noise: float32[H, W, 3] becomes uint8[H, W, 3]."""
    gain = draw(rng, ranges.gain) * (1 + rng.uniform(-ranges.tint, ranges.tint, 3))
    out = np.clip(picture * gain.astype(np.float32) + np.float32(draw(rng, ranges.lift)), 0, 1)
    out = out ** np.float32(draw(rng, ranges.gamma))
    if rng.random() < ranges.blur_share:
        out = cv2.GaussianBlur(out, (0, 0), draw(rng, ranges.blur_px))
    if rng.random() < ranges.motion_share:
        out = _smear(out, draw(rng, ranges.motion_px), rng.normal(0, 0.3))
    if rng.random() < ranges.coarse_share:
        h, w = out.shape[:2]
        k = draw(rng, ranges.coarse_factor)
        small = cv2.resize(out, (round(w / k), round(h / k)), interpolation=cv2.INTER_AREA)
        out = cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR)
    grain = rng.standard_normal(out.shape[:2], dtype=np.float32)[..., None]
    colour_grain = rng.standard_normal(out.shape, dtype=np.float32)
    out = out + np.float32(draw(rng, ranges.noise)) * (0.8 * grain + 0.5 * colour_grain)
    return np.asarray(np.clip(out * 255 + 0.5, 0, 255).astype(np.uint8))


def _smear(picture: Image, length_px: float, angle_rad: float) -> Image:
    """Motion blur along a direction."""
    n = 2 * int(np.ceil(length_px / 2)) + 3
    kernel = np.zeros((n, n), np.float32)
    half = np.array([np.cos(angle_rad), np.sin(angle_rad)]) * length_px / 2
    a, b = (np.round((np.array([n // 2, n // 2]) + s * half) * 16).astype(int) for s in (-1, 1))
    cv2.line(kernel, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), 1.0, 1, cv2.LINE_8, 4)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()))


def cast_shadow(picture: Image, spots_px: list[Array], strength: float, softness_px: float) -> None:
    """Darken the picture, in place, inside soft polygons (shadows on the floor)."""
    shade = np.zeros(picture.shape[:2], np.uint8)
    for spot in spots_px:
        fixed = np.round(np.clip(spot, -4000, 4000) * 16).astype(np.int32)
        cv2.fillPoly(shade, [fixed], 255, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(shade, (0, 0), softness_px)
    picture *= 1 - soft[..., None].astype(np.float32) * np.float32(strength / 255)
