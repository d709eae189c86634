"""From the keypoints of one track to the trajectories that the gait room reads."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from host.gait.types import Trajectories
from host.pose.recording import Recording, sided
from model_zoo.skeleton import LEG_NAMES, N_KEYPOINTS, Side, part

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LEGS = np.array([[part(name, side) for name in LEG_NAMES] for side in (Side.LEFT, Side.RIGHT)])
_LOWER = _LEGS[:, LEG_NAMES.index("knee") :]
_ANKLES = [part("ankle", Side.LEFT), part("ankle", Side.RIGHT)]


@dataclass(frozen=True)
class BothOnOne:
    """Frames in which a network draws both legs on one of them.

    Two legs do pass each other, at the middle of each swing; but then the feet come from one side
    and go to the other, and it is over in ``longest_s``. Both knees, ankles, heels and toes on one
    place for longer, or the feet back on the side they came from, is one leg drawn twice.

    Parameters
    ----------
    near
        Mean distance of the two legs' points in body heights below which they count as one.
    longest_s
        Longest time in which legs pass each other (both ankles together for more than 0.25 s are a
        common rule for a confused leg; the passing itself takes about a tenth of a stride).
    """

    near: float = 0.035
    longest_s: float = 0.15

    def find(self, time_s: Array, xy_px: Array, height_px: float) -> Mask:
        """Points to take away, bool[T, 23]: of the leg that leaves its own course more.

        Parameters
        ----------
        time_s
            float64[T].
        xy_px
            float64[T, 23, 2], sides put right; NaN where missing.
        height_px
            The person's height in the picture.
        """
        apart = np.linalg.norm(xy_px[:, _LOWER[0]] - xy_px[:, _LOWER[1]], axis=-1).mean(axis=1)
        seen = np.flatnonzero(np.isfinite(apart))
        one = apart[seen] < self.near * height_px
        lead = xy_px[seen][:, _ANKLES, 0] @ (1.0, -1.0)
        out = np.zeros((len(time_s), N_KEYPOINTS), bool)
        for run in np.split(np.arange(len(seen)), np.flatnonzero(np.diff(one)) + 1):
            first, last = run[0] - 1, run[-1] + 1
            if not one[run[0]] or first < 0 or last >= len(seen):
                continue
            passes = lead[first] * lead[last] < 0
            if passes and time_s[seen[last]] - time_s[seen[first]] <= self.longest_s:
                continue
            leg = self._strayed(time_s, xy_px, seen[run], seen[[first, last]])
            out[np.ix_(seen[run], leg)] = True
        return out

    @staticmethod
    def _strayed(
        time_s: Array, xy_px: Array, run: NDArray[np.intp], ends: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Point numbers of the leg that is further from the straight way over the run."""
        share = (time_s[run] - time_s[ends[0]]) / (time_s[ends[1]] - time_s[ends[0]])
        way = xy_px[ends[0]] + share[:, None, None] * (xy_px[ends[1]] - xy_px[ends[0]])
        away = np.linalg.norm(xy_px[run] - way, axis=-1).mean(axis=0)
        return np.asarray(_LEGS[int(away[_LOWER[1]].mean() > away[_LOWER[0]].mean())])


def empty_trajectories(time_s: Array, source: str) -> Trajectories:
    """Trajectories of nobody: every point missing in every frame."""
    shape = (len(time_s), N_KEYPOINTS)
    return Trajectories(time_s, np.full((*shape, 3), np.nan), "px", np.zeros(shape), source)


def to_trajectories(recording: Recording, track: int, source: str) -> Trajectories:
    """Trajectories of one track in pixels: x to the right, z up, lateral unknown.

    Left and right are put right, one of two legs drawn on one place is taken away (NaN), points
    that were not found are NaN with score 0. All frames of the recording are kept.

    Parameters
    ----------
    recording
        With the side stage done.
    track
        Number in ``recording.track``.
    source
        Name of the keypoint source (the model): event constants are looked up by it.
    """
    right = sided(_only(recording, int(np.flatnonzero(recording.track == track)[0])))
    xy = right.xy_px[:, 0].astype(np.float64)
    box = right.box_px[:, 0]
    xyz = np.full((*xy.shape[:2], 3), np.nan)
    if np.isfinite(box).any():
        strayed = BothOnOne().find(right.time_s, xy, float(np.nanmedian(box[:, 3] - box[:, 1])))
        xy[strayed] = np.nan
    xyz[..., 0], xyz[..., 2] = xy[..., 0], -xy[..., 1]
    score = np.where(np.isfinite(xy[..., 0]), right.score[:, 0], 0.0).astype(np.float64)
    return Trajectories(
        time_s=right.time_s,
        xyz=xyz,
        unit="px",
        score=np.nan_to_num(score),
        source=source,
        side_confidence=np.nan_to_num(right.side_confidence[:, 0].astype(np.float64)),
    )


def _only(recording: Recording, index: int) -> Recording:
    """The recording with one of its tracks (views, no copies)."""
    one = slice(index, index + 1)
    arrays = {f.name: getattr(recording, f.name) for f in fields(recording) if f.name != "meta"}
    # All that is told of each track has frames and tracks as its first two axes.
    own = {name: array[:, one] for name, array in arrays.items() if array.ndim > 1}
    return replace(recording, track=recording.track[one], **own)
