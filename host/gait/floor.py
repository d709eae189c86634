"""How the floor lies in the picture, from the places where the feet rest."""

from __future__ import annotations

import numpy as np

from host.gait.signals import Array
from host.gait.track import Track
from host.gait.types import Stride
from model_zoo.skeleton import Side

# Part of the stride after a contact in which the foot is flat (Perry 1992: 12 to 31 %).
_REST = (0.12, 0.31)


class FloorLine:
    """Inclination of a straight line through the heels' places on the floor.

    The near and the far foot rest at different heights of the picture: one slope, two intercepts
    (least squares). A camera that is rolled and a path that comes nearer both slant the line; the
    roll turns angles against the vertical by as much.

    Parameters
    ----------
    min_places
        Fewer places give no line.
    min_way
        Least distance of the places from end to end, body heights.
    """

    def __init__(self, min_places: int = 4, min_way: float = 0.8) -> None:
        self.min_places = min_places
        self.min_way = min_way

    def slope_deg(self, track: Track, height: Array, strides: tuple[Stride, ...]) -> float:
        """Inclination to the horizontal, degrees, rising to the right positive; NaN if unknown.

        Parameters
        ----------
        track
            The person.
        height
            float64[N], stature in the unit of the track.
        strides
            Strides; excluded ones are left out.
        """
        rows = []
        for stride in strides:
            if stride.excluded:
                continue
            whole = stride.end_s - stride.start_s
            start_s, end_s = (stride.start_s + share * whole for share in _REST)
            rest = (track.time_s >= start_s) & (track.time_s <= end_s)
            heel = track.xyz[rest, track.foot("heel", stride.foot)]
            if np.isfinite(heel[:, 0]).any():
                x, z = np.nanmedian(heel[:, 0]), np.nanmedian(heel[:, 2])
                side = float(stride.foot is Side.RIGHT)
                rows.append((float(x), float(z), side, float(np.median(height[rest]))))
        if len(rows) < self.min_places:
            return float("nan")
        x, z, side, tall = np.array(rows).T
        if np.ptp(x) < self.min_way * np.median(tall):
            return float("nan")
        columns = np.stack((x - x.mean(), 1 - side, side), axis=1)
        slope = np.linalg.lstsq(columns, z, rcond=None)[0][0]
        return float(np.degrees(np.arctan(slope)))
