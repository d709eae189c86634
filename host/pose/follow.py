"""One picture after the other: who is there, his keypoints, and whence he came."""

from __future__ import annotations

import numpy as np

from host.capture.types import Frame
from host.person.finder import PersonFinder
from host.pose.collect import Collector
from host.pose.estimate import PoseEstimator
from host.pose.foot_edges import foot_edges
from host.pose.pursuit import Moment, Points, Pursuit


class Follower:
    """Finds people, names their keypoints and keeps what is sure.

    Parameters
    ----------
    finder
        Tells who may be where; learns from the keypoints.
    estimator
        Names keypoints.
    collector
        Keeps them.
    """

    def __init__(
        self, finder: PersonFinder, estimator: PoseEstimator, collector: Collector
    ) -> None:
        self._finder = finder
        self._estimator = estimator
        self._collector = collector
        self._pursuit = Pursuit(estimator, collector)
        self._known: dict[int, int] = {}

    def look(self, frame: Frame) -> None:
        """Take the next frame."""
        people = self._finder.step(frame.image, frame.time_s)
        found = self._estimator.estimate(frame.image, np.array([p.box_px for p in people]))
        self._collector.frame(frame.time_s, frame.sequence, found.integers)
        sure: dict[int, Points] = {}
        for one, xy_px, score in zip(people, found.xy_px, found.score, strict=True):
            if self._finder.tell(one.track, xy_px, score):
                height_px = float(one.box_px[3] - one.box_px[1])
                edges = foot_edges(frame.image.luma(), xy_px, height_px)
                self._collector.person(one, xy_px, score, edges)
                sure[one.track] = (xy_px, score)
        self._pursuit.remember(
            Moment(self._collector.row, frame.time_s, frame.image, self._finder.view, sure)
        )
        self._ask_whence()

    def _ask_whence(self) -> None:
        """Follow back who has just proved to be a person."""
        tracker = self._finder.tracker
        identity = tracker.identity
        for track in sorted(identity.keys() - self._known.keys()):
            own = {number for number in identity if identity[number] == identity[track]} - {track}
            origin = self._pursuit.back(track, own, identity.keys() - own - {track})
            if origin is not None and origin.found:
                tracker.came_from(track, origin.box_px, origin.time_s)
        self._known = identity
