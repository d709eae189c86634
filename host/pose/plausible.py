"""Which points of a track are none: what contradicts the body or is more likely a guess."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.special import expit, logit

from host.codes import Withheld
from host.gait.sources import Source
from host.pose.across import walks_across
from host.pose.both_on_one import BothOnOne
from host.pose.limits import TooFast, TooLong
from host.pose.stature import bridged, stature_px
from model_zoo.skeleton import Side, part

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

REASONS: tuple[Withheld, ...] = tuple(Withheld)
"""Numbers in ``Recording.withheld`` are places in this list, from 1 on; 0 is a point that stays."""

TOGETHER = 0.04
"""Statures within which two points count as one place."""

_LIMBS = [
    part(name, side)
    for name in ("elbow", "wrist", "knee", "ankle", "heel", "big_toe", "small_toe")
    for side in Side
]
_HIPS = [part("hip", side) for side in Side]
_HIPS_FRAMES = 5


class PlausibleBody:
    """Withholds points of a track, in this order; a point has the first reason that fits.

    1. *Both legs on one*: :class:`~host.pose.both_on_one.BothOnOne`, in walks across the picture
       (:func:`~host.pose.across.walks_across`, up to 30 degrees). Obliquely the feet come together
       more slowly and may part on the side they came from, so good points would go: without it
       contacts of 22 rendered walks at 34 to 57 degrees were found 1.8 ms nearer, foot off 2.7 ms
       (gait-pose-s; at 0 to 23 degrees it changes neither by 0.4 ms).
    2. *Unsure*: the score is below the source's ``min_score``, or, of a shoulder, an elbow or a
       wrist, its probability to lie within 0.2 torso lengths of the joint is below ``surest``. That
       probability was counted on rendered walks (``Source.sure``, logistic in the score and in
       whether the point lies on its brighter counterpart's place): a hidden hand is guessed,
       often on the other hand.
    3. *Too long*: :class:`~host.pose.limits.TooLong`.
    4. *Too fast*: :class:`~host.pose.limits.TooFast`.

    What is withheld is missing from then on (the gait room alone keeps unsure arms, see
    :func:`host.pose.trajectories.to_trajectories`); nothing is put in its place. Head and hips
    are withheld by their scores alone.

    Parameters
    ----------
    surest
        Least probability of an arm's point: three of four must be right. Legs have the laws of
        their motion behind them (sides, chains, holes filled over 0.12 s) and keep fainter points.
    """

    def __init__(self, surest: float = 0.75) -> None:
        self._surest = surest
        self._one, self._long, self._fast = BothOnOne(), TooLong(), TooFast()

    def find(self, time_s: Array, xy_px: Array, score: Array, source: Source) -> NDArray[np.uint8]:
        """Reason of each point, uint8[T, 23]: place in :data:`REASONS` from 1 on; 0 stays.

        Parameters
        ----------
        time_s
            float64[T], increasing.
        xy_px
            float64[T, 23, 2], sides put right; NaN where missing.
        score
            float64[T, 23].
        source
            What is known of the network's scores.
        """
        out = np.zeros(xy_px.shape[:2], np.uint8)
        tall_px = stature_px(time_s, xy_px)
        if not np.isfinite(tall_px).any():
            return out
        if walks_across(time_s, xy_px, score, source):
            one = self._one.find(time_s, xy_px, float(np.nanmedian(tall_px)))
            self._take(out, Withheld.BOTH_ON_ONE, one)
        seen = np.isfinite(xy_px).all(axis=-1)
        xy = xy_px / tall_px[:, None, None]
        self._take(out, Withheld.UNSURE, seen & self._unsure(xy, score, source))
        kept = np.where((out > 0)[..., None], np.nan, xy)
        self._take(out, Withheld.TOO_LONG, self._long.find(kept, score))
        kept = np.where((out > 0)[..., None], np.nan, xy)
        middle = median_filter(bridged(xy[:, _HIPS].mean(axis=1)), (_HIPS_FRAMES, 1))
        fast = np.zeros_like(seen)
        fast[:, _LIMBS] = self._fast.find(
            time_s, kept[:, _LIMBS] - middle[:, None], score[:, _LIMBS]
        )
        self._take(out, Withheld.TOO_FAST, fast)
        return out

    @staticmethod
    def _take(out: NDArray[np.uint8], reason: Withheld, points: Mask) -> None:
        out[points & (out == 0)] = REASONS.index(reason) + 1

    def _unsure(self, xy: Array, score: Array, source: Source) -> Mask:
        out = np.asarray(np.nan_to_num(score) < source.min_score)
        for name, odds in source.sure.items():
            pair = [part(name, side) for side in Side]
            on_other = on_brighter(xy[:, pair], score[:, pair])
            out[:, pair] |= probability(score[:, pair], on_other, odds) < self._surest
        return out


def probability(score: Array, on_other: Mask, odds: Sequence[float]) -> Array:
    """Probability that a point lies within 0.2 torso lengths of its joint.

    Parameters
    ----------
    score
        float64[...] in 0..1.
    on_other
        bool[...]: it lies on its brighter counterpart's place.
    odds
        Constant, and factors of the score's log odds and of ``on_other`` (logistic regression).
    """
    return np.asarray(expit(odds[0] + odds[1] * log_odds(score) + odds[2] * on_other))


def log_odds(score: Array) -> Array:
    """Of scores float64[...]; of those near 0 and 1 the odds of 0.02 and 0.98."""
    return np.asarray(logit(np.clip(np.nan_to_num(score), 0.02, 0.98)))


def on_brighter(pair: Array, score: Array) -> Mask:
    """Points of float[T, 2, 2] within :data:`TOGETHER` of the other one, whose score is larger."""
    apart = np.linalg.norm(pair[:, 0] - pair[:, 1], axis=-1)
    return np.asarray((apart < TOGETHER)[:, None] & (score < score[:, ::-1]))


def counted(withheld: NDArray[np.uint8]) -> dict[str, int]:
    """How many points were withheld for each reason."""
    return {reason.value: int((withheld == n).sum()) for n, reason in enumerate(REASONS, start=1)}
