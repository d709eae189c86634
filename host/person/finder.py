"""Who is in the picture: one step per frame, one answer per track from the pose network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from host.person.background import Background
from host.person.blobs import person_blobs
from host.person.camera_motion import CameraMotion
from host.person.decode import SURE, intersection_over_union
from host.person.geometry import boxes_mask
from host.person.look import OutlineFinder
from host.person.network import NetworkFinder, WholePicture
from host.person.tracker import Tracker
from host.person.types import Array, Detection, Image, TrackedPerson
from host.person.view import View

SMALL_WIDTH_PX = 320
SURVEY_PICTURES = 25
_LOOK_EVERY_S = 0.5
_NETWORK_EVERY_S = 0.15
_AGREE = 0.4  # intersection over union from which two cues mean the same person
_PAN_PX_S = 8.0  # of the small picture: from here on the background is not the same room any more
_PAN_MEMORY = 0.3  # share of a new measurement in the running speed of the camera
_TALLEST_PERCENTILE = 80


@dataclass(frozen=True)
class CameraFacts:
    """What the finder learned about the camera over the whole recording."""

    motion_px_s: float
    """Median speed of the background in pixels of the picture per second; NaN when unknown."""


class PersonFinder:
    """A network, or background and outlines, find people; their keypoints keep them.

    Parameters
    ----------
    smallest_share
        Least height of a person as a share of the picture's height.
    tracker
        Follows the people; by default one of at most three.
    network
        Looks at whole pictures; what it doubts counts where the same differs from the background.
        Without one, what differs from the background starts a track, and while nobody is followed
        or the camera turns, what has a person's outline.
    outlines
        Whether the shape of each person is kept as well.

    Attributes
    ----------
    view
        What was made of the latest picture.
    """

    def __init__(
        self,
        smallest_share: float = 0.2,
        tracker: Tracker | None = None,
        network: NetworkFinder | None = None,
        *,
        outlines: bool = False,
    ) -> None:
        self._smallest_share = smallest_share
        self.tracker = tracker or Tracker()
        self._background = Background()
        self._camera = CameraMotion()
        self._network = network
        self._keeps_outlines = outlines
        self._outlines = OutlineFinder()
        self._looked_s = -np.inf
        self._time_s = 0.0
        self._pan_px_s = 0.0
        self._pans: list[float] = []
        self._scale = 1.0
        self._expected = 0.0
        nothing = np.zeros((1, 1), np.uint8)
        self.view = View(nothing, nothing, scale=1.0)

    def prime(self, lumas: Iterable[Image]) -> None:
        """Learn the room and how tall its people are from pictures spread over the recording.

        Parameters
        ----------
        lumas
            uint8[H, W] each, all of one size; fewer than three are ignored.
        """
        pictures = _evenly(lumas, SURVEY_PICTURES)
        if len(pictures) < 3:
            return
        some = np.array(pictures)
        self._background.prime(some)
        if self._network is not None:  # it tells people by their looks, not by their height
            return
        masks = [self._background.mask(luma) for luma in some]
        blobs = [person_blobs(m, self._smallest_share * m.shape[0]) for m in masks]
        heights = [float((b[:, 3] - b[:, 1]).max()) for b in blobs if len(b)]
        self._expected = float(np.percentile(heights, _TALLEST_PERCENTILE)) if heights else 0.0

    def step(self, picture: WholePicture, time_s: float) -> list[TrackedPerson]:
        """People and candidates in the next picture; each wants a :meth:`tell`.

        Parameters
        ----------
        picture
            Of the same size as those before.
        time_s
            Presentation time.
        """
        luma = picture.luma()
        small = shrink(luma)
        scale = self._scale = luma.shape[1] / small.shape[1]
        self.tracker.expect_height(self._expected * scale)
        followed = boxes_mask(small.shape, self.tracker.boxes_px / scale)
        mask = self._background.mask(small)
        self._watch_camera(small, mask | followed, time_s)
        found = self._looked(picture, mask, time_s) if self._network else self._differing(mask)
        found += [] if self._network else self._outlined(picture, time_s)
        tracks = self.tracker.step(found, time_s)
        self._background.learn(small, followed, time_s - self._time_s)
        self._time_s = time_s
        self.view = View(mask, small, scale, self._pans_now, self._keeps_outlines)
        return [self.view.person(t.number, t.box_px) for t in tracks]

    def tell(self, track: int, xy_px: Array, score: NDArray[np.floating]) -> bool:
        """Take keypoints of a track, float64[23, 2] and float[23]; whether they are a person's."""
        return self.tracker.tell(track, xy_px, score)

    @property
    def camera(self) -> CameraFacts:
        """The camera over all pictures so far."""
        known = np.array(self._pans)
        known = known[np.isfinite(known)]
        return CameraFacts(float(np.median(known)) if len(known) else float("nan"))

    @property
    def _pans_now(self) -> bool:
        return self._pan_px_s > _PAN_PX_S

    def _watch_camera(self, small: Image, people: Image, time_s: float) -> None:
        if not self._camera.feed(small, people, time_s):
            return
        speed = float(np.hypot(*self._camera.shift_px_s))
        self._pans.append(speed * self._scale)
        if np.isfinite(speed):
            self._pan_px_s += _PAN_MEMORY * (speed - self._pan_px_s)

    def _looked(self, picture: WholePicture, mask: Image, time_s: float) -> list[Detection]:
        """What the network sees, now and then, and what it leaves out of that which moves.

        What it doubts must stand out from the room.
        """
        moving = self._differing(mask)
        every_s = _NETWORK_EVERY_S if self.tracker.has_person else 0.0
        if self._network is None or time_s - self._looked_s < every_s:
            return moving
        self._looked_s = time_s
        found = self._network.find(picture)
        boxes, score = found.box_px, found.score
        large = boxes[:, 3] - boxes[:, 1] >= self._smallest_share * picture.height
        blobs = np.array([d.box_px for d in moving]).reshape(-1, 4)
        shares = intersection_over_union(boxes, blobs)
        moves = shares.max(axis=1, initial=0.0) >= _AGREE
        good = large & ((score >= SURE) | moves)
        unseen = shares[good].max(axis=0, initial=0.0) < _AGREE
        seen = [Detection(boxes[i], bool(moves[i])) for i in np.flatnonzero(good)]
        return seen + [moving[i] for i in np.flatnonzero(unseen)]

    def _differing(self, mask: Image) -> list[Detection]:
        """What stands out from the background, unless the camera turns."""
        if self._pans_now:
            return []
        boxes = person_blobs(mask, self._smallest_share * mask.shape[0])
        return [Detection(box * self._scale, True) for box in boxes]

    def _outlined(self, picture: WholePicture, time_s: float) -> list[Detection]:
        """The second cue: while nobody is followed, or while the camera turns."""
        idle = self.tracker.has_person and not self._pans_now
        if idle or time_s - self._looked_s < _LOOK_EVERY_S:
            return []
        self._looked_s = time_s
        least = self._smallest_share * picture.height
        boxes = self._outlines.find(picture)
        return [Detection(box, False) for box in boxes if box[3] - box[1] >= least]


def _evenly(pictures: Iterable[Image], most: int) -> list[Image]:
    """``most`` or fewer, made small, evenly spread; never more than twice as many are kept."""
    kept: list[Image] = []
    every = 1
    for number, picture in enumerate(pictures):
        if number % every:
            continue
        kept.append(shrink(picture))
        if len(kept) == 2 * most:
            kept, every = kept[::2], 2 * every
    chosen = np.linspace(0, len(kept) - 1, min(most, len(kept))).astype(int)
    return [kept[i] for i in chosen]


def shrink(luma: Image) -> Image:
    """The small picture: at most 320 px on its longer side."""
    longest = max(luma.shape)
    factor = SMALL_WIDTH_PX / longest
    if factor >= 1:
        return np.ascontiguousarray(luma)
    size = (round(luma.shape[1] * factor), round(luma.shape[0] * factor))
    small = luma
    # Halving is seven times as fast as one resize by area to a quarter (0.07 against 0.5 ms).
    while max(small.shape) >= 2 * SMALL_WIDTH_PX and not any(n % 2 for n in small.shape):
        half = (small.shape[1] // 2, small.shape[0] // 2)
        small = np.asarray(cv2.resize(small, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
