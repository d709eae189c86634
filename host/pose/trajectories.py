"""From the keypoints of one track to the trajectories that the gait room reads."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from host.codes import Withheld
from host.gait.types import Trajectories
from host.pose.plausible import REASONS
from host.pose.recording import Recording, sided
from model_zoo.skeleton import N_KEYPOINTS, Side, part

Array = NDArray[np.float64]

_ARMS = [part(name, side) for name in ("shoulder", "elbow", "wrist") for side in Side]


def empty_trajectories(time_s: Array, source: str) -> Trajectories:
    """Trajectories of nobody: every point missing in every frame."""
    shape = (len(time_s), N_KEYPOINTS)
    return Trajectories(time_s, np.full((*shape, 3), np.nan), "px", np.zeros(shape), source)


def to_trajectories(recording: Recording, track: int, source: str) -> Trajectories:
    """Trajectories of one track in pixels: x to the right, z up, lateral unknown.

    Left and right are put right, points that were withheld or not found are NaN with score 0. All
    frames of the recording are kept. Unsure points of arms stay, with their scores (the gait room
    asks for the source's least score): without them the swing of the arm, which is their only use,
    is measured worse (27 rendered walks, gait-pose-s: SD 5.7 instead of 4.7 deg).

    Parameters
    ----------
    recording
        With sides told apart and implausible points withheld.
    track
        Number in ``recording.track``.
    source
        Name of the keypoint source (the model): event constants are looked up by it.
    """
    right = sided(
        _with_unsure_arms(_only(recording, int(np.flatnonzero(recording.track == track)[0])))
    )
    return Trajectories.of_picture(
        right.time_s,
        right.xy_px[:, 0].astype(np.float64),
        right.score[:, 0].astype(np.float64),
        source,
        right.side_confidence[:, 0].astype(np.float64),
    )


def _with_unsure_arms(recording: Recording) -> Recording:
    """The recording with those points of arms that were withheld by their scores alone."""
    if not recording.withheld.size:
        return recording
    unsure = recording.withheld == REASONS.index(Withheld.UNSURE) + 1
    unsure &= np.isin(np.arange(N_KEYPOINTS), _ARMS)
    return replace(recording, withheld=np.where(unsure, np.uint8(0), recording.withheld))


def _only(recording: Recording, index: int) -> Recording:
    """The recording with one of its tracks (views, no copies)."""
    one = slice(index, index + 1)
    arrays = {f.name: getattr(recording, f.name) for f in fields(recording) if f.name != "meta"}
    # All that is told of each track has frames and tracks as its first two axes.
    own = {name: array[:, one] for name, array in arrays.items() if array.ndim > 1}
    return replace(recording, track=recording.track[one], **own)
