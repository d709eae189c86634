"""Batches for a finder: rendered frames, and photographs of single persons put side by side.

A rendered frame is cut to a random part of itself, in any shape that a camera may have, and goes
through the host's own :class:`host.person.letterbox.Letterbox`. A mosaic is a photographed place
(its own person painted over) on which photographs of persons stand, whole or with only what is
near the person: a finder that saw renders alone would know no real person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from host.person.letterbox import Letterbox
from quantize.data.augment import Augmentation, RandomInputs, vary_colour
from quantize.data.cut_body import cut_box
from quantize.data.frames import HALF, WHOLE, Frame
from quantize.data.mixture import to_tensor
from quantize.data.pictures import LabelledPicture
from quantize.render.photographs import person_mask

MOST_PEOPLE = 12
Image = NDArray[np.uint8]
People = list[tuple[float, float, float, float, float]]
_SEEN, _HARDLY = 0.35, 0.08
"""Share of a box inside the frame from which its person is learned, and below which it is none."""
_SMALLEST_PX = 5.0
_ASIDE = 0.06
"""How far a first look misses somebody's middle, in heights."""


@dataclass(frozen=True)
class FrameAugmentation:
    """Ranges of the random changes.

    Attributes
    ----------
    zoom
        Of the part of a frame that is used: 1 = the whole.
    aspect
        Width by height of that part.
    close_share
        Of frames of which the part about somebody is used, or about a reflection or a picture, as
        the host's second look sees it (:class:`host.person.second_look.SecondLook`).
    close_px
        His height in the input then.
    person_share
        Height of a person of a mosaic as a share of the strip's.
    strips
        Weights of mosaics of 1, 2 and 3 strips above each other.
    colour, blur_share, noise_sd
        As for crops of persons (:class:`quantize.data.augment.Augmentation`).
    """

    zoom: Sequence[float] = (1.0, 1.7)
    aspect: Sequence[float] = (0.6, 2.2)
    close_share: float = 0.0
    close_px: Sequence[float] = (40.0, 58.0)
    person_share: Sequence[float] = (0.45, 1.1)
    strips: Sequence[float] = (0.6, 0.3, 0.1)
    colour: float = 1.0
    blur_share: float = 0.25
    noise_sd: float = 10.0


