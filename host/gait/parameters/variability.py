"""Spread from stride to stride with the noise of the timing taken off.

A time between two events carries twice the variance of one event's error. That error is measured
per keypoint source against truth (``timing_sd_s`` in ``sources.json``); for a source that was not
measured it is what rounding to whole frames makes, a variance of dt^2 / 12 per event.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from host.codes import Absence
from host.gait.parameters.samples import Samples

MIN_STRIDES = 20
"""Kroneberg et al. (2019), Front Aging Neurosci 10:435: up to 20 strides for a stable CV."""
MIN_RATE_HZ = 50.0
_RATE_SLACK_HZ = 0.1
"""Below 50 frames/s the timing noise of a frame adds more than half of a healthy spread."""


def fast_enough(frame_rate_hz: float) -> bool:
    """Whether a camera resolves spreads and the way of the foot; 49.95 is sold as 50."""
    return frame_rate_hz >= MIN_RATE_HZ - _RATE_SLACK_HZ


def timing_noise_s(event_sd_s: float, frame_rate_hz: float) -> float:
    """SD of a time between two events, seconds: sqrt(2) times that of one event.

    Parameters
    ----------
    event_sd_s
        Measured SD of one event's error; NaN when not measured for this keypoint source.
    frame_rate_hz
        Rate of the recording.
    """
    rounding_s = 1 / (frame_rate_hz * np.sqrt(12))
    one = event_sd_s if np.isfinite(event_sd_s) else rounding_s
    return float(np.sqrt(2) * one)


@dataclass(frozen=True)
class Spread:
    """Coefficient of variation, percent."""

    value: float
    error: float
    interval_95: tuple[float, float]


class CoefficientOfVariation:
    """100 sqrt(SD^2 - noise^2) / mean, with the SD of each side around its own mean.

    Withheld below ``min_values`` values or :data:`MIN_RATE_HZ`, and where the variance is less than
    twice that of the noise: what is left could be noise itself. The interval is that of a variance
    of normal values (chi square), its lower end not below zero; the same noise is taken off.

    Limits: the noise of lengths is not known and not taken off (``noise`` 0): an upper bound.

    Parameters
    ----------
    noise
        SD of the measurement of one value, in the unit of the values.
    frame_rate_hz
        Rate of the recording.
    """

    def __init__(
        self,
        noise: float,
        frame_rate_hz: float,
        *,
        min_values: int = MIN_STRIDES,
    ) -> None:
        self.noise = noise
        self.frame_rate_hz = frame_rate_hz
        self.min_values = min_values

    def measure(self, samples: Samples) -> Spread | Absence:
        """Spread of the samples, or why it is not told."""
        if not fast_enough(self.frame_rate_hz):
            return Absence.FRAME_RATE_LOW
        if samples.n < self.min_values:
            return Absence.TOO_FEW_STRIDES
        variance, noise = samples.sd_within_sides() ** 2, self.noise**2
        if variance < 2 * noise:
            return Absence.BELOW_NOISE
        freedom = samples.n - (2 if 0 < samples.right.sum() < samples.n else 1)
        scale = 100 / abs(samples.mean())
        low, high = (variance * freedom / chi2.ppf(p, freedom) for p in (0.975, 0.025))
        value = scale * np.sqrt(variance - noise)
        # Standard error of a variance is variance * sqrt(2 / freedom); through the square root.
        error = scale * variance * np.sqrt(2 / freedom) / (2 * np.sqrt(variance - noise))
        ends = (float(scale * np.sqrt(max(v - noise, 0.0))) for v in (low, high))
        return Spread(float(value), float(error), (next(ends), next(ends)))
