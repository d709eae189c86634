"""Every sentence that a user reads, by key; the sentences stand in ``en.toml``, ``zh.toml`` ...

``sentence("error.file_missing", file="walk.mp4")`` looks up ``[error] file_missing`` and fills in
the named values. The key of an enumerated code (:mod:`host.codes`) is the code itself. English is
spoken unless ``with speaking("zh"):`` says otherwise; what a language lacks is said in English.
"""

from __future__ import annotations

import math
import string
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:  # Python 3.10: the board
    import tomli as tomllib

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", "zh": "中文"}
"""Languages by code (also the ``lang`` of a page), each by its own name."""

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)

NOT_KNOWN = "–"
"""Shown for a number that is NaN or infinite."""

# Digits behind the point at which a reader stops learning something, by unit.
_DECIMALS = {
    "s": 2,
    "m": 2,
    "mm": 0,
    "heights": 2,
    "heights/s": 2,
    "ratio": 2,
    "m/s": 2,
    "cm.min": 2,
    "%": 1,
    "deg": 0,
    "steps/min": 0,
    "Hz": 1,
    "px": 0,
    "z": 1,
    "frames": 0,
    "strides": 0,
}
_SIGNIFICANT = 3
_EXACT = 1e-9
_UNIT_TEXT = {"deg": "°", "cm.min": "cm·min", "Hz": "/s", "1": "", "ratio": "", "": ""}
_UNSPACED = ("°",)


def decimals_of(limit: float, unit: str) -> int | None:
    """Digits behind the point with which a limit, and what is held against it, is shown.

    Those of the unit, or up to two more that a published limit has (1.7°); a computed limit, which
    has more of them, gets no more. None where the unit has none listed.
    """
    own = _DECIMALS.get(unit)
    if own is None or not math.isfinite(limit):
        return own
    exact = (d for d in range(own, own + 3) if abs(round(limit, d) - limit) < _EXACT)
    return next(exact, own)


def number(value: float, unit: str | None = None, decimals: int | None = None) -> str:
    """``value`` as text: decimals by unit, or three significant digits where none are listed.

    ``decimals`` counts before those of the unit (see :func:`decimals_of`).
    NaN and infinity read as :data:`NOT_KNOWN`; a minus is a true minus sign; never ``-0``.
    """
    value = float(value)
    if not math.isfinite(value):
        return NOT_KNOWN
    shown = _DECIMALS.get(unit or "") if decimals is None else decimals
    if shown is not None:
        text = f"{value:.{shown}f}"
    elif value == int(value) and abs(value) < 1e6:
        text = f"{value:.0f}"
    else:
        magnitude = math.floor(math.log10(abs(value)))
        text = f"{value:.{max(0, _SIGNIFICANT - 1 - magnitude)}f}"
    if text.startswith("-"):
        text = (
            "\N{MINUS SIGN}" + text[1:] if any(digit in text for digit in "123456789") else text[1:]
        )
    return text


def unit_text(unit: str) -> str:
    """Unit as a reader expects it: a sign, or a word of ``[unit]``."""
    if unit in _UNIT_TEXT:
        return _UNIT_TEXT[unit]
    return sentences().get(f"unit.{unit}", unit)


def quantity(value: float, unit: str, decimals: int | None = None) -> str:
    """``value`` with its unit, joined by a no-break space."""
    text = unit_text(unit)
    if not text:
        return number(value, unit, decimals)
    return (
        number(value, unit, decimals) + ("" if text in _UNSPACED else "\N{NO-BREAK SPACE}") + text
    )


class _Filler(string.Formatter):
    """Fills placeholders; a number without a format of its own goes through :func:`number`."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, float) and not format_spec:
            return number(value)
        if isinstance(value, float) and not math.isfinite(value):
            return NOT_KNOWN
        return str(super().format_field(value, format_spec))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say all sentences of the block (in this thread or task) in another language.

    Raises
    ------
    KeyError
        For a language that is not in :data:`LANGUAGES`: a mistake in the program.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> str:
    """Code of the language that is spoken here."""
    return _spoken.get()


def sentences() -> Mapping[str, str]:
    """All sentences of the spoken language as ``{"section.name": text}``."""
    language = spoken()
    return own_sentences(ENGLISH) if language == ENGLISH else _with_english(language)


@cache
def own_sentences(language: str) -> Mapping[str, str]:
    """What the file of one language holds, read once."""
    with (Path(__file__).parent / f"{language}.toml").open("rb") as file:
        return dict(_flat(tomllib.load(file), ""))


@cache
def _with_english(language: str) -> Mapping[str, str]:
    return {**own_sentences(ENGLISH), **own_sentences(language)}


def _flat(table: Mapping[str, Any], prefix: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, entry in table.items():
        key = prefix + name
        pairs += _flat(entry, key + ".") if isinstance(entry, dict) else [(key, str(entry))]
    return pairs


def say_again(code: str, values: Mapping[str, Any]) -> str:
    """Sentence of a code and values that were kept (:func:`host.errors.kept_values`)."""
    said = {
        name: say_again(value["code"], value["values"]) if isinstance(value, dict) else value
        for name, value in values.items()
    }
    return sentence(code, **said)


def listed(words: Iterable[str], mark: str = "list") -> str:
    """Words joined by a mark of the spoken language: ``list``, ``series``, ``sentence`` ..."""
    return sentences()[f"mark.{mark}"].join(words)


def data_words(words: str, section: str = "data") -> str:
    """Words of a data file (a source, a population, rights), which are English there.

    They stand in an assessment as they are. The files of the other languages translate them in
    ``[data]``, by the English words; what has no translation is said in English. ``[interface]``
    does so for the description of the HTTP interface, which stands in its own code.
    """
    return own_sentences(spoken()).get(f"{section}.{words}", words)


def sentence(key: str, **values: object) -> str:
    """Sentence of ``key`` with ``values`` filled in.

    Values that the sentence does not quote are ignored: a caller may hand over all it knows.

    Raises
    ------
    KeyError
        When no language has the key or a quoted value is missing: mistakes in the program.
    """
    return _Filler().vformat(sentences()[key], (), values)
