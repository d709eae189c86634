"""What is asked, what was measured: the table at the head of ``docs/validation.md``.

Each script hands the bars that it measures to :func:`write_section` together with its section. They
are kept beside the document (``validation.json``), so that a script that runs alone renews its own
lines and no others.
"""

from __future__ import annotations

import fcntl
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from quantize.errors_page import BAR_SECTIONS, PAGE, write_page
from quantize.markdown import table
from tests.validation.sections import replace_section

SECTIONS = (
    "rendered",
    "intervals",
    "few-strides",
    "old-people",
    "metres",
    "frontal",
    "frontal-plane",
    "gait",
    "learned-events",
    "lifting",
    "stroke",
    "parkinson",
    "patterns",
    "temporal-patterns",
    "clips",
    "clips-m",
    "peer",
    "peer-m",
    "withheld",
    "finders",
    "networks",
)
"""Sections in the order of the table."""
_NAME = "acceptance"
_HEAD = ["what", "asked", "measured", "met"]
_WORDS = {True: "yes", False: "**no**", None: "told"}


@dataclass(frozen=True)
class Bar:
    """One line of the table; ``met`` is None for what is told without a bar."""

    what: str
    asked: str
    measured: str
    met: bool | None


def at_most(what: str, value: float, bar: float, unit: str = "", digits: int = 0) -> Bar:
    """A value that shall not be larger; what could not be measured is not met."""
    return _bar(what, "≤", value, bar, unit, digits, met=value <= bar)


def at_least(what: str, value: float, bar: float, unit: str = "", digits: int = 0) -> Bar:
    """A value that shall not be smaller."""
    return _bar(what, "≥", value, bar, unit, digits, met=value >= bar)


def between(what: str, value: float, low: float, high: float, unit: str = "") -> Bar:
    """A value that shall lie between two."""
    shown = f"{value:.1f}{unit}" if math.isfinite(value) else "not measured"
    return Bar(what, f"{low:g} to {high:g}{unit}", shown, bool(low <= value <= high))


def told(what: str, measured: str) -> Bar:
    """What is told beside the bars."""
    return Bar(what, "-", measured, None)


def _bar(
    what: str, sign: str, value: float, bar: float, unit: str, digits: int, *, met: bool
) -> Bar:
    shown = f"{value:.{digits}f}{unit}" if math.isfinite(value) else "not measured"
    return Bar(what, f"{sign} {bar:g}{unit}", shown, bool(met))


def write_section(out: Path, name: str, text: str, bars: Sequence[Bar] = ()) -> None:
    """Replace one section of the document, and its lines in the table at the head.

    The page beside it that explains missed bars of networks follows.
    """
    if name not in SECTIONS:
        raise ValueError(f"{name} is no section: {', '.join(SECTIONS)}")
    kept = out.with_suffix(".json")
    with kept.open("a+", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)  # sections are written side by side
        replace_section(out, name, text)
        stream.seek(0)
        known = json.loads(stream.read() or "{}")
        known[name] = [asdict(bar) for bar in bars]
        ordered = {section: known[section] for section in SECTIONS if known.get(section)}
        stream.truncate(0)
        stream.write(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
        stream.flush()
        replace_section(out, _NAME, report(ordered), first=True)
        if name in BAR_SECTIONS and (out.parent / PAGE).exists():
            write_page(out.parent)


def report(known: dict[str, list[dict[str, str | bool | None]]]) -> str:
    """The table of all lines, and how many are met."""
    bars = [Bar(**one) for section in known.values() for one in section]  # type: ignore[arg-type]
    judged = [bar.met for bar in bars if bar.met is not None]
    rows = [[bar.what, bar.asked, bar.measured, _WORDS[bar.met]] for bar in bars]
    return "\n\n".join(
        [
            "## Acceptance",
            f"{sum(judged)} of {len(judged)} lines are met. Each line is measured by the section"
            " below that names it.",
            table(_HEAD, rows),
            "",
        ]
    )
