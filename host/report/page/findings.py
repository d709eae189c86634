"""What the page says beside the numbers: measurements outside, findings, or what silence means."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from host.codes import Place
from host.diagnosis.patterns.features import FEATURES
from host.report.interpretation import (
    CriterionResult,
    DeviationResult,
    DiagnosisResult,
    FindingResult,
)
from host.text import data_words, decimals_of, listed, number, quantity, sentence

_SPEAKING = 4
"""So many of the features that speak for a pattern are named."""
_UNITS = {feature.name: feature.unit for feature in FEATURES}


@dataclass(frozen=True)
class FindingView:
    """One finding in words."""

    title: str
    resembles: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class DeviationView:
    """One measurement outside its reference: what it shows, and the numbers."""

    title: str
    numbers: str


@dataclass(frozen=True)
class DiagnosisView:
    """The section of the page: measurements outside, findings or ``silence``, what is not seen.

    ``compared``: what lies within its reference, cannot be told, or was not compared and why.
    """

    outside: tuple[DeviationView, ...]
    compared: tuple[str, ...]
    findings: tuple[FindingView, ...]
    silence: str
    notes: tuple[str, ...]


def diagnosis_view(diagnosis: DiagnosisResult) -> DiagnosisView:
    """Words for a diagnosis, in the language that is spoken."""
    silence = ""
    if diagnosis.reason is not None:
        silence = sentence(diagnosis.reason.value)
    elif not diagnosis.findings:
        silence = sentence("finding.none")
    deviations = diagnosis.deviations or []
    notes = []
    if diagnosis.not_observable:
        hidden = listed(sentence(code.value) for code in diagnosis.not_observable)
        notes.append(sentence("finding.not_observable", list=hidden))
    if diagnosis.reason is None:
        notes.append(sentence("finding.limits"))
    return DiagnosisView(
        outside=tuple(_outside(d) for d in deviations if d.place is Place.OUTSIDE),
        compared=tuple(_compared(deviations)),
        findings=tuple(_view(f) for f in diagnosis.findings),
        silence=silence,
        notes=tuple(notes),
    )


def _outside(deviation: DeviationResult) -> DeviationView:
    low, high = deviation.interval_95 or (math.nan, math.nan)
    unit, digits = deviation.unit, _digits(deviation)
    words = {
        "name": sentence(f"parameter.{deviation.parameter}"),
        "value": number(math.nan if deviation.value is None else deviation.value, unit, digits),
        "low": number(low, unit, digits),
        "high": quantity(high, unit, digits),
        "reference": _reference(deviation),
        "population": data_words(deviation.population),
        "source": data_words(deviation.source),
    }
    side = sentence(f"foot.{deviation.side.value}").lower() if deviation.side else ""
    return DeviationView(
        sentence(deviation.code.value, side=side), sentence("reference.numbers", **words)
    )


def _digits(deviation: DeviationResult) -> int | None:
    """Digits of its limits, for all that is compared with them."""
    limits = [limit for limit in (deviation.lowest, deviation.highest) if limit is not None]
    digits = [decimals_of(limit, deviation.unit) for limit in limits]
    return max((own for own in digits if own is not None), default=None)


def _reference(deviation: DeviationResult) -> str:
    unit, digits = deviation.unit, _digits(deviation)
    if deviation.lowest is None and deviation.highest is not None:
        return sentence("reference.at_most", limit=quantity(deviation.highest, unit, digits))
    if deviation.highest is None and deviation.lowest is not None:
        return sentence("reference.at_least", limit=quantity(deviation.lowest, unit, digits))
    if deviation.lowest is None or deviation.highest is None:
        raise ValueError(f"{deviation.code} has no limit")
    low, high = number(deviation.lowest, unit, digits), quantity(deviation.highest, unit, digits)
    return sentence("reference.between", low=low, high=high)


def _compared(deviations: list[DeviationResult]) -> Iterator[str]:
    """One line per place that holds any measurement; reasons are told once each."""
    for place in (Place.WITHIN, Place.UNDECIDED):
        names = [d.parameter for d in deviations if d.place is place]
        if names:
            yield sentence(place.value, list=_names(names))
    reasons = dict.fromkeys(d.absent_reason for d in deviations if d.absent_reason is not None)
    for reason in reasons:
        names = [d.parameter for d in deviations if d.absent_reason is reason]
        why = sentence(reason.value)
        yield sentence(Place.NOT_COMPARED.value, list=_names(names), reason=why)


def _names(parameters: list[str]) -> str:
    return listed(sentence(f"parameter.{name}") for name in parameters)


def _view(finding: FindingResult) -> FindingView:
    side = sentence(f"foot.{finding.side.value}").lower() if finding.side else ""
    short = finding.code.value.removeprefix("pattern.")
    by_model = bool(finding.contributions)
    likely = "finding.probability" if by_model else "finding.rule_probability"
    lines = [sentence(likely, percent=_percent(finding.probability))]
    if by_model:
        lines.append(sentence("finding.speaks", list=listed(_speaking(finding), "series")))
    lines += [_criterion(c) for c in finding.criteria]
    spans = listed(f"{number(s.start_s, 's')} – {quantity(s.end_s, 's')}" for s in finding.evidence)
    lines.append(sentence("finding.seen", spans=spans))
    return FindingView(
        sentence(finding.code.value, side=side),
        sentence("finding.resembles", term=sentence(f"pattern_term.{short}")),
        tuple(lines),
    )


def _speaking(finding: FindingResult) -> list[str]:
    """The features that add most to the log odds, each with its value and what it adds."""
    found: list[str] = []
    for name, log_odds in finding.contributions.items():
        if log_odds > 0 and name in finding.measurements and len(found) < _SPEAKING:
            value = quantity(finding.measurements[name], _shown_unit(name))
            found.append(
                sentence(
                    "finding.feature",
                    name=sentence(f"feature.{name}"),
                    value=value,
                    log_odds=f"{log_odds:+.1f}",
                )
            )
    return found


def _percent(probability: float) -> str:
    """Whole per cent; never the certainty that no model has."""
    shown = round(100 * probability)
    return f"{min(max(shown, 1), 99)} %"


def _shown_unit(name: str) -> str:
    return "" if _UNITS.get(name) in (None, "log") else _UNITS[name]


def _criterion(criterion: CriterionResult) -> str:
    digits = decimals_of(criterion.limit, criterion.unit)
    words = sentence(
        criterion.code,
        value=quantity(criterion.value, criterion.unit, digits),
        limit=quantity(criterion.limit, criterion.unit, digits),
    )
    key = "finding.criterion_met" if criterion.met else "finding.criterion_not_met"
    return sentence(key, words=words)
