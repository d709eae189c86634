"""Drawing a labelled set, shard by shard.

The format is that of the project's photograph sets (:mod:`quantize.data.storage`): each item with
``file``, ``shard``, ``index``, ``width``, ``height``, ``box``, ``keypoints`` (23 x [x, y, v]) and
tags; whole frames have ``people`` instead (:mod:`quantize.render.frames`).
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path

from quantize.data.storage import claim, finished, join_labels, shard_name, write_shard
from quantize.render.frames import FramesRecipe, FrameStudio
from quantize.render.stills import SetRecipe, Sources, Still, Studio

Recipe = SetRecipe | FramesRecipe
_studio: Studio | FrameStudio | None = None


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
    claim(out, f"{name}\n{recipe}\n" + ("with photographs\n" if sources.photographs else ""))
    shards = -(-recipe.count // recipe.shard)
    todo = [i for i in range(shards) if not finished(out, i)]
    if workers > 1 and len(todo) > 1:
        context = multiprocessing.get_context("spawn")
        with context.Pool(min(workers, len(todo)), _start, (recipe, sources)) as pool:
            for shard, n in pool.imap_unordered(_write_shard, [(i, out) for i in todo]):
                told(shard, n)
    elif todo:
        _start(recipe, sources)
        for i in todo:
            told(*_write_shard((i, out)))
    return join_labels(out, name, shards)


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
    stills = list(pictures(_studio, first, last))
    write_shard(out, i, first, [(s.jpeg, s.label) for s in stills])
    return shard_name(i), len(stills)
