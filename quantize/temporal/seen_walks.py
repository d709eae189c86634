"""Walks and how they are seen: what the tasks on simulated walks read, and whom they hold out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from quantize.render.ranges import build
from quantize.render.walk_file import WalkPoints, load_walks
from quantize.temporal.residuals import read_residuals
from quantize.temporal.sight import Sight, SightRanges

HELD_OUT = 8
"""Every eighth body is kept for the learning curve."""


def read(recipe: dict[str, Any], data: list[Path]) -> tuple[list[WalkPoints], Sight]:
    """All walks, and how they are seen.

    Parameters
    ----------
    recipe
        With ``[sight]``.
    data
        Folders of walks (``python -m quantize render --walks``), then rendered clips and the
        keypoints that a pose network gave for them, whose errors are laid over the walks.
    """
    if len(data) < 3:
        raise ValueError("--data takes three folders or more: WALKS ... CLIPS KEYPOINTS")
    *folders, clips, keypoints = data
    walks = [walk for folder in folders for walk in load_walks(folder).values()]
    ranges = build(SightRanges, recipe["sight"], "sight")
    return walks, Sight(ranges, read_residuals(clips, keypoints))


def is_held_out(walk: WalkPoints) -> bool:
    """Whether the body of a walk is kept for the learning curve."""
    return int(walk.tags["body"]) % HELD_OUT == 0
