"""Writing labelled sets: shards of JPEG bytes and their labels, each appearing whole or not at all.

``<shard>.npz`` holds ``jpg`` (uint8, the JPEG files back to back) and ``offset`` (int64[N + 1]),
``<shard>.json.gz`` the items; ``labels.json.gz`` all of them. The labels of a shard appear before
its pictures, so that a reader may start while the set grows.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model_zoo.skeleton import KEYPOINTS
from quantize.data.pictures import label_hash

Item = dict[str, Any]


def shard_name(number: int) -> str:
    """Name of a shard, without ending."""
    return f"shard-{number:05d}"


def finished(out: Path, number: int) -> bool:
    """Whether a shard is there."""
    return (out / f"{shard_name(number)}.npz").exists()


def write_shard(out: Path, number: int, first: int, stills: Sequence[tuple[bytes, Item]]) -> None:
    """Write one shard: JPEG bytes and labels; ``first`` is the number of its first picture."""
    shard = shard_name(number)
    items = [
        {"file": f"{first + k:06d}.jpg", "shard": f"{shard}.npz", "index": k, **label}
        for k, (_, label) in enumerate(stills)
    ]
    _write_json(out / f"{shard}.json.gz", items)
    jpegs = [jpeg for jpeg, _ in stills]
    offset = np.cumsum([0] + [len(j) for j in jpegs]).astype(np.int64)
    partial = out / f".{shard}.npz.partial"
    with partial.open("wb") as file:
        np.savez(file, jpg=np.frombuffer(b"".join(jpegs), np.uint8), offset=offset)
    partial.replace(out / f"{shard}.npz")


def join_labels(out: Path, name: str, shards: int) -> str:
    """Write ``labels.json.gz`` from the shards' labels; its SHA-256."""
    items: list[Item] = []
    for number in range(shards):
        packed = (out / f"{shard_name(number)}.json.gz").read_bytes()
        items += json.loads(gzip.decompress(packed))
    labels = {"keypoint_names": list(KEYPOINTS), "set": name, "items": items}
    _write_json(out / "labels.json.gz", labels)
    return label_hash(items)


def claim(out: Path, text: str) -> None:
    """Make the folder and note what it holds.

    Raises
    ------
    ValueError
        When it holds something else already.
    """
    out.mkdir(parents=True, exist_ok=True)
    note = out / "recipe.txt"
    if note.exists() and note.read_text(encoding="utf-8") != text:
        raise ValueError(f"{out} holds shards of another recipe; choose an empty folder")
    if not note.exists() and (any(out.glob("labels.json*")) or any(out.glob("shard-*"))):
        raise ValueError(f"{out} holds a set that this command did not begin; choose another")
    note.write_text(text, encoding="utf-8")


def _write_json(path: Path, content: object) -> None:
    partial = path.with_name(f".{path.name}.partial")
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    partial.write_bytes(gzip.compress(text, mtime=0))
    partial.replace(path)
