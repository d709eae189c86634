"""Real photographs as backgrounds: training pictures with their own person painted over.

The pictures stay where they are; what is made of them lives in the folder of the rendered set.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import BONES, INDEX
from quantize.data.pictures import LabelledPicture
from quantize.data.splits import sport_photographs, teacher_photographs

Image = NDArray[np.float32]
_SHOULDERS = [INDEX["left_shoulder"], INDEX["right_shoulder"]]
_HIPS = [INDEX["left_hip"], INDEX["right_hip"]]
_LIMB = 0.32
"""Half width of what is painted over around each bone, as a part of the torso's length."""


class Photographs:
    """Backgrounds from the labelled sets ``train`` and ``teacher`` below ``folder``.

    Only persons that a training may see are taken: those held out for validation are left out.

    Raises
    ------
    FileNotFoundError
        When the folder holds neither set.
    """

    def __init__(self, folder: Path) -> None:
        self._pictures: list[LabelledPicture] = []
        if (folder / "train").is_dir():
            self._pictures += sport_photographs(folder / "train")[0]
        if (folder / "teacher").is_dir():
            self._pictures += teacher_photographs(folder / "teacher")
        if not self._pictures:
            raise FileNotFoundError(f"{folder} holds neither a set 'train' nor a set 'teacher'")

    def background(self, rng: np.random.Generator, width: int, height: int) -> Image:
        """One background, float32[height, width, 3] in 0..1."""
        chosen = self._pictures[int(rng.integers(len(self._pictures)))]
        image = chosen.image()
        empty = without_person(image, person_mask(chosen))
        if rng.random() < 0.5:
            empty = np.ascontiguousarray(empty[:, ::-1])
        h, w = empty.shape[:2]
        scale = max(width / w, height / h) * rng.uniform(1.0, 1.35)
        size = (max(width, round(w * scale)), max(height, round(h * scale)))
        large = cv2.resize(empty, size, interpolation=cv2.INTER_LINEAR)
        x, y = (int(rng.integers(0, a - b + 1)) for a, b in zip(size, (width, height), strict=True))
        return large[y : y + height, x : x + width].astype(np.float32) / np.float32(255)


def person_mask(picture: LabelledPicture) -> NDArray[np.bool_]:
    """Where the labelled person may be, bool[H, W]: thick limbs, trunk and head.

    A person whose skeleton covers little of the box (missing labels) is masked by the whole box.
    """
    item, points = picture.item, picture.keypoints
    mask = np.zeros((int(item["height"]), int(item["width"])), np.uint8)
    x0, y0, x1, y1 = (float(v) for v in picture.box_px)
    there = points[:, 2] > 0
    spread = np.ptp(points[there, :2], axis=0) if there.any() else np.zeros(2)
    if there.sum() < 10 or max(spread) < 0.6 * max(x1 - x0, y1 - y0):
        mask[max(int(y0), 0) : int(y1) + 1, max(int(x0), 0) : int(x1) + 1] = 1
        return mask > 0
    wide = max(3, round(_LIMB * _torso(points)))
    for a, b in ((INDEX[one], INDEX[other]) for one, other in BONES):
        if there[a] and there[b]:
            ends = [tuple(int(v) for v in points[k, :2]) for k in (a, b)]
            cv2.line(mask, ends[0], ends[1], 1, 2 * wide)
    shoulders, hips = points[_SHOULDERS], points[_HIPS]
    if (shoulders[:, 2] > 0).all():
        neck = shoulders[:, :2].mean(0)
        low = neck + np.array([0.0, 1.0])
        if (hips[:, 2] > 0).all():
            low = hips[:, :2].mean(0)
            trunk = np.concatenate([shoulders, hips])[:, :2].astype(np.int32)
            cv2.fillConvexPoly(mask, cv2.convexHull(trunk), 1)
        up = (neck - low) / max(float(np.linalg.norm(neck - low)), 1.0)
        head = neck + up * 1.3 * wide
        cv2.circle(mask, (int(head[0]), int(head[1])), round(2.0 * wide), 1, -1)
    for x, y in points[there, :2]:
        cv2.circle(mask, (int(x), int(y)), round(1.3 * wide), 1, -1)
    return mask > 0


def _torso(points: NDArray[np.float32]) -> float:
    for a, b in zip(_SHOULDERS, reversed(_HIPS), strict=True):
        if points[a, 2] > 0 and points[b, 2] > 0:
            return float(np.linalg.norm(points[a, :2] - points[b, :2]))
    there = points[:, 2] > 0
    return float(np.ptp(points[there, 1])) / 3


def without_person(image: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The picture with the free columns of each row mirrored into the mask from both sides.

    Texture and noise stay those of the photograph; the two sides meet in the middle of the hole,
    and a light blur along the columns joins the rows. Rows without a free column take the nearest
    row that has one.
    """
    h, w = mask.shape
    rows, x = np.arange(h, dtype=np.intp)[:, None], np.tile(np.arange(w, dtype=np.intp), (h, 1))
    free = np.argsort(mask, axis=1, kind="stable")
    many = np.maximum((~mask).sum(1, dtype=np.intp), 1)[:, None]
    before = np.cumsum(~mask, axis=1, dtype=np.intp) - 1
    left: NDArray[np.intp] = np.maximum.accumulate(np.where(mask, -1, x), axis=1)
    mirrored = np.where(mask, w, x)[:, ::-1]
    right: NDArray[np.intp] = np.minimum.accumulate(mirrored, axis=1)[:, ::-1]
    from_left = free[rows, _to_and_fro(before - (x - left) + 1, many)]
    from_right = free[rows, _to_and_fro(before + (right - x), many)]
    near_left = (right - x) / np.maximum(right - left, 1)
    share = np.clip(0.5 + 3 * (near_left - 0.5), 0, 1)
    share = np.where(left < 0, 0.0, np.where(right >= w, 1.0, share))[..., None]
    mixed = image[rows, from_left] * share + image[rows, from_right] * (1 - share)
    whole = mask.all(1)
    if whole.any() and not whole.all():
        open_rows = np.flatnonzero(~whole)
        near = open_rows[np.abs(open_rows[None] - rows).argmin(1)]
        mixed[whole] = mixed[near[whole]]
    soft = cv2.blur(mixed.astype(np.float32), (1, 3))
    out = np.where(mask[..., None], soft, image)
    return np.asarray(np.clip(out, 0, 255).astype(np.uint8))


def _to_and_fro(index: NDArray[np.intp], many: NDArray[np.intp]) -> NDArray[np.intp]:
    """Indices folded back into 0 .. many - 1, as between two mirrors."""
    period = np.maximum(2 * many - 2, 1)
    folded = np.abs(index) % period
    return np.minimum(np.where(folded < many, folded, period - folded), many - 1)
