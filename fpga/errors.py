"""What goes wrong in a way that is told as one line, with its exit status."""

from __future__ import annotations


class FpgaError(ValueError):
    """A circuit cannot be built as asked; the text says what, why and what to do instead."""

    exit_code = 2


class CircuitError(FpgaError):
    """A circuit was built as asked and is not what it should be: the machine's fault."""

    exit_code = 3
