"""The only tracker: stable numbers for people, led by their own keypoints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from host.person.box_filter import BoxFilter, centre
from host.person.decode import intersection_over_union
from host.person.geometry import CORE, box_of_points, one_body, overlap
from host.person.types import Array, Detection

START_SCORE, KEEP_SCORE = 0.45, 0.35
"""Mean score of shoulders, hips, knees and ankles that makes, and that keeps, a person."""

_SAME = 0.5  # share of overlap from which a detection belongs to a track
_TWIN = 0.7  # share of overlap from which two tracks may be one person
_OTHER_SIZE = 0.35  # ln of a height by the usual one: less than sitting down makes in 0.5 s
_AGAIN = 0.5  # box heights from where a person was lost that he may come back, plus as he walked
_SURETY_GAIN, _USUAL_GAIN = 0.15, 0.05
_CONFIRM_HITS, _GIVE_UP_MISSES = 3, 4
_SPURNED_S, _LONGEST_SPURNED_S = 0.7, 5.0
_SAME_PLACE = 0.5  # intersection over union with a box that was given up
_MOVED, _STILL_S = 0.15, 1.0  # heights, s
_MOVES = 5  # who moved so often was somebody, whatever becomes of the track
_TALLER = (
    1.5  # times the smallest person followed: who is so tall takes his place when all are taken
)
_SIMILAR = (0.6, 1.6)  # height of somebody who comes back by the usual height of who was lost


@dataclass(eq=False)
class Track(BoxFilter):
    """A person over time (internal state of the tracker)."""

    number: int = 0
    seen_s: float = 0.0
    """Last time when the keypoints were sure."""
    surety: float = 0.0
    """Running mean score of shoulders, hips, knees and ankles."""
    hits: int = 0
    misses: int = 0
    confirmed: bool = False
    anchor_px: Array | None = None
    """Where it was when it last moved noticeably."""
    anchor_s: float = 0.0
    usual_px: float = 0.0
    """Running mean of the height while the keypoints were sure."""
    moves: int = 0
    """How often it moved noticeably."""
    xy_px: Array | None = None

    def contradicts(self, height_px: float) -> bool:
        """Whether a body of this height is not his: he left, a reflection took the points."""
        return self.confirmed and abs(np.log(height_px / self.usual_px)) > _OTHER_SIZE


@dataclass(frozen=True, eq=False)
class _Spurned:
    """A box in which nobody was."""

    box_px: Array
    given_up_s: float
    wait_s: float
    """Not tried again for so long; where something moves, no longer than the first time."""

    def forbids(self, moves: bool, time_s: float) -> bool:
        return time_s - self.given_up_s < (min(self.wait_s, _SPURNED_S) if moves else self.wait_s)

    def remembered(self, time_s: float) -> bool:
        return time_s - self.given_up_s < 2 * self.wait_s


class Tracker:
    """Filtered boxes, optimal assignment, and keypoints to judge who is a person.

    A detection starts a candidate; sure keypoints in three pictures make it a person. From the
    first sure keypoints its box follows from them (:class:`BoxFilter`; the cost of the assignment
    is the overlap). A person without sure keypoints for ``lost_s`` rests; whoever of
    similar size appears where he was lost within ``return_s`` continues the track. A candidate
    without sure keypoints is given up, and its place not tried again for a while; and so is a
    track that never moves and is less sure than a start asks for: a door frame, a coat.

    Parameters
    ----------
    most
        Largest number of tracks and candidates at a time.
    start_score, keep_score
        Mean score of shoulders, hips, knees and ankles that makes a candidate a person, and that
        keeps a track.
    smallest_share
        A candidate is at least this high compared with the tallest person so far.
    """

    def __init__(
        self,
        most: int = 3,
        start_score: float = START_SCORE,
        keep_score: float = KEEP_SCORE,
        smallest_share: float = 0.45,
        lost_s: float = 0.5,
        return_s: float = 6.0,
    ) -> None:
        self._most = most
        self._start_score = start_score
        self._keep_score = keep_score
        self._smallest_share = smallest_share
        self._lost_s = lost_s
        self._return_s = return_s
        self._tracks: list[Track] = []
        self._resting: list[Track] = []
        self._spurned: list[_Spurned] = []
        self._tallest_px = 0.0
        self._count = 0
        self._time_s = 0.0
        self._identity: dict[int, int] = {}

    @property
    def has_person(self) -> bool:
        """Whether anybody is being followed."""
        return any(track.confirmed for track in self._tracks)

    @property
    def identity(self) -> dict[int, int]:
        """Number of the person for each track number that proved to be one.

        Track numbers are given at first sight; who comes back gets a new one, with the person's
        first number as its identity. Candidates that were nobody are absent.
        """
        return dict(self._identity)

    @property
    def boxes_px(self) -> Array:
        """float64[N, 4], of the tracks and candidates."""
        return np.array([track.box_px for track in self._tracks]).reshape(-1, 4)

    def expect_height(self, height_px: float) -> None:
        """Tell how tall the people of this recording are, where a survey has shown it."""
        self._tallest_px = max(self._tallest_px, height_px)

    def step(self, detections: list[Detection], time_s: float) -> list[Track]:
        """Advance to a picture at ``time_s``; returns who is to be looked at, surest first."""
        self._predict(time_s)
        free = self._assign(detections)
        self._start(free, time_s)
        return sorted(self._tracks, key=lambda t: (not t.confirmed, -t.height_px))

    def tell(self, number: int, xy_px: Array, score: NDArray[np.floating]) -> bool:
        """Take the keypoints of a track in the picture of the last step.

        Parameters
        ----------
        number
            As :attr:`Track.number`.
        xy_px
            float64[23, 2] in the picture.
        score
            float[23] in 0..1.

        Returns
        -------
        Whether they are sure enough to be a person's.
        """
        track = next((t for t in self._tracks if t.number == number), None)
        if track is None:  # it was the twin of another track of this picture
            return False
        surety = float(np.mean(score[CORE]))
        track.surety = surety if not track.hits else _blend(track.surety, surety)
        box = box_of_points(xy_px, score)
        doubtful = (
            min(surety, track.surety) < self._keep_score
            if track.confirmed
            else surety < self._start_score
        )
        if box is None or doubtful or track.contradicts(float(box[3] - box[1])):
            track.misses += 1
            track.xy_px = None
            self._drop_lost(track)
            return False
        track.hits, track.misses, track.seen_s, track.xy_px = track.hits + 1, 0, self._time_s, xy_px
        if track.hits == 1:
            track.box_px, track.usual_px = box, float(box[3] - box[1])
        else:
            track.follow(box)
            track.usual_px += _USUAL_GAIN * (track.height_px - track.usual_px)
        if not track.confirmed and track.hits >= _CONFIRM_HITS:
            self._confirm(track)
        self._drop_twin(track)
        self._drop_thing(track)
        return True

    def _predict(self, time_s: float) -> None:
        for track in self._tracks:
            track.predict(time_s)
        self._resting = [t for t in self._resting if time_s - t.seen_s < self._return_s]
        self._spurned = [s for s in self._spurned if s.remembered(time_s)]
        self._time_s = time_s

    def _assign(self, detections: list[Detection]) -> list[Detection]:
        """Give each track its detection; returns those that belong to nobody."""
        boxes = np.array([d.box_px for d in detections]).reshape(-1, 4)
        shares = overlap(self.boxes_px, boxes)
        rows, columns = linear_sum_assignment(-shares)
        for row, column in zip(rows, columns, strict=True):
            track = self._tracks[row]
            if shares[row, column] < _SAME:
                continue
            if not track.hits:  # no keypoints to lead it: take the detection
                track.box_px = boxes[column]
            elif track.misses:
                track.box_px = track.box_px + 0.5 * (boxes[column] - track.box_px)
        taken = shares.max(axis=0, initial=0.0) >= _SAME
        return [detections[i] for i in np.flatnonzero(~taken)]

    def _start(self, free: list[Detection], time_s: float) -> None:
        for detection in free:
            box = detection.box_px
            height = box[3] - box[1]
            if height < self._smallest_share * self._tallest_px:
                continue
            if any(s.forbids(detection.moves, time_s) for s in self._spurned_at(box)):
                continue
            if len(self._tracks) >= self._most:
                smallest = min(self._tracks, key=lambda t: t.height_px)
                if height < _TALLER * smallest.height_px:
                    continue
                self._tracks.remove(smallest)
            self._count += 1
            self._tracks.append(Track(box, time_s, number=self._count, seen_s=time_s))

    def _spurned_at(self, box: Array) -> list[_Spurned]:
        places = np.array([s.box_px for s in self._spurned]).reshape(-1, 4)
        same = intersection_over_union(box[None], places)[0] >= _SAME_PLACE
        return [self._spurned[i] for i in np.flatnonzero(same)]

    def _spurn(self, box: Array, least_s: float = _SPURNED_S) -> None:
        """Try this place again later; twice as late where that was in vain before."""
        before = self._spurned_at(box)
        wait_s = max([least_s, *(2 * s.wait_s for s in before)])
        self._spurned = [s for s in self._spurned if s not in before]
        self._spurned.append(_Spurned(box, self._time_s, min(wait_s, _LONGEST_SPURNED_S)))

    def _confirm(self, track: Track) -> None:
        track.confirmed = True
        self._tallest_px = max(self._tallest_px, track.height_px)
        self._identity[track.number] = track.number
        self.came_from(track.number, track.box_px, self._time_s)

    def came_from(self, number: int, box_px: Array, time_s: float) -> None:
        """Tell where somebody was first seen: he may be one who was lost there.

        Parameters
        ----------
        number
            Of his track.
        box_px
            float64[4] at ``time_s``.
        """
        back = [t for t in self._resting if self._may_return(t, box_px, time_s)]
        if back and self._identity.get(number) == number:
            latest = max(back, key=lambda t: t.seen_s)
            self._resting.remove(latest)
            first = self._identity[latest.number]
            self._identity.update({n: first for n, one in self._identity.items() if one == number})

    def _may_return(self, lost: Track, box: Array, time_s: float) -> bool:
        if lost.seen_s >= time_s:
            return False
        ratio = float(box[3] - box[1]) / lost.usual_px
        reach = _AGAIN * lost.usual_px
        apart = centre(box) - centre(lost.box_px)
        walked = np.abs(lost.velocity_px_s) * (time_s - lost.seen_s)
        return _SIMILAR[0] < ratio < _SIMILAR[1] and bool(np.all(np.abs(apart) < reach + walked))

    def _drop_lost(self, track: Track) -> None:
        if track.confirmed:
            if self._time_s - track.seen_s > self._lost_s:
                self._tracks.remove(track)
                self._resting.append(track)
        elif track.misses >= _GIVE_UP_MISSES:
            self._tracks.remove(track)
            self._spurn(track.box_px)

    def _drop_thing(self, track: Track) -> None:
        """Give up what stands still and looks only somewhat like a person."""
        middle, anchor = centre(track.box_px), track.anchor_px
        if anchor is None or np.abs(middle - anchor).max() > _MOVED * track.height_px:
            track.moves += 1
            track.anchor_px, track.anchor_s = middle, self._time_s
        still_s = self._time_s - track.anchor_s
        if still_s > _STILL_S and track.surety < self._start_score and track in self._tracks:
            self._tracks.remove(track)
            if track.moves >= _MOVES:  # somebody who waits half hidden: he may walk on
                self._resting.append(track)
                self._spurn(track.box_px)
                return
            self._spurn(track.box_px, _LONGEST_SPURNED_S)
            if self._identity.get(track.number) == track.number:
                del self._identity[track.number]

    def _drop_twin(self, track: Track) -> None:
        for other in self._tracks:
            if other is track or other.xy_px is None or track.xy_px is None:
                continue
            if overlap(track.box_px[None], other.box_px[None])[0, 0] < _TWIN:
                continue
            if one_body(track.xy_px, other.xy_px, max(track.height_px, other.height_px)):
                younger = min((track, other), key=lambda t: (t.confirmed, t.hits))
                self._tracks.remove(younger)
                return


def _blend(running: float, new: float) -> float:
    return running + _SURETY_GAIN * (new - running)
