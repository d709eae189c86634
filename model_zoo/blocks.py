"""Building blocks that stay pure RTL on a small FPGA: plain chains of convolutions, nothing else.

Strides instead of pooling, no skips, no upsampling, no depthwise layers, narrow signed weights,
unsigned activations, no bias behind the head. The same module exists in float and quantised
(Brevitas); both have the same parameter names, so that a quantised network starts from float
weights.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from model_zoo.chain import ChainSpec, ConvSpec

INPUT_SCALE = 1.0 / 256.0
"""The network sees the camera byte times this; an exact power of two, no mean, black is zero."""


class Stage(nn.Module):
    """Convolution, batch norm, activation."""

    def __init__(self, conv: nn.Module, channels: int, act: nn.Module) -> None:
        super().__init__()
        self.conv = conv
        self.norm = nn.BatchNorm2d(channels)
        self.act = act

    def forward(self, x: Tensor) -> Tensor:
        """Apply the three parts: float[N, C, H, W] to float[N, C', H', W']."""
        out: Tensor = self.act(self.norm(self.conv(x)))
        return out


class Chain(nn.Module):
    """Trunk and head of a :class:`ChainSpec`.

    Parameters
    ----------
    spec
        The layers.
    quantised
        Brevitas layers (quantisation-aware training, export) instead of float ones.
    """

    def __init__(self, spec: ChainSpec, *, quantised: bool) -> None:
        super().__init__()
        self.spec = spec
        self.quantised = quantised
        conv, act = _quantised_layers(spec) if quantised else _float_layers()
        self.trunk = nn.ModuleList(
            Stage(conv(layer, False), layer.channels_out, act()) for layer in spec.trunk
        )
        self.head = conv(spec.head, True)

    def forward(self, x: Tensor) -> Tensor:
        """Raw head output, float[N, C, H/s, W/s], from bytes as float[N, 3, H, W] in 0..255."""
        x = x * INPUT_SCALE
        for stage in self.trunk:
            x = stage(x)
        out: Tensor = self.head(x)
        return out


ConvFactory = Callable[[ConvSpec, bool], nn.Module]
ActFactory = Callable[[], nn.Module]


def _float_layers() -> tuple[ConvFactory, ActFactory]:
    def conv(layer: ConvSpec, is_head: bool) -> nn.Module:
        del is_head
        return nn.Conv2d(
            layer.channels_in,
            layer.channels_out,
            layer.window,
            layer.steps,
            layer.padding,
            bias=False,
        )

    return conv, lambda: nn.ReLU(inplace=True)


def _quantised_layers(spec: ChainSpec) -> tuple[ConvFactory, ActFactory]:
    import brevitas.nn as qnn
    from brevitas.quant import (
        Int8WeightPerChannelFloat,
        Int8WeightPerTensorFloat,
        Uint8ActPerTensorFloat,
    )

    class Activation(Uint8ActPerTensorFloat):
        bit_width = spec.activation_bits
        # 16 levels cannot afford the far tail; the learned scale moves on from this start.
        high_percentile_q = 99.5
        collect_stats_steps = 40

    def conv(layer: ConvSpec, is_head: bool) -> nn.Module:
        # One scale for the whole head: arg-max over cells and channels needs no rescaling.
        quant = Int8WeightPerTensorFloat if is_head else Int8WeightPerChannelFloat
        module: nn.Module = qnn.QuantConv2d(
            layer.channels_in,
            layer.channels_out,
            layer.window,
            stride=layer.steps,
            padding=layer.padding,
            bias=False,
            weight_quant=quant,
            weight_bit_width=layer.weight_bits,
        )
        return module

    def act() -> nn.Module:
        module: nn.Module = qnn.QuantReLU(act_quant=Activation)
        return module

    return conv, act


def freeze_batch_norm(net: nn.Module) -> None:
    """Put the batch norms in evaluation mode: their statistics stay as they are."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def fix_activation_scales(net: nn.Module) -> None:
    """Keep the activations' scales as the data set them; they learn no further."""
    for name, parameter in net.named_parameters():
        if ".act_quant." in name:
            parameter.requires_grad_(False)


@torch.no_grad()
def collect_activation_ranges(net: nn.Module, batches: list[Tensor]) -> None:
    """Let the activation quantizers of a fresh quantised network see data.

    Batch-norm statistics are left alone (momentum 0); the network must be in training mode.
    """
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    kept = [m.momentum for m in norms]
    for norm in norms:
        norm.momentum = 0.0
    for batch in batches:
        net(batch)
    for norm, momentum in zip(norms, kept, strict=True):
        norm.momentum = momentum
