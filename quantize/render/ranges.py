"""Reading a recipe: a TOML table becomes a frozen dataclass, with every key accounted for."""

from __future__ import annotations

import tomllib
import types
import typing
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

Span = tuple[float, float]
"""Lowest and highest value of a uniform draw."""

T = TypeVar("T")


class RecipeError(ValueError):
    """A recipe file misses a key, has one too many, or a value of another kind."""


def draw(rng: np.random.Generator, span: Span) -> float:
    """A uniform draw from ``span``."""
    return float(rng.uniform(span[0], span[1]))


def read(path: Path, kind: type[T]) -> T:
    """Read the TOML file ``path`` as ``kind``.

    Raises
    ------
    RecipeError
        When the file is absent or is no TOML, a key is unknown or missing, or a value does not fit.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{path}: {error}") from error
    return build(kind, table, path.name)


def build(kind: type[T], table: dict[str, Any], where: str) -> T:
    """``table`` as the dataclass ``kind``; ``where`` names the place in error messages."""
    hints = typing.get_type_hints(kind)
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    if extra := sorted(set(table) - set(known)):
        raise RecipeError(f"{where}: unknown key {extra[0]!r}; known: {', '.join(known)}")
    values = {}
    for name, hint in hints.items():
        if name in table:
            values[name] = _value(hint, table[name], f"{where}.{name}")
        elif isinstance(hint, types.UnionType) and type(None) in typing.get_args(hint):
            values[name] = None
        else:
            raise RecipeError(f"{where}: key {name!r} is missing")
    return kind(**values)


def _value(hint: Any, value: Any, where: str) -> Any:
    if isinstance(hint, types.UnionType):
        hint = next(a for a in typing.get_args(hint) if a is not type(None))
    if is_dataclass(hint) and isinstance(value, dict):
        return build(hint, value, where)  # type: ignore[arg-type]
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and isinstance(value, list):
        if args[-1] is Ellipsis:
            return tuple(_value(args[0], v, where) for v in value)
        if len(args) == len(value):
            return tuple(_value(a, v, where) for a, v in zip(args, value, strict=True))
    elif hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    elif isinstance(hint, type) and type(value) is hint:
        return value
    raise RecipeError(f"{where}: {value!r} does not fit {hint}")
