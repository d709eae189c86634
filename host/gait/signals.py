"""Signals on an even time grid: low-pass and differentiation that leave missing samples missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

Array = NDArray[np.float64]

RATE_HZ = 100.0
"""Sampling rate of the even grid; events are refined below its 10 ms step."""

# A filter run twice (forwards, backwards) has a lower cut-off than designed; Winter (2009).
_TWO_PASS_CORRECTION = (2**0.5 - 1) ** 0.25


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open index ranges ``[start, stop)`` in which ``mask`` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def bridged(values: Array) -> Array:
    """``values`` float64[N, ...] with missing samples interpolated, and held at both ends.

    All-missing columns stay missing.
    """
    flat = values.reshape(len(values), -1).copy()
    index = np.arange(len(values), dtype=np.float64)
    for column in flat.T:
        seen = np.isfinite(column)
        if seen.any() and not seen.all():
            column[~seen] = np.interp(index[~seen], index[seen], column[seen])
    return np.asarray(flat.reshape(values.shape))


_BLOCK = 4096  # samples


def low_pass(values: Array, cutoff_hz: float, *, rate_hz: float = RATE_HZ) -> Array:
    """Zero-phase Butterworth low-pass along the first axis; missing samples stay missing.

    Second order, run forwards and backwards; the design frequency is raised so that the two passes
    together are 3 dB down at ``cutoff_hz``.

    Parameters
    ----------
    values
        float64[N, ...] on an even grid, NaN where missing.
    cutoff_hz
        Cut-off of the two passes together, Hz.
    rate_hz
        Sampling rate of the grid, Hz.

    Returns
    -------
    float64[N, ...]; holes are bridged for filtering and missing again in the result.
    """
    if len(values) < 2:
        return np.array(values)
    design_hz = min(cutoff_hz / _TWO_PASS_CORRECTION, 0.45 * rate_hz)
    sos = butter(2, design_hz / (rate_hz / 2), output="sos")
    filled = bridged(values)
    pad = min(int(rate_hz / cutoff_hz), len(values) - 1)
    smooth = np.asarray(sosfiltfilt(sos, filled, axis=0, padtype="odd", padlen=pad))
    smooth[~np.isfinite(values)] = np.nan
    return np.asarray(smooth)


def derivative(values: Array, *, rate_hz: float = RATE_HZ) -> Array:
    """Central difference along the first axis per second; NaN beside missing samples."""
    if len(values) < 2:
        return np.full_like(values, np.nan)
    return np.asarray(np.gradient(values, 1 / rate_hz, axis=0))


def running_median(values: Array, window_s: float, *, rate_hz: float = RATE_HZ) -> Array:
    """Median of the seen samples in a centred window, float64[N]; NaN where the window is empty."""
    half = max(1, int(window_s * rate_hz / 2))
    padded = np.concatenate((np.full(half, np.nan), values, np.full(half, np.nan)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    out = np.full(len(values), np.nan)
    # In blocks: the windows of ten minutes at once are 100 MB.
    for start in range(0, len(values), _BLOCK):
        block = windows[start : start + _BLOCK]
        some = np.isfinite(block).any(axis=1)
        out[start : start + _BLOCK][some] = np.nanmedian(block[some], axis=1)
    return out


def extremum_offset(before: float, centre: float, after: float) -> float:
    """Extremum of the parabola through three samples, in samples from the centre."""
    curvature = before - 2 * centre + after
    if curvature == 0 or not np.isfinite(curvature):
        return 0.0
    return float(np.clip(0.5 * (before - after) / curvature, -0.5, 0.5))
