"""What each convolution of a chain asks of the circuit, from ``model.json`` alone.

The search for a folding needs no FINN: shapes, bit widths and the exact bounds of the sums say
everything that cycles and resources depend on.
"""

from __future__ import annotations

from dataclasses import dataclass

from fpga.errors import FpgaError
from model_zoo.package import OUTPUT_BITS, Layer, ReleasedModel

Size = tuple[int, int]


@dataclass(frozen=True)
class LayerGeometry:
    """One convolution with the activation behind it, as the circuit sees it.

    Attributes
    ----------
    name
        As in ``model.json``, for example ``trunk.0``.
    size_in, size_out
        Height and width of the feature maps.
    kernel, stride, padding
        Along height and width; as much padding on both sides.
    input_bits, input_signed
        Type of the inputs.
    accumulator_bits
        Width of the sums in two's complement: the exact range; of the last layer, which gives its
        sums to the outside, the type of the network's output.
    output_bits
        Width of the unsigned activation; None behind the last layer (raw sums).
    """

    name: str
    size_in: Size
    size_out: Size
    channels_in: int
    channels_out: int
    kernel: Size
    stride: Size
    padding: Size
    input_bits: int
    input_signed: bool
    weight_bits: int
    accumulator_bits: int
    output_bits: int | None

    @property
    def prefix(self) -> str:
        """How the names of the layer's hardware nodes begin."""
        return self.name.replace(".", "_")

    @property
    def matrix_width(self) -> int:
        """Products per sum: kernel height x kernel width x input channels."""
        return self.kernel[0] * self.kernel[1] * self.channels_in

    @property
    def pixels_out(self) -> int:
        """Output pixels of an item."""
        return self.size_out[0] * self.size_out[1]

    @property
    def macs(self) -> int:
        """Multiply-accumulates of an item."""
        return self.pixels_out * self.matrix_width * self.channels_out

    @property
    def weights(self) -> int:
        """Number of weights."""
        return self.matrix_width * self.channels_out

    @property
    def thresholds(self) -> int:
        """Thresholds per output channel; 0 behind the last layer."""
        return 0 if self.output_bits is None else 2**self.output_bits - 1

    @property
    def size_padded(self) -> Size:
        """Height and width of the input with its padding."""
        return (
            self.size_in[0] + 2 * self.padding[0],
            self.size_in[1] + 2 * self.padding[1],
        )

    @property
    def has_padding(self) -> bool:
        """Whether a padding node stands in front."""
        return self.padding != (0, 0)

    @property
    def has_window(self) -> bool:
        """Whether a window generator stands in front: all but 1x1 convolutions with stride 1."""
        return self.kernel != (1, 1) or self.stride != (1, 1)

    def nodes(self) -> tuple[str, ...]:
        """Names of the layer's hardware nodes, in the order of the stream."""
        parts = (
            ("padding", self.has_padding),
            ("window", self.has_window),
            ("matrix", True),
            ("thresholds", self.output_bits is not None),
        )
        return tuple(f"{self.prefix}_{part}" for part, present in parts if present)


def chain(model: ReleasedModel) -> tuple[LayerGeometry, ...]:
    """Geometry of every layer, in order.

    ``model.json`` does not name the padding; it follows from the number of output pixels (the
    layer's multiplications divided by its weights): none or half the kernel, and none where both
    give the same, as for strides of a whole kernel.

    Raises
    ------
    FpgaError
        When a layer's multiplications fit neither, or the last layer does not give the output's
        shape.
    """
    *leading, _ = model.input.shape
    if len(leading) not in (1, 2):
        raise FpgaError(
            f"{model.name}: input shape {model.input.shape}; a circuit takes (height, width, "
            "channels) or (steps, channels)"
        )
    size: Size = (1, leading[0]) if len(leading) == 1 else (leading[0], leading[1])
    signed = model.input.dtype.startswith("int")
    layers = []
    for layer in model.layers:
        padding, size_out = _padding(layer, size)
        bits = _sum_bits(layer)
        if layer is model.layers[-1]:
            bits = OUTPUT_BITS[model.output.dtype]
        layers.append(
            LayerGeometry(
                name=layer.name,
                size_in=size,
                size_out=size_out,
                channels_in=layer.channels_in,
                channels_out=layer.channels_out,
                kernel=layer.kernel,
                stride=layer.stride,
                padding=padding,
                input_bits=layer.input_bits,
                input_signed=signed,
                weight_bits=layer.weight_bits,
                accumulator_bits=bits,
                output_bits=layer.output_bits,
            )
        )
        size, signed = size_out, False
    last = layers[-1]
    if last.pixels_out * last.channels_out != _count(model.output.shape):
        raise FpgaError(
            f"{model.name}: {last.name} gives {last.size_out} x {last.channels_out}, "
            f"model.json says {model.output.shape}"
        )
    return tuple(layers)


def _padding(layer: Layer, size: Size) -> tuple[Size, Size]:
    pixels = layer.macs // layer.weights
    half = (layer.kernel[0] // 2, layer.kernel[1] // 2)
    for padding in ((0, 0), half):
        height, width = (
            (size[i] + 2 * padding[i] - layer.kernel[i]) // layer.stride[i] + 1 for i in (0, 1)
        )
        if height > 0 and width > 0 and height * width * layer.weights == layer.macs:
            return padding, (height, width)
    raise FpgaError(
        f"layer {layer.name}: {pixels} output pixels from {size[0]} x {size[1]} fit neither no "
        "padding nor half the kernel; a circuit pads symmetrically"
    )


def _sum_bits(layer: Layer) -> int:
    low, high = layer.accumulator
    return max((-low - 1).bit_length() if low < 0 else 0, high.bit_length()) + 1


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for n in shape:
        total *= n
    return total
