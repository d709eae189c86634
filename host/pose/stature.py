"""How tall somebody is in each picture, and where he would be if the camera walked beside him."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from model_zoo.skeleton import Side, part

Array = NDArray[np.float64]

TRUNK, LEG = 0.288, 0.491
"""Shoulder to hip and hip to ankle in statures (Drillis and Contini 1966, after Winter 2009)."""

_SHOULDERS, _HIPS, _KNEES, _ANKLES = (
    [part(name, side) for side in Side] for name in ("shoulder", "hip", "knee", "ankle")
)
_SIZE_S = 4.0


def stature_px(time_s: Array, xy_px: Array) -> Array:
    """Stature in the picture, float64[T], by trunk and legs: a running median over four seconds.

    The larger of both measures counts: a view along one of them, or a bent one, shows less. Who
    comes nearer grows steadily, which a median follows; a box that holds a tree for a second does
    not. NaN throughout when hips and either shoulders or ankles were never seen.
    """
    hips = xy_px[:, _HIPS]
    trunk = np.linalg.norm(xy_px[:, _SHOULDERS].mean(axis=1) - hips.mean(axis=1), axis=-1) / TRUNK
    knees = xy_px[:, _KNEES]
    thighs = np.linalg.norm(hips - knees, axis=-1)
    shanks = np.linalg.norm(knees - xy_px[:, _ANKLES], axis=-1)
    tall = np.fmax(trunk, np.fmax(*(thighs + shanks).T) / LEG)
    if not np.isfinite(tall).any() or len(time_s) < 2:
        return np.asarray(tall)
    frames = round(_SIZE_S / float(np.median(np.diff(time_s)))) | 1
    return np.asarray(median_filter(bridged(tall[:, None]), (frames, 1), mode="nearest")[:, 0])


def in_statures(xy_px: Array, height_px: Array, feet: NDArray[np.intp]) -> Array:
    """Points as a camera at a constant distance would see them, float64[T, K, 2] in body heights.

    A walk towards the camera makes steps and speeds in the picture grow; here they keep their
    sizes. Each point lies beside the middle of the feet by its distance there over the height, and
    that middle goes on by its own steps over the height. Distances between points and the
    directions of motion over the floor are those of the picture.

    Parameters
    ----------
    xy_px
        float64[T, K, 2]; NaN where missing.
    height_px
        float64[T], the person's height in each picture, > 0.
    feet
        int[N], numbers of the points whose middle is followed.
    """
    middle = bridged(xy_px[:, feet].mean(axis=1))
    height = height_px[:, None]
    steps = 2 * np.diff(middle, axis=0) / (height[1:] + height[:-1])
    way = np.cumsum(np.concatenate([(middle / height)[:1], steps]), axis=0)
    return np.asarray(way[:, None] + (xy_px - middle[:, None]) / height[:, None])


def bridged(values: Array) -> Array:
    """float64[T, D] with straight lines over what is missing."""
    rows = np.arange(len(values))
    out: Array = values.copy()
    for column in out.T:
        known = np.isfinite(column)
        column[:] = np.interp(rows, rows[known], column[known]) if known.any() else 0.0
    return out
