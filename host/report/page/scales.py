"""The clinical scales as the page shows them: suggestions first, the silent items by reason."""

from __future__ import annotations

from dataclasses import dataclass

from host.report.assessment import Assessment, ScaleItemResult, ScaleMeasurement, ScaleResult
from host.text import quantity, sentence


@dataclass(frozen=True)
class ScaleRow:
    """One item with a suggestion."""

    item: str
    suggestion: str
    evidence: str
    certainty: str
    limits: str


@dataclass(frozen=True)
class ScaleView:
    """One scale."""

    name: str
    range: str
    count: str
    rows: tuple[ScaleRow, ...]
    silent: tuple[tuple[str, str], ...]
    """(reason, items) of what nothing is suggested for."""
    rights: str


def scale_views(assessment: Assessment) -> list[ScaleView]:
    """All scales of the assessment, in its order."""
    return [_view(scale) for scale in assessment.diagnosis.scales]


def _view(scale: ScaleResult) -> ScaleView:
    told = [item for item in scale.items if item.points is not None]
    silent: dict[str, list[str]] = {}
    for item in scale.items:
        if item.gap is not None:
            silent.setdefault(_reason(item), []).append(_silent_item(scale, item))
    has_range = scale.lowest is not None and scale.highest is not None
    return ScaleView(
        sentence(f"scale.{scale.scale}"),
        sentence(
            "report.scale_range",
            low=scale.lowest,
            high=scale.highest,
            higher=sentence(f"report.{scale.higher_is}"),
        )
        if has_range
        else "",
        sentence("report.scale_suggested", count=len(told), total=len(scale.items))
        if scale.kind == "items"
        else "",
        tuple(_row(scale, item) for item in told),
        tuple((reason, "; ".join(items)) for reason, items in silent.items()),
        sentence("report.scale_rights", source=scale.source, rights=scale.rights),
    )


def _row(scale: ScaleResult, item: ScaleItemResult) -> ScaleRow:
    return ScaleRow(
        _name(scale, item),
        sentence("report.scale_points", points=item.points, low=item.lowest, high=item.highest),
        _evidence(item.measurements),
        ""
        if item.confidence is None
        else sentence("report.scale_confidence", share=100 * item.confidence),
        sentence("report.scale_limits", basis=item.basis) if item.basis else "",
    )


def _name(scale: ScaleResult, item: ScaleItemResult) -> str:
    name = sentence(f"scale_item.{scale.scale}_{item.code}")
    return name if item.side is None else f"{name}, {_foot(item.side.value)}"


def _silent_item(scale: ScaleResult, item: ScaleItemResult) -> str:
    evidence = _evidence(item.measurements)
    return _name(scale, item) + (f" ({evidence})" if evidence else "")


def _reason(item: ScaleItemResult) -> str:
    reason = sentence(item.gap.value) if item.gap else ""
    return f"{reason}: {sentence(item.absent_reason.value)}" if item.absent_reason else reason


def _evidence(measurements: list[ScaleMeasurement]) -> str:
    return ", ".join(
        sentence(f"parameter.{m.parameter}")
        + (f" {_foot(m.side.value)}" if m.side else "")
        + f" {quantity(m.value, m.unit)}"
        for m in measurements
    )


def _foot(side: str) -> str:
    return sentence(f"foot.{side}").lower()
