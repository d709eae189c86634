"""Errors that reach a user as one clear line: what is wrong and what to do.

Each carries a code of :class:`host.codes.ErrorCode`; the sentence stands in ``host/text``.
Exit codes of the command line: 2 for :class:`InputError`, 3 for :class:`MachineError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real

from host.codes import Code, ErrorCode


class Reason:
    """Part of an error's sentence: a code and its values, read as text only when somebody is told.

    Parameters
    ----------
    code
        Whose sentence it is.
    values
        What the sentence quotes.
    """

    def __init__(self, code: Code, **values: object) -> None:
        self.code = code
        self.values = values

    def __str__(self) -> str:
        from host.text import sentence  # late, as below

        return sentence(self.code.value, **self.values)


class FootfallError(Exception):
    """Base of all errors that are told without a stack trace.

    Parameters
    ----------
    code
        What went wrong; also the type of the HTTP problem document.
    values
        Named values that the sentence of this code quotes (file name, number, limit ...).
    """

    exit_code = 1

    def __init__(self, code: ErrorCode, **values: object) -> None:
        super().__init__(code.value, values)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        from host.text import sentence  # late: the texts are read only when somebody is told

        return sentence(self.code.value, **self.values)


class InputError(FootfallError):
    """The input cannot be read or the options are wrong; nothing was written."""

    exit_code = 2


class MachineError(FootfallError):
    """The machine fell short: accelerator, disk, encoder."""

    exit_code = 3


def kept_values(values: Mapping[str, object]) -> dict[str, object]:
    """Values of a sentence as JSON can hold them; :func:`host.text.say_again` reads them.

    An error or a reason among them is kept as its code and values, so that it can be said in
    another language later.
    """
    return {name: _kept(value) for name, value in values.items()}


def _kept(value: object) -> object:
    if isinstance(value, (Reason, FootfallError)):
        return {"code": value.code.value, "values": kept_values(value.values)}
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else str(value)
