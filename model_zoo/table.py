"""Tables of JSON as frozen dataclasses, strictly: no unknown key, no missing key, no other type."""

from __future__ import annotations

import dataclasses
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

_T = TypeVar("_T")


def _demand(condition: bool, message: str) -> None:
    if not condition:
        raise TypeError(message)


def read_table(kind: type[_T], table: Any, where: str) -> _T:
    """Read ``table`` as the dataclass ``kind``, nested dataclasses, tuples and tables included.

    Parameters
    ----------
    kind
        A dataclass whose fields are annotated with plain types, tuples, dicts, dataclasses or
        ``X | None``.
    table
        What ``json.loads`` gave.
    where
        Names the place in error messages.

    Raises
    ------
    TypeError
        When a key is unknown or missing or a value has another type.
    """
    _demand(isinstance(table, dict), f"{where} is no table")
    known = {f.name: f for f in dataclasses.fields(typing.cast(Any, kind))}
    extra = sorted(set(table) - set(known))
    _demand(not extra, f"{where}: unknown key {', '.join(extra)}")
    hints = typing.get_type_hints(kind)
    values = {}
    for name, spec in known.items():
        if name in table:
            values[name] = _value(hints[name], table[name], f"{where}: {name}")
        else:
            has_default = (
                spec.default is not dataclasses.MISSING
                or spec.default_factory is not dataclasses.MISSING
            )
            _demand(has_default, f"{where}: {name} is missing")
    return kind(**values)


def _value(hint: Any, value: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return value
    if dataclasses.is_dataclass(hint):
        return read_table(typing.cast(Any, hint), value, where)
    if origin is types.UnionType:
        inner = next(a for a in arguments if a is not type(None))
        return None if value is None else _value(inner, value, where)
    if origin is tuple:
        return _tuple(arguments, value, where)
    if origin is dict:
        _demand(isinstance(value, dict), f"{where} is no table")
        return {k: _value(arguments[1], v, f"{where}.{k}") for k, v in value.items()}
    if hint is float and type(value) is int:
        return float(value)
    fits = isinstance(value, Path) if hint is Path else type(value) is hint
    _demand(fits, f"{where} is {value!r}, not {hint.__name__}")
    return value


def _tuple(arguments: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    _demand(isinstance(value, (list, tuple)), f"{where} is no list")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_value(arguments[0], v, f"{where}[{i}]") for i, v in enumerate(value))
    _demand(len(value) == len(arguments), f"{where} has {len(value)} values")
    pairs = zip(arguments, value, strict=True)
    return tuple(_value(a, v, f"{where}[{i}]") for i, (a, v) in enumerate(pairs))
