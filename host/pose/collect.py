"""Gathers what is found frame by frame into one recording."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from host.gait.sources import source_named
from host.person.outline import OUTLINE_BYTES
from host.person.types import SILHOUETTE_NAMES, TrackedPerson
from host.pose.plausible import PlausibleBody, counted
from host.pose.recording import Recording, as_named, pose_model, sided
from host.pose.sides import SideTracer
from host.pose.stature import stature_px
from model_zoo.skeleton import N_KEYPOINTS

MOST_PEOPLE = 16
"""Tracks of a recording at most: a corridor camera sees hundreds of passers-by in an hour."""


@dataclass(frozen=True)
class _Sight:
    """One person in one frame, float32 throughout."""

    row: int
    box: NDArray[np.float32]
    xy: NDArray[np.float32]
    score: NDArray[np.float32]
    silhouette: NDArray[np.float32]
    foot_edges: NDArray[np.float32]
    outline: NDArray[np.uint8] | None


class Collector:
    """Keeps numbers, never pictures: about 600 bytes per person and frame."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._frames: list[int] = []
        self._integers: list[int] = []
        self._sights: dict[int, list[_Sight]] = {}

    def frame(self, time_s: float, sequence: int, integers: int = 0) -> None:
        """Begin the next frame; ``integers`` as in :class:`host.pose.estimate.Estimate`."""
        self._times.append(time_s)
        self._frames.append(sequence)
        self._integers.append(integers)

    @property
    def row(self) -> int:
        """Number of the latest frame among those begun."""
        return len(self._times) - 1

    def looked_again(self, row: int, integers: int) -> None:
        """Take the integers of one more run of the network on an earlier frame."""
        before = self._integers[row]
        self._integers[row] = crc32(integers.to_bytes(4, "little"), before) if before else integers

    def person(
        self,
        person: TrackedPerson,
        xy_px: NDArray[np.float64],
        score: NDArray[np.float32],
        foot_edges: NDArray[np.float32],
        row: int | None = None,
    ) -> None:
        """Keep a person of this frame, or of an earlier ``row``, with the network's keypoints."""
        known = (person.box_px, xy_px, score, person.silhouette, foot_edges)
        box, xy, scores, silhouette, edges = (a.astype(np.float32) for a in known)
        row = self.row if row is None else row
        sight = _Sight(row, box, xy, scores, silhouette, edges, person.outline)
        self._sights.setdefault(person.track, []).append(sight)

    def recording(self, identity: dict[int, int], meta: dict[str, Any]) -> Recording:
        """Everything collected, the tracks of one person put together.

        Parameters
        ----------
        identity
            Person of each track number; tracks that are absent were nobody and are left out.
        meta
            See :class:`host.pose.recording.Recording`.
        """
        people = self._most_seen(identity)
        shape = (len(self._times), len(people))
        box = np.full((*shape, 4), np.nan, np.float32)
        xy = np.full((*shape, N_KEYPOINTS, 2), np.nan, np.float32)
        score = np.full((*shape, N_KEYPOINTS), np.nan, np.float32)
        silhouette = np.full((*shape, len(SILHOUETTE_NAMES)), np.nan, np.float32)
        edges = np.full((*shape, 2), np.nan, np.float32)
        outline = np.zeros((*shape, OUTLINE_BYTES if self._has_outlines else 0), np.uint8)
        mine = [track for track in sorted(identity) if identity[track] in people]
        for track in mine:  # who came back comes later and overwrites the fading end
            sights = self._sights.get(track, [])
            if sights:
                at = [s.row for s in sights], people.index(identity[track])
                box[at] = np.stack([s.box for s in sights])
                xy[at] = np.stack([s.xy for s in sights])
                score[at] = np.stack([s.score for s in sights])
                silhouette[at] = np.stack([s.silhouette for s in sights])
                edges[at] = np.stack([s.foot_edges for s in sights])
                if self._has_outlines:
                    outline[at] = np.stack([s.outline for s in sights if s.outline is not None])
        return Recording(
            time_s=np.array(self._times),
            frame=np.array(self._frames, np.int32),
            track=np.array(people, np.int32),
            box_px=box,
            xy_px=xy,
            score=score,
            exchanged=np.zeros(shape, bool),
            side_confidence=np.full(shape, np.nan, np.float32),
            silhouette=silhouette,
            meta={**meta, "silhouette_names": list(SILHOUETTE_NAMES)},
            integers=np.array(self._integers, np.uint32),
            foot_edges=edges,
            outline=outline,
        )

    @property
    def _has_outlines(self) -> bool:
        return any(s.outline is not None for sights in self._sights.values() for s in sights)

    def _most_seen(self, identity: dict[int, int]) -> list[int]:
        """People in order of their numbers; of a crowd those who were seen longest."""
        seen: dict[int, int] = {}
        for track, one in identity.items():
            seen[one] = seen.get(one, 0) + len(self._sights.get(track, []))
        return sorted(sorted(seen, key=lambda one: -seen[one])[:MOST_PEOPLE])


def trace_sides(
    recording: Recording, tracer: SideTracer | None = None, body: PlausibleBody | None = None
) -> Recording:
    """The same recording with left and right told apart over time in every track.

    Then what contradicts a body is withheld: whether a point does hangs on whose it is. How many
    points of each track were, and why, goes into the recording's meta.
    """
    tracer, body = tracer or SideTracer(), body or PlausibleBody()
    exchanged = np.zeros_like(recording.exchanged)
    crossed = np.zeros((*exchanged.shape, 2), bool)
    confidence = np.full_like(recording.side_confidence, np.nan)
    seen = [i for i, box in enumerate(recording.box_px.swapaxes(0, 1)) if np.isfinite(box).any()]
    for index in seen:
        box = recording.box_px[:, index].astype(np.float64)
        points = recording.xy_px[:, index].astype(np.float64)
        tall_px = stature_px(recording.time_s, points)
        sides = tracer.trace(
            recording.time_s,
            points,
            np.nan_to_num(recording.score[:, index]).astype(np.float64),
            np.where(np.isfinite(tall_px), tall_px, np.nanmedian(box[:, 3] - box[:, 1])),
        )
        exchanged[:, index], crossed[:, index] = sides.exchanged, sides.crossed
        confidence[:, index] = sides.confidence
    told = replace(
        recording,
        exchanged=exchanged,
        crossed=crossed,
        side_confidence=confidence,
        withheld=np.zeros(0, np.uint8),
    )
    right, source = sided(told), source_named(pose_model(recording))
    withheld = np.zeros(recording.score.shape, np.uint8)
    for index in seen:
        withheld[:, index] = body.find(
            right.time_s,
            right.xy_px[:, index].astype(np.float64),
            right.score[:, index].astype(np.float64),
            source,
        )
    counts = {str(recording.track[index]): counted(withheld[:, index]) for index in seen}
    meta = {**recording.meta, "withheld": counts}
    return replace(told, withheld=as_named(told, withheld), meta=meta)
