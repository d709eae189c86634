"""Sagittal joint angles over the gait cycle.

Definitions (x forward, z up; flexion positive, degrees): inclination of a segment = atan2(x_distal
- x_proximal, z_proximal - z_distal), 0 hanging down, positive with the distal end in front. Thigh =
inclination hip to knee. Knee = thigh - shank. Ankle = rise of the foot line (heel to big toe) above
the horizontal - shank inclination, where the foot line of the flat foot in stance counts as
horizontal (key points of heel and toe do not lie on the sole).
"""

from __future__ import annotations

import numpy as np

from host.codes import Absence, Exclusion
from host.gait.norms import curve_reference
from host.gait.signals import Array, low_pass
from host.gait.track import Track
from host.gait.types import Bout, Curve, Stride
from model_zoo.skeleton import LEG_NAMES, Side, part

JOINTS: tuple[str, ...] = ("thigh", "knee", "ankle")
Cycles = dict[tuple[str, Side], list[Array]]
_PERCENT = np.arange(101.0)
# The foot is flat between foot flat and heel rise: about 12 to 31 % of the cycle (Perry 1992).
_FLAT = slice(12, 32)
_LARGEST_FOOT_DEG = 100.0
_LEGS = [part(name, side) for side in Side for name in LEG_NAMES]


class SagittalCurves:
    """Mean and spread of the three angles per side, over clean strides whose side is certain.

    Parameters
    ----------
    cutoff_hz
        Low-pass of the points, Hz (5 Hz: Stenum et al. 2021).
    min_seen
        Least share of a stride in which the points of the angle are seen.
    """

    def __init__(self, cutoff_hz: float = 5.0, min_seen: float = 0.9) -> None:
        self.cutoff_hz = cutoff_hz
        self.min_seen = min_seen

    def cycles(self, track: Track, bouts: tuple[Bout, ...], strides: tuple[Stride, ...]) -> Cycles:
        """Angles of every clean stride whose side is certain, on 101 points.

        Parameters
        ----------
        track, bouts, strides
            Results of the stages before; excluded strides are left out.

        Returns
        -------
        ``{(joint, side): list of float64[101]}``, degrees, of the joints of :data:`JOINTS` and
        ``"foot"``: the foot line against the floor, 0 = flat, positive toes up.
        """
        direction = {bout.index: bout.direction for bout in bouts}
        points = np.full_like(track.xyz, np.nan)
        for index in _LEGS:  # one by one: a recording of ten minutes is long
            points[:, index, ::2] = low_pass(track.xyz[:, index, ::2], self.cutoff_hz)
        names = (*JOINTS, "foot")
        cycles: Cycles = {(joint, side): [] for side in Side for joint in names}
        for stride in strides:
            if stride.excluded or stride.reason is Exclusion.SIDE_UNCERTAIN:
                continue
            angles = _angles(points, stride.foot, direction[stride.bout])
            for joint, cycle in self._cycles(track, angles, stride).items():
                if joint in ("thigh", "knee") or track.has_feet:
                    cycles[joint, stride.foot].append(cycle)
        return cycles

    def curves(self, cycles: Cycles, speed_mps: float) -> tuple[Curve, ...]:
        """Curves of the joints and sides that have at least one stride.

        Parameters
        ----------
        cycles
            What :meth:`cycles` gave.
        speed_mps
            Walking speed, for the reference; NaN when unknown.
        """
        return tuple(
            _curve(joint, side, np.stack(values), speed_mps)
            for (joint, side), values in cycles.items()
            if values and joint in JOINTS
        )

    def _cycles(self, track: Track, angles: dict[str, Array], stride: Stride) -> dict[str, Array]:
        """Angles of one stride on 101 points; joints that are not seen enough are left out."""
        grid = stride.start_s + _PERCENT / 100 * (stride.end_s - stride.start_s)
        rows = (track.time_s >= stride.start_s) & (track.time_s <= stride.end_s)
        seen = {
            name: np.interp(grid, track.time_s[good], values[good])
            for name, values in angles.items()
            if (good := np.isfinite(values))[rows].mean() >= self.min_seen
        }
        out: dict[str, Array] = {}
        if "thigh" in seen:
            out["thigh"] = seen["thigh"]
        if "thigh" in seen and "shank" in seen:
            out["knee"] = seen["thigh"] - seen["shank"]
        if "foot" in seen and "shank" in seen:
            level = float(np.median(seen["foot"][_FLAT]))
            out["foot"] = seen["foot"] - level
            out["ankle"] = out["foot"] - seen["shank"]
        return out


def _angles(points: Array, side: Side, direction: int) -> dict[str, Array]:
    """Degrees, float64[N]: thigh and shank to the vertical, foot to the horizontal."""
    hip, knee, ankle, heel, toe = (
        points[:, part(name, side)] for name in ("hip", "knee", "ankle", "heel", "big_toe")
    )

    def hanging(upper: Array, lower: Array) -> Array:
        forward = direction * (lower[:, 0] - upper[:, 0])
        return np.degrees(np.arctan2(forward, upper[:, 2] - lower[:, 2]))

    foot = np.degrees(np.arctan2(toe[:, 2] - heel[:, 2], direction * (toe[:, 0] - heel[:, 0])))
    # No foot points backwards: heel and toe were exchanged or drawn on the other leg.
    foot[np.abs(np.nan_to_num(foot)) > _LARGEST_FOOT_DEG] = np.nan
    return {"thigh": hanging(hip, knee), "shank": hanging(knee, ankle), "foot": foot}


def _curve(joint: str, side: Side, cycles: Array, speed_mps: float) -> Curve:
    reference = curve_reference(joint, speed_mps)
    absent = reference if isinstance(reference, Absence) else None
    n = len(cycles)
    return Curve(
        joint,
        side,
        f"definition.{joint}",
        _PERCENT.copy(),
        cycles.mean(axis=0),
        cycles.std(axis=0, ddof=1) if n > 1 else np.full(len(_PERCENT), np.nan),
        n,
        None if isinstance(reference, Absence) else reference,
        absent,
    )
