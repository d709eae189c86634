"""``python -m fpga COMMAND ...``: hands the rest of the line to the part of that name."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from fpga.errors import FpgaError
from host.accelerator import FootfallError
from model_zoo.package import PackageError

COMMANDS = {
    "build": ("fpga.compile.cli", "compile released networks into a bundle of circuits"),
    "simulate": ("fpga.rtl.cli", "run a built bundle cycle by cycle and compare its integers"),
    "fold": ("fpga.fold.cli", "search a folding for a rate and a part"),
    "synth": ("fpga.synth.cli", "count the resources of a built bundle with open tools"),
    "netlist": ("fpga.synth.netlist", "write a built bundle's netlist for open place and route"),
    "publish": ("fpga.compile.publish", "keep folding and manifest of a built bundle"),
    "virtual-board": ("fpga.virtual_board.cli", "serve a built bundle as a PYNQ.remote board"),
}
"""Module of each subcommand: ``add_parser(subparsers)`` and ``run(args) -> int``."""


def usage() -> str:
    """One line per subcommand."""
    lines = [f"  {name:14s} {what}" for name, (_, what) in COMMANDS.items()]
    return "usage: python -m fpga COMMAND [options]\n\n" + "\n".join(lines) + "\n"


def main(argv: list[str]) -> int:
    """Run one subcommand; only its own module is imported, so that each works in its environment.

    Parameters
    ----------
    argv
        The words behind ``python -m fpga``.

    Returns
    -------
    The exit status of the subcommand; 2 when the command is unknown or cannot be done as asked, 3
    when the machine fell short: disk, permission, memory, a circuit with other integers.
    """
    if argv and argv[0] in ("-h", "--help"):
        sys.stdout.write(usage())
        return 0
    if not argv or argv[0] not in COMMANDS:
        sys.stderr.write(usage())
        return 2
    module = import_module(COMMANDS[argv[0]][0])
    parser = argparse.ArgumentParser(prog="python -m fpga")
    module.add_parser(parser.add_subparsers(required=True))
    args = parser.parse_args(argv)
    try:
        return int(module.run(args))
    except (FpgaError, FootfallError) as error:
        return _told(str(error), error.exit_code)
    except PackageError as error:
        return _told(str(error), 2)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _told(f"{argv[0]} stopped: {where}{error.strerror or error}", 3)
    except MemoryError:
        return _told(f"{argv[0]} stopped: not enough memory", 3)


def _told(line: str, status: int) -> int:
    sys.stderr.write(f"{line}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
