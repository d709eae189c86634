"""Slow walking against people of the same age and sex, by published definitions; no model.

The limit of low physical performance (EWGSOP2) stands in the table of cut-offs.

The probability of such a finding is that the true value lies beyond the limit, given the interval
of the measurement.
"""

from __future__ import annotations

import math

from scipy.stats import norm

from host.codes import PatternCode
from host.diagnosis.patterns.find import spans
from host.diagnosis.types import Criterion, Finding
from host.gait.norms import cutoff
from host.gait.types import GaitResult, Parameter

SLOW_Z = -1.0
"""Slow gait: more than one standard deviation below the mean of age and sex (Verghese et al. 2013,
997 people of 70 years and more; there it takes a cognitive complaint too to carry a risk)."""
LONG_SUPPORT_Z = 1.5
"""Double support this far above the mean of age and sex: own choice, no published cut-off."""
_TOLD_FROM = 0.5


def slow_findings(gait: GaitResult) -> tuple[Finding, ...]:
    """Slow for the age and sex; slow with long double support. Empty where it cannot be told."""
    speed = gait.parameters["walking_speed"]
    if speed.absent_reason is not None or speed.norm is None or speed.interval_95 is None:
        return ()
    limit = speed.norm.mean + SLOW_Z * speed.norm.sd
    found = []
    probability = _below(speed, limit)
    if probability >= _TOLD_FROM:
        slow = Criterion("criterion.slow_for_age", speed.value, limit, "m/s", True)
        found.append(Finding(PatternCode.SLOW_FOR_AGE, probability, spans(gait), criteria=(slow,)))
    support = gait.parameters["double_support_percent"]
    if support.norm is None or support.interval_95 is None:
        return tuple(found)
    long = support.norm.mean + LONG_SUPPORT_Z * support.norm.sd
    low = cutoff("walking_speed", "low_performance_europe_below").value
    both = min(_below(speed, low), 1 - _below(support, long))
    if both >= _TOLD_FROM:
        criteria = (
            Criterion("criterion.low_speed", speed.value, low, "m/s", True),
            Criterion("criterion.long_support", support.value, long, "%", True),
        )
        found.append(Finding(PatternCode.SLOW_AND_CAUTIOUS, both, spans(gait), criteria=criteria))
    return tuple(found)


def _below(parameter: Parameter, limit: float) -> float:
    """Probability that the true mean lies below a limit, from the 95 % interval."""
    if parameter.interval_95 is None:
        return math.nan
    low, high = parameter.interval_95
    error = max((high - low) / (2 * 1.96), 1e-9)
    return float(norm.cdf((limit - parameter.value) / error))
