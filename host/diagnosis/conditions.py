"""Two walks of one person under different instructions: dual-task effect and speed reserve.

Dual-task effect (Kelly, Janke and Shumway-Cook 2010, Exp Brain Res 207:65): 100 (dual - single) /
single, per cent, with the sign turned for measures of which more is worse: negative = worse with
the second task. Its cost is the same with the other sign. Of the second task itself nothing is
measured here; who puts it first walks worse (Plummer and Eskes 2015, Front Hum Neurosci 9:225).

Walking speed reserve (Middleton et al. 2016, Am J Phys Med Rehabil 95:475): fastest less usual
speed, and their ratio.

Intervals: the errors of the two walks count as independent. What is wrong with both in the same
way (camera, told height) cancels, so the interval is rather too wide than too narrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from host.codes import Absence

Z_95 = 1.96
MORE_IS_BETTER = (
    "walking_speed",
    "relative_speed",
    "cadence",
    "step_length",
    "stride_length",
    "relative_step_length",
)
MORE_IS_WORSE = (
    "step_time",
    "stride_time",
    "double_support_percent",
    "stride_time_variability",
    "stride_length_variability",
)


class Measure(Protocol):
    """A parameter of one walk, of a result or of a stored assessment."""

    @property
    def value(self) -> float | None:
        """None or NaN where it is absent."""

    @property
    def unit(self) -> str:
        """Unit of the value."""

    @property
    def interval_95(self) -> tuple[float, float] | None:
        """Interval of the value."""

    @property
    def absent_reason(self) -> Absence | None:
        """Why there is no value."""


@dataclass(frozen=True)
class Difference:
    """One number from two walks.

    Attributes
    ----------
    name
        ``dual_task_effect``, ``speed_reserve`` or ``speed_ratio``; its words are
        ``compare.NAME``.
    parameter
        What was compared.
    measured_in
        Unit of the parameter.
    first, second
        Values of the usual walk and of the other, NaN where absent.
    value, unit, interval_95
        The result; NaN exactly when ``absent_reason`` is set.
    """

    name: str
    parameter: str
    measured_in: str
    first: float
    second: float
    value: float
    unit: str
    interval_95: tuple[float, float] | None
    absent_reason: Absence | None


class DualTaskEffect:
    """Kelly et al. (2010), percent; negative = worse with the second task.

    Not defined where the single-task value is zero or negative.
    """

    name = "dual_task_effect"
    parameters = MORE_IS_BETTER + MORE_IS_WORSE

    def of(self, parameter: str, single: Measure, dual: Measure) -> Difference:
        """Effect on one parameter."""
        ratio, error = _ratio(single, dual)
        sign = -100.0 if parameter in MORE_IS_WORSE else 100.0
        return _made(self.name, parameter, (single, dual), (sign * (ratio - 1), 100 * error, "%"))


class SpeedReserve:
    """Middleton et al. (2016): fastest less usual speed, m/s."""

    name = "speed_reserve"
    parameters = ("walking_speed",)

    def of(self, parameter: str, usual: Measure, fast: Measure) -> Difference:
        """Reserve of one speed."""
        error = float(np.hypot(_error(usual), _error(fast)))
        value = _value(fast) - _value(usual)
        return _made(self.name, parameter, (usual, fast), (value, error, usual.unit))


class SpeedRatio:
    """Middleton et al. (2016): fastest over usual speed; needs no scale."""

    name = "speed_ratio"
    parameters = ("relative_speed",)

    def of(self, parameter: str, usual: Measure, fast: Measure) -> Difference:
        """Ratio of one speed."""
        return _made(self.name, parameter, (usual, fast), (*_ratio(usual, fast), "ratio"))


Index = DualTaskEffect | SpeedReserve | SpeedRatio
"""One published comparison of two walks."""


def dual_task(single: Mapping[str, Measure], dual: Mapping[str, Measure]) -> tuple[Difference, ...]:
    """Effect of a second task on every parameter that both assessments know."""
    return _all((DualTaskEffect(),), single, dual)


def speed_reserve(
    usual: Mapping[str, Measure], fast: Mapping[str, Measure]
) -> tuple[Difference, ...]:
    """Reserve and ratio of a fast walk over the usual one."""
    return _all((SpeedReserve(), SpeedRatio()), usual, fast)


def _all(
    indices: tuple[Index, ...], first: Mapping[str, Measure], second: Mapping[str, Measure]
) -> tuple[Difference, ...]:
    return tuple(
        index.of(name, first[name], second[name])
        for index in indices
        for name in index.parameters
        if name in first and name in second
    )


def _made(
    name: str,
    parameter: str,
    walks: tuple[Measure, Measure],
    result: tuple[float, float, str],
) -> Difference:
    """The result (value, standard error, unit), or why there is none."""
    first, second = walks
    value, error, unit = result
    half = Z_95 * error
    reason = None
    if not np.isfinite(value):
        reason = first.absent_reason or second.absent_reason or Absence.NOT_DEFINED
    interval = None if reason or not np.isfinite(half) else (value - half, value + half)
    values = _value(first), _value(second)
    return Difference(name, parameter, first.unit, *values, value, unit, interval, reason)


def _ratio(first: Measure, second: Measure) -> tuple[float, float]:
    """Second over first with its standard error (delta method); NaN where first is not above 0."""
    a, b = _value(first), _value(second)
    if not a > 0:
        return float("nan"), float("nan")
    return b / a, float(np.hypot(_error(second), _error(first) * b / a) / a)


def _value(measure: Measure) -> float:
    return float("nan") if measure.value is None else float(measure.value)


def _error(measure: Measure) -> float:
    """Standard error; NaN where there is no interval."""
    if measure.interval_95 is None:
        return float("nan")
    low, high = measure.interval_95
    return (high - low) / (2 * Z_95)
