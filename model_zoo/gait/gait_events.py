"""``gait-events``: when a foot meets the floor and when it leaves it, from its path over time.

A plain chain of 1 x 5 convolutions that slides over the path of one foot (any foot: it is not told
which). Two strides of 2 make cells of four moments; the head tells the four moments of a cell
apart (sub-cells instead of upsampling), so that there is one answer per moment. Nothing is padded:
each answer sees 1.54 s, and windows that overlap by that give the same answers as one long window.
Own design; convolutions over time for gait events: Kidzinski, Delp and Schwartz (2019) used an
LSTM, Filtjens et al. (2020) dilated convolutions.
"""

from __future__ import annotations

from model_zoo.chain import ChainSpec, ConvSpec

NAME = "gait-events"
RATE_HZ = 50.0
CHANNELS_IN = 16
CELLS = 32
STEPS = 4
"""Moments per cell."""
KINDS = 2
"""Initial contact and foot off."""
WIDTH = 48
DEEP = 4
KERNEL = (1, 5)


def _moments(cells: int) -> int:
    """Moments of the input for so many cells of the output."""
    behind_second = cells + DEEP * (KERNEL[1] - 1)
    behind_first = 2 * (behind_second - 1) + KERNEL[1]
    return 2 * (behind_first - 1) + KERNEL[1]


MOMENTS = _moments(CELLS)

SPEC = ChainSpec(
    height=1,
    width=MOMENTS,
    trunk=(
        ConvSpec(CHANNELS_IN, WIDTH, KERNEL, (1, 2), weight_bits=8, padded=False),
        ConvSpec(WIDTH, WIDTH, KERNEL, (1, 2), padded=False),
        *(ConvSpec(WIDTH, WIDTH, KERNEL, padded=False) for _ in range(DEEP)),
    ),
    head=ConvSpec(WIDTH, STEPS * KINDS, kernel=1, weight_bits=6),
    signed_input=True,
)
