"""Labelled sets on disk, one person per stored picture.

Format: ``labels.json`` (or ``.json.gz``) with ``items``; pictures are JPEG files back to back in
npz shards (``jpg`` uint8, ``offset`` int64[N+1]). Each item names ``shard``, ``index``, ``box``
[x0, y0, x1, y1] and ``keypoints`` 23 x [x, y, v] (v: 0 not labelled, 1 hidden, 2 visible), in
pixels of the stored picture.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import N_KEYPOINTS


@dataclass(frozen=True)
class LabelledPicture:
    """One person: RGB picture, box and labels.

    Attributes
    ----------
    jpeg
        uint8[bytes], the picture as stored.
    box_px
        float32[4]: x0, y0, x1, y1.
    keypoints
        float32[23, 3]: x, y, weight of the label (0 = not labelled).
    item
        The item as stored.
    """

    jpeg: NDArray[np.uint8]
    box_px: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    item: dict[str, Any] = field(repr=False)

    def image(self) -> NDArray[np.uint8]:
        """Decode: uint8[H, W, 3] RGB."""
        decoded = cv2.imdecode(self.jpeg, cv2.IMREAD_COLOR)
        if decoded is None:
            raise ValueError(f"picture {self.item.get('file')} cannot be decoded")
        return np.ascontiguousarray(decoded[..., ::-1])


def read_labels(folder: Path) -> dict[str, Any]:
    """Content of ``labels.json`` or ``labels.json.gz`` in ``folder``.

    A set that is still being rendered has no such file yet: the items of its finished shards are
    returned.
    """
    plain, packed = folder / "labels.json", folder / "labels.json.gz"
    if plain.is_file():
        return dict(json.loads(plain.read_text()))
    if packed.is_file():
        with gzip.open(packed, "rt") as stream:
            return dict(json.load(stream))
    finished = sorted(folder.glob("shard-*.json.gz"))
    if finished:
        items: list[Any] = []
        for shard in finished:
            with gzip.open(shard, "rt") as stream:
                items.extend(json.load(stream))
        return {"items": items}
    raise FileNotFoundError(f"{folder} holds neither labels.json nor labels.json.gz")


def label_hash(items: list[dict[str, Any]]) -> str:
    """SHA-256 of the labels as canonical JSON (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(items, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_items(folder: Path) -> Iterator[tuple[dict[str, Any], NDArray[np.uint8]]]:
    """All items of a labelled set with their JPEG bytes, still packed."""
    shards: dict[str, tuple[NDArray[np.uint8], NDArray[np.int64]]] = {}
    for item in read_labels(folder)["items"]:
        name = str(item["shard"])
        if name not in shards:
            with np.load(folder / name) as stored:
                shards[name] = (stored["jpg"], stored["offset"])
        jpg, offset = shards[name]
        i = int(item["index"])
        yield item, jpg[offset[i] : offset[i + 1]]


def read_shard(folder: Path, number: int) -> list[LabelledPicture]:
    """Persons of one finished shard of a set, joined or not."""
    with gzip.open(folder / f"shard-{number:05d}.json.gz", "rt") as stream:
        items = json.load(stream)
    with np.load(folder / f"shard-{number:05d}.npz") as stored:
        jpg, offset = stored["jpg"], stored["offset"]
    return [_labelled(item, jpg[offset[k] : offset[k + 1]]) for k, item in enumerate(items)]


def read_set(folder: Path) -> list[LabelledPicture]:
    """All persons of a labelled set, JPEGs still packed (label weight 1 where v > 0)."""
    return [_labelled(item, jpeg) for item, jpeg in read_items(folder)]


def _labelled(item: dict[str, Any], jpeg: NDArray[np.uint8]) -> LabelledPicture:
    keypoints = np.asarray(item["keypoints"], dtype=np.float32).reshape(N_KEYPOINTS, 3).copy()
    keypoints[:, 2] = keypoints[:, 2] > 0
    return LabelledPicture(
        jpeg=jpeg,
        box_px=np.asarray(item["box"], dtype=np.float32),
        keypoints=keypoints,
        item=item,
    )
