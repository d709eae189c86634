"""``gait-lift``: depth of the 23 keypoints from 27 moments of them, for the smallest board.

The temporal convolutions of Pavllo, Feichtenhofer, Grangier and Auli (VideoPose3D, CVPR 2019) in
the strided form that answers for the middle moment: 27 to 9 to 3 to 1 by kernels of 1 x 3 with
stride 3, a 1 x 1 convolution behind the second and third. It has the receptive field of their
dilated form and is a plain chain. Deviations: no residual connections (the host adds the picture's
own coordinates, see ``host.pose.lift``, in place of the skip from the input), 30 moments per
second, 160 channels instead of 1024. 250 k weights, 0.73 MMAC per pose.
"""

from __future__ import annotations

from model_zoo.chain import ChainSpec, ConvSpec
from model_zoo.skeleton import N_KEYPOINTS

NAME = "gait-lift"
RATE_HZ = 30.0
MOMENTS = 27
WIDTH = 160
INPUTS = 3 * N_KEYPOINTS + 3

SPEC = ChainSpec(
    height=1,
    width=MOMENTS,
    trunk=(
        ConvSpec(INPUTS, WIDTH, (1, 3), (1, 3), weight_bits=8, padded=False),
        ConvSpec(WIDTH, WIDTH, (1, 3), (1, 3), padded=False),
        ConvSpec(WIDTH, WIDTH, 1),
        ConvSpec(WIDTH, WIDTH, (1, 3), (1, 3), padded=False),
        ConvSpec(WIDTH, WIDTH, 1),
    ),
    # 7 bits keep every sum inside INT16.
    head=ConvSpec(WIDTH, 3 * N_KEYPOINTS, kernel=1, weight_bits=7),
    signed_input=True,
)
