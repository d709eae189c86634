"""The clinical scales as people see them, on the report and on the page of a recording.

Suggestions and confirmations stand side by side; items without either stand together by reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from host.diagnosis.scales.confirm import Confirmation, ItemKey, Total, last_words, totals
from host.report.interpretation import ScaleItemResult, ScaleMeasurement, ScaleResult
from host.text import data_words, listed, quantity, sentence
from model_zoo.skeleton import Side


@dataclass(frozen=True)
class ItemView:
    """One item in words.

    Attributes
    ----------
    code, side
        Which item.
    name, suggestion, evidence, certainty, limits
        Words; empty where there is nothing to say.
    reason
        Why nothing is suggested; empty where something is.
    choices
        Points that may be confirmed; none where the item takes none.
    suggested, confirmed
        Points; None where there are none.
    last
        The last word of a clinician, also one that took a confirmation back.
    """

    code: str
    side: Side | None
    name: str
    suggestion: str
    evidence: str
    certainty: str
    limits: str
    reason: str
    choices: tuple[float, ...]
    suggested: float | None
    last: Confirmation | None

    @property
    def confirmed(self) -> float | None:
        """Points that stand confirmed."""
        return None if self.last is None else self.last.points

    @property
    def verdict(self) -> str:
        """The confirmation in words; empty where nothing stands confirmed."""
        return "" if self.last is None or self.confirmed is None else _verdict(self.last)

    @property
    def has_row(self) -> bool:
        """Whether the report lists it by itself."""
        return self.suggested is not None or self.confirmed is not None


@dataclass(frozen=True)
class ScaleView:
    """One scale in words; ``silent`` holds (reason, items) of what has no row."""

    scale: str
    name: str
    range: str
    count: str
    items: tuple[ItemView, ...]
    totals: tuple[str, ...]
    rights: str

    @property
    def rows(self) -> list[ItemView]:
        """Items that are suggested or confirmed."""
        return [item for item in self.items if item.has_row]

    @property
    def any_confirmed(self) -> bool:
        """Whether a clinician has confirmed something of it."""
        return any(item.confirmed is not None for item in self.items)

    @property
    def silent(self) -> list[tuple[str, str]]:
        """Items that are neither suggested nor confirmed, by reason."""
        found: dict[str, list[str]] = {}
        for item in self.items:
            if not item.has_row:
                told = item.name + _aside(item.evidence)
                found.setdefault(item.reason, []).append(told)
        return [(reason, listed(items, "series")) for reason, items in found.items()]


def scale_views(
    scales: Sequence[ScaleResult], confirmations: Iterable[Confirmation] = ()
) -> list[ScaleView]:
    """Scales of an assessment, in its order, with what clinicians said about their items."""
    words = last_words(confirmations)
    return [_view(scale, words) for scale in scales]


def item_name(scale: str, code: str, side: Side | None) -> str:
    """Name of an item, with its leg."""
    name = sentence(f"scale_item.{scale}_{code}")
    return name if side is None else sentence("report.item_of", item=name, foot=_foot(side))


def _view(scale: ScaleResult, words: Mapping[ItemKey, Confirmation]) -> ScaleView:
    told = sum(item.points is not None for item in scale.items)
    has_range = scale.lowest is not None and scale.highest is not None
    return ScaleView(
        scale.scale,
        sentence(f"scale.{scale.scale}"),
        sentence(
            "report.scale_range",
            low=scale.lowest,
            high=scale.highest,
            higher=sentence(f"report.{scale.higher_is}"),
        )
        if has_range
        else "",
        sentence("report.scale_suggested", count=told, total=len(scale.items))
        if scale.kind == "items"
        else "",
        tuple(
            _item(scale, item, words.get((scale.scale, item.code, item.side)))
            for item in scale.items
        ),
        tuple(_total(total) for total in totals(scale.scale, words)),
        sentence(
            "report.scale_rights", source=data_words(scale.source), rights=data_words(scale.rights)
        ),
    )


def _item(scale: ScaleResult, item: ScaleItemResult, last: Confirmation | None) -> ItemView:
    suggestion = certainty = ""
    if item.points is not None:
        suggestion = sentence(
            "report.scale_points", points=item.points, low=item.lowest, high=item.highest
        )
    if item.confidence is not None:
        certainty = sentence("report.scale_confidence", share=100 * item.confidence)
    if len(item.possible) > 1:
        either = listed((f"{points:.4g}" for points in item.possible), "either")
        within = sentence("report.scale_possible", points=either)
        certainty = listed([certainty, within], "sentence")
    return ItemView(
        item.code,
        item.side,
        item_name(scale.scale, item.code, item.side),
        suggestion,
        _evidence(item.measurements),
        certainty,
        sentence("report.scale_limits", basis=data_words(item.basis)) if item.basis else "",
        _reason(item),
        _choices(item),
        item.points,
        last,
    )


def _choices(item: ScaleItemResult) -> tuple[float, ...]:
    if item.lowest is None or item.highest is None:
        return ()
    return tuple(float(p) for p in range(int(item.lowest), int(item.highest) + 1))


def _total(total: Total) -> str:
    key = "report.scale_open" if total.value is None else "report.scale_total"
    said = sentence(key, total=total.value, confirmed=total.confirmed, items=total.items)
    if total.side is None:
        return said
    return sentence("report.total_of", foot=sentence(f"foot.{total.side.value}"), total=said)


def _verdict(word: Confirmation) -> str:
    return sentence("report.scale_verdict", points=word.points, who=word.who, when=word.at[:10])


def _reason(item: ScaleItemResult) -> str:
    reason = sentence(item.gap.value) if item.gap else ""
    why = [reason, *([sentence(item.absent_reason.value)] if item.absent_reason else [])]
    return listed(why, "reason")


def _evidence(measurements: list[ScaleMeasurement]) -> str:
    return listed(
        sentence(f"parameter.{m.parameter}")
        + (f" {_foot(m.side)}" if m.side else "")
        + f" {quantity(m.value, m.unit)}"
        for m in measurements
    )


def _aside(words: str) -> str:
    return sentence("mark.aside", words=words) if words else ""


def _foot(side: Side) -> str:
    return sentence(f"foot.{side.value}").lower()
