"""``gait-patterns``: which pattern three seconds of keypoints show.

A plain chain of four 1 x 5 convolutions with stride 2 over 61 moments, nothing padded: 61 to 29,
13, 5 and 1. Walks are turned to go to the right, so that the network sees "ahead", not a direction
of the picture. Own design; convolutions over keypoints for gait: Lea et al. 2017 (temporal
convolutional networks). 124 k weights, 2.6 MMAC per window. It is no part of a release unless it
beats the auditable model (``docs/validation.md``).
"""

from __future__ import annotations

from model_zoo.chain import ChainSpec, ConvSpec
from model_zoo.skeleton import N_KEYPOINTS

NAME = "gait-patterns"
RATE_HZ = 20.0
MOMENTS = 61
INPUTS = 3 * N_KEYPOINTS + 3
CLASSES = (
    "none",
    "parkinsonian",
    "ataxic",
    "crouch",
    *(f"{p}/{s}" for p in ("hemiparetic", "antalgic", "foot_drop") for s in ("left", "right")),
)
"""Order of the outputs, log odds up to a constant."""
UNSEEN_FROM_THE_SIDE = "trendelenburg"
"""Its drop of the pelvis and lean of the trunk lie across the picture: learnt as no pattern."""

_KERNEL, _STRIDE = (1, 5), (1, 2)

SPEC = ChainSpec(
    height=1,
    width=MOMENTS,
    trunk=(
        ConvSpec(INPUTS, 64, _KERNEL, _STRIDE, weight_bits=8, padded=False),
        ConvSpec(64, 64, _KERNEL, _STRIDE, padded=False),
        ConvSpec(64, 96, _KERNEL, _STRIDE, padded=False),
        ConvSpec(96, 96, _KERNEL, _STRIDE, padded=False),
    ),
    head=ConvSpec(96, len(CLASSES), kernel=1, weight_bits=6),
    signed_input=True,
)