class FrameAugmenter(RandomInputs[FrameAugmentation]):
    """Random inputs of a finder, as :class:`quantize.data.augment.RandomInputs`."""

    def __init__(
        self, size: tuple[int, int], ranges: FrameAugmentation, rng: np.random.Generator
    ) -> None:
        super().__init__(size, ranges, rng)
        self._letterbox = Letterbox(*size)
        self._masks: dict[int, tuple[Image, LabelledPicture]] = {}
        self._colours = Augmentation(
            colour=ranges.colour, blur_share=ranges.blur_share, noise_sd=ranges.noise_sd
        )

    def frame(self, frame: Frame) -> tuple[Image, People]:
        """A random part of a rendered frame, as the host would show it: input and people."""
        rng = self.rng
        close = rng.random() < self.ranges.close_share
        image = frame.image(WHOLE if close else HALF)
        high, wide = image.shape[:2]
        factor = np.array([wide / frame.item["width"], high / frame.item["height"]] * 2)
        boxes = frame.label.people_px * factor
        others = frame.label.others_px * factor
        near = np.concatenate([boxes, others])
        close &= len(near) > 0
        x0, y0, x1, y1 = self._near(near, high, wide) if close else self._part(high, wide)
        part = image[y0:y1, x0:x1]
        inside = np.clip(boxes, [x0, y0, x0, y0], [x1, y1, x1, y1])
        share = _area(inside) / np.maximum(_area(boxes), 1e-9)
        for k, points in enumerate(frame.keypoints * [*factor[:2], 1.0]):
            inside[k] = cut_box(boxes[k], points, (x0, y0, x1, y1))
        placed = self._letterbox.to_input(inside - [x0, y0, x0, y0], y1 - y0, x1 - x0)
        people = []
        for box, seen, hidden in zip(placed, share, frame.hidden, strict=True):
            small = min(box[2] - box[0], box[3] - box[1]) < _SMALLEST_PX / 2
            if seen >= _HARDLY:
                learned = seen >= _SEEN and not hidden and not small
                people.append((*box.tolist(), 1.0 if learned else -1.0))
        others = np.clip(others, [x0, y0, x0, y0], [x1, y1, x1, y1])
        nobody = self._letterbox.to_input(others - [x0, y0, x0, y0], y1 - y0, x1 - x0)
        people += [(*box.tolist(), -2.0) for box in nobody[_area(nobody) > 0]]
        picture = self._letterbox.fit(np.ascontiguousarray(part))
        lies = self._letterbox.placement(y1 - y0, x1 - x0)
        inner = np.s_[lies.y0 : lies.y0 + lies.height, lies.x0 : lies.x0 + lies.width]
        picture[inner] = vary_colour(rng, self._colours, np.ascontiguousarray(picture[inner]))
        return self._flip(picture, people)

    def mosaic(self, place: Image, persons: list[LabelledPicture]) -> tuple[Image, People]:
        """Persons of photographs in strips on a place, uint8[height, width, 3]."""
        rng = self.rng
        picture = place.copy()
        weights = np.array(self.ranges.strips) / sum(self.ranges.strips)
        strips = 1 + int(rng.choice(len(weights), p=weights))
        edges = np.linspace(0, self.size[0], strips + 1).astype(int)
        people: People = []
        waiting = list(persons)
        for top, low in pairwise(edges):
            x = float(rng.uniform(-0.1, 0.35) * self.size[1] / strips)
            while waiting and x < self.size[1]:
                box, width = self._stand(picture, waiting.pop(), x, top, low)
                if box is not None:
                    people.append(box)
                x += width + rng.exponential(0.12) * self.size[1]
        return self._flip(vary_colour(rng, self._colours, picture), people)

    def _part(self, high: int, wide: int) -> tuple[int, int, int, int]:
        """Window of a frame, px: all of it in one of four cases."""
        rng = self.rng
        zoom = rng.uniform(self.ranges.zoom[0], self.ranges.zoom[1]) if rng.random() < 0.75 else 1.0
        aspect = wide / high
        if zoom > 1 and rng.random() < 0.5:
            aspect = float(np.exp(rng.uniform(*np.log(self.ranges.aspect).tolist())))
        h = min(high, wide / aspect) / zoom
        w = min(wide, h * aspect)
        x, y = rng.uniform(0, wide - w), rng.uniform(0, high - h)
        return round(x), round(y), max(round(x + w), round(x) + 8), max(round(y + h), round(y) + 8)

    def _near(self, boxes: NDArray[np.float64], high: int, wide: int) -> tuple[int, int, int, int]:
        """Window about one of ``boxes``, px, in which it has the height of a second look."""
        rng = self.rng
        box = boxes[rng.integers(len(boxes))]
        tall = max(float(box[3] - box[1]), _SMALLEST_PX)
        least, most = self.ranges.close_px
        h = min(float(high), tall * self.size[0] / rng.uniform(least, most))
        w = min(float(wide), h * self.size[1] / self.size[0])
        x, y = (box[:2] + box[2:]) / 2 + rng.normal(0, _ASIDE, 2) * tall
        x, y = np.clip([x - w / 2, y - h / 2], 0, [wide - w, high - h])
        return round(x), round(y), round(x + w), round(y + h)

    def _stand(
        self, picture: Image, person: LabelledPicture, x: float, top: int, low: int
    ) -> tuple[tuple[float, float, float, float, float] | None, float]:
        """Draw one photograph at x in the rows top to low; the person's box and the width used."""
        rng = self.rng
        x0, y0, x1, y1 = (float(v) for v in person.box_px)
        room = low - top
        scale = (
            rng.uniform(self.ranges.person_share[0], self.ranges.person_share[1]) * room / (y1 - y0)
        )
        image = person.image()
        size = (max(4, round(image.shape[1] * scale)), max(4, round(image.shape[0] * scale)))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        scaled = cv2.resize(image, size, interpolation=method)
        soft = np.ones(scaled.shape[:2], np.float32)
        if rng.random() < 0.5:
            near = cv2.resize(self._mask(person), size, interpolation=cv2.INTER_AREA)
            soft = cv2.GaussianBlur(near, (0, 0), rng.uniform(0.6, 2.5)).astype(np.float32) / 255
        # Feet near the strip's lower edge, or below it.
        dx = x - x0 * scale
        dy = low - y1 * scale - rng.uniform(-0.12, 0.25) * room
        dx, dy = round(dx), round(dy)
        left, right = max(dx, 0), min(dx + size[0], self.size[1])
        upper, lower = max(dy, top), min(dy + size[1], low)
        if right - left < 4 or lower - upper < 4:
            return None, (x1 - x0) * scale
        cut = np.s_[upper - dy : lower - dy, left - dx : right - dx]
        alpha = soft[cut][..., None]
        under = picture[upper:lower, left:right]
        mixed = under + alpha * (scaled[cut] - under.astype(np.float32))
        picture[upper:lower, left:right] = np.rint(mixed)
        box = np.array([x0, y0, x1, y1]) * scale + [dx, dy, dx, dy]
        inside = np.clip(box, [0, top, 0, top], [self.size[1], low, self.size[1], low])
        share = float(_area(inside[None])[0] / _area(box[None])[0])
        if share < _HARDLY:
            return None, (x1 - x0) * scale
        a, b, c, d = inside.tolist()
        return (a, b, c, d, 1.0 if share >= _SEEN else -1.0), (x1 - x0) * scale

    def _mask(self, person: LabelledPicture) -> Image:
        """Where the person may be, uint8[H, W] of 0 and 255; drawn once, kept small."""
        if id(person) not in self._masks:
            self._masks[id(person)] = np.packbits(person_mask(person), axis=1), person
        packed, _ = self._masks[id(person)]
        bits = np.unpackbits(packed, axis=1, count=int(person.item["width"]))
        return bits * np.uint8(255)

    def _flip(self, picture: Image, people: People) -> tuple[Image, People]:
        if self.rng.random() < 0.5:
            return picture, people
        width = self.size[1]
        turned = [(width - x1, y0, width - x0, y1, w) for x0, y0, x1, y1, w in people]
        return np.ascontiguousarray(picture[:, ::-1]), turned


