"""Every code has a sentence, every sentence can be filled in by those who use it."""

from __future__ import annotations

import ast
import re
import string
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import host
from host import codes
from host.codes import Condition, ErrorCode, QualityCode, RunState, ViewKind
from host.diagnosis.scales.definition import known_scales
from host.errors import FootfallError, InputError
from host.gait.curves import JOINTS, UNTOLD
from host.gait.norms.tables import read_table, source_citation
from host.gait.parameters.catalogue import NAMES, Group
from host.report.page.html import HEADLINES
from host.text import (
    ENGLISH,
    LANGUAGES,
    data_words,
    number,
    own_sentences,
    quantity,
    sentence,
    sentences,
    speaking,
    spoken,
    unit_text,
)

ENUMERATED = [code for kind in codes.Code.__subclasses__() for code in kind]


def placeholders(key: str) -> frozenset[str]:
    """Names of the values that the sentence of ``key`` quotes."""
    parsed = string.Formatter().parse(sentences()[key])
    return frozenset(name for _, name, _, _ in parsed if name)


def key_of(code: codes.Code) -> str:
    sections = {ViewKind: "view.", RunState: "state.", Condition: "condition."}
    return sections.get(type(code), "") + str(code)


@pytest.mark.parametrize("code", ENUMERATED, ids=str)
def test_every_code_has_a_sentence(code: codes.Code) -> None:
    assert len(sentences()[key_of(code)]) > 3


@pytest.mark.parametrize("code", QualityCode, ids=str)
def test_every_check_has_a_name_an_advice_and_its_number(code: QualityCode) -> None:
    short = code.value.split(".")[1]
    assert placeholders(code.value) >= {"value", "limit"}
    assert placeholders(code.value) <= {"value", "limit", "unit"}
    assert "." not in sentences()[f"quality_name.{short}"]
    assert sentences()[f"advice.{short}"].endswith(".")


def test_sentences_with_a_code_as_prefix_belong_to_a_code() -> None:
    """A renamed code must not leave its old sentence behind."""
    known = {key_of(code) for code in ENUMERATED}
    prefixes = {key.split(".")[0] for key in known}
    orphans = {key for key in sentences() if key.split(".")[0] in prefixes} - known
    assert not orphans


def test_error_sentences_end_with_an_advice() -> None:
    for code in ErrorCode:
        parts = re.split(r"(?<=[.;?]) ", sentences()[code.value])
        assert len(parts) >= 2 or "?" in parts[-1], code


def test_sentences_are_filled_in_and_hold_no_loose_brace() -> None:
    for key, text in sentences().items():
        values = dict.fromkeys(placeholders(key), 1.0)
        filled = sentence(key, **values)
        assert not set("{}") & set(filled), key
        assert text == text.strip() or key.startswith("mark."), key


def test_a_missing_value_is_an_error_and_an_additional_one_is_not() -> None:
    with pytest.raises(KeyError):
        sentence("error.file_missing")
    with pytest.raises(KeyError):
        sentence("error.no_such_code")
    assert "walk.mp4" in sentence("error.file_missing", file=Path("walk.mp4"), size=3)


def test_an_error_reads_as_its_sentence() -> None:
    error = InputError(ErrorCode.KEYPOINTS_SCHEMA, file="a.npz", found=9, expected=1)
    assert str(error).startswith("a.npz has keypoints schema 9; this version reads schema 1.")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (96.4, "steps/min", "96\u00a0steps/min"),
        (1.204, "m/s", "1.20\u00a0m/s"),
        (0.6219, "s", "0.62\u00a0s"),
        (59.6, "deg", "60°"),
        (-3.21, "%", "\u22123.2\u00a0%"),
        (-0.001, "s", "0.00\u00a0s"),
        (float("nan"), "s", "–\u00a0s"),
    ],
)
def test_quantities(value: float, unit: str, expected: str) -> None:
    assert quantity(value, unit) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (12.0, "12"),
        (0.0012345, "0.00123"),
        (1234.56, "1235"),
        (9.996, "10.00"),
        (-0.5, "\u22120.500"),
        (float("inf"), "–"),
    ],
)
def test_numbers_without_unit(value: float, expected: str) -> None:
    assert number(value) == expected


OTHERS = [language for language in LANGUAGES if language != ENGLISH]
COMMAND_LINE = {
    "analyze",
    "demo",
    "doctor",
    "doctor_advice",
    "doctor_name",
    "metric",
    "overlay",
    "progress",
    "serve",
    "table",
}
"""Sections of the terminal and of the video's letters, which speak English."""


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_all_that_pages_and_reports_say(language: str) -> None:
    own = {k for k in own_sentences(language) if not k.startswith(("data.", "interface."))}
    english = {key for key in own_sentences(ENGLISH) if key.split(".")[0] not in COMMAND_LINE}
    assert sorted(english - own) == []
    assert sorted(own - english) == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_quotes_the_same_values_in_the_same_way(language: str) -> None:
    def fields(text: str) -> set[tuple[str, str | None]]:
        return {(name, form) for _, name, form, _ in string.Formatter().parse(text) if name}

    english = own_sentences(ENGLISH)
    for key, text in own_sentences(language).items():
        assert fields(text) == fields(english.get(key, "")), key
        assert text == text.strip() or key.startswith("mark."), key


