"""Sagittal joint angles over the gait cycle.

Definitions (x forward, z up; flexion positive, degrees): inclination of a segment = atan2(x_distal
- x_proximal, z_proximal - z_distal), 0 hanging down, positive with the distal end in front. Thigh =
inclination hip to knee. Knee = thigh - shank. Ankle = rise of the foot line (heel to big toe) above
the horizontal - shank inclination, where the foot line of the flat foot in stance counts as
horizontal (key points of heel and toe do not lie on the sole).

Angles are those of a leg of rigid links that fits the points (:mod:`host.gait.leg_chain`), less the
mean error of the key point source over the cycle where it was measured (``sources.json``).
"""

from __future__ import annotations

import numpy as np

from host.codes import Absence, Exclusion
from host.gait.body import BodyHeight
from host.gait.leg_chain import LegChain
from host.gait.norms import curve_reference
from host.gait.signals import Array, bridged, low_pass, running_median
from host.gait.sources import Source, source_named
from host.gait.track import Track
from host.gait.types import Bout, Curve, Stride
from model_zoo.skeleton import Side, part

JOINTS: tuple[str, ...] = ("thigh", "knee", "ankle")
UNTOLD: dict[str, Absence] = {
    "pelvis_obliquity": Absence.ERROR_TOO_LARGE,
    "hip_adduction": Absence.ERROR_TOO_LARGE,
}
"""Curves across the walk that no view gives, also through points in space: why (defined and
measured by ``tests/validation/frontal_plane.py``)."""
Cycles = dict[tuple[str, Side], list[Array]]
_PERCENT = np.arange(101.0)
# The foot is flat between foot flat and heel rise: about 12 to 31 % of the cycle (Perry 1992).
_FLAT = slice(12, 32)
_BACKWARDS = -0.18  # largest pitch of a foot: 100 degrees
_MARGIN_S = 0.5
_HIP_HZ = 4.0
_USUAL_STRIDE_S = 1.1
# Breadth of the hips in the picture changes with the place of the walker, not with the step.
_HIPS_S = 1.5


class SagittalCurves:
    """Mean and spread of the three angles per side, over clean strides whose side is certain.

    The hips of both sides are their middle and the usual half of their distance: single hip points
    change sides where one hides the other.

    Parameters
    ----------
    harmonics
        Smoothing of the fit, as multiple of the stride's frequency, so that a slow walk and a fast
        one are smoothed alike. Four: what the mean knee of healthy adults (the shipped treadmill
        table) has beyond is 0.9 degrees RMS, and 1.2 degrees of its range are lost.
    link_sd, foot_sd
        Usual error of knee and ankle, and of the way from heel to toe, body heights.
    min_seen
        Least share of a stride in which the points of the angle are seen.
    source
        Constants of the key point source; looked up by the track's name when None.
    """

    def __init__(
        self,
        *,
        harmonics: float = 4.0,
        link_sd: tuple[float, float] = (0.012, 0.015),
        foot_sd: float = 0.012,
        min_seen: float = 0.9,
        source: Source | None = None,
    ) -> None:
        self.harmonics = harmonics
        self.link_sd = link_sd
        self.foot_sd = foot_sd
        self.min_seen = min_seen
        self.source = source

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
        source = self.source if self.source is not None else source_named(track.source)
        angles = {
            (bout.index, side): of_side
            for bout in bouts
            for side, of_side in self._angles(track, bout, _stride_s(bout, strides)).items()
        }
        names = (*JOINTS, "foot")
        cycles: Cycles = {(joint, side): [] for side in Side for joint in names}
        for stride in strides:
            if stride.excluded or stride.reason is Exclusion.SIDE_UNCERTAIN:
                continue
            found = self._cycles(track, angles[stride.bout, stride.foot], stride)
            for joint, cycle in found.items():
                if joint in ("thigh", "knee") or track.has_feet:
                    error = source.angle_error_deg(joint, _PERCENT)
                    cycles[joint, stride.foot].append(cycle - error)
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

    def _angles(self, track: Track, bout: Bout, stride_s: float) -> dict[Side, dict[str, Array]]:
        """Degrees, float64[N]: thigh and shank to the vertical, foot to the horizontal."""
        near = (track.time_s >= bout.start_s - _MARGIN_S) & (track.time_s < bout.end_s + _MARGIN_S)
        rows = np.flatnonzero(near)
        forward = np.array([bout.direction, 1.0])
        size = BodyHeight().measure(track)
        height = _steady(size.height[rows]) if size.known else np.ones(len(rows))
        hips = _hips(track)
        cutoff_hz = self.harmonics / stride_s
        chains = [LegChain(sd, cutoff_hz=cutoff_hz) for sd in (self.link_sd, (self.foot_sd,))]
        out = {}
        for side in Side:
            hip = hips[side][rows]
            root = low_pass(bridged(hip), _HIP_HZ)
            knee, ankle, heel, toe = (
                track.xyz[rows, part(name, side)][:, ::2]
                for name in ("knee", "ankle", "heel", "big_toe")
            )
            joints = np.stack(
                [(point - root) * forward / height[:, None] for point in (knee, ankle)]
            )
            leg = chains[0].fit(np.where(np.isfinite(hip), joints, np.nan))
            sole = (toe - heel) * forward / height[:, None]
            # No foot points backwards: heel and toe were exchanged or drawn on the other leg.
            sole[sole[:, 0] < _BACKWARDS * np.abs(sole[:, 1])] = np.nan
            foot = chains[1].fit(sole[None])
            angles = {
                name: np.full(len(track.time_s), np.nan) for name in ("thigh", "shank", "foot")
            }
            if leg is not None:
                angles["thigh"][rows], angles["shank"][rows] = leg.angle_deg
            if foot is not None:
                angles["foot"][rows] = foot.angle_deg[0] - 90.0
            out[side] = angles
        return out

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


def _stride_s(bout: Bout, strides: tuple[Stride, ...]) -> float:
    """Median time of the bout's strides; a usual one where it has none."""
    times = [s.end_s - s.start_s for s in strides if s.bout == bout.index and not s.excluded]
    return float(np.median(times)) if times else _USUAL_STRIDE_S


def _hips(track: Track) -> dict[Side, Array]:
    """float64[N, 2] per side: forward along the picture and up."""
    middle = np.stack([track.middle("hip", axis) for axis in (0, 2)], axis=1)
    left, right = (track.xyz[:, part("hip", side)][:, ::2] for side in Side)
    half = [running_median(column, _HIPS_S) for column in ((left - right) / 2).T]
    apart = np.nan_to_num(np.stack(half, axis=1))
    return {Side.LEFT: middle + apart, Side.RIGHT: middle - apart}


def _steady(height: Array) -> Array:
    """float64[N]: stature in the picture of a straight way at even speed, the inverse of a line."""
    time = np.linspace(-1.0, 1.0, len(height))
    inverse = 1 / height
    slope, middle = np.polyfit(time, inverse, 1)
    return np.asarray(1 / np.clip(middle + slope * time, inverse.min(), inverse.max()))


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
