"""Bouts from the progression of the pelvis along the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from host.gait.body import BodySize
from host.gait.signals import RATE_HZ, Array, bridged, derivative, low_pass, runs
from host.gait.track import Track
from host.gait.types import Bout


class ProgressionBouts:
    """Walking = the pelvis moves on, steadily and in one direction, under an upright body.

    Speed is the pelvis velocity averaged over ``window_s`` in body heights per second, so that a
    child and an adult, near and far, are treated alike. A stretch is walking where speed exceeds
    both ``min_speed`` and ``core_share`` of the stretch's own median (turn core and start/stop rule
    of 25 % after the facts collected for Mobilise-D; own choice for pauses). A change of sign
    splits. Jumps of the pelvis faster than ``max_speed`` after a 2 Hz low-pass, which is running
    (the source went over to another person), and holes longer than ``max_hole_s`` split too.

    Limits: needs a camera that sees progression; walking towards the camera shows little and is
    left to the view check; a treadmill shows none. Slower than 0.06 heights/s (about 0.1 m/s) is
    standing.

    Parameters
    ----------
    min_speed, max_speed
        Body heights per second.
    core_share
        Share of the stretch's median speed below which the person turns, starts or stops.
    window_s, max_hole_s, min_duration_s
        Seconds.
    min_distance
        Shortest walk, body heights.
    """

    def __init__(  # noqa: PLR0913 - the constants of one method, with their sources above
        self,
        *,
        min_speed: float = 0.06,
        max_speed: float = 2.5,
        core_share: float = 0.25,
        window_s: float = 1.0,
        max_hole_s: float = 0.4,
        min_duration_s: float = 1.0,
        min_distance: float = 0.35,
    ) -> None:
        self.min_speed = min_speed
        self.max_speed = max_speed
        self.core_share = core_share
        self.window_s = window_s
        self.max_hole_s = max_hole_s
        self.min_duration_s = min_duration_s
        self.min_distance = min_distance

    def find(self, track: Track, body: BodySize) -> tuple[Bout, ...]:
        """Bouts in order of time, numbered from 0."""
        if not body.known:
            return ()
        pelvis = track.middle("hip", 0)
        found: list[Bout] = []
        for start, stop in self._pieces(pelvis, body):
            piece = slice(start, stop)
            speed = self._speed(pelvis[piece], body.height[piece])
            for first, last in self._stretches(speed):
                a, b = start + first, start + last
                moved = np.nansum(speed[first:last]) / RATE_HZ
                if (b - a) / RATE_HZ < self.min_duration_s or abs(moved) < self.min_distance:
                    continue
                times = float(track.time_s[a]), float(track.time_s[b - 1])
                found.append(Bout(len(found), *times, 1 if moved > 0 else -1))
        return tuple(found)

    def _pieces(self, pelvis: Array, body: BodySize) -> list[tuple[int, int]]:
        """Stretches in which one upright person is followed, short holes included."""
        seen = np.isfinite(pelvis) & body.upright
        speed = np.abs(derivative(low_pass(bridged(pelvis), 2.0))) / body.height
        jump = speed > self.max_speed
        whole = seen & ~jump
        for start, stop in runs(~whole):
            inside = start > 0 and stop < len(whole)
            if inside and stop - start <= self.max_hole_s * RATE_HZ and not jump[start:stop].any():
                whole[start:stop] = True
        return [(a, b) for a, b in runs(whole) if (b - a) / RATE_HZ >= self.min_duration_s]

    def _speed(self, pelvis: Array, height: Array) -> Array:
        """Signed speed in heights/s, averaged over the window."""
        smooth = low_pass(bridged(pelvis), 2.0)
        velocity = derivative(smooth) / height
        return np.asarray(
            uniform_filter1d(velocity, int(self.window_s * RATE_HZ) | 1, mode="nearest")
        )

    def _stretches(self, speed: Array) -> list[tuple[int, int]]:
        """Stretches of one direction, trimmed to their walking core and split at pauses."""
        out: list[tuple[int, int]] = []
        for sign in (1, -1):
            for start, stop in runs(sign * speed > self.min_speed):
                forward = sign * speed[start:stop]
                limit = max(self.min_speed, self.core_share * float(np.median(forward)))
                core: NDArray[np.bool_] = forward > limit
                out += [(start + a, start + b) for a, b in runs(core)]
        return sorted(out)