def _words_of_data_files() -> set[str]:
    """What pages quote from the tables of norms and from the scales, as assessments hold it."""
    keys = (row["source"] for name in NORM_TABLES for row in read_table(name))
    words = {source_citation(key) for key in keys}
    words |= {row["population"] for row in read_table("cutoffs.csv")}
    for scale in known_scales():
        words |= {scale.source, scale.rights}
        words |= {item.rule.basis for item in scale.items if item.rule}
    return words


NORM_TABLES = ("cutoffs.csv", "spatiotemporal.csv")
CITATION_ALONE = re.compile(
    r"^[^()]+(et al\.|and \w+) \d{4}(, [A-Z][\w ]+ [\d:e]+)?(, CC BY 4\.0)?( \[\w+\])?$"
)
"""Author, year and journal, which every language writes alike."""


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_translates_the_words_of_the_data_files(language: str) -> None:
    own = own_sentences(language)
    translated = {key.removeprefix("data.") for key in own if key.startswith("data.")}
    asked = {words for words in _words_of_data_files() if not CITATION_ALONE.match(words)}
    assert sorted(asked - translated) == []
    assert sorted(translated - asked) == []


def test_words_of_data_files_are_told_in_the_spoken_language() -> None:
    assert data_words("older adults") == "older adults"
    with speaking("zh"):
        assert data_words("older adults") == "老年人"
        assert data_words("of another version") == "of another version"


def test_a_language_is_spoken_inside_its_block_only() -> None:
    assert sentence("foot.left") == "Left"
    with speaking("zh"):
        assert (spoken(), sentence("foot.left")) == ("zh", "左")
        assert sentence("doctor_name.disk") == "Disk"  # what it lacks is said in English
    assert (spoken(), sentence("foot.left")) == ("en", "Left")
    with pytest.raises(KeyError), speaking("xx"):
        pass


def test_threads_do_not_change_each_other_s_language() -> None:
    with speaking("zh"):
        thread_said: list[str] = []
        thread = threading.Thread(target=lambda: thread_said.append(sentence("foot.left")))
        thread.start()
        thread.join(timeout=10)
        assert thread_said == ["Left"]
        assert sentence("foot.left") == "左"


def test_units_read_as_people_write_them() -> None:
    assert unit_text("deg") == "°"
    assert unit_text("m/s") == "m/s"


def _raised_errors() -> Iterator[tuple[str, int, ErrorCode, set[str]]]:
    """Every ``SomeError(ErrorCode.X, name=...)`` in the sources of ``host``."""
    kinds = {kind.__name__ for kind in (FootfallError, *FootfallError.__subclasses__())}
    root = Path(host.__path__[0])
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            named = node.func.id in kinds and node.args and isinstance(node.args[0], ast.Attribute)
            if not named or any(keyword.arg is None for keyword in node.keywords):
                continue
            code = ErrorCode[node.args[0].attr]  # type: ignore[attr-defined]
            values = {str(keyword.arg) for keyword in node.keywords}
            yield path.relative_to(root).as_posix(), node.lineno, code, values


def test_every_raised_error_hands_over_what_its_sentence_quotes() -> None:
    found = list(_raised_errors())
    assert found, "the search finds no raised error at all"
    lacking = [
        f"{file}:{line} {code.value} lacks {sorted(placeholders(code.value) - values)}"
        for file, line, code, values in found
        if not placeholders(code.value) <= values
    ]
    assert not lacking


def test_what_is_written_into_the_video_is_plain_ascii() -> None:
    """OpenCV's letters end at ASCII; anything else would read as question marks."""
    video = [key for key in sentences() if key.startswith(("overlay.", "stride_short."))]
    assert len(video) > len(codes.Exclusion)
    assert all(sentences()[key].isascii() for key in video)


def test_every_exclusion_has_a_short_reason() -> None:
    for code in codes.Exclusion:
        assert "stride_short." + code.value.removeprefix("stride.") in sentences()


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_has_a_name_and_a_definition(name: str) -> None:
    assert sentences()[f"parameter.{name}"]
    assert sentences()[f"definition.{name}"].endswith(".")


@pytest.mark.parametrize("group", Group)
def test_every_group_of_parameters_has_a_heading(group: Group) -> None:
    assert sentences()[f"parameter_group.{group.value}"]


@pytest.mark.parametrize("joint", JOINTS)
def test_every_joint_has_a_name_an_axis_and_a_definition(joint: str) -> None:
    for section in ("joint", "joint_axis", "definition"):
        assert sentences()[f"{section}.{joint}"]


@pytest.mark.parametrize("curve", UNTOLD)
def test_every_untold_curve_has_words(curve: str) -> None:
    assert sentences()[f"untold_curve.{curve}"]
    assert curve not in JOINTS


def test_the_headlines_are_parameters() -> None:
    assert set(HEADLINES) <= set(NAMES)
