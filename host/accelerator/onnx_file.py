"""Reading an ONNX file without the onnx package: what the numpy executor needs on a board.

The golden form stays the one source of the integers on every machine. ONNX files are protocol
buffers (https://protobuf.dev/programming-guides/encoding); field numbers as in ``onnx.proto``
(IR version 10).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[np.generic]
Attribute = int | float | tuple[int, ...] | str
_DTYPES = {1: "float32", 2: "uint8", 3: "int8", 6: "int32", 7: "int64"}


@dataclass(frozen=True)
class Node:
    """One operation: names of what goes in and out, and its attributes."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Attribute]


@dataclass(frozen=True)
class Graph:
    """A network: operations in running order, constants, names of the one input and output."""

    nodes: tuple[Node, ...]
    constants: dict[str, Tensor]
    input: str
    output: str


def dtype_of(code: int) -> np.dtype[Any]:
    """The numpy type of an ONNX element type number.

    Raises
    ------
    ValueError
        For a type that the golden form does not use.
    """
    if code not in _DTYPES:
        raise ValueError(f"element type {code} is not supported")
    return np.dtype(_DTYPES[code])


def read_graph(path: Path) -> Graph:
    """Read ``path``.

    Raises
    ------
    ValueError
        When the file is no ONNX model with exactly one input and one output.
    """
    try:
        model = _fields(memoryview(path.read_bytes()))
        graph = _fields(_last_bytes(model, 7))
        constants = dict(_tensor(raw) for raw in _all_bytes(graph, 5))
        names = [_text(_fields(raw), 1) for raw in _all_bytes(graph, 11)]
        inputs = [name for name in names if name not in constants]
        outputs = [_text(_fields(raw), 1) for raw in _all_bytes(graph, 12)]
        nodes = tuple(_node(raw) for raw in _all_bytes(graph, 1))
    except (IndexError, KeyError, struct.error, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is no ONNX file") from error
    if len(inputs) != 1 or len(outputs) != 1:
        raise ValueError(f"{path.name} has {len(inputs)} inputs and {len(outputs)} outputs")
    return Graph(nodes, constants, inputs[0], outputs[0])


_Field = int | memoryview
_Message = dict[int, list[_Field]]


def _fields(data: memoryview) -> _Message:
    message: _Message = {}
    for number, value in _wire(data):
        message.setdefault(number, []).append(value)
    return message


def _wire(data: memoryview) -> Iterator[tuple[int, _Field]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind == 2:
            size, at = _varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise KeyError(f"wire type {kind}")
        if at + size > len(data):
            raise IndexError("message ends early")
        yield key >> 3, data[at : at + size]
        at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _all_bytes(message: _Message, number: int) -> list[memoryview]:
    values = message.get(number, [])
    found = [v for v in values if isinstance(v, memoryview)]
    if len(found) != len(values):
        raise KeyError(f"field {number}")
    return found


def _last_bytes(message: _Message, number: int) -> memoryview:
    return _all_bytes(message, number)[-1]


def _text(message: _Message, number: int) -> str:
    return bytes(_last_bytes(message, number)).decode()


def _integers(message: _Message, number: int) -> tuple[int, ...]:
    """Repeated int64, packed or not, as signed numbers."""
    values: list[int] = []
    for value in message.get(number, []):
        if isinstance(value, int):
            values.append(value)
            continue
        at = 0
        while at < len(value):
            one, at = _varint(value, at)
            values.append(one)
    return tuple(v - (1 << 64) if v >= 1 << 63 else v for v in values)


def _tensor(raw: memoryview) -> tuple[str, Tensor]:
    message = _fields(raw)
    shape = _integers(message, 1)
    values = np.frombuffer(_last_bytes(message, 9), dtype_of(_integers(message, 2)[-1]))
    return _text(message, 8), values.reshape(shape)


def _node(raw: memoryview) -> Node:
    message = _fields(raw)
    return Node(
        kind=_text(message, 4),
        inputs=tuple(bytes(v).decode() for v in _all_bytes(message, 1)),
        outputs=tuple(bytes(v).decode() for v in _all_bytes(message, 2)),
        attributes=dict(_attribute(v) for v in _all_bytes(message, 5)),
    )


def _attribute(raw: memoryview) -> tuple[str, Attribute]:
    message = _fields(raw)
    value: Attribute
    if 8 in message:
        value = _integers(message, 8)
    elif 3 in message:
        value = _integers(message, 3)[-1]
    elif 2 in message:
        value = float(struct.unpack("<f", _last_bytes(message, 2))[0])
    else:
        value = _text(message, 4)
    return _text(message, 1), value
