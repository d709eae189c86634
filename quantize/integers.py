"""A network as integers: what export fixes once and every form, circuit and emulation repeats.

Each trunk layer has integer weights, an int32 bias and a float32 scale per channel; its activation
is ``clip(rint(float32(sum + bias) * scale), 0, 2**n - 1)`` with ties to even. Thresholds are the
exhaustive inversion of that function over the sums that can occur. numpy only.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EXACT = 2**24
"""Below this every integer is exact in float32, and so is every sum of integers."""
PAIR_LIMIT = 2**15 - 1
"""Sum of two products that x86 processors without VNNI keep exact in their 8-bit instructions."""
_NEGLIGIBLE_LEVELS = 0.02
"""A channel whose whole range moves the activation by less than this is a constant."""

Integers = NDArray[np.int64]


class ExportError(ValueError):
    """A network cannot be written as integers that every backend computes alike."""


@dataclass(frozen=True)
class IntegerLayer:
    """One convolution on integers and its activation.

    Attributes
    ----------
    name
        Name of the layer in the network.
    weight
        int64[O, C, kh, kw], symmetric: at most 2**(weight_bits - 1) - 1.
    weight_bits, input_bits
        Widths of the signed weights and of the input.
    stride, padding
        As (rows, columns); zeros are padded.
    bias
        int64[O] within int32, or None behind the last layer.
    scale
        float32[O] > 0, or None behind the last layer.
    output_bits
        Width of the unsigned activation, or None behind the last layer.
    signed_input
        Whether the input is two's complement (int8 values instead of camera bytes).
    """

    name: str
    weight: Integers
    weight_bits: int
    input_bits: int
    stride: tuple[int, int]
    padding: tuple[int, int]
    bias: Integers | None = None
    scale: NDArray[np.float32] | None = None
    output_bits: int | None = None
    signed_input: bool = False

    @property
    def input_range(self) -> tuple[int, int]:
        """Lowest and highest value that the input can have."""
        if self.signed_input:
            return -(2 ** (self.input_bits - 1)), 2 ** (self.input_bits - 1) - 1
        return 0, 2**self.input_bits - 1

    def sum_range(self) -> tuple[Integers, Integers]:
        """Exact lowest and highest sum of each channel over all inputs, int64[O] each."""
        least, most = self.input_range
        flat = self.weight.reshape(len(self.weight), -1)
        negative, positive = np.minimum(flat, 0).sum(axis=1), np.maximum(flat, 0).sum(axis=1)
        return negative * most + positive * least, positive * most + negative * least

    def activate(self, sums: Integers, channel: int) -> Integers:
        """Golden activation of the sums of one channel."""
        if self.bias is None or self.scale is None or self.output_bits is None:
            raise ExportError(f"{self.name} has no activation")
        shifted = (sums + self.bias[channel]).astype(np.float32)
        levels = np.rint(shifted * self.scale[channel])
        return np.clip(levels, 0, 2**self.output_bits - 1).astype(np.int64)

    def thresholds(self) -> Integers:
        """int64[O, 2**output_bits - 1]: level i is reached from threshold[i - 1] upwards.

        Found by evaluating the golden activation at every sum that can occur; a level that is
        never reached has the threshold one above the highest sum, one never missed the lowest sum.
        """
        if self.output_bits is None:
            raise ExportError(f"{self.name} has no activation")
        levels = np.arange(1, 2**self.output_bits)
        low, high = self.sum_range()
        rows = []
        for channel in range(len(self.weight)):
            sums = np.arange(low[channel], high[channel] + 1)
            reached = self.activate(sums, channel)
            if np.any(np.diff(reached) < 0):
                raise ExportError(f"{self.name}: the activation of channel {channel} falls")
            rows.append(low[channel] + np.searchsorted(reached, levels, side="left"))
        return np.array(rows, dtype=np.int64)

    def check(self) -> None:
        """Refuse what a backend could compute differently.

        Raises
        ------
        ExportError
            When a weight exceeds its width, a sum (with its bias, where it has one) could leave
            the exact range of float32, or two products could saturate on a processor without VNNI.
        """
        largest = int(np.abs(self.weight).max())
        if largest > 2 ** (self.weight_bits - 1) - 1:
            raise ExportError(f"{self.name}: weight {largest} exceeds {self.weight_bits} bits")
        low, high = self.sum_range()
        reach = max(int(-low.min()), int(high.max()))
        if self.bias is not None:
            biased = np.maximum(np.abs(low + self.bias), np.abs(high + self.bias))
            reach = max(reach, int(biased.max()), int(np.abs(self.bias).max()))
        if reach >= EXACT:
            raise ExportError(f"{self.name}: sums up to {reach} are not exact in float32")
        if self.runs_in_bytes and 2 * (2**self.input_bits - 1) * largest > PAIR_LIMIT:
            raise ExportError(f"{self.name}: pairs of products may saturate")

    @property
    def runs_in_bytes(self) -> bool:
        """Whether emulation computes this layer with 8-bit instructions (else in float32)."""
        return self.input_bits < 8


@dataclass(frozen=True)
class IntegerNetwork:
    """A chain of integer layers, the last one without activation.

    Attributes
    ----------
    height, width
        Size of the input in pixels; it has as many channels as the first layer reads.
    layers
        In running order.
    output_scale
        What the last layer's sums are multiplied by to give the network's output.
    """

    height: int
    width: int
    layers: tuple[IntegerLayer, ...]
    output_scale: float

    def __post_init__(self) -> None:
        for before, after in zip(self.layers[:-1], self.layers[1:], strict=True):
            fits = before.weight.shape[0] == after.weight.shape[1]
            if not fits or before.output_bits != after.input_bits:
                raise ExportError(f"{after.name} does not take what {before.name} gives")
        if self.layers[-1].output_bits is not None:
            raise ExportError("the last layer has an activation")
        for layer in self.layers[1:]:
            if layer.signed_input:
                raise ExportError(f"{layer.name} reads signed values, its input is unsigned")
        for layer in self.layers:
            layer.check()

    def sizes(self) -> tuple[tuple[int, int], ...]:
        """Height and width behind each layer."""
        size, out = (self.height, self.width), []
        for layer in self.layers:
            size = (
                (size[0] + 2 * layer.padding[0] - layer.weight.shape[2]) // layer.stride[0] + 1,
                (size[1] + 2 * layer.padding[1] - layer.weight.shape[3]) // layer.stride[1] + 1,
            )
            out.append(size)
        return tuple(out)


def fold(
    weight: Integers, slope: NDArray[np.float64], shift: NDArray[np.float64], layer: IntegerLayer
) -> IntegerLayer:
    """Give ``layer`` the golden activation of ``slope * sum + shift`` (in levels, per channel).

    Channels with a negative slope are turned round (weights and slope times -1). The shift becomes
    the nearest integer bias. A channel that gives one level whatever the picture (or moves by less
    than 0.02 levels) becomes that constant: zero weights, scale 1.

    Parameters
    ----------
    weight
        int64[O, C, kh, kw].
    slope, shift
        float64[O]: batch norm, weight scale, input scale and activation scale taken together.
    layer
        Everything else of the layer.
    """
    if layer.output_bits is None:
        raise ExportError(f"{layer.name} has no activation")
    turned = np.where(slope < 0, -1, 1)
    weight = weight * turned[:, None, None, None]
    slope = np.abs(slope)
    top_level = 2**layer.output_bits - 1
    low, high = dataclasses.replace(layer, weight=weight).sum_range()

    def level(sums: Integers) -> NDArray[np.float64]:
        return np.clip(np.rint(slope * sums + shift), 0, top_level)

    middle = np.clip(np.rint(shift + slope * (low + high) / 2), 0, top_level)
    still = slope * (high - low) < _NEGLIGIBLE_LEVELS
    constant = still | (level(low) == level(high))
    value = np.where(still, middle, level(low))
    safe_slope = np.where(constant, 1.0, slope)
    return dataclasses.replace(
        layer,
        weight=np.where(constant[:, None, None, None], 0, weight).astype(np.int64),
        bias=np.where(constant, value, np.rint(shift / safe_slope)).astype(np.int64),
        scale=safe_slope.astype(np.float32),
    )
