"""The drawings of the capture guide: simple SVG, labelled in the spoken language."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from host.gait.quality import MAX_FLOOR_SLOPE_DEG
from host.report.page.svg import element, line, path, picture, rectangle, text
from host.text import sentence


def _said(key: str) -> str:
    return sentence(f"guide.{key}", slope_deg=MAX_FLOOR_SLOPE_DEG)


def _label(x: float, y: float, key: str, class_: str = "words") -> Markup:
    return text(x, y, _said(key), class_)


def walker(x: float, floor: float, tall: float, class_: str = "person") -> Markup:
    """A person in mid stride who walks to the right; feet on ``floor``, ``tall`` units high."""
    unit = tall / 100
    hip, neck = (x, floor - 50 * unit), (x + 2 * unit, floor - 82 * unit)

    def at(dx: float, dy: float) -> tuple[float, float]:
        return x + dx * unit, floor - dy * unit

    front = [hip, at(11, 27), at(20, 4), at(27, 3)]
    rear = [hip, at(-2, 26), at(-17, 7), at(-10, 1)]
    arms = [at(-12, 50), at(-6, 62), neck, at(10, 64), at(18, 54)]
    return element(
        "g",
        element("circle", cx=x + 3 * unit, cy=floor - 92 * unit, r=7 * unit, class_="head"),
        path([neck, hip], "trunk"),
        *(path(points, "limb") for points in (front, rear, arms)),
        class_=class_,
        stroke_width=5 * unit,
    )


def _camera(x: float, y: float, scale: float = 1.0) -> Markup:
    return element(
        "g",
        rectangle(x - 9 * scale, y - 7 * scale, 18 * scale, 14 * scale, "device", 2),
        rectangle(x - 4 * scale, y - 12 * scale, 8 * scale, 6 * scale, "device", 1),
    )


def _arrow(x1: float, y1: float, x2: float, class_: str) -> Markup:
    tip = -7.0 if x2 > x1 else 7.0
    head = [(x2 + tip, y1 - 4), (x2, y1), (x2 + tip, y1 + 4)]
    return element("g", line(x1, y1, x2, y1, class_), path(head, class_))


def from_above() -> Markup:
    """Where the camera stands: at right angles to the path, far enough to see several steps."""
    return picture(
        360,
        232,
        _said("above_title"),
        rectangle(10, 34, 340, 34, "floor"),
        path([(180, 196), (62, 34), (298, 34)], "seen", closed=True),
        _arrow(22, 51, 338, "way"),
        _label(16, 24, "run_in"),
        text(180, 24, _said("in_view"), "words middle"),
        text(344, 24, _said("run_out"), "words end"),
        line(180, 68, 180, 184, "measure"),
        rectangle(172, 60, 16, 16, "corner"),
        _label(190, 92, "right_angle"),
        _label(190, 140, "distance"),
        _camera(180, 198),
        text(180, 226, _said("tripod"), "words middle"),
    )


def in_the_picture() -> Markup:
    """What the camera's picture shows: the whole person, feet, floor, and nothing in front."""
    return picture(
        360,
        232,
        _said("picture_title"),
        rectangle(10, 10, 340, 186, "frame"),
        rectangle(10, 160, 340, 36, "floor"),
        walker(180, 178, 128),
        line(300, 50, 300, 178, "measure"),
        _label(306, 108, "tall"),
        _label(18, 26, "head_room"),
        _label(18, 190, "feet_seen"),
        line(10, 196, 350, 196, "level"),
        text(180, 220, _said("level"), "words middle"),
    )


def _refusal(x: float, key: str, things: Sequence[Markup]) -> Markup:
    """One small picture that is crossed out, with its reason below."""
    return element(
        "g",
        rectangle(x, 6, 104, 86, "frame"),
        *things,
        line(x + 4, 88, x + 100, 10, "no"),
        text(x + 52, 108, _said(key), "words middle"),
    )


def mistakes() -> Markup:
    """Six recordings that cannot be measured."""
    step = 118
    starts = [4 + step * number for number in range(6)]
    window, front, feet, oblique, shake, robe = starts
    things = {
        "no_window": (
            window,
            [rectangle(window + 56, 14, 40, 50, "window"), walker(window + 46, 84, 66, "dark")],
        ),
        "no_front": (
            front,
            [walker(front + 44, 84, 66), rectangle(front + 36, 58, 46, 30, "thing", 2)],
        ),
        "no_feet": (feet, [_cut(feet)]),
        "no_oblique": (oblique, [*_towards(oblique)]),
        "no_hand": (
            shake,
            [walker(shake + 46, 84, 66), walker(shake + 54, 82, 66, "ghost")],
        ),
        "no_robe": (
            robe,
            [
                walker(robe + 50, 84, 66),
                path(
                    [
                        (robe + 42, 34),
                        (robe + 60, 34),
                        (robe + 74, 86),
                        (robe + 28, 86),
                    ],
                    "robe",
                    closed=True,
                ),
            ],
        ),
    }
    drawn = [_refusal(x, key, inside) for key, (x, inside) in things.items()]
    return picture(712, 116, _said("mistakes_title"), *drawn)


def _cut(x: float) -> Markup:
    """A person whose feet lie below the picture: drawn with a clipping window."""
    name = "below"
    window = element("clipPath", rectangle(x, 6, 104, 86, ""), id=name)
    return element("g", window, element("g", walker(x + 50, 112, 92), clip_path=f"url(#{name})"))


def _towards(x: float) -> list[Markup]:
    """A person who walks towards the camera."""
    lines = [line(x + 52, 30, x + 10, 92, "edge"), line(x + 52, 30, x + 94, 92, "edge")]
    return [*lines, walker(x + 50, 84, 60)]
