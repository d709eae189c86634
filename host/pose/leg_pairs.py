"""Two legs are two: which of the places that a network sees belong to which leg.

Seen from the side, the maps of the left and the right ankle often have the same two hills, one on
each leg, and both maps are highest on the nearer leg: read one by one, both ankles fall on one leg.
Read together, the second hill of one map is taken where that makes the pair more probable.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import Side, part

LEG_PARTS: tuple[str, ...] = ("knee", "ankle", "heel", "big_toe", "small_toe")

_LEFT_HILL = np.array([0, 1, 0])
_RIGHT_HILL = np.array([0, 0, 1])
"""Hill (0 = highest, 1 = second) of the left and the right point in each of three states."""

_BONES = ((0, 1, 0.32), (1, 2, 0.10), (1, 3, 0.17), (2, 3, 0.19), (3, 4, 0.08))
"""Parts that are joined, and the length that their distance hardly exceeds, in crop heights.

The crop is 1.25 times the person's height (``host.pose.crop``): shank 0.246, ankle height 0.039,
foot 0.152 of the body height (Drillis and Contini 1966), divided by 1.25, and room for points
that lie beside the joint.
"""

_FROM = np.array([a for a, _, _ in _BONES])
_TO = np.array([b for _, b, _ in _BONES])
_LONGEST = np.array([longest for _, _, longest in _BONES])


class LegPairs:
    """Joint reading of both legs.

    Every part (knee, ankle, heel, toes) is in one of three states: both points on their highest
    hills, the left one on its second, or the right one on its second. The states of all parts are
    chosen together: largest sum of log probabilities, less a price for points that coincide and
    for bones that are too long.

    Parameters
    ----------
    coincide
        How much less probable it is, all else equal, that both legs' points lie in one place.
        0.4 by rendered validation pictures (0.25 to 0.5 differ by less than a point there).
    near_share
        Distance, in crop heights, below which two points count as one place (two cells of 32).
    least_share
        A second hill lower than this share of the first is no place for a leg.
    slack_share
        Standard deviation of a bone that is longer than it should be, in crop heights.
    """

    def __init__(
        self,
        coincide: float = 0.4,
        near_share: float = 2 / 32,
        least_share: float = 0.05,
        slack_share: float = 0.045,
    ) -> None:
        self._log_coincide = np.log(coincide)
        self._near = near_share
        self._least_share = least_share
        self._slack = slack_share
        self.left = np.array([part(name, Side.LEFT) for name in LEG_PARTS])
        self.right = np.array([part(name, Side.RIGHT) for name in LEG_PARTS])
        self._choices = np.array(list(itertools.product(range(3), repeat=len(LEG_PARTS))))

    def choose(
        self, xy_share: NDArray[np.float64], mass: NDArray[np.float32]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Hills of the left and the right parts.

        Parameters
        ----------
        xy_share
            float64[N, 2, 5, 2, 2]: side (left, right), part, hill, and x, y in crop heights.
        mass
            float32[N, 2, 5, 2]: probability of each hill.

        Returns
        -------
        int[N, 5] for the left and for the right leg: 0 = highest hill, 1 = second.
        """
        possible = mass >= self._least_share * mass[..., :1]
        log_mass = np.where(possible, np.log(np.maximum(mass, 1e-9)), -np.inf)
        state_xy = np.stack(
            [xy_share[:, 0][:, :, _LEFT_HILL], xy_share[:, 1][:, :, _RIGHT_HILL]], axis=1
        )
        apart = np.linalg.norm(state_xy[:, 0] - state_xy[:, 1], axis=-1)
        single = (
            log_mass[:, 0][:, :, _LEFT_HILL]
            + log_mass[:, 1][:, :, _RIGHT_HILL]
            + np.where(apart < self._near, self._log_coincide, 0.0)
        )
        bones = state_xy[:, :, _FROM, :, None] - state_xy[:, :, _TO, None]
        excess = np.maximum(np.linalg.norm(bones, axis=-1) - _LONGEST[:, None, None], 0)
        # A bounded price: hills can be wrong.
        joined = -np.minimum((excess / self._slack) ** 2 / 2, 2.0).sum(axis=1)
        parts, joints = np.arange(len(LEG_PARTS)), np.arange(len(_BONES))
        total = single[:, parts, self._choices].sum(axis=-1) + joined[
            :, joints, self._choices[:, _FROM], self._choices[:, _TO]
        ].sum(axis=-1)
        state = self._choices[total.argmax(axis=1)]
        return _LEFT_HILL[state], _RIGHT_HILL[state]
