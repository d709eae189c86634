"""Published limits beside the measurements: on which side a value lies, never what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from host.gait.norms import Cutoff, cutoffs
from host.report.assessment import ParameterResult
from host.text import data_words, decimals_of, quantity, sentence, sentences


@dataclass(frozen=True)
class LimitRow:
    """One limit in words."""

    measure: str
    value: str
    place: str
    limit: str
    source: str


def limit_rows(parameters: Mapping[str, ParameterResult]) -> list[LimitRow]:
    """Limits of all parameters with a value; changes between visits are no limits of a value."""
    return [
        _row(name, entry, cutoff)
        for name, entry in parameters.items()
        if entry.value is not None
        for cutoff in cutoffs(name)
        if f"cutoff.{cutoff.kind}" in sentences()
    ]


def _row(name: str, entry: ParameterResult, cutoff: Cutoff) -> LimitRow:
    value = entry.value if entry.value is not None else float("nan")
    digits = decimals_of(cutoff.value, cutoff.unit)
    limit = quantity(cutoff.value, cutoff.unit, digits)
    return LimitRow(
        sentence(f"parameter.{name}"),
        quantity(value, entry.unit, digits if entry.unit == cutoff.unit else None),
        sentence(f"report.limit_{_place(value, entry.interval_95, cutoff.value)}", limit=limit),
        sentence(f"cutoff.{cutoff.kind}", limit=limit),
        data_words(cutoff.source),
    )


def _place(value: float, interval: tuple[float, float] | None, limit: float) -> str:
    """``below``, ``above``, or ``undecided`` where the interval holds the limit."""
    if interval is not None and interval[0] <= limit <= interval[1]:
        return "undecided"
    return "below" if value < limit else "above"
