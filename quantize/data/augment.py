"""From a labelled picture to a training crop: what the camera, the box and the clinic vary.

The window is cut at the picture's own resolution (turned, stretched and shifted there) and then
brought to the network's size with area averaging, as the host does, so that training and use see
the same sharpness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import MIRROR

Image = NDArray[np.uint8]
Points = NDArray[np.float32]


@dataclass(frozen=True)
class Augmentation:
    """Ranges of the random changes; the host's crop has ``enlarge`` 1.25 and nothing else."""

    enlarge: Sequence[float] = (1.0, 1.62)
    shift: float = 0.09
    """Largest shift of the window, as a share of its size."""
    turn_sd_deg: float = 13.0
    turn_share: float = 0.6
    stretch: float = 0.15
    occluder_share: float = 0.35
    cut_share: float = 0.12
    """Share of crops of which one border is blacked out (the person leaves the picture)."""
    colour: float = 1.0
    blur_share: float = 0.2
    noise_sd: float = 10.0


Ranges = TypeVar("Ranges")


class RandomInputs(Generic[Ranges]):
    """Random inputs of a network.

    Parameters
    ----------
    size
        Height and width of the network's input.
    ranges
        How much is changed.
    rng
        Source of randomness; the same seed gives the same inputs.
    """

    def __init__(self, size: tuple[int, int], ranges: Ranges, rng: np.random.Generator) -> None:
        self.size = size
        self.ranges = ranges
        self.rng = rng


class Augmenter(RandomInputs[Augmentation]):
    """Random training crops."""

    def __call__(self, image: Image, keypoints: Points, box_px: Points) -> tuple[Image, Points]:
        """One random crop: uint8[H, W, 3] and float32[23, 3]."""
        rng, ranges = self.rng, self.ranges
        height, width = self.size
        turn = rng.normal(0, ranges.turn_sd_deg) if rng.random() < ranges.turn_share else 0.0
        stretch = float(np.exp(rng.uniform(-1, 1) * ranges.stretch))
        matrix, scale = _window(
            box_px,
            rng.uniform(ranges.enlarge[0], ranges.enlarge[1]),
            tuple(rng.uniform(-ranges.shift, ranges.shift, 2)),
            turn,
            stretch,
            width / height,
        )
        border = rng.choice(
            [cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE, cv2.BORDER_REFLECT_101], p=[0.6, 0.2, 0.2]
        )
        crop, points = _cut(image, keypoints, matrix, scale, self.size, border=int(border))
        if rng.random() < 0.5:
            crop = np.ascontiguousarray(crop[:, ::-1])
            points = points[MIRROR].copy()
            points[:, 0] = width - points[:, 0]
        crop = vary_colour(rng, ranges, crop)
        crop = self._hide(crop)
        return crop, points

    def _hide(self, crop: Image) -> Image:
        rng = self.rng
        height, width = self.size
        if rng.random() < self.ranges.occluder_share:
            for _ in range(rng.integers(1, 3)):
                w, h = rng.integers(4, width // 3), rng.integers(4, height // 4)
                x, y = rng.integers(0, width - w), rng.integers(0, height - h)
                if (
                    rng.random() < 0.5
                ):  # something of the same picture, as a bystander's arm or a chair
                    sx, sy = rng.integers(0, width - w), rng.integers(0, height - h)
                    crop[y : y + h, x : x + w] = crop[sy : sy + h, sx : sx + w].copy()
                else:
                    crop[y : y + h, x : x + w] = rng.integers(0, 256, 3)
        if rng.random() < self.ranges.cut_share:
            depth = rng.uniform(0.03, 0.22)
            side = rng.integers(0, 4)
            if side == 0:
                crop[: int(height * depth)] = 0
            elif side == 1:
                crop[-int(height * depth) - 1 :] = 0
            elif side == 2:
                crop[:, : int(width * depth)] = 0
            else:
                crop[:, -int(width * depth) - 1 :] = 0
        return crop


def vary_colour(rng: np.random.Generator, ranges: Augmentation, crop: Image) -> Image:
    """Brightness, tint, gamma, loss of colour, blur and noise at random: uint8[H, W, 3]."""
    strength = ranges.colour
    gain = np.exp(rng.normal(0, 0.25 * strength)) * np.exp(rng.normal(0, 0.08 * strength, 3))
    gamma = np.exp(rng.normal(0, 0.2 * strength))
    offset = rng.normal(0, 14 * strength) + rng.normal(0, 5 * strength, 3)
    ramp = (np.arange(256)[:, None] / 255.0) ** gamma * 255.0
    table = np.clip(ramp * gain + offset, 0, 255).astype(np.uint8)
    if rng.random() < 0.12 * strength:
        grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
        crop = np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)
    crop = cv2.LUT(crop, table[None]).astype(np.uint8, copy=False)
    if rng.random() < ranges.blur_share:
        blurred = cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.3, 1.3))
        crop = blurred.astype(np.uint8, copy=False)
    if ranges.noise_sd and rng.random() < 0.4:
        noise = rng.standard_normal(crop.shape, dtype=np.float32)
        noise *= rng.uniform(0, ranges.noise_sd)
        crop = np.clip(crop + noise, 0, 255).astype(np.uint8)
    return crop


def _window(
    box_px: Points,
    enlarge: float,
    shift: tuple[float, ...],
    turn_deg: float,
    stretch: float,
    aspect: float,
) -> tuple[NDArray[np.float64], float]:
    """Matrix from picture pixels to unit window coordinates, and the window's height, px."""
    x0, y0, x1, y1 = (float(v) for v in box_px)
    height = max(y1 - y0, (x1 - x0) / aspect) * enlarge
    width = height * aspect
    cx = (x0 + x1) / 2 + shift[0] * width
    cy = (y0 + y1) / 2 + shift[1] * height
    angle = np.deg2rad(turn_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    to_unit = np.diag([stretch / width, 1.0 / height]) @ turn
    centre = np.array([cx, cy])
    return np.c_[to_unit, np.array([0.5, 0.5]) - to_unit @ centre], height


def _cut(
    image: Image,
    keypoints: Points,
    matrix: NDArray[np.float64],
    window_height: float,
    size: tuple[int, int],
    *,
    border: int,
) -> tuple[Image, Points]:
    height, width = size
    # Native resolution first, but never smaller than the network's input.
    zoom = max(1.0, window_height / height)
    native = (round(width * zoom), round(height * zoom))
    forward = np.diag([native[0], native[1]]).astype(float) @ matrix
    centre_shift = forward.copy()
    # Pixel centres: picture coordinate c lies in the middle of pixel c - 0.5.
    centre_shift[:, 2] += forward[:, :2] @ [0.5, 0.5] - 0.5
    crop = cv2.warpAffine(image, centre_shift, native, flags=cv2.INTER_LINEAR, borderMode=border)
    if native != (width, height):
        crop = cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA)
    unit = keypoints[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    inside = np.all((unit >= 0) & (unit < 1), axis=1)
    points = np.c_[unit * [width, height], keypoints[:, 2] * inside].astype(np.float32)
    return crop.astype(np.uint8, copy=False), points
