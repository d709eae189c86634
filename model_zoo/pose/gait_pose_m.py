"""``gait-pose-m``: keypoints of one person from a 256 x 192 crop, for a Pynq-Z2 at 120 frames/s.

Fifteen 3x3 convolutions with strides 2 2 1 1 2 1 1 1 1 2 1 1 1 1 1 (stride 16, receptive field
271 px, more than the crop, so that both legs and the face are seen together) and a 1x1 head of
23 x 4 x 4 channels: 4-px sub-cells, 64 x 48 of them per keypoint. 283 MMAC, 555,400 weights.
Weights live in block RAM on the board, and a small part has few: the multiplications are spent on
resolution, not on channels.
"""

from __future__ import annotations

from model_zoo.chain import ChainSpec, ConvSpec
from model_zoo.skeleton import N_KEYPOINTS

NAME = "gait-pose-m"
SUB_CELLS = 4
STRIDE = 16

_CHANNELS = (
    (3, 24, 2),
    (24, 32, 2),
    (32, 32, 1),
    (32, 32, 1),
    (32, 64, 2),
    (64, 64, 1),
    (64, 64, 1),
    (64, 64, 1),
    (64, 64, 1),
    (64, 80, 2),
    (80, 80, 1),
    (80, 80, 1),
    (80, 80, 1),
    (80, 80, 1),
    (80, 80, 1),
)

SPEC = ChainSpec(
    height=256,
    width=192,
    trunk=tuple(
        ConvSpec(a, b, stride=s, weight_bits=8 if i == 0 else 4)
        for i, (a, b, s) in enumerate(_CHANNELS)
    ),
    head=ConvSpec(80, N_KEYPOINTS * SUB_CELLS**2, kernel=1, weight_bits=6),
)
