"""The integers of a released model, read from its own files, and their proof inside a circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from fpga.errors import FpgaError
from host.accelerator.onnx_file import read_graph
from model_zoo.package import GOLDEN_FORM, QONNX_FORM, Layer, ReleasedModel

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class LayerIntegers:
    """What one layer computes with.

    Attributes
    ----------
    weight
        int64[O, C, kh, kw].
    thresholds
        int64[O, 2**bits - 1]; None behind the last layer.
    """

    name: str
    weight: Integers
    thresholds: Integers | None

    @property
    def matrix(self) -> Integers:
        """int64[kh * kw * C, O]: the rows in the order in which a window arrives."""
        return self.weight.transpose(2, 3, 1, 0).reshape(-1, len(self.weight))


def layer_integers(model: ReleasedModel) -> tuple[LayerIntegers, ...]:
    """Weights and thresholds of the QONNX form, proven to be those of the golden form.

    Raises
    ------
    FpgaError
        Naming layer and channel, when the two forms are different networks.
    """
    graph = onnx.load(model.path(QONNX_FORM)).graph
    constants = {c.name: numpy_helper.to_array(c) for c in graph.initializer}
    golden = read_graph(model.path(GOLDEN_FORM)).constants
    layers = []
    for layer in model.layers:
        _demand_constants(layer, constants, golden)
        weight = constants[f"{layer.name}.weight"].astype(np.int64)
        expected = np.asarray(golden[f"{layer.name}.weight"]).astype(np.int64)
        if expected.ndim == 2:  # the last layer of the golden form is a matrix product
            expected = expected.T[:, :, None, None]
        if not np.array_equal(weight, expected):
            raise FpgaError(f"layer {layer.name}: weights differ from those of the golden form")
        if layer.output_bits is None:
            layers.append(LayerIntegers(layer.name, weight, None))
            continue
        steps = constants[f"{layer.name}.thresholds"].astype(np.int64)
        layers.append(LayerIntegers(layer.name, weight, steps))
        signed = layer is model.layers[0] and model.input.dtype == "int8"
        half = 2 ** (layer.input_bits - 1)
        _check_thresholds(layers[-1], (-half, half - 1) if signed else (0, 2 * half - 1), golden)
    return tuple(layers)


def _demand_constants(layer: Layer, *forms: dict[str, Any]) -> None:
    for constants, name in zip(forms, (QONNX_FORM, GOLDEN_FORM), strict=True):
        wanted = [f"{layer.name}.weight"]
        if layer.output_bits is not None:
            own = ("thresholds",) if name == QONNX_FORM else ("bias", "scale")
            wanted += [f"{layer.name}.{what}" for what in own]
        for constant in wanted:
            if constant not in constants:
                raise FpgaError(f"layer {layer.name}: {name} holds no {constant}")


def _check_thresholds(
    layer: LayerIntegers, inputs: tuple[int, int], golden: dict[str, Any]
) -> None:
    """Each threshold is the least sum at which the golden activation gives its level.

    The activation never falls, so that it is enough to look at each threshold and just below it,
    inside the range of sums that the inputs can give.
    """
    steps, flat = np.asarray(layer.thresholds), layer.matrix
    least, most = inputs
    negative, positive = np.minimum(flat, 0).sum(axis=0), np.maximum(flat, 0).sum(axis=0)
    low = (negative * most + positive * least)[:, None]
    high = (negative * least + positive * most)[:, None]
    bias = golden[f"{layer.name}.bias"].astype(np.int64)[:, None]
    scale = golden[f"{layer.name}.scale"].reshape(-1, 1)
    levels = np.arange(1, steps.shape[1] + 1)

    def reached(sums: Integers) -> NDArray[np.bool_]:
        return np.rint((sums + bias).astype(np.float32) * scale) >= levels

    wrong = (steps < low) | (steps > high + 1)
    wrong |= (steps <= high) & ~reached(steps)
    wrong |= (steps > low) & reached(steps - 1)
    if np.any(wrong):
        channel = int(np.argwhere(wrong)[0, 0])
        raise FpgaError(
            f"layer {layer.name}: the thresholds of channel {channel} are not those of the golden "
            "activation; export the model again"
        )
