"""What a network is, as numbers: a plain chain of convolutions. Standard library only.

Only this shape becomes a circuit of pure RTL on a small part: strides instead of pooling, no skips,
no upsampling, no depthwise layers, narrow signed weights, unsigned activations, no bias behind the
head.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ConvSpec:
    """One convolution of a chain.

    Attributes
    ----------
    kernel, stride
        One number for both directions, or (rows, columns).
    padded
        Whether zeros are padded so that stride 1 keeps the size.
    """

    channels_in: int
    channels_out: int
    kernel: int | tuple[int, int] = 3
    stride: int | tuple[int, int] = 1
    weight_bits: int = 4
    padded: bool = True

    @property
    def window(self) -> tuple[int, int]:
        """Rows and columns of the kernel."""
        return _pair(self.kernel)

    @property
    def steps(self) -> tuple[int, int]:
        """Strides as (rows, columns)."""
        return _pair(self.stride)

    @property
    def padding(self) -> tuple[int, int]:
        """Zeros on each side as (rows, columns)."""
        rows, columns = self.window
        return (rows // 2, columns // 2) if self.padded else (0, 0)

    @property
    def weights(self) -> int:
        """Number of weights."""
        rows, columns = self.window
        return self.channels_in * self.channels_out * rows * columns

    def output_size(self, height: int, width: int) -> tuple[int, int]:
        """Height and width behind this layer."""
        pairs = zip((height, width), self.window, self.steps, self.padding, strict=True)
        rows, columns = ((n + 2 * pad - k) // step + 1 for n, k, step, pad in pairs)
        return rows, columns


@dataclass(frozen=True)
class ChainSpec:
    """A whole network: trunk layers (convolution, batch norm, ReLU) and a 1x1 head without bias.

    Attributes
    ----------
    height, width
        Size of the input; a sequence has height 1.
    signed_input
        int8 values instead of camera bytes.
    """

    height: int
    width: int
    trunk: tuple[ConvSpec, ...]
    head: ConvSpec
    activation_bits: int = 4
    signed_input: bool = False

    def macs(self) -> int:
        """Multiply-accumulates for one input."""
        size, total = (self.height, self.width), 0
        for layer in (*self.trunk, self.head):
            size = layer.output_size(*size)
            total += size[0] * size[1] * layer.weights
        return total

    def weights(self) -> int:
        """Number of weights of all convolutions."""
        return sum(layer.weights for layer in (*self.trunk, self.head))


def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value
