"""What commands write to a terminal: lines on the way, and one line when they cannot go on."""

from __future__ import annotations

import sys


def tell(line: str) -> None:
    """Write a line to the standard output at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def tell_error(error: Exception) -> int:
    """Write what is wrong to the error stream; returns the exit status.

    An error of the host brings its own status; of all others something named is not there or does
    not fit: 2.
    """
    sys.stderr.write(f"{error}\n")
    return int(getattr(error, "exit_code", 2))
