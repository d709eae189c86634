"""Patches fit the installed library, say why, and refuse any other version."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import finn
import pytest

from fpga.errors import FpgaError
from fpga.rtl.patches import PATCHES
from fpga.rtl.patching import Edit, Patch, patched

LIBRARY = Path(finn.__file__).parent / "finn-rtllib"
TEXT = "begin\n a b a\nold {\n x\n}\nend\n"


def patch(*edits: Edit) -> Patch:

    return Patch("x.sv", hashlib.sha256(TEXT.encode()).hexdigest(), "a test", edits)


def library_text(name: str) -> str:
    (path,) = LIBRARY.rglob(name)
    return path.read_text()


@pytest.mark.parametrize("one", PATCHES, ids=lambda p: p.file)
def test_every_patch_fits_the_installed_library(one: Patch) -> None:
    text = library_text(one.file)
    changed = one.apply(text)
    assert changed != text
    assert len(one.reason) > 40
    assert changed.count("module ") == text.count("module ")


@pytest.mark.parametrize("one", PATCHES, ids=lambda p: p.file)
def test_another_version_is_refused_with_what_to_do(one: Patch) -> None:
    with pytest.raises(FpgaError, match=f"{one.file} is another version.*renew its patch"):
        one.apply(library_text(one.file) + "\n")


def test_the_leaves_of_the_adder_tree_are_counted_alike() -> None:
    """The replaced table and the new function, both in Python, for every tree up to 70 addends."""
    for n in range(2, 70):
        table = [0] * (n - 1) + [1] * n
        for i in reversed(range(n - 1)):
            table[i] = table[2 * i + 1] + table[2 * i + 2]
        levels = (n - 1).bit_length()
        for node in range(2 * n - 1):
            first, last, count = node, node, 0
            for _ in range(levels + 1):
                if first <= 2 * n - 2 and last >= n - 1:
                    count += min(last, 2 * n - 2) - max(first, n - 1) + 1
                first, last = 2 * first + 1, 2 * last + 2
            assert count == table[node], (n, node)


def test_the_address_bits_of_a_queue_are_the_same() -> None:
    """The replaced function and the new parameters, for every depth of a block memory queue."""

    def clog2(x: int) -> int:
        return (x - 1).bit_length()

    for least in (9, 12):
        for depth in range(2, 20000, 3):
            low, high = clog2(depth), 0
            if low > least:
                rest = clog2(depth - 2 ** (low - 1))
                if rest < low - 1:
                    low, high = low - 1, max(rest, 1)
            whole = clog2(depth)
            rest = clog2(depth - 2 ** (whole - 1)) if whole > least else whole
            split = whole > least and rest < whole - 1
            assert (low, high) == (whole - 1 if split else whole, max(rest, 1) if split else 0)


def test_an_edit_replaces_what_it_names() -> None:
    changed = patch(Edit("a", "c", times=2), Edit("old {", "new", end="}\n")).apply(TEXT)
    assert changed == "begin\n c b c\nnewend\n"


def test_an_edit_that_is_not_found_as_often_as_expected_is_refused() -> None:
    with pytest.raises(FpgaError, match="'a' stands 2 times, not 1"):
        patch(Edit("a", "c")).apply(TEXT)


def test_files_without_a_patch_stay_as_they_are() -> None:
    assert patched("y.sv", TEXT, (patch(Edit("begin", "")),)) == TEXT
    assert patched("x.sv", TEXT, (patch(Edit("begin", "")),)) != TEXT


def test_a_patch_for_an_older_text_is_refused() -> None:
    older = dataclasses.replace(patch(Edit("begin", "")), sha256="0" * 64)
    with pytest.raises(FpgaError, match=r"sha256 \w{12} instead of 000000000000"):
        older.apply(TEXT)
