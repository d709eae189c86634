"""``gait-pose-s``: keypoints of one person from a 128 x 96 crop, for the smallest board.

Ten 3x3 convolutions with strides 2 2 1 2 1 1 2 1 1 1 (stride 16, receptive field 183 px, more
than the crop) and a 1x1 head of 23 x 4 x 4 channels: every 16-px cell is divided into 4 x 4
sub-cells of 4 px, so that a pixel shuffle gives 23 maps of 32 x 24 logits without any upsampling
layer. 48 MMAC, 448,392 weights.
"""

from __future__ import annotations

from model_zoo.chain import ChainSpec, ConvSpec
from model_zoo.skeleton import N_KEYPOINTS

NAME = "gait-pose-s"
SUB_CELLS = 4
STRIDE = 16

_CHANNELS = (
    (3, 24, 2),
    (24, 32, 2),
    (32, 32, 1),
    (32, 64, 2),
    (64, 64, 1),
    (64, 64, 1),
    (64, 96, 2),
    (96, 96, 1),
    (96, 96, 1),
    (96, 96, 1),
)

SPEC = ChainSpec(
    height=128,
    width=96,
    trunk=tuple(
        ConvSpec(a, b, stride=s, weight_bits=8 if i == 0 else 4)
        for i, (a, b, s) in enumerate(_CHANNELS)
    ),
    # 6-bit head weights: 96 inputs of at most 15 keep every sum inside INT16.
    head=ConvSpec(96, N_KEYPOINTS * SUB_CELLS**2, kernel=1, weight_bits=6),
)
