"""Runs the golden form with numpy alone, node by node: for boards and as a second opinion in tests.

Every sum is an integer below 2**24 (checked at export), so float32 matrix products are exact in any
order of summation and the results equal onnxruntime's in every bit.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from host.accelerator.onnx_file import Node, dtype_of, read_graph

Array = NDArray[Any]


class NumpyExecutor:
    """Golden form on numpy.

    Parameters
    ----------
    path
        ``model.int.onnx``.

    Raises
    ------
    ValueError
        When the file is no ONNX file or uses an operation that the golden form does not have.
    """

    def __init__(self, path: Path) -> None:
        self._graph = read_graph(path)
        unknown = sorted({node.kind for node in self._graph.nodes} - set(_OPERATIONS))
        if unknown:
            raise ValueError(f"{path.name} uses {', '.join(unknown)}")
        self.description = f"numpy {np.__version__}"

    def execute(self, x: Array) -> NDArray[np.int32]:
        """Output integers of one batch."""
        values: dict[str, Array] = {**self._graph.constants, self._graph.input: x}
        for node in self._graph.nodes:
            inputs = [values[name] for name in node.inputs]
            values[node.outputs[0]] = _OPERATIONS[node.kind](node, inputs)
        return values[self._graph.output].astype(np.int32, copy=False)


def _transpose(node: Node, inputs: list[Array]) -> Array:
    return np.ascontiguousarray(inputs[0].transpose(_integers(node, "perm", ())))


def _cast(node: Node, inputs: list[Array]) -> Array:
    return inputs[0].astype(dtype_of(_integers(node, "to", ())[0]))


def _mul(_: Node, inputs: list[Array]) -> Array:
    product: Array = inputs[0] * inputs[1]
    return product


def _round(_: Node, inputs: list[Array]) -> Array:
    return np.rint(inputs[0])


def _clip(_: Node, inputs: list[Array]) -> Array:
    return np.clip(inputs[0], inputs[1], inputs[2])


def _conv(node: Node, inputs: list[Array]) -> Array:
    sums = _sums(node, inputs[0], inputs[1])
    if len(inputs) > 2:
        sums += inputs[2].astype(np.float32)[:, None, None]
    return sums


def _q_linear_conv(node: Node, inputs: list[Array]) -> Array:
    x, x_scale, x_zero, weight, w_scale, w_zero, y_scale, y_zero = inputs[:8]
    if np.any(x_zero) or np.any(w_zero):
        raise ValueError("zero points other than 0 are not supported")
    sums = _sums(node, x, weight)
    if len(inputs) > 8:
        sums += inputs[8].astype(np.float32)[:, None, None]
    factor = (x_scale * w_scale / y_scale).astype(np.float32).reshape(-1, 1, 1)
    levels = np.rint(sums * factor) + y_zero.astype(np.float32)
    limits = np.iinfo(y_zero.dtype)
    limited: Array = np.clip(levels, limits.min, limits.max)
    return limited.astype(y_zero.dtype)


def _mat_mul_integer(_: Node, inputs: list[Array]) -> Array:
    product: Array = inputs[0].astype(np.float32) @ inputs[1].astype(np.float32)
    return product.astype(np.int32)


def _sums(node: Node, x: Array, weight: Array) -> Array:
    top, left, bottom, right = _integers(node, "pads", (0, 0, 0, 0))
    steps = _integers(node, "strides", (1, 1))
    padded = np.pad(x.astype(np.float32), ((0, 0), (0, 0), (top, bottom), (left, right)))
    return convolution_sums(padded, weight, (steps[0], steps[1]))


def convolution_sums(x: Array, weight: Array, steps: tuple[int, int]) -> Array:
    """Sums, float32[N, O, H', W'], of x[N, C, H, W] (padded) and weight[O, C, kh, kw].

    Exact while all sums stay below 2**24.
    """
    down, across = steps
    outputs, channels, high, wide = weight.shape
    windows = sliding_window_view(x, (high, wide), axis=(2, 3))[:, :, ::down, ::across]
    n, _, rows, columns = windows.shape[:4]
    patches = windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, channels * high * wide)
    sums = patches @ weight.reshape(outputs, -1).T.astype(np.float32)
    return np.ascontiguousarray(sums.reshape(n, rows, columns, outputs).transpose(0, 3, 1, 2))


def _integers(node: Node, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
    value = node.attributes.get(name, default)
    if isinstance(value, int):
        return (value,)
    if isinstance(value, tuple):
        return value
    raise ValueError(f"attribute {name} of {node.kind} is {value!r}")


_OPERATIONS: dict[str, Callable[[Node, list[Array]], Array]] = {
    "Transpose": _transpose,
    "Cast": _cast,
    "Mul": _mul,
    "Round": _round,
    "Clip": _clip,
    "Conv": _conv,
    "QLinearConv": _q_linear_conv,
    "MatMulInteger": _mat_mul_integer,
}
