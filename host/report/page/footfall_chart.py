"""The footfall diagram: when each foot stood on the floor, walk by walk."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from host.report.assessment import Assessment, GaitStride, WalkBout
from host.report.footfalls import Stance, stances
from host.report.page import svg
from host.text import number, sentence
from model_zoo.skeleton import Side

_WIDTH = 720.0
_LEFT = 46.0  # room for the names of the lanes
_RIGHT = 12.0
_LANE = 18.0
_GAP = 5.0
_TOP = 17.0  # heading and reasons above the left lane
_BOTTOM = 32.0  # reasons below the right lane, and the time axis
_ROW_S = 10.0  # a longer walk continues in the next row
_SHORTEST_S = 3.0  # a short walk is not blown up beyond this scale
_STUB_S = 0.06  # drawn for a contact whose foot off was not found
_LETTER = 5.0  # mean width of a letter of a reason
_HEADING = 130.0  # room for the heading at the end of the upper line


@dataclass(frozen=True)
class _Row:
    bout: WalkBout
    start_s: float
    end_s: float


def footfall_charts(assessment: Assessment) -> list[Markup]:
    """One drawing per walk and ten seconds, all to the same scale."""
    rows = _rows(assessment.view.bouts)
    longest = max([row.end_s - row.start_s for row in rows], default=0.0)
    per_second = (_WIDTH - _LEFT - _RIGHT) / max(longest, _SHORTEST_S)
    found = stances(assessment)
    return [_Chart(row, per_second).draw(found, assessment.strides) for row in rows]


def _rows(bouts: list[WalkBout]) -> list[_Row]:
    rows: list[_Row] = []
    for bout in bouts:
        start_s = bout.start_s
        while start_s < bout.end_s:
            end_s = min(start_s + _ROW_S, bout.end_s)
            rows.append(_Row(bout, start_s, end_s))
            start_s = end_s
    return rows


class _Chart:
    """One row of the diagram."""

    def __init__(self, row: _Row, per_second: float) -> None:
        self._row, self._per_second = row, per_second
        self._end = self._x(row.end_s)
        self._floor = _TOP + 2 * _LANE + _GAP

    def draw(self, found: list[Stance], strides: list[GaitStride]) -> Markup:
        bout, row = self._row.bout, self._row
        parts = [svg.text(_WIDTH - _RIGHT, _TOP - 5, self._heading(), "heading end")]
        for side in Side:
            y = self._lane(side)
            parts.append(svg.rectangle(_LEFT, y, self._end - _LEFT, _LANE, "lane", 2.0))
            label = sentence(f"foot.{side.value}")
            parts.append(svg.text(_LEFT - 6, y + 0.72 * _LANE, label, f"{side.value} name end"))
        out = [s for s in strides if s.bout == bout.bout and self._overlaps(s.start_s, s.end_s)]
        excluded = [stride for stride in out if stride.excluded]
        parts += [self._left_out(stride) for stride in excluded]
        counted = {(s.foot, s.start_s) for s in strides if not s.excluded}
        for stance in found:
            end_s = stance.start_s + _STUB_S if stance.end_s is None else stance.end_s
            if stance.bout == bout.bout and self._overlaps(stance.start_s, end_s):
                counts = (stance.foot, stance.start_s) in counted
                parts.append(self._stance(stance, end_s, counts))
        parts += self._reasons(excluded)
        parts += self._axis()
        label = f"{self._heading()}, {number(row.start_s, 's')}-{number(row.end_s, 's')} s"
        return svg.picture(_WIDTH, self._floor + _BOTTOM, label, *parts)

    def _heading(self) -> str:
        bout = self._row.bout
        towards = {1: "right", -1: "left", 0: "camera"}[bout.direction]
        return sentence(f"report.walk_{towards}", number=bout.bout + 1)

    def _stance(self, stance: Stance, end_s: float, counts: bool) -> Markup:
        y, side = self._lane(stance.foot), stance.foot.value
        a, b = self._x(stance.start_s), self._x(end_s)
        kind = "stance" if counts else "pale"
        bar = svg.rectangle(a, y + 2, b - a, _LANE - 4, f"{side} {kind}", 1.5)
        return bar + svg.line(a, y - 1, a, y + _LANE + 1, f"{side} contact")

    def _left_out(self, stride: GaitStride) -> Markup:
        a, b = self._x(stride.start_s), self._x(stride.end_s)
        return svg.rectangle(a, self._lane(stride.foot), b - a, _LANE, "leftout")

    def _reasons(self, excluded: list[GaitStride]) -> list[Markup]:
        """Reasons above the left and below the right lane, where there is room for the words."""
        parts: list[Markup] = []
        for side in Side:
            y = self._lane(side) - 5 if side is Side.LEFT else self._floor + 10
            free = 0.0
            last = _WIDTH - _RIGHT - (_HEADING if side is Side.LEFT else 0)
            for stride in sorted(excluded, key=lambda s: s.start_s):
                if stride.foot is not side or stride.reason is None:
                    continue
                short = stride.reason.value.removeprefix("stride.")
                words = sentence(f"stride_short.{short}")
                start = max(self._x(stride.start_s), free)
                if start + _LETTER * len(words) <= last:
                    parts.append(svg.text(start, y, words, "reason"))
                    free = start + _LETTER * len(words) + 6
        return parts

    def _axis(self) -> list[Markup]:
        y = self._floor + 16
        parts = [svg.line(_LEFT, y, self._end, y, "axis")]
        for tick in svg.ticks(self._row.start_s, self._row.end_s, 8):
            if self._row.start_s <= tick <= self._row.end_s:
                x = self._x(tick)
                parts.append(svg.line(x, y, x, y + 3, "axis"))
                parts.append(svg.text(x, y + 13, f"{tick:g}", "tick middle"))
        parts.append(svg.text(_LEFT - 6, y + 13, "s", "tick end"))
        return parts

    def _lane(self, side: Side) -> float:
        return _TOP if side is Side.LEFT else _TOP + _LANE + _GAP

    def _overlaps(self, start_s: float, end_s: float) -> bool:
        return start_s < self._row.end_s and end_s > self._row.start_s

    def _x(self, time_s: float) -> float:
        inside = min(max(time_s, self._row.start_s), self._row.end_s)
        return _LEFT + (inside - self._row.start_s) * self._per_second
