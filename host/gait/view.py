"""From where the camera sees the walk: from the side, obliquely, or from the front."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from host.codes import ViewKind
from host.gait.body import BodySize
from host.gait.signals import RATE_HZ, Array
from host.gait.track import Track
from host.gait.types import Bout, View
from model_zoo.skeleton import Side, part

NO_VIEW = View(ViewKind.UNKNOWN, float("nan"))
"""Where nothing tells the view."""


class ViewEstimator:
    """Angle between the camera's axis and the exact side view: the median of three cues.

    1. Breadth of shoulders and hips in the picture against stature. The signed mean over time takes
       the turning of the trunk away; ``full_breadth`` is what a front view shows.
    2. Heel-to-toe distance along the walk against stature; ``full_foot`` is what a side view shows.
       Feet that point against the walk count as more than 90 degrees.
    3. Growth of the trunk in the picture against progression, for a camera ``distance`` body
    heights
       away (about 7 m, the distance the capture guide asks for).

    The two full values are shares of stature between joint centres: Drillis and Contini (1966) give
    0.259 and 0.191 for the bony breadths and 0.152 for the foot; key points of networks lie at 0.9
    and 0.8 of them. Trajectories with a lateral coordinate (laboratory, lifter) have no view.

    Parameters
    ----------
    full_shoulders, full_hips, full_foot
        Shares of stature.
    distance
        Body heights from camera to person.
    side_max_deg, oblique_max_deg
        Limits of the kinds. Up to 30 degrees lengths shrink by at most 13 % and joint angles change
        by at most 3 degrees (geometry).
    """

    def __init__(
        self,
        *,
        full_shoulders: float = 0.9 * 0.259,
        full_hips: float = 0.9 * 0.191,
        full_foot: float = 0.8 * 0.152,
        distance: float = 4.0,
        side_max_deg: float = 30.0,
        oblique_max_deg: float = 60.0,
    ) -> None:
        self.full_shoulders = full_shoulders
        self.full_hips = full_hips
        self.full_foot = full_foot
        self.distance = distance
        self.side_max_deg = side_max_deg
        self.oblique_max_deg = oblique_max_deg

    def estimate(self, track: Track, body: BodySize, bouts: tuple[Bout, ...]) -> View:
        """View over all bouts; over all frames where there is no bout."""
        if not body.known or np.isfinite(track.xyz[..., 1]).any():
            return NO_VIEW
        direction = np.zeros(len(track.time_s))
        for bout in bouts:
            inside = (track.time_s >= bout.start_s) & (track.time_s < bout.end_s)
            direction[inside] = bout.direction
        rows = direction != 0 if bouts else np.isfinite(track.middle("hip", 0))
        cues = [
            self._breadth_deg(track, body, rows),
            self._feet_deg(track, body, rows, direction),
            self._growth_deg(track, body, rows, bouts),
        ]
        known = [cue for cue in cues if np.isfinite(cue)]
        if not known:
            return NO_VIEW
        angle = float(min(np.median(known), 90.0))
        if angle <= self.side_max_deg:
            return View(ViewKind.SIDE, angle)
        oblique = angle <= self.oblique_max_deg
        return View(ViewKind.OBLIQUE if oblique else ViewKind.FRONTAL, angle)

    def _breadth_deg(self, track: Track, body: BodySize, rows: NDArray[np.bool_]) -> float:
        shares = []
        for name, full in (("shoulder", self.full_shoulders), ("hip", self.full_hips)):
            across = [track.xyz[rows, part(name, side), 0] for side in Side]
            shares.append(abs(_median((across[0] - across[1]) / body.height[rows])) / full)
        known = [share for share in shares if np.isfinite(share)]
        if not known:
            return float("nan")
        return float(np.degrees(np.arcsin(min(1.0, float(np.mean(known))))))

    def _feet_deg(
        self, track: Track, body: BodySize, rows: NDArray[np.bool_], direction: Array
    ) -> float:
        if not track.has_feet:
            return float("nan")
        shares = []
        for side in Side:
            along = track.xyz[:, part("big_toe", side), 0] - track.xyz[:, part("heel", side), 0]
            forward = np.where(direction == 0, np.sign(along), direction) * along
            shares.append(_median((forward / body.height)[rows]) / self.full_foot)
        return float(np.degrees(np.arccos(np.clip(np.mean(shares), -1.0, 1.0))))

    def _growth_deg(
        self, track: Track, body: BodySize, rows: NDArray[np.bool_], bouts: tuple[Bout, ...]
    ) -> float:
        trunk = np.hypot(*(track.middle("shoulder", a) - track.middle("hip", a) for a in (0, 2)))
        pelvis = track.middle("hip", 0)
        spans = [(b.start_s, b.end_s) for b in bouts] or [(track.time_s[0], track.time_s[-1])]
        growth = progress = 0.0
        for start_s, end_s in spans:
            inside = rows & (track.time_s >= start_s) & (track.time_s < end_s)
            seen = np.flatnonzero(inside & np.isfinite(trunk) & np.isfinite(pelvis) & (trunk > 0))
            if len(seen) < RATE_HZ:
                continue
            edge = max(1, len(seen) // 5)
            first, last = seen[:edge], seen[-edge:]
            growth += abs(float(np.log(np.median(trunk[last]) / np.median(trunk[first]))))
            moved = np.median(pelvis[last]) - np.median(pelvis[first])
            progress += abs(float(moved / np.median(body.height[seen])))
        if growth == 0.0 and progress == 0.0:
            return float("nan")
        return float(np.degrees(np.arctan2(self.distance * growth, progress)))


def _median(values: Array) -> float:
    seen = values[np.isfinite(values)]
    return float(np.median(seen)) if len(seen) else float("nan")
