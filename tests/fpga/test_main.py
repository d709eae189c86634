"""The command line dispatches and tells every error in one line."""

from __future__ import annotations

import errno
import sys
import types

import pytest

from fpga import __main__ as fpga_main
from fpga.errors import CircuitError, FpgaError
from host.codes import ErrorCode
from host.errors import MachineError
from model_zoo.package import PackageError


def test_without_a_command_the_usage_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert fpga_main.main([]) == 2
    usage = capsys.readouterr().err
    assert all(name in usage for name in fpga_main.COMMANDS)


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (FpgaError("layer x: too wide; write it narrower"), 2, "layer x: too wide; write it"),
        (PackageError("model.json cannot be read"), 2, "model.json cannot be read"),
        (CircuitError("x: 3 of 5 integers differ"), 3, "x: 3 of 5 integers differ"),
        (MachineError(ErrorCode.ACCELERATOR_TIMEOUT, name="x", limit=9.0), 3, "x"),
        (
            OSError(errno.ENOSPC, "No space left on device", "build/fpga/x"),
            3,
            "build stopped: build/fpga/x: No space left on device",
        ),
        (PermissionError(errno.EACCES, "Permission denied"), 3, "build stopped: Permission denied"),
        (MemoryError(), 3, "build stopped: not enough memory"),
    ],
)
def test_an_error_is_one_line_and_a_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    status: int,
    told: str,
) -> None:
    def run(args: object) -> int:
        del args
        raise error

    part = types.ModuleType("failing_part")
    part.add_parser = lambda subparsers: subparsers.add_parser("build")
    part.run = run
    monkeypatch.setitem(sys.modules, "failing_part", part)
    monkeypatch.setitem(fpga_main.COMMANDS, "build", ("failing_part", ""))
    assert fpga_main.main(["build"]) == status
    line = capsys.readouterr().err
    assert told in line
    assert line.count("\n") == 1
