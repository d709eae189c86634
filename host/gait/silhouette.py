"""Cadence from the outline alone: no keypoints, so an independent check on the events.

Method: Collins, Gross and Shi (2002), "Silhouette-based human identification from body shape and
gait": seen from the side, the width of the outline swings once per step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, find_peaks, sosfiltfilt

from host.gait.types import Array, Event, Silhouette

_GRID_HZ = 50.0
_FEWEST_SAMPLES = 10
_FEWEST_STEPS = 3
_BAND_HZ = (0.8, 4.5)
"""From a step in 1.2 s to the second harmonic of quick steps; slower is growth by perspective."""


@dataclass(frozen=True)
class OutlineCadence:
    """Steps per minute from the outline, and how regular it swings; NaN and 0 where unknown."""

    steps_per_min: float
    strength: float
    """Autocorrelation at one step, up to about 1."""


class SilhouetteCadence:
    """First strong peak of the autocorrelation of width, all bouts taken together.

    Parameters
    ----------
    shortest_step_s, longest_step_s
        Range of step times looked at: 200 to 50 steps per minute.
    shortest_bout_s
        Bouts shorter than this are left out: two steps do not make a rhythm.
    share
        Of the highest peak: the first peak as high as this is one step. In an uneven gait one
        stride, two steps, repeats better than one step does.

    Notes
    -----
    Deviation from the paper: width alone, in shares of the median height, and the autocorrelations
    of several bouts are averaged by length. It needs a view from the side.
    """

    def __init__(
        self,
        shortest_step_s: float = 0.3,
        longest_step_s: float = 1.2,
        shortest_bout_s: float = 1.5,
        share: float = 0.6,
    ) -> None:
        self._range_s = (shortest_step_s, longest_step_s)
        self._shortest_bout_s = shortest_bout_s
        self._share = share

    def measure(self, silhouette: Silhouette, spans_s: list[tuple[float, float]]) -> OutlineCadence:
        """Cadence over the given parts of the recording, each [start_s, end_s]."""
        longest = round(self._range_s[1] * _GRID_HZ) + 2
        total, weight = np.zeros(longest), 0.0
        for start_s, end_s in spans_s:
            swing = self._swing(silhouette, start_s, end_s)
            if swing is None or len(swing) < longest:
                continue
            total += len(swing) * _autocorrelation(swing)[:longest]
            weight += len(swing)
        if not weight:
            return OutlineCadence(float("nan"), 0.0)
        return self._first_peak(total / weight)

    def _swing(self, silhouette: Silhouette, start_s: float, end_s: float) -> Array | None:
        """Width over height on a regular grid, band-passed."""
        if end_s - start_s < self._shortest_bout_s:
            return None
        time_s = silhouette.time_s
        inside = (time_s >= start_s) & (time_s <= end_s) & np.isfinite(silhouette.width_px)
        if inside.sum() < _FEWEST_SAMPLES:
            return None
        grid = np.arange(start_s, end_s, 1 / _GRID_HZ)
        tall = float(np.nanmedian(silhouette.height_px[inside]))
        width = np.interp(grid, time_s[inside], silhouette.width_px[inside] / tall)
        band = butter(2, _BAND_HZ, "bandpass", fs=_GRID_HZ, output="sos")
        swing: Array = sosfiltfilt(band, width - width.mean())
        return swing

    def _first_peak(self, correlation: Array) -> OutlineCadence:
        first = round(self._range_s[0] * _GRID_HZ)
        peaks = find_peaks(correlation[first:])[0] + first
        if not len(peaks):
            return OutlineCadence(float("nan"), 0.0)
        high = correlation[peaks] >= self._share * correlation[peaks].max()
        peak = int(peaks[high][0])
        before, top, after = correlation[peak - 1 : peak + 2]
        # Vertex of the parabola through the three samples around the peak.
        lag = peak + 0.5 * (before - after) / (before - 2 * top + after)
        return OutlineCadence(60 * _GRID_HZ / lag, float(max(top, 0.0)))


def cadences_of_events(events: tuple[Event, ...]) -> tuple[float, float]:
    """Steps per minute from the median and the mean time between contacts; NaN below three steps.

    Both: a missed contact slows the mean, uneven steps move the median, neither is another rhythm.
    """
    times_s = contact_times(events).values()
    intervals = np.concatenate([np.zeros(0), *(np.diff(times) for times in times_s)])
    if len(intervals) < _FEWEST_STEPS:
        return float("nan"), float("nan")
    return 60 / float(np.median(intervals)), 60 / float(np.mean(intervals))


def contact_times(events: tuple[Event, ...]) -> dict[int, NDArray[np.float64]]:
    """Initial contacts of both feet in order, by bout."""
    bouts = sorted({e.bout for e in events})
    found = {
        bout: np.array(
            sorted(e.time_s for e in events if e.bout == bout and e.kind == "initial_contact")
        )
        for bout in bouts
    }
    return {bout: times for bout, times in found.items() if len(times) > 1}


def _autocorrelation(signal: Array) -> Array:
    """Unbiased, 1 at no delay."""
    count = len(signal)
    spectrum = np.fft.rfft(signal - signal.mean(), 2 * count)
    raw = np.fft.irfft(np.abs(spectrum) ** 2)[:count] / np.arange(count, 0, -1)
    result: Array = raw / raw[0] if raw[0] > 0 else np.zeros(count)
    return result
