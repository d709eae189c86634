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
        walker(180, 178, 94),
        line(240, 84, 240, 178, "measure"),
        _label(248, 134, "tall"),
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
    """Five recordings that give doubtful numbers or none, and one that gives few."""
    step = 118
    starts = [4 + step * number for number in range(6)]
    window, front, feet, shake, robe, towards = starts
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
    return picture(712, 130, _said("mistakes_title"), *drawn, _towards(towards))


def _cut(x: float) -> Markup:
    """A person whose feet lie below the picture: drawn with a clipping window."""
    name = "below"
    window = element("clipPath", rectangle(x, 6, 104, 86, ""), id=name)
    return element("g", window, element("g", walker(x + 50, 112, 92), clip_path=f"url(#{name})"))


def _towards(x: float) -> Markup:
    """A person who walks towards the camera: not crossed out, for something can be told."""
    middle = x + 52
    limbs = [
        [(middle - 5, 52), (middle - 7, 68), (middle - 6, 84)],
        [(middle + 5, 52), (middle + 6, 66), (middle + 5, 76)],
        [(middle - 8, 32), (middle - 13, 44), (middle - 12, 54)],
        [(middle + 8, 32), (middle + 13, 43), (middle + 11, 53)],
        [(middle - 8, 32), (middle + 8, 32)],
        [(middle - 5, 52), (middle + 5, 52)],
    ]
    return element(
        "g",
        rectangle(x, 6, 104, 86, "frame few"),
        line(middle, 24, x + 10, 92, "edge"),
        line(middle, 24, x + 94, 92, "edge"),
        element(
            "g",
            element("circle", cx=middle, cy=20, r=5, class_="head"),
            path([(middle, 29), (middle, 52)], "trunk"),
            *(path(points, "limb") for points in limbs),
            class_="person",
            stroke_width=3,
        ),
        text(middle, 108, _said("towards"), "words middle"),
        text(middle, 123, _said("towards_gives"), "words middle"),
    )