@dataclass(frozen=True)
class FrameShares:
    """What a batch holds.

    Attributes
    ----------
    mosaics
        Share of mosaics.
    empty
        Share of places where nobody stands; the rest is parts of rendered frames.
    covered_weight
        How often a frame is drawn in which people cover each other; 1 = as any other.
    """

    mosaics: float
    empty: float = 0.0
    covered_weight: float = 1.0


class FrameMixture:
    """Draws batches of inputs.

    Parameters
    ----------
    frames
        Rendered frames.
    persons
        Photographs of persons; may be empty.
    places
        Photographed places without people, uint8[height, width, 3] each; as many or none.
    shares
        How often which kind is drawn.
    augmenter
        Makes the inputs.
    """

    def __init__(
        self,
        frames: Sequence[Frame],
        persons: Sequence[LabelledPicture],
        places: Sequence[Image],
        shares: FrameShares,
        augmenter: FrameAugmenter,
    ) -> None:
        self.frames = frames
        self.persons = persons
        self.places = places
        self.mosaics = shares.mosaics if persons and places else 0.0
        self.empty = shares.empty if places else 0.0
        self.augmenter = augmenter
        often = [shares.covered_weight if f.label.covered() else 1.0 for f in frames]
        self._up_to = np.cumsum(often)

    def batch(self, n: int) -> tuple[Tensor, Tensor]:
        """Inputs float[n, 3, H, W] of bytes, people float[n, 12, 5] (box, 1, -1, -2 or 0)."""
        rng = self.augmenter.rng
        pictures = []
        people = np.zeros((n, MOST_PEOPLE, 5), np.float32)
        for i in range(n):
            kind = rng.random()
            if kind < self.mosaics + self.empty:
                few = min(int(rng.poisson(2.6)), MOST_PEOPLE) if kind < self.mosaics else 0
                chosen = [self.persons[k] for k in rng.integers(len(self.persons), size=few)]
                place = self.places[int(rng.integers(len(self.places)))]
                picture, found = self.augmenter.mosaic(place, chosen)
            else:
                drawn = np.searchsorted(self._up_to, rng.random() * self._up_to[-1], side="right")
                frame = self.frames[int(drawn)]
                picture, found = self.augmenter.frame(frame)
            pictures.append(picture)
            people[i, : len(found)] = np.array(found, np.float32).reshape(-1, 5)
        return to_tensor(np.stack(pictures)), torch.from_numpy(people)


def empty_parts(
    path: Path, size: tuple[int, int], rng: np.random.Generator, count: int = 3
) -> list[Image]:
    """Random parts of a photograph without people, uint8[height, width, 3] each.

    Raises
    ------
    ValueError
        When the file is no picture.
    """
    stored = cv2.imread(str(path))
    if stored is None:
        raise ValueError(f"{path} is no picture")
    image = np.asarray(stored, np.uint8)[..., ::-1]
    height, width = size
    parts = []
    for _ in range(count):
        scale = min(image.shape[0] / height, image.shape[1] / width) / rng.uniform(1.0, 1.8)
        h, w = round(height * scale), round(width * scale)
        y = int(rng.integers(0, image.shape[0] - h + 1))
        x = int(rng.integers(0, image.shape[1] - w + 1))
        part = np.ascontiguousarray(image[y : y + h, x : x + w])
        method = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
        parts.append(np.asarray(cv2.resize(part, (width, height), interpolation=method), np.uint8))
    return parts


def _area(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1))
