"""A walk towards the camera or away from it, seen from the side by way of the floor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from host.gait.body import ANKLE, BodySize
from host.gait.scale.types import Array, Underfoot
from host.gait.signals import bridged, low_pass, running_median
from host.gait.track import Track
from model_zoo.skeleton import N_KEYPOINTS, Side, part

_TOE = 0.02  # height of a toe's key point above the floor, statures
_LEAST_WAY = 1.0


def in_depth(track: Track, body: BodySize, under: Underfoot) -> tuple[Track, BodySize]:
    """The track with x along the walk on the floor, in the unit of the camera's height.

    Feet lie where their rays meet the floor: right while they stand; a foot in the air appears
    farther away than it is. The rest of the body is upright above the feet. This tells when
    somebody walks and which foot comes when; where the feet stand is left to
    :class:`~host.gait.scale.footprints.WalkLine`.

    Parameters
    ----------
    track, body
        The person in pixels.
    under
        The camera above the floor.

    Returns
    -------
    Track and body; as they were where the person hardly moves on.
    """
    heels = np.fmin(*(track.xyz[:, part("heel", side), 2] for side in Side))
    foot_px = np.stack((track.middle("hip", 0), -running_median(heels, 1.5)), axis=1)
    place = under.camera.on_floor(foot_px, under.heel * under.stature)
    seen = np.flatnonzero(np.isfinite(place).all(axis=1))
    third = len(seen) // 3
    if not third:
        return track, body
    way = place[seen[-third:]].mean(axis=0) - place[seen[:third]].mean(axis=0)
    if np.hypot(*way) < _LEAST_WAY * under.stature:
        return track, body
    heading = way / np.hypot(*way)
    pelvis = low_pass(bridged(place), 2.0) @ heading
    pelvis[~np.isfinite(place[:, 0])] = np.nan
    xyz = np.full((len(track.time_s), N_KEYPOINTS, 3), np.nan)
    known = np.isfinite(track.xyz[..., 0])
    xyz[..., 0] = np.where(known, pelvis[:, None], np.nan)
    above = (track.xyz[..., 2] + foot_px[:, 1, None]) / body.height[:, None]
    xyz[..., 2] = above * under.stature
    for side in Side:
        for name, share in (
            ("heel", under.heel),
            ("ankle", ANKLE),
            ("big_toe", _TOE),
            ("small_toe", _TOE),
        ):
            xyz[:, part(name, side), 0] = _along(track, part(name, side), under, share, heading)
    tall = np.full(len(track.time_s), under.stature)
    return replace(track, xyz=xyz, unit="m"), replace(body, height=tall)


def _along(track: Track, point: int, under: Underfoot, share: float, heading: Array) -> Array:
    """Way along the walk of a point that lies ``share`` statures above the floor."""
    xy_px = track.xyz[:, point][:, [0, 2]] * (1.0, -1.0)
    return np.asarray(under.camera.on_floor(xy_px, share * under.stature) @ heading)
