"""The strip below the picture: time, state, and when each foot stood on the floor so far."""

from __future__ import annotations

from host.report.assessment import Assessment
from host.report.footfalls import stances
from host.report.overlay.canvas import Canvas, Colour, blank, colour
from host.text import sentence
from model_zoo.skeleton import Side

SIDE_COLOUR = {Side.LEFT: colour(86, 180, 233), Side.RIGHT: colour(230, 159, 0)}
"""Sky blue and orange of the palette for all kinds of colour vision (Okabe and Ito, 2008)."""
WHITE = colour(255, 255, 255)
GREY = colour(150, 150, 150)
DARK = colour(24, 26, 30)
_LANE = colour(52, 55, 61)
_LEFT_OUT = colour(96, 98, 104)

_TEXT_SHARE = 0.42  # of the strip's height, above the two lanes


class Strip:
    """Draws the strip of one moment.

    Parameters
    ----------
    assessment
        What is told.
    width, height
        Of the strip in pixels, both even.
    """

    def __init__(self, assessment: Assessment, width: int, height: int) -> None:
        self._assessment = assessment
        self._width, self._height = width, height
        self._margin = 0.01 * width
        self._text_px = 0.5 * _TEXT_SHARE * height
        self._start = 2 * self._margin + Canvas.text_width(sentence("overlay.right"), self._text_px)
        length_s = max(assessment.source.duration_s, 1e-3)
        self._per_second = (width - self._margin - self._start) / length_s
        self._before = blank(width, height, DARK)
        for side in Side:
            top, bottom = self._lane(side)
            self._before.fill(self._start, top, width - self._margin, bottom, _LANE)
            label = sentence(f"overlay.{side.value}")
            at = (self._margin, bottom)
            self._before.text(label, at, min(self._text_px, bottom - top), SIDE_COLOUR[side])
        self._after = blank(width, height, DARK)
        self._after.put(self._before)
        self._draw_left_out()
        self._draw_stances()

    def draw(self, canvas: Canvas, time_s: float) -> None:
        """Draw the strip at ``time_s`` on a canvas of its size."""
        now = self._x(time_s)
        split = min(self._width, 2 * round(now / 2))
        canvas.put(self._after, slice(0, split))
        canvas.put(self._before, slice(split, self._width))
        top = self._height * _TEXT_SHARE
        canvas.fill(now - 1, top, now + 1, self._height, WHITE)
        clock = sentence("overlay.time", time_s=time_s)
        base = 0.78 * top
        canvas.text(clock, (self._margin, base), self._text_px, WHITE)
        indent = self._margin + Canvas.text_width("000.00 s  ", self._text_px)
        canvas.text(state(self._assessment, time_s), (indent, base), self._text_px, GREY)

    def _draw_left_out(self) -> None:
        for stride in self._assessment.strides:
            if stride.excluded:
                top, bottom = self._lane(stride.foot)
                self._after.fill(
                    self._x(stride.start_s), top, self._x(stride.end_s), bottom, _LEFT_OUT
                )

    def _draw_stances(self) -> None:
        for stance in stances(self._assessment):
            top, bottom = self._lane(stance.foot)
            tint, start = SIDE_COLOUR[stance.foot], self._x(stance.start_s)
            end = start + 2 if stance.end_s is None else self._x(stance.end_s)
            self._after.fill(start, top, end, bottom, _dimmed(tint))
            self._after.fill(start, top - 1, start + 2, bottom + 1, tint)

    def _lane(self, side: Side) -> tuple[float, float]:
        top = self._height * _TEXT_SHARE
        lane = (self._height - top) / 2
        start = top + (0 if side is Side.LEFT else lane)
        return start + 0.1 * lane, start + 0.82 * lane

    def _x(self, time_s: float) -> float:
        return self._start + time_s * self._per_second


def _dimmed(tint: Colour) -> Colour:
    return Colour(
        round(16 + 0.7 * (tint.y - 16)), round((tint.u + 128) / 2), round((tint.v + 128) / 2)
    )


def state(assessment: Assessment, time_s: float) -> str:
    """What happens at ``time_s``, in a few words."""
    if assessment.quality.grade == "unusable":
        return sentence("overlay.unusable")
    for stride in assessment.strides:
        if stride.reason is not None and stride.start_s <= time_s < stride.end_s:
            short = stride.reason.value.removeprefix("stride.")
            return sentence("overlay.excluded", reason=sentence("stride_short." + short))
    for bout in assessment.view.bouts:
        if bout.start_s <= time_s < bout.end_s:
            towards = {1: "towards_right", -1: "towards_left", 0: "towards_camera"}
            return sentence("overlay." + towards[bout.direction])
    return sentence("overlay.not_walking")
