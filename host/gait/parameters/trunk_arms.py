"""Lean and sway of the trunk and swing of the arms, stride by stride.

Trunk = the line from the middle of the hips to the middle of the shoulders. Lean = its inclination
to the vertical in the plane of the walk, mean over a stride, forward positive. Sway in the plane of
the walk = largest less smallest inclination of the mean cycle, which swings once per step; within a
single stride the noise of the points would be larger than the sway (5 degrees against 1 on rendered
walks). Sway across it (with a lateral coordinate) = the same within a stride. Arm swing = largest
less smallest inclination of the line shoulder to wrist against the trunk within a stride of the
same side, in the plane of the walk. All in degrees: angles need no scale.
"""

from __future__ import annotations

import numpy as np

from host.codes import Absence, Exclusion
from host.gait.parameters.samples import Measured, Samples
from host.gait.signals import Array, low_pass
from host.gait.track import Track
from host.gait.types import Bout, Stride
from model_zoo.skeleton import Side, part

_FORWARD, _ACROSS = 0, 1
_CYCLE = np.arange(100) / 100
_HARMONICS = 2


class TrunkAndArms:
    """Measures ``trunk_lean``, ``trunk_sway``, ``trunk_lateral_sway`` and ``arm_swing``.

    Limits: in a side view the far arm is hidden behind the trunk for part of the stride; a stride
    in which less than ``min_seen`` of the points is seen gives no value. Arms that are held still
    swing by the noise of the points.

    Parameters
    ----------
    cutoff_hz
        Low-pass of the points, Hz (5 Hz: Stenum et al. 2021).
    min_seen
        Least share of a stride in which the points are seen.
    """

    def __init__(self, cutoff_hz: float = 5.0, min_seen: float = 0.9) -> None:
        self.cutoff_hz = cutoff_hz
        self.min_seen = min_seen

    def measure(
        self, track: Track, bouts: tuple[Bout, ...], strides: tuple[Stride, ...]
    ) -> Measured:
        """Samples of the clean strides, degrees."""
        direction = {bout.index: bout.direction for bout in bouts}
        clean = [s for s in strides if not s.excluded]
        forward, across = (self._trunk(track, axis) for axis in (_FORWARD, _ACROSS))
        arms = {side: self._arm(track, side) - forward for side in Side}
        lean, lateral, swing, directions = [], [], [], []
        for stride in clean:
            rows = (track.time_s >= stride.start_s) & (track.time_s <= stride.end_s)
            way = direction[stride.bout]
            lean.append((way * self._mean(forward[rows]), stride.foot))
            lateral.append((self._range(across[rows]), stride.foot))
            if stride.reason is not Exclusion.SIDE_UNCERTAIN:
                swing.append((self._range(arms[stride.foot][rows]), stride.foot))
                directions.append(way)
        arm = Samples.of(swing, directions)
        seen_across = np.isfinite(across).any()
        return {
            "trunk_lean": Samples.of(lean),
            "trunk_sway": self._sway(track.time_s, forward, clean),
            "trunk_lateral_sway": Samples.of(lateral) if seen_across else Absence.NOT_OBSERVABLE,
            "arm_swing": arm.without_directions() if seen_across else arm,
        }

    def _trunk(self, track: Track, axis: int) -> Array:
        """Inclination of the trunk to the vertical, degrees, positive along the axis."""
        run = track.middle("shoulder", axis) - track.middle("hip", axis)
        rise = track.middle("shoulder", 2) - track.middle("hip", 2)
        return np.degrees(np.arctan2(low_pass(run, self.cutoff_hz), low_pass(rise, self.cutoff_hz)))

    def _sway(self, time_s: Array, lean: Array, strides: list[Stride]) -> Samples:
        """Lean at the furthest less that at the least forward moment of the mean cycle, by stride.

        Their mean is the range of the mean cycle. Strides of the left foot count from half a cycle
        on, so that the steps fall together; of each only what swings once or twice a stride counts.
        """
        cycles = []
        for stride in strides:
            rows = (time_s >= stride.start_s) & (time_s <= stride.end_s)
            if not self._seen(lean[rows]):
                continue
            good = np.isfinite(lean)
            grid = stride.start_s + _CYCLE * (stride.end_s - stride.start_s)
            cycle = _slow(np.interp(grid, time_s[good], lean[good]))
            half = len(cycle) // 2 if stride.foot is Side.LEFT else 0
            cycles.append((np.roll(cycle, half), stride.foot))
        if not cycles:
            return Samples.of([])
        mean = np.mean([cycle for cycle, _ in cycles], axis=0)
        most, least = int(np.argmax(mean)), int(np.argmin(mean))
        return Samples.of([(float(cycle[most] - cycle[least]), foot) for cycle, foot in cycles])

    def _arm(self, track: Track, side: Side) -> Array:
        """Inclination of shoulder to wrist, degrees, in the sense of the trunk's inclination.

        An arm that hangs along a trunk leaning by 10 degrees is inclined by 10 degrees too.
        """
        shoulder, wrist = (track.xyz[:, part(name, side)] for name in ("shoulder", "wrist"))
        line = low_pass(shoulder - wrist, self.cutoff_hz)
        return np.degrees(np.arctan2(line[:, 0], line[:, 2]))

    def _mean(self, values: Array) -> float:
        return float(np.nanmean(values)) if self._seen(values) else float("nan")

    def _range(self, values: Array) -> float:
        return float(np.nanmax(values) - np.nanmin(values)) if self._seen(values) else float("nan")

    def _seen(self, values: Array) -> bool:
        return len(values) > 0 and float(np.isfinite(values).mean()) >= self.min_seen


def _slow(cycle: Array) -> Array:
    """The cycle without its drift and without what swings faster than the trunk does."""
    drift = np.linspace(0, cycle[-1] - cycle[0], len(cycle))
    spectrum = np.fft.rfft(cycle - drift)
    spectrum[_HARMONICS + 1 :] = 0
    return np.asarray(np.fft.irfft(spectrum, len(cycle)))
