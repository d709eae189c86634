"""Why a labelled point is missed: every missed point of a set by its first cause that holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import BODY, KEYPOINTS, MIRROR, mirrored_name
from quantize.pose_metric import Floats, length_px, measurable, torso_px

Bools = NDArray[np.bool_]
HIDDEN = 1
"""Visibility of a labelled point that something stands before."""
_ELSEWHERE_FROM = 2.0
"""Tolerances from which a point is not near its place any more: 0.4 torso."""
_PAIRED = np.array([mirrored_name(name) != name for name in KEYPOINTS])


class Miss(str, Enum):
    """Causes of a missed point, in the order in which they are asked for."""

    PERSON = "person"
    """The whole person fits better with sides exchanged, and so does this point."""
    PAIR = "pair"
    """This pair of joints alone is exchanged: each one lies on the label of the other."""
    LIMB = "limb"
    """It lies on the other side's label, and not the other way round: mostly both on one limb."""
    NEAR = "near"
    """Between one and two tolerances from its label."""
    HIDDEN = "hidden"
    """Farther away, and hidden by something or by the body itself (told of rendered people)."""
    ELSEWHERE = "elsewhere"
    """Farther away although it is to be seen (or the set does not tell)."""


CAUSES = tuple(Miss)


@dataclass(frozen=True)
class Misses:
    """Causes of the missed points of a set.

    Attributes
    ----------
    cause
        int8[N, 23]: row of :data:`CAUSES`, -1 where a point is found, -2 where none is labelled or
        the person has no torso to measure by.
    """

    cause: NDArray[np.int8]

    def shares(self, chosen: Sequence[int]) -> dict[str, float]:
        """Points missed by each cause, of 100 labelled ones of the ``chosen`` keypoints."""
        cause = self.cause[:, list(chosen)]
        n = max(int((cause > -2).sum()), 1)
        return {miss.value: 100.0 * int((cause == i).sum()) / n for i, miss in enumerate(CAUSES)}

    def of_persons(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Main cause of each person, int64[N] (-1: none), and how many body joints it takes."""
        body = self.cause[:, BODY]
        counts = np.stack([(body == i).sum(axis=1) for i in range(len(CAUSES))], axis=1)
        most = counts.max(axis=1)
        return np.where(most > 0, counts.argmax(axis=1), -1), most


def classify(
    labels: Floats, points: Floats, hidden: Bools | None = None, alpha: float = 0.2
) -> Misses:
    """Find out why points are missed.

    Parameters
    ----------
    labels, points
        As of :meth:`quantize.pose_metric.PoseMetric.score`.
    hidden
        bool[N, 23], labelled points that are not to be seen; None where the set does not tell.
    alpha
        Tolerance in torsos, as of :class:`quantize.pose_metric.PoseMetric`.
    """
    known = measurable(labels)
    limit = alpha * torso_px(labels)[:, None]
    place = labels[..., :2]
    distance = length_px(points - place)
    on_other = (length_px(points - place[:, MIRROR]) <= limit) & known[:, MIRROR] & _PAIRED
    on_other &= length_px(place - place[:, MIRROR]) > limit  # sides that lie apart, as swap_rate
    found = (distance <= limit) & known
    turned = (length_px(points[:, MIRROR] - place) <= limit) & known
    exchanged = turned[:, BODY].sum(axis=1) > found[:, BODY].sum(axis=1)
    tests = {
        Miss.PERSON: exchanged[:, None] & turned,
        Miss.PAIR: on_other & on_other[:, MIRROR],
        Miss.LIMB: on_other,
        Miss.NEAR: distance <= _ELSEWHERE_FROM * limit,
        Miss.HIDDEN: np.zeros_like(known) if hidden is None else hidden,
    }
    cause = np.full(known.shape, CAUSES.index(Miss.ELSEWHERE), dtype=np.int8)
    for miss in reversed(tests):
        cause[tests[miss]] = CAUSES.index(miss)
    cause[found] = -1
    cause[~known] = -2
    return Misses(cause)
