"""The only tracker: stable numbers for people, led by their own keypoints."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from host.person.geometry import box_of_points, overlap
from host.person.types import Array, Detection
from model_zoo.skeleton import INDEX

_CORE = [INDEX[f"{s}_{p}"] for p in ("shoulder", "hip", "knee", "ankle") for s in ("left", "right")]
_SAME = 0.5  # share of overlap from which a detection belongs to a track
_TWIN = 0.7  # share of overlap from which two tracks may be one person
_TWIN_APART = 0.15  # heights between the keypoints of two tracks below which they are one person
_STEP_SHARE = 0.12  # largest change of a box's size from picture to picture
_POSITION_GAIN, _SPEED_GAIN, _SIZE_GAIN = 0.8, 0.3, 0.4  # alpha-beta filter
_AGAIN = 0.5  # box heights from where a person was lost that he may come back, plus as he walked
_SURETY_GAIN = 0.15
_CONFIRM_HITS, _GIVE_UP_MISSES, _SPURNED_S = 3, 4, 0.7
_MOVED, _STILL_S, _STILL_SPURNED_S = 0.15, 1.0, 5.0  # heights, s, s
_MOVES = 5  # who moved so often was somebody, whatever becomes of the track
_TALLER = (
    1.5  # times the smallest person followed: who is so tall takes his place when all are taken
)
_SIMILAR = (0.6, 1.6)  # height of somebody who comes back by the height of who was lost


@dataclass
class Track:
    """A person over time (internal state of the tracker)."""

    number: int
    box_px: Array
    time_s: float
    velocity_px_s: Array = field(default_factory=lambda: np.zeros(2))
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
    moves: int = 0
    """How often it moved noticeably."""
    xy_px: Array | None = None
    blob_px: Array | None = None

    @property
    def height_px(self) -> float:
        """Height of the box."""
        return float(self.box_px[3] - self.box_px[1])


class Tracker:
    """Alpha-beta filter on boxes, optimal assignment, and keypoints to judge who is a person.

    A detection starts a candidate; sure keypoints in three pictures make it a person. From the
    first sure keypoints its box follows from them (Kalata 1984 for the filter; the cost of the
    assignment is the overlap). A person without sure keypoints for ``lost_s`` rests; whoever of
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
        start_score: float = 0.45,
        keep_score: float = 0.35,
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
        self._spurned: list[tuple[float, Array]] = []
        self._tallest_px = 0.0
        self._count = 0
        self._time_s = 0.0
        self._step_s = 0.0
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
        surety = float(np.mean(score[_CORE]))
        track.surety = surety if not track.hits else _blend(track.surety, surety)
        box = box_of_points(xy_px, score)
        doubtful = (
            min(surety, track.surety) < self._keep_score
            if track.confirmed
            else surety < self._start_score
        )
        if box is None or doubtful:
            track.misses += 1
            track.xy_px = None
            self._drop_lost(track)
            return False
        track.hits, track.misses, track.seen_s, track.xy_px = track.hits + 1, 0, self._time_s, xy_px
        _follow(track, box, self._step_s)
        if not track.confirmed and track.hits >= _CONFIRM_HITS:
            self._confirm(track)
        self._drop_twin(track)
        self._drop_thing(track)
        return True

    def _predict(self, time_s: float) -> None:
        for track in self._tracks:
            shift = track.velocity_px_s * (time_s - track.time_s)
            track.box_px = track.box_px + np.tile(shift, 2)
            track.time_s = time_s
            track.blob_px = None
        self._resting = [t for t in self._resting if time_s - t.seen_s < self._return_s]
        self._spurned = [(until_s, b) for until_s, b in self._spurned if time_s < until_s]
        self._step_s, self._time_s = time_s - self._time_s, time_s

    def _assign(self, detections: list[Detection]) -> list[Array]:
        """Give each track its detection; returns the boxes that belong to nobody."""
        boxes = np.array([d.box_px for d in detections]).reshape(-1, 4)
        shares = overlap(self.boxes_px, boxes)
        rows, columns = linear_sum_assignment(-shares)
        for row, column in zip(rows, columns, strict=True):
            track = self._tracks[row]
            if shares[row, column] < _SAME:
                continue
            if detections[column].is_blob:
                track.blob_px = boxes[column]
            if track.misses or not track.hits:  # no keypoints to lead it: follow the detection
                track.box_px = track.box_px + 0.5 * (boxes[column] - track.box_px)
        taken = shares.max(axis=0, initial=0.0) >= _SAME
        return list(boxes[~taken])

    def _start(self, boxes: list[Array], time_s: float) -> None:
        spurned = np.array([b for _, b in self._spurned]).reshape(-1, 4)
        for box in boxes:
            height = box[3] - box[1]
            if height < self._smallest_share * self._tallest_px:
                continue
            if overlap(box[None], spurned).max(initial=0.0) >= _TWIN:
                continue
            if len(self._tracks) >= self._most:
                smallest = min(self._tracks, key=lambda t: t.height_px)
                if height < _TALLER * smallest.height_px:
                    continue
                self._tracks.remove(smallest)
            self._count += 1
            self._tracks.append(Track(self._count, box, time_s, seen_s=time_s))

    def _confirm(self, track: Track) -> None:
        track.confirmed = True
        self._tallest_px = max(self._tallest_px, track.height_px)
        back = [t for t in self._resting if self._may_return(t, track)]
        if back:
            latest = max(back, key=lambda t: t.seen_s)
            self._resting.remove(latest)
            self._identity[track.number] = self._identity[latest.number]
        else:
            self._identity[track.number] = track.number

    def _may_return(self, lost: Track, found: Track) -> bool:
        ratio = found.height_px / lost.height_px
        reach = _AGAIN * lost.height_px
        apart = _centre(found.box_px) - _centre(lost.box_px)
        walked = np.abs(lost.velocity_px_s) * (self._time_s - lost.seen_s)
        return _SIMILAR[0] < ratio < _SIMILAR[1] and bool(np.all(np.abs(apart) < reach + walked))

    def _drop_lost(self, track: Track) -> None:
        if track.confirmed:
            if self._time_s - track.seen_s > self._lost_s:
                self._tracks.remove(track)
                self._resting.append(track)
        elif track.misses >= _GIVE_UP_MISSES:
            self._tracks.remove(track)
            self._spurned.append((self._time_s + _SPURNED_S, track.box_px))

    def _drop_thing(self, track: Track) -> None:
        """Give up what stands still and looks only somewhat like a person."""
        centre = _centre(track.box_px)
        anchor = track.anchor_px
        if anchor is None or np.abs(centre - anchor).max() > _MOVED * track.height_px:
            track.moves += 1
            track.anchor_px, track.anchor_s = centre, self._time_s
        still_s = self._time_s - track.anchor_s
        if still_s > _STILL_S and track.surety < self._start_score and track in self._tracks:
            self._tracks.remove(track)
            self._spurned.append((self._time_s + _STILL_SPURNED_S, track.box_px))
            if track.moves >= _MOVES:  # somebody who waits half hidden: he may walk on
                self._resting.append(track)
            elif self._identity.get(track.number) == track.number:
                del self._identity[track.number]

    def _drop_twin(self, track: Track) -> None:
        for other in self._tracks:
            if other is track or other.xy_px is None or track.xy_px is None:
                continue
            if overlap(track.box_px[None], other.box_px[None])[0, 0] < _TWIN:
                continue
            apart = np.linalg.norm(track.xy_px - other.xy_px, axis=1)[_CORE].mean()
            if apart < _TWIN_APART * max(track.height_px, other.height_px):
                younger = min((track, other), key=lambda t: (t.confirmed, t.hits))
                self._tracks.remove(younger)
                return


def _follow(track: Track, box: Array, step_s: float) -> None:
    """Alpha-beta step towards the box of the keypoints of this picture."""
    if track.hits == 1:
        track.box_px = box
        return
    error = _centre(box) - _centre(track.box_px)
    size, wanted = track.box_px[2:] - track.box_px[:2], box[2:] - box[:2]
    grown = size + _SIZE_GAIN * (wanted - size)
    size = np.clip(grown, (1 - _STEP_SHARE) * size, (1 + _STEP_SHARE) * size)
    centre = _centre(track.box_px) + _POSITION_GAIN * error
    track.box_px = np.concatenate([centre - size / 2, centre + size / 2])
    if step_s > 0:
        track.velocity_px_s = track.velocity_px_s + _SPEED_GAIN * error / step_s


def _blend(running: float, new: float) -> float:
    return running + _SURETY_GAIN * (new - running)


def _centre(box: Array) -> Array:
    return (box[:2] + box[2:]) / 2
