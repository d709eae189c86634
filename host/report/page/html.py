"""The report that a clinician reads, made from the assessment alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from host.codes import Absence, ViewKind
from host.diagnosis.scales.confirm import Confirmation
from host.gait.curves import UNTOLD
from host.gait.parameters.catalogue import BY_NAME
from host.report.assessment import (
    Assessment,
    Check,
    CurveResult,
    MachineAlert,
    ParameterResult,
)
from host.report.page.curve_chart import curve_chart
from host.report.page.findings import diagnosis_view
from host.report.page.footfall_chart import footfall_charts
from host.report.page.norm_bar import BAND_SD, norm_bar
from host.report.page.published import limit_rows
from host.report.page.scales import scale_views
from host.report.templates import templates
from host.text import data_words, listed, number, quantity, say_again, sentence, sentences

HEADLINES = (
    "cadence",
    "walking_speed",
    "step_length",
    "step_time",
    "step_time_asymmetry",
    "double_support_percent",
)
"""The parameters that stand first and large, in this order."""

TEMPLATES = Path(__file__).parent / "templates"
_MOST_ROWS = 12


@dataclass(frozen=True)
class _Joint:
    """What the page shows of one joint."""

    name: str
    chart: Markup
    sides: tuple[CurveResult, ...]
    reference: str

    @property
    def has_reference(self) -> bool:
        """Whether a reference is drawn."""
        return any(curve.reference for curve in self.sides)


def render_html(
    assessment: Assessment, made_at: datetime, confirmations: Iterable[Confirmation] = ()
) -> str:
    """The whole report as one HTML text without any reference to the outside.

    It is written in the language that is spoken (:func:`host.text.speaking`).

    Parameters
    ----------
    assessment
        What is told. When its grade is unusable, the page says why and what to do, and no number.
    made_at
        When the report is made, in local time.
    confirmations
        What clinicians said about the items of the scales.
    """
    environment = templates(
        TEMPLATES,
        norm_bar=norm_bar,
        check_words=_check_words,
        advice=_advice,
        spread=_spread,
        outside=_outside,
    )
    usable = assessment.quality.grade != "unusable"
    name = "report.html.j2" if usable else "unusable.html.j2"
    charts = footfall_charts(assessment)
    return environment.get_template(name).render(
        a=assessment,
        when=f"{made_at:%Y-%m-%d %H:%M}",
        failed=[check for check in assessment.quality.checks if not check.passed],
        passed=[check for check in assessment.quality.checks if check.passed],
        headlines=[
            (key, assessment.parameters[key]) for key in HEADLINES if key in assessment.parameters
        ],
        charts=charts[:_MOST_ROWS],
        charts_left=len(charts[_MOST_ROWS:]),
        joints=_joints(assessment),
        alerts=[_alert_words(alert) for alert in assessment.alerts or ()],
        not_recorded=listed(sentence(f"not_recorded.{name}") for name in assessment.not_recorded),
        activities=listed(_activities(assessment), "clause"),
        has_norms=any(entry.norm for entry in assessment.parameters.values()),
        no_norm=_why_no_norm(assessment),
        no_curves=_why_no_curves(assessment),
        untold_curves=_untold_curves(),
        no_foot_off=_why_no_foot_off(assessment.parameters.get("stance_percent")),
        excluded=[stride for stride in assessment.strides if stride.excluded],
        groups=_groups(assessment),
        published=limit_rows(assessment.parameters),
        diagnosis=diagnosis_view(assessment.diagnosis),
        scales=scale_views(assessment.diagnosis.scales, confirmations),
        definitions=_definitions(assessment),
        sources=_sources(assessment),
        limits=[text for key, text in sentences().items() if key.startswith("limits.")],
    )


def _advice(check: Check) -> str:
    return sentence("advice." + check.code.value.removeprefix("quality."))


def _check_words(check: Check) -> str:
    if check.value is None or check.limit is None:
        return sentence("report.check_unknown")
    return sentence(check.code.value, value=check.value, limit=check.limit, unit=check.unit)


def _outside(entry: ParameterResult) -> str:
    """On which side of the reference band the value lies, and whether its interval says so too."""
    norm = entry.norm
    if norm is None or abs(norm.z) <= BAND_SD:
        return ""
    below = norm.z < 0
    key = "report.outside_below" if below else "report.outside_above"
    if entry.interval_95 is not None:
        low, high = entry.interval_95
        edge = norm.mean + (-BAND_SD if below else BAND_SD) * norm.sd
        if high >= edge if below else low <= edge:
            key += "_unsure"
    return sentence(key)


def _spread(value: float) -> str:
    """A standard deviation with two digits, all that a few strides can give it."""
    decimals = 1 - math.floor(math.log10(value)) if value > 0 else 0
    return f"{value:.{max(decimals, 0)}f}"


def _joints(assessment: Assessment) -> list[_Joint]:
    names = dict.fromkeys(curve.joint for curve in assessment.curves)
    foot_off = _foot_off_percent(assessment.parameters.get("stance_percent"))
    found: list[_Joint] = []
    for name in names:
        sides = tuple(curve for curve in assessment.curves if curve.joint == name)
        found.append(_Joint(name, curve_chart(sides, foot_off), sides, _reference(sides)))
    return found


def _reference(sides: Sequence[CurveResult]) -> str:
    for curve in sides:
        if curve.reference:
            return sentence("report.curve_reference", source=data_words(curve.reference.source))
    reasons = [curve.reference_absent_reason for curve in sides if curve.reference_absent_reason]
    return sentence(reasons[0].value) if reasons else ""


def _foot_off_percent(stance: ParameterResult | None) -> dict[str, float]:
    """Foot off by side: the share of the cycle that the foot is on the floor."""
    if stance is None:
        return {}
    sides = {"left": stance.left, "right": stance.right}
    return {name: s.value for name, s in sides.items() if s is not None and s.value is not None}


def _activities(assessment: Assessment) -> Iterator[str]:
    for part in assessment.activities or ():
        start, end = number(part.start_s, "s"), quantity(part.end_s, "s")
        yield f"{sentence(part.kind.value)} {start} – {end}"


def _alert_words(alert: MachineAlert) -> str:
    """The alert in the language that is spoken; as it was told where its values are not kept."""
    if alert.values is None:
        return alert.message
    return say_again(alert.code.value, alert.model_dump()["values"])


def _why_no_norm(assessment: Assessment) -> str:
    """Reasons why measurements have no reference by age and sex, each told once."""
    measured = (entry for entry in assessment.parameters.values() if entry.value is not None)
    reasons = dict.fromkeys(e.norm_absent_reason for e in measured if e.norm_absent_reason)
    return listed(sentence(reason.value) for reason in reasons)


def _why_no_curves(assessment: Assessment) -> str:
    seen_aside = assessment.view.kind is ViewKind.SIDE
    return sentence((Absence.TOO_FEW_STRIDES if seen_aside else Absence.VIEW_NOT_SIDE).value)


def _untold_curves() -> list[str]:
    """Curves that no recording is told, those of one reason in one sentence."""
    named: dict[Absence, list[str]] = {}
    for joint, reason in UNTOLD.items():
        named.setdefault(reason, []).append(sentence(f"untold_curve.{joint}"))
    return [
        sentence("report.curves_untold", list=listed(names), reason=sentence(reason.value))
        for reason, names in named.items()
    ]


def _why_no_foot_off(stance: ParameterResult | None) -> str:
    """Why the end of a stance is not measured; empty when it is."""
    reason = stance.absent_reason if stance else None
    return sentence(reason.value) if reason else ""


def _groups(assessment: Assessment) -> dict[str, list[tuple[str, ParameterResult]]]:
    """Parameters under their headings (``parameter_group.*``), in the order of the assessment."""
    groups: dict[str, list[tuple[str, ParameterResult]]] = {}
    for name, entry in assessment.parameters.items():
        groups.setdefault(BY_NAME[name].group.value, []).append((name, entry))
    return groups


def _definitions(assessment: Assessment) -> list[tuple[str, str]]:
    """Names and their definition; measures with the same words share a line."""
    named = [(sentence(f"parameter.{key}"), key) for key in assessment.parameters]
    named += [(sentence(f"joint.{curve.joint}"), curve.joint) for curve in assessment.curves]
    lines: dict[str, dict[str, None]] = {}
    for name, key in named:
        lines.setdefault(sentence(f"definition.{key}"), {})[name] = None
    return [(listed(names), definition) for definition, names in lines.items()]


def _sources(assessment: Assessment) -> list[str]:
    """Where references come from; a number in the tables counts from 1 in this list."""
    norms = [entry.norm.source for entry in assessment.parameters.values() if entry.norm]
    curves = [curve.reference.source for curve in assessment.curves if curve.reference]
    return list(dict.fromkeys([*norms, *curves]))
