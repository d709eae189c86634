"""What goes wrong in a way that a user can mend: told as one line, exit status 2."""

from __future__ import annotations


class FpgaError(ValueError):
    """A circuit cannot be built as asked; the text says what, why and what to do instead."""
