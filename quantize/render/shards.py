"""Writing a labelled set: shards of JPEG bytes, their labels, and the hash of all labels.

The format is that of the project's photograph sets: ``<shard>.npz`` holds ``jpg`` (uint8, the
JPEG files back to back) and ``offset`` (int64[N + 1]); ``labels.json.gz`` holds
``{"keypoint_names", "set", "items"}``, each item with ``file``, ``shard``, ``index``, ``width``,
``height``, ``box``, ``keypoints`` (23 x [x, y, v]) and tags (whole frames: ``people`` instead, see
:mod:`quantize.render.frames`). A finished shard appears
under its name at once, its labels ``<shard>.json.gz`` before it: a reader may start while the set
grows.
"""

from __future__ import annotations

import gzip
import json
import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from model_zoo.skeleton import KEYPOINTS
from quantize.data.pictures import label_hash
from quantize.render.frames import FramesRecipe, FrameStudio
from quantize.render.stills import SetRecipe, Sources, Still, Studio

Item = dict[str, Any]
Recipe = SetRecipe | FramesRecipe
_studio: Studio | FrameStudio | None = None


def shard_names(recipe: Recipe) -> list[str]:
    """Names of the shards of a set, in order, without ending."""
    return [f"shard-{i:05d}" for i in range(-(-recipe.count // recipe.shard))]


def write_set(
    recipe: Recipe,
    name: str,
    out: Path,
    sources: Sources,
    workers: int,
    told: Callable[[str, int], None],
) -> str:
    """Write a set; shards that are already there are kept.

    Parameters
    ----------
    told
        Called with each finished shard's name and its number of pictures.

    Returns
    -------
    The SHA-256 of the labels (:func:`quantize.data.pictures.label_hash`).

    Raises
    ------
    ValueError
        When ``out`` holds shards of another recipe.
    """
    out.mkdir(parents=True, exist_ok=True)
    _claim(out, name, recipe, sources)
    todo = [i for i, shard in enumerate(shard_names(recipe)) if not (out / f"{shard}.npz").exists()]
    if workers > 1 and len(todo) > 1:
        context = multiprocessing.get_context("spawn")
        with context.Pool(min(workers, len(todo)), _start, (recipe, sources)) as pool:
            for shard, n in pool.imap_unordered(_write_shard, [(i, out) for i in todo]):
                told(shard, n)
    elif todo:
        _start(recipe, sources)
        for i in todo:
            told(*_write_shard((i, out)))
    items = [item for shard in shard_names(recipe) for item in _read(out / f"{shard}.json.gz")]
    labels = {"keypoint_names": list(KEYPOINTS), "set": name, "items": items}
    _write_json(out / "labels.json.gz", labels)
    return label_hash(items)


def _claim(out: Path, name: str, recipe: Recipe, sources: Sources) -> None:
    """Note the recipe beside the shards, and refuse a folder that belongs to another one."""
    note = out / "recipe.txt"
    text = f"{name}\n{recipe}\n" + ("with photographs\n" if sources.photographs else "")
    if note.exists() and note.read_text(encoding="utf-8") != text:
        raise ValueError(f"{out} holds shards of another recipe; choose an empty folder")
    note.write_text(text, encoding="utf-8")


def _start(recipe: Recipe, sources: Sources) -> None:
    global _studio
    if isinstance(recipe, FramesRecipe):
        _studio = FrameStudio(recipe, sources)
    else:
        _studio = Studio(recipe, sources)


def pictures(studio: Studio | FrameStudio, first: int, last: int) -> Iterator[Still]:
    """Pictures ``first`` to ``last - 1`` of the set."""
    size = studio.recipe.group
    for number in range(first // size, -(-last // size)):
        for k, still in enumerate(studio.group(number)):
            if first <= number * size + k < last:
                yield still


def _write_shard(job: tuple[int, Path]) -> tuple[str, int]:
    i, out = job
    if _studio is None:
        raise RuntimeError("the worker was not started with _start")
    recipe = _studio.recipe
    first, last = i * recipe.shard, min((i + 1) * recipe.shard, recipe.count)
    shard = shard_names(recipe)[i]
    stills = list(pictures(_studio, first, last))
    items = [
        {"file": f"{first + k:06d}.jpg", "shard": f"{shard}.npz", "index": k, **still.label}
        for k, still in enumerate(stills)
    ]
    _write_json(out / f"{shard}.json.gz", items)
    offset = np.cumsum([0] + [len(s.jpeg) for s in stills]).astype(np.int64)
    partial = out / f".{shard}.npz.partial"
    with partial.open("wb") as file:
        np.savez(file, jpg=np.frombuffer(b"".join(s.jpeg for s in stills), np.uint8), offset=offset)
    partial.replace(out / f"{shard}.npz")
    return shard, len(stills)


def _write_json(path: Path, content: object) -> None:
    partial = path.with_name(f".{path.name}.partial")
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    partial.write_bytes(gzip.compress(text, mtime=0))
    partial.replace(path)


def _read(path: Path) -> list[Item]:
    items: list[Item] = json.loads(gzip.decompress(path.read_bytes()))
    return items
