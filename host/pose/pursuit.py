"""Back in time: a walker who was found late is followed to where he came from.

Whatever finds people sees them late: half out of the picture, or behind leaves or a table. Once a
person is known, his own keypoints tell where he was one picture before. Pictures are kept for
that, a second or so: a stream is followed as a file is, and ten minutes need no more memory than
ten seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Set
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from host.person.box_filter import BoxFilter
from host.person.geometry import CORE, box_of_points, one_body
from host.person.tracker import KEEP_SCORE, START_SCORE
from host.person.types import Array, Image
from host.person.view import View
from host.pose.collect import Collector
from host.pose.crop import WindowPicture
from host.pose.estimate import Estimate
from host.pose.foot_edges import foot_edges

Points = tuple[Array, NDArray[np.float32]]

_POSTURE, _NEARER_PER_S = 0.1, 0.35  # ln of height: a stride's; 1.6 m/s at 4.5 m from the camera
_PATIENCE = 3  # pictures in a row without sure points that are passed over
_HALF = 0.5  # of a body's points that lie in the picture


class KeptPicture(WindowPicture, Protocol):
    """A picture that may be looked at again (see :class:`host.capture.types.Picture`)."""

    @property
    def held_bytes(self) -> int:
        """Memory that it takes while it is kept."""

    def luma(self) -> Image:
        """uint8[H, W]: its brightness."""

    def forget_colours(self) -> None:
        """Let go of colours made so far."""


class Estimator(Protocol):
    """As :class:`host.pose.estimate.PoseEstimator`."""

    def estimate(self, picture: WindowPicture, boxes_px: NDArray[np.floating]) -> Estimate:
        """Keypoints of the people in boxes, float[N, 4]."""


@dataclass(frozen=True)
class Moment:
    """One picture of the recent past.

    Attributes
    ----------
    row
        Its number among the frames of the collector.
    time_s
        Presentation time.
    picture, view
        The picture, and what the finder made of it.
    people
        Points float64[23, 2] and scores float32[23] of everybody who was sure, by track.
    """

    row: int
    time_s: float
    picture: KeptPicture
    view: View
    people: dict[int, Points]


@dataclass(frozen=True)
class Origin:
    """How far back a person was followed.

    Attributes
    ----------
    found
        Number of pictures in which he was found anew.
    box_px, time_s
        The earliest box, float64[4], and when that was.
    """

    found: int
    box_px: Array
    time_s: float


@dataclass(eq=False)
class _Chase(BoxFilter):
    """A person on the way back."""

    track: int = 0
    found_px: float = 0.0
    """Height where he was found, at ``found_s``."""
    found_s: float = 0.0
    misses: int = 0

    @property
    def may_differ(self) -> float:
        """Largest size of the logarithm of his height now by that where he was found."""
        return _POSTURE + _NEARER_PER_S * (self.found_s - self.time_s)


class Pursuit:
    """Follows a person backwards by his own keypoints through the pictures just seen.

    From a picture that shows him his box is predicted into the one before, the network names his
    points there, and they correct the box: the tracker's own way, backwards. What is found is
    kept like everything else. It ends where the points stay unsure, no body of his size is there,
    half of it lies outside of the picture, or points are met that are known already: somebody
    else's, or his own from before he was lost.

    Parameters
    ----------
    estimator
        Names the points.
    collector
        Receives them.
    keep_score, start_score
        Mean score of shoulders, hips, knees and ankles that makes points sure, and that makes them
        sure again after a picture in which they were not: as for the tracker.
    span_s, most_bytes
        How long, and how much, of the past is kept: whichever is less.
    """

    def __init__(
        self,
        estimator: Estimator,
        collector: Collector,
        keep_score: float = KEEP_SCORE,
        start_score: float = START_SCORE,
        span_s: float = 1.5,
        most_bytes: int = 96 << 20,
    ) -> None:
        self._estimator = estimator
        self._collector = collector
        self._keep_score = keep_score
        self._start_score = start_score
        self._span_s = span_s
        self._most_bytes = most_bytes
        self._past: deque[Moment] = deque()
        self.held_bytes = 0

    def remember(self, moment: Moment) -> None:
        """Keep the latest picture; forget what is too old."""
        moment.picture.forget_colours()
        self._past.append(moment)
        self.held_bytes += moment.picture.held_bytes
        while self._past and (
            self.held_bytes > self._most_bytes
            or moment.time_s - self._past[0].time_s > self._span_s
        ):
            self.held_bytes -= self._past.popleft().picture.held_bytes

    def back(self, track: int, own: Set[int], others: Set[int]) -> Origin | None:
        """Follow a person back from the latest picture.

        Parameters
        ----------
        track
            Under which he is known now, and what is found is kept.
        own
            Earlier tracks of the same person.
        others
            Tracks of other people.

        Returns
        -------
        Where he came from; None where he is in no picture that is kept.
        """
        chase: _Chase | None = None
        origin: Origin | None = None
        found = 0
        for moment in reversed(self._past):
            known = moment.people.get(track)
            if known is not None:
                chase = _led(chase, track, known, moment.time_s)
                origin = None if chase is None else Origin(found, chase.box_px, chase.time_s)
            elif chase is not None:
                if chase.misses > _PATIENCE or not own.isdisjoint(moment.people):
                    break
                points = self._look(chase, moment)
                if points is None:
                    chase.misses += 1
                    continue
                met = (moment.people[n][0] for n in others & moment.people.keys())
                if any(one_body(points[0], other, chase.height_px) for other in met):
                    break
                chase.misses = 0
                self._keep(chase, moment, points)
                found += 1
                origin = Origin(found, chase.box_px, chase.time_s)
        return origin

    def _look(self, chase: _Chase, moment: Moment) -> Points | None:
        """Sure points of a body of his size in an earlier picture; the box follows them."""
        chase.predict(moment.time_s)
        seen = self._estimator.estimate(moment.picture, chase.box_px[None])
        self._collector.looked_again(moment.row, seen.integers)
        xy_px, score = seen.xy_px[0], seen.score[0]
        box = box_of_points(xy_px, score)
        least = self._start_score if chase.misses else self._keep_score
        if box is None or np.mean(score[CORE]) < least:
            return None
        if abs(np.log((box[3] - box[1]) / chase.found_px)) > chase.may_differ:
            return None
        body, size_px = xy_px[CORE], moment.view.size_px
        if ((body >= 0) & (body < size_px)).all(axis=1).mean() < _HALF:
            return None
        chase.follow(box)
        return xy_px, score

    def _keep(self, chase: _Chase, moment: Moment, points: Points) -> None:
        moment.people[chase.track] = points
        person = moment.view.person(chase.track, chase.box_px)
        edges = foot_edges(moment.picture.luma(), points[0], chase.height_px)
        self._collector.person(person, *points, edges, moment.row)


def _led(chase: _Chase | None, track: int, known: Points, time_s: float) -> _Chase | None:
    """The box where its person is known already."""
    box = box_of_points(*known)
    if box is None:
        return chase
    found_px = float(box[3] - box[1])
    if chase is None:
        return _Chase(box, time_s, track=track, found_px=found_px, found_s=time_s)
    chase.found_px, chase.found_s = found_px, time_s
    chase.predict(time_s)
    chase.follow(box)
    chase.misses = 0
    return chase
