"""Which of the tracks is the person whose gait is told: who walks, and furthest.

Decided once the recording has ended: frame by frame the nearest person wins, also a helper who
stands there; after the bout it is plain who walked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.codes import SubjectReason
from host.pose.recording import Recording
from model_zoo.skeleton import Side, part

Array = NDArray[np.float64]

_HIPS = [part("hip", side) for side in Side]
_WALKED = 0.5  # heights: who moves less leaves no way to compare
_PAN_WIDTHS_S = 0.025  # picture widths a second; a hand that holds still stays below 0.02
_ANKLES = [part("ankle", side) for side in Side]


@dataclass(frozen=True)
class Candidate:
    """What speaks for one track.

    Attributes
    ----------
    track
        Its number.
    seen_s
        How long it was seen.
    height_px
        Median height of its box.
    path_heights
        Longest way of the hips along one line of the picture, in its own heights, after removing
        swaying (running median of one second).
    openings
        How often its legs opened and closed.
    score
        Mean score of its points.
    complete
        Share of its frames with the whole box in the picture.
    reflection_of
        Track whose mirror image it is; None for a person.
    """

    track: int
    seen_s: float
    height_px: float
    path_heights: float
    openings: int
    score: float
    complete: float
    reflection_of: int | None = None

    @property
    def walks(self) -> bool:
        """Whether it went somewhere on alternating legs."""
        return self.path_heights >= 1.0 and self.openings >= 3


@dataclass(frozen=True)
class Choice:
    """The subject and why; ``track`` is None when there is nobody."""

    track: int | None
    why: SubjectReason
    candidates: tuple[Candidate, ...]


class SubjectChooser:
    """Whoever walks furthest, else (and where the camera moves) the largest: with the reason.

    A reflection is never chosen: a much smaller track, there while a larger one is there, whose
    hips go the larger one's way (a mirror or window behind the walk) or against it. Who walks
    behind the patient at the same pace, so far away, counts as one too; the nearer is meant.

    Parameters
    ----------
    smaller
        Height of a reflection by the height of the person, at most.
    alike
        Correlation of the two ways from which one is the image of the other.
    least_s
        A track shorter than this is not a candidate.
    """

    def __init__(self, smaller: float = 0.65, alike: float = 0.97, least_s: float = 0.5) -> None:
        self._smaller = smaller
        self._alike = alike
        self._least_s = least_s

    def choose(self, recording: Recording) -> Choice:
        """Weigh all tracks of a finished recording."""
        candidates = [self._candidate(recording, index) for index in range(len(recording.track))]
        real = [c for c in candidates if c.seen_s >= self._least_s and c.reflection_of is None]
        walkers = [] if _pans(recording) else [c for c in real if c.walks]
        if not real:
            return Choice(None, SubjectReason.NONE, tuple(candidates))
        if len(real) == 1:
            return Choice(real[0].track, SubjectReason.ONLY_ONE, tuple(candidates))
        if walkers:
            best = max(walkers, key=lambda c: c.path_heights * c.score * (0.5 + 0.5 * c.complete))
            return Choice(best.track, SubjectReason.WALKS_FURTHEST, tuple(candidates))
        best = max(real, key=lambda c: c.height_px * c.seen_s * c.score)
        return Choice(best.track, SubjectReason.LARGEST, tuple(candidates))

    def _candidate(self, recording: Recording, index: int) -> Candidate:
        box = recording.box_px[:, index].astype(np.float64)
        seen = np.isfinite(box[:, 0])
        time_s = recording.time_s[seen]
        if len(time_s) < 3:
            return Candidate(int(recording.track[index]), 0.0, 0.0, 0.0, 0, 0.0, 0.0)
        height = float(np.median(box[seen, 3] - box[seen, 1]))
        xy = recording.xy_px[seen, index].astype(np.float64)
        size = [recording.meta["source"][name] for name in ("width_px", "height_px")]
        inside = (box[seen, :2] >= 0).all(axis=1) & (box[seen, 2:] <= size).all(axis=1)
        return Candidate(
            track=int(recording.track[index]),
            seen_s=float(np.minimum(np.diff(time_s), 0.5).sum()),
            height_px=height,
            path_heights=_longest_way(time_s, xy[:, _HIPS].mean(axis=1)) / height,
            openings=_openings(time_s, xy[:, _ANKLES], height),
            score=float(np.nanmean(recording.score[seen, index])),
            complete=float(inside.mean()),
            reflection_of=self._reflected(recording, index, height),
        )

    def _reflected(self, recording: Recording, index: int, height: float) -> int | None:
        for other in range(len(recording.track)):
            box = recording.box_px[:, [index, other]].astype(np.float64)
            both = np.isfinite(box[:, :, 0]).all(axis=1)
            alone = np.isfinite(box[:, 0, 0]).sum()
            if other == index or both.sum() < max(10, 0.5 * alone):
                continue
            if height > self._smaller * np.median(box[both, 1, 3] - box[both, 1, 1]):
                continue
            hips = recording.xy_px[both][:, [index, other]][:, :, _HIPS, 0].mean(axis=2)
            walked = np.ptp(hips, axis=0)
            if walked[1] < _WALKED * height or walked[0] == 0:
                continue
            if abs(np.corrcoef(hips.T)[0, 1]) >= self._alike:
                return int(recording.track[other])
        return None


def _pans(recording: Recording) -> bool:
    """Whether the camera moves so much that ways through the picture are its own."""
    speed = recording.meta["capture"]["camera_motion_px_s"]
    width = recording.meta["source"]["width_px"]
    return speed is not None and float(speed) > _PAN_WIDTHS_S * float(width)


def _longest_way(time_s: Array, hip_px: Array) -> float:
    """Largest distance between two smoothed places of the hips, along x or along y, in pixels."""
    smooth = np.stack([_running_median(time_s, column) for column in hip_px.T], axis=1)
    return float(np.ptp(smooth, axis=0).max()) if len(smooth) else 0.0


def _running_median(time_s: Array, values: Array) -> Array:
    grid = np.arange(time_s[0], time_s[-1], 0.1)
    known = np.isfinite(values)
    if known.sum() < 2 or len(grid) < 2:
        return np.zeros(1)
    even = np.interp(grid, time_s[known], values[known])
    padded = np.pad(even, 5, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, 11), axis=1))


def _openings(time_s: Array, ankles_px: Array, height: float) -> int:
    """How often the ankles went apart by 0.12 heights after being less than 0.08 apart."""
    apart = np.linalg.norm(ankles_px[:, 0] - ankles_px[:, 1], axis=1) / height
    grid = np.arange(time_s[0], time_s[-1], 0.05)
    even = np.interp(grid, time_s, np.nan_to_num(apart))
    # A Schmitt trigger: +1 open, -1 closed, and what lies between keeps its state.
    state = np.where(even > 0.12, 1, np.where(even < 0.08, -1, 0))
    decided = state[state != 0]
    return int(np.sum(np.diff(decided) > 0) + (len(decided) > 0 and decided[0] > 0))
