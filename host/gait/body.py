"""How tall the person is in the trajectories' unit, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from host.gait.signals import Array, running_median
from host.gait.track import Track
from model_zoo.skeleton import Side, part

# Heights of landmarks above the floor as shares of stature, standing: Drillis and Contini (1966),
# after Winter (2009).
EYE = 0.936
SHOULDER = 0.818
HIP = 0.530
ANKLE = 0.039
# Walking lowers the body, and the key point of a heel lies in the heel, not on the floor: mean of
# rendered walkers of 60 to 90 years (calibration clips), eyes 0.92, heel 0.02 to 0.03 of stature.
GAIT_DROP = 0.015
HEEL = 0.025


@dataclass(frozen=True)
class BodySize:
    """Stature in the unit of the track.

    Attributes
    ----------
    height
        float64[N], slowly varying stature (a person who comes nearer grows); NaN nowhere once
        known.
    upright
        bool[N]: the body's axis is nearer to the vertical than to the floor.
    landmarks
        Which pair of landmarks measured it, ``"eye-heel"`` at best; ``""`` when none did.
    """

    height: Array
    upright: np.ndarray[tuple[int], np.dtype[np.bool_]]
    landmarks: str

    @property
    def known(self) -> bool:
        """Whether any landmark pair was seen."""
        return bool(self.landmarks)


class BodyHeight:
    """Stature from the vertical distance of two landmarks, divided by their share of stature.

    Best pair that is seen in at least half of the frames with any pair: eyes and lower heel, eyes
    and lower ankle, shoulders and lower ankle, hips and lower ankle. The lower foot is the standing
    one. Shares: Drillis and Contini (1966), less what walking and the place of the heel's key point
    take (on rendered walkers the stature in pixels is then right within 1 % SD). A running median
    of ``window_s`` removes the bobbing of the gait.

    Limits: a stooped or knee-bent person measures too small; the camera should not look down
    steeply.

    Parameters
    ----------
    window_s
        Length of the running median, seconds; about one stride.
    max_lean_deg
        Largest inclination of the line ankles-shoulders that still counts as upright, degrees.
    height_seen
        What this keypoint source shows of the true stature
        (:attr:`~host.gait.sources.Source.height_seen`): networks put eyes too low and heels too
        high.
    """

    def __init__(
        self, window_s: float = 1.5, max_lean_deg: float = 45.0, height_seen: float = 1.0
    ) -> None:
        self.window_s = window_s
        self.max_lean_deg = max_lean_deg
        self.height_seen = height_seen

    def measure(self, track: Track) -> BodySize:
        """Stature per frame; all NaN when no pair of landmarks is seen."""
        eyes, shoulders, hips = (track.middle(n, 2) for n in ("eye", "shoulder", "hip"))
        heel, ankle = _lower(track, "heel"), _lower(track, "ankle")
        pairs = {
            "eye-heel": (eyes - heel) / (EYE - GAIT_DROP - HEEL),
            "eye-ankle": (eyes - ankle) / (EYE - GAIT_DROP - ANKLE),
            "shoulder-ankle": (shoulders - ankle) / (SHOULDER - GAIT_DROP - ANKLE),
            "hip-ankle": (hips - ankle) / (HIP - GAIT_DROP - ANKLE),
        }
        upright = self._upright(track)
        any_seen = np.zeros(len(track.time_s), bool)
        for value in pairs.values():
            any_seen |= np.isfinite(value) & (value > 0)
        for name, value in pairs.items():
            good = np.isfinite(value) & (value > 0) & upright
            if good.any() and good.sum() >= 0.5 * any_seen.sum():
                smooth = running_median(np.where(good, value, np.nan), self.window_s)
                return BodySize(_filled(smooth) / self.height_seen, upright, name)
        return BodySize(np.full(len(track.time_s), np.nan), upright, "")

    def _upright(self, track: Track) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Frames whose body axis is steep enough; where it is not seen the benefit of the doubt."""
        top = [track.middle("shoulder", a) for a in (0, 2)]
        if not np.isfinite(top[0]).any():
            top = [track.middle("hip", a) for a in (0, 2)]
        rise = top[1] - track.middle("ankle", 2)
        run = np.abs(top[0] - track.middle("ankle", 0))
        seen = np.isfinite(rise) & np.isfinite(run)
        limit = np.tan(np.radians(self.max_lean_deg))
        return np.asarray(~seen | (run < limit * np.nan_to_num(rise)))


def _lower(track: Track, name: str) -> Array:
    """Height of the lower one of two points; of the one that is seen where only one is."""
    pair = track.xyz[:, [part(name, s) for s in Side], 2]
    return np.asarray(np.fmin(pair[:, 0], pair[:, 1]))


def _filled(values: Array) -> Array:
    seen = np.isfinite(values)
    index = np.arange(len(values))
    return np.interp(index, index[seen], values[seen])
