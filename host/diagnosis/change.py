"""Change since an earlier visit: what lies beyond the error of the measurement, and what matters.

The error is that of both visits, from their 95 % intervals, counted as independent; a change whose
interval holds zero is not told as a change. The size is judged only where a published limit is
verified: walking speed, small 0.05 and substantial 0.10 m/s for older adults (Perera et al. 2006, J
Am Geriatr Soc 54:743), from the table of cut-offs of the norms. What varies from day to day in the
person is in no interval of one recording.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from host.codes import Absence, ChangeCode
from host.diagnosis.conditions import MORE_IS_BETTER, MORE_IS_WORSE, Z_95, Measure
from host.gait.norms import cutoffs

WATCHED = MORE_IS_BETTER + MORE_IS_WORSE


@dataclass(frozen=True)
class Change:
    """One parameter at two visits.

    Attributes
    ----------
    parameter, unit
        What was measured.
    before, after, difference
        Values and after less before; NaN where a visit has none.
    interval_95
        Of the difference; None where a visit has none.
    code
        What can be said.
    better
        Whether the person does better; None where it cannot be told.
    limit, source
        Published size that the change reaches, and its citation; None where there is none.
    absent_reason
        Why there is no difference.
    """

    parameter: str
    unit: str
    before: float
    after: float
    difference: float
    interval_95: tuple[float, float] | None
    code: ChangeCode
    better: bool | None = None
    limit: float | None = None
    source: str | None = None
    absent_reason: Absence | None = None


def changes(before: Mapping[str, Measure], after: Mapping[str, Measure]) -> tuple[Change, ...]:
    """Changes of all watched parameters that both visits know, in the order of the list."""
    return tuple(
        _change(name, before[name], after[name])
        for name in WATCHED
        if name in before and name in after
    )


def _change(name: str, before: Measure, after: Measure) -> Change:
    first, second = (float("nan") if m.value is None else float(m.value) for m in (before, after))
    difference = second - first
    if not math.isfinite(difference):
        reason = before.absent_reason or after.absent_reason or Absence.NOT_DEFINED
        gone = ChangeCode.NOT_COMPARABLE
        return Change(name, after.unit, first, second, math.nan, None, gone, absent_reason=reason)
    if before.interval_95 is None or after.interval_95 is None:
        unknown = ChangeCode.ERROR_UNKNOWN
        return Change(name, after.unit, first, second, difference, None, unknown)
    half = Z_95 * math.hypot(_error(before.interval_95), _error(after.interval_95))
    interval = difference - half, difference + half
    told = Change(name, after.unit, first, second, difference, interval, ChangeCode.WITHIN_ERROR)
    if abs(difference) <= half:
        return told
    code, limit, source = _size(name, abs(difference))
    better = (difference > 0) == (name in MORE_IS_BETTER)
    return Change(
        name, after.unit, first, second, difference, interval, code, better, limit, source
    )


def _size(name: str, size: float) -> tuple[ChangeCode, float | None, str | None]:
    """The largest published size that is reached."""
    known = {c.kind: c for c in cutoffs(name)}
    for kind, code in _SIZES:
        limit = known.get(kind)
        if limit is not None and size >= limit.value:
            return code, limit.value, limit.source
    small = known.get(_SIZES[-1][0])
    if small is not None:
        return ChangeCode.BELOW_SMALL, small.value, small.source
    return ChangeCode.BEYOND_ERROR, None, None


def _error(interval: tuple[float, float]) -> float:
    return (interval[1] - interval[0]) / (2 * Z_95)


_SIZES = (
    ("substantial_change", ChangeCode.SUBSTANTIAL),
    ("small_change", ChangeCode.SMALL),
)
