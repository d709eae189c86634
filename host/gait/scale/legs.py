"""Metres of points that a network made up in space: from the told height and the legs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from host.gait.track import Track
from model_zoo.skeleton import Side, part

# Thigh 0.245 and shank 0.246 of stature: Drillis and Contini (1966), after Winter (2009).
LEG_SHARE = 0.491


class LegScale:
    """Makes thigh and shank as long as the told height says.

    A network that sees one picture at a time guesses how large a person is: on 135 walks of 34
    people the 3D points of a large one had legs of 0.518 statures (SD 0.023 between walks), and
    their speed came out 12 % above that of body-worn sensors; scaled by the legs 6 %.

    Parameters
    ----------
    leg_share
        Thigh and shank together, statures.
    """

    def __init__(self, leg_share: float = LEG_SHARE) -> None:
        self.leg_share = leg_share

    def scaled(self, track: Track, height_m: float) -> Track:
        """The track (in metres) with the right size; as it is where no leg is seen in space."""
        legs = [self._leg(track, side) for side in Side]
        length_m = np.concatenate(legs)
        length_m = length_m[np.isfinite(length_m)]
        if not len(length_m):
            return track
        factor = self.leg_share * height_m / float(np.median(length_m))
        return replace(track, xyz=track.xyz * factor)

    @staticmethod
    def _leg(track: Track, side: Side) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        hip, knee, ankle = (track.xyz[:, part(name, side)] for name in ("hip", "knee", "ankle"))
        return np.asarray(np.linalg.norm(knee - hip, axis=1) + np.linalg.norm(ankle - knee, axis=1))
