"""The command line dispatches and tells user errors in one line."""

from __future__ import annotations

import sys
import types

import pytest

from fpga import __main__ as fpga_main
from fpga.errors import FpgaError


def test_without_a_command_the_usage_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert fpga_main.main([]) == 2
    usage = capsys.readouterr().err
    assert all(name in usage for name in fpga_main.COMMANDS)


def test_an_error_is_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(args: object) -> int:
        del args
        raise FpgaError("layer x: too wide; write it narrower")

    part = types.ModuleType("failing_part")
    part.add_parser = lambda subparsers: subparsers.add_parser("build")
    part.run = run
    monkeypatch.setitem(sys.modules, "failing_part", part)
    monkeypatch.setitem(fpga_main.COMMANDS, "build", ("failing_part", ""))
    assert fpga_main.main(["build"]) == 2
    assert capsys.readouterr().err == "layer x: too wide; write it narrower\n"
