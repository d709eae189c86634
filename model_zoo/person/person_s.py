"""``person-s``: where people stand in a whole frame, letterboxed to 192 x 112.

Nine 3x3 convolutions, three of them with stride 2 (cells of 8 px, receptive field 111 px, the
height of the frame, so that a person who fills it is seen whole), and a 1x1 head of five channels
per cell: a logit that a person's centre lies here, the way from the cell's middle to the centre in
cells, and the logarithms of width and height of the box in px. 37 MMAC, 94,520 weights, so that it
shares a small part with a pose network.
"""

from __future__ import annotations

import math

from model_zoo.chain import ChainSpec, ConvSpec

NAME = "person-s"
STRIDE = 8
HEAD_CHANNELS = ("centre", "offset_x", "offset_y", "width", "height")
HEAD_GAINS = (4.0, 1.0, 1.0, 0.5, 0.5)
"""Factors behind the head, so that all channels use its one weight scale alike."""
HEAD_BIASES = (-3.0, 0.0, 0.0, math.log(18.0), math.log(44.0))
"""Added behind the factors: few cells hold a centre; the usual box, px."""

_CHANNELS = (
    (3, 16, 2),
    (16, 24, 2),
    (24, 32, 2),
    (32, 40, 1),
    (40, 40, 1),
    (40, 40, 1),
    (40, 40, 1),
    (40, 40, 1),
    (40, 40, 1),
)

SPEC = ChainSpec(
    height=112,
    width=192,
    trunk=tuple(
        ConvSpec(a, b, stride=s, weight_bits=8 if i == 0 else 4)
        for i, (a, b, s) in enumerate(_CHANNELS)
    ),
    head=ConvSpec(40, len(HEAD_CHANNELS), kernel=1, weight_bits=6),
)
