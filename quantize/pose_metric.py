"""How good keypoints are: PCK@0.2 of the torso, exchanged sides, errors in millimetres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import BODY, BODY_PARTS, INDEX, KEYPOINTS, MIRROR, mirrored_name

Floats = NDArray[np.float64]
ByJoint = dict[str, tuple[float, float] | None]

NO_HIPS = [i for i in BODY if not KEYPOINTS[i].endswith("hip")]
FEET = [
    INDEX[f"{side}_{part}"]
    for part in ("big_toe", "small_toe", "heel")
    for side in ("left", "right")
]
_PAIRS = [(INDEX[f"left_{part}"], INDEX[f"right_{part}"]) for part in BODY_PARTS]
FOOT_PARTS = ("big_toe", "small_toe", "heel")
GROUPS = {"legs": ("hip", "knee", "ankle"), "feet": FOOT_PARTS}
"""Whose errors in millimetres are summed up: what a gait report is made of."""


@dataclass(frozen=True)
class PoseScores:
    """Figures of one set; shares in per cent, None where nothing of the kind is labelled.

    Attributes
    ----------
    persons
        Persons scored.
    left_out
        Persons without a labelled torso.
    pck_02
        Share of the labelled body joints within 0.2 torso of the label, over the whole set.
    pck_02_no_hips, pck_02_feet, pck_02_by_joint
        The same without the hips, of toes and heels, of each of the 23 points.
    pck_02_either_side
        The body joints when every person may be left/right exchanged as a whole.
    swap_rate
        Of the left/right pairs further apart than 0.2 torso: the share that fits better exchanged
        (sum of both distances below half).
    interval_95
        Of ``pck_02``, persons drawn with replacement.
    bias_mm_by_joint, sd_mm_by_joint
        Mean and standard deviation of the error along x and y in millimetres at the person's
        depth, over the points within 0.2 torso, so that exchanged sides do not enter.
    pck_02_left_minus_right
        Of each pair of joints: PCK of the left one less that of the right one, points.
    headline_mm
        For ``legs`` (hip, knee, ankle) and ``feet``: the largest bias of a joint along x or y, the
        root mean square of the joints' SD along x and y, and the joint of the largest SD.
    """

    persons: int
    left_out: int
    pck_02: float | None
    pck_02_no_hips: float | None
    pck_02_feet: float | None
    pck_02_either_side: float | None
    pck_02_by_joint: dict[str, float | None]
    swap_rate: float | None
    interval_95: tuple[float, float] | None
    bias_mm_by_joint: ByJoint | None
    sd_mm_by_joint: ByJoint | None
    pck_02_left_minus_right: dict[str, float | None]
    headline_mm: dict[str, dict[str, float | str]] | None


class PoseMetric:
    """PCK after Yang and Ramanan (2013), with the torso of the label as the yardstick.

    Torso: labelled left shoulder to right hip; where one is missing right shoulder to left hip;
    persons with neither are left out. A labelled point (v > 0) is correct within ``alpha`` torsos,
    whatever its score.

    Parameters
    ----------
    alpha
        Tolerance in torsos.
    resamples
        Draws of the bootstrap over persons.
    seed
        Of the bootstrap.
    """

    def __init__(self, alpha: float = 0.2, resamples: int = 1000, seed: int = 0) -> None:
        self.alpha = alpha
        self.resamples = resamples
        self.seed = seed

    def score(self, labels: Floats, points: Floats, mm_per_px: Floats | None = None) -> PoseScores:
        """Score predictions.

        Parameters
        ----------
        labels
            float[N, 23, 3]: x, y in pixels and v (0 = not labelled).
        points
            float[N, 23, 2] in the same pixels.
        mm_per_px
            float[N], at the person's depth; None where the pictures have no scale.
        """
        torso = torso_px(labels)
        use = torso > 0
        labels, points, limit = labels[use], points[use], self.alpha * torso[use]
        labelled = labels[..., 2] > 0
        error = points - labels[..., :2]
        hit = (length_px(error) <= limit[:, None]) & labelled
        scale = None if mm_per_px is None else mm_per_px[use]
        by_joint = {name: _share(hit[:, i], labelled[:, i]) for i, name in enumerate(KEYPOINTS)}
        bias = _by_joint(np.mean, error, hit, scale)
        spread = _by_joint(np.std, error, hit, scale)
        return PoseScores(
            persons=int(use.sum()),
            left_out=int((~use).sum()),
            pck_02=_share(hit[:, BODY], labelled[:, BODY]),
            pck_02_no_hips=_share(hit[:, NO_HIPS], labelled[:, NO_HIPS]),
            pck_02_feet=_share(hit[:, FEET], labelled[:, FEET]),
            pck_02_either_side=self._either_side(labels, points, limit, hit, labelled),
            pck_02_by_joint=by_joint,
            swap_rate=_swap_rate(labels, points, limit, labelled),
            interval_95=self._interval(hit[:, BODY].sum(axis=1), labelled[:, BODY].sum(axis=1)),
            bias_mm_by_joint=bias,
            sd_mm_by_joint=spread,
            pck_02_left_minus_right={
                part: _difference(by_joint[f"left_{part}"], by_joint[f"right_{part}"])
                for part in (*BODY_PARTS, *FOOT_PARTS)
            },
            headline_mm=None if bias is None or spread is None else _headline(bias, spread),
        )

    def share_by_score(
        self, labels: Floats, points: Floats, scores: NDArray[np.float32], bins: int = 10
    ) -> list[dict[str, float | None]]:
        """What a score is worth: points and share within ``alpha`` torsos for each range of scores.

        All 23 points count. A score is no probability of being right; this says what it stands for.
        """
        torso, known = torso_px(labels), measurable(labels)
        hit = (length_px(points - labels[..., :2]) <= self.alpha * torso[:, None]) & known
        place = np.minimum((scores * bins).astype(int), bins - 1)
        return [
            {
                "score_from": i / bins,
                "points": int((known & (place == i)).sum()),
                "pck_02": _share(hit & (place == i), known & (place == i)),
            }
            for i in range(bins)
        ]

    def mirror_consistency(self, labels: Floats, points: Floats, turned: Floats) -> float | None:
        """Share, per cent, of labelled points that do not depend on which way the picture lies.

        ``turned`` are the points of the mirrored picture, mirrored back (sides exchanged): they
        must lie within half of ``alpha`` torsos of ``points``.
        """
        known = measurable(labels)
        return _share(known & ~self.mirror_differs(labels, points, turned), known)

    def mirror_differs(self, labels: Floats, points: Floats, turned: Floats) -> NDArray[np.bool_]:
        """Labelled points that :meth:`mirror_consistency` does not count, bool[N, 23]."""
        far = length_px(points - turned) > self.alpha / 2 * torso_px(labels)[:, None]
        return np.asarray(far & measurable(labels))

    def person_errors(self, labels: Floats, points: Floats) -> Floats:
        """Mean distance of each person's labelled body joints, in torsos, each at most 1: [N]."""
        distance = length_px(points - labels[..., :2])[:, BODY]
        labelled = labels[:, BODY, 2] > 0
        torso = torso_px(labels)
        scaled = np.minimum(distance / np.where(torso > 0, torso, np.inf)[:, None], 1.0)
        total = np.where(labelled, scaled, 0.0).sum(axis=1)
        mean: Floats = total / np.maximum(labelled.sum(axis=1), 1)
        return mean

    def _either_side(
        self,
        labels: Floats,
        points: Floats,
        limit: Floats,
        hit: NDArray[np.bool_],
        labelled: NDArray[np.bool_],
    ) -> float | None:
        exchanged = points[:, MIRROR]
        other = (length_px(exchanged - labels[..., :2]) <= limit[:, None]) & labelled
        best = np.maximum(hit[:, BODY].sum(axis=1), other[:, BODY].sum(axis=1))
        n = int(labelled[:, BODY].sum())
        return 100.0 * float(best.sum()) / n if n else None

    def _interval(
        self, hits: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> tuple[float, float] | None:
        if not counts.sum():
            return None
        rng = np.random.default_rng(self.seed)
        drawn = rng.integers(0, len(hits), (self.resamples, len(hits)))
        shares = 100.0 * hits[drawn].sum(axis=1) / np.maximum(counts[drawn].sum(axis=1), 1)
        low, high = np.percentile(shares, (2.5, 97.5))
        return float(low), float(high)


def torso_px(labels: Floats) -> Floats:
    """Yardstick of each person, float[N]; 0 where no diagonal of the trunk is labelled."""

    def diagonal(a: str, b: str) -> tuple[Floats, NDArray[np.bool_]]:
        first, second = labels[:, INDEX[a]], labels[:, INDEX[b]]
        return length_px(first - second), (first[:, 2] > 0) & (second[:, 2] > 0)

    main, main_labelled = diagonal("left_shoulder", "right_hip")
    other, other_labelled = diagonal(mirrored_name("left_shoulder"), mirrored_name("right_hip"))
    return np.where(main_labelled, main, np.where(other_labelled, other, 0.0))


def measurable(labels: Floats) -> NDArray[np.bool_]:
    """Labelled points of persons who have a yardstick, bool[N, 23]."""
    return np.asarray((labels[..., 2] > 0) & (torso_px(labels) > 0)[:, None])


def length_px(vectors: Floats) -> Floats:
    """Lengths of float[..., 2]; further columns, such as v, do not count."""
    return np.asarray(np.hypot(vectors[..., 0], vectors[..., 1]))


def _share(hit: NDArray[np.bool_], labelled: NDArray[np.bool_]) -> float | None:
    n = int(labelled.sum())
    return 100.0 * int(hit.sum()) / n if n else None


def _swap_rate(
    labels: Floats, points: Floats, limit: Floats, labelled: NDArray[np.bool_]
) -> float | None:
    pairs = swapped = 0
    for left, right in _PAIRS:
        apart = length_px(labels[:, left] - labels[:, right]) > limit
        counted = apart & labelled[:, left] & labelled[:, right]

        def distance(
            label: int, point: int, chosen: NDArray[np.bool_] = counted
        ) -> NDArray[np.float64]:
            return length_px(labels[chosen, label, :2] - points[chosen, point])

        straight = distance(left, left) + distance(right, right)
        crossed = distance(left, right) + distance(right, left)
        pairs += int(counted.sum())
        swapped += int((crossed < 0.5 * straight).sum())
    return 100.0 * swapped / pairs if pairs else None


def _by_joint(
    statistic: object, error: Floats, hit: NDArray[np.bool_], mm_per_px: Floats | None
) -> ByJoint | None:
    if mm_per_px is None:
        return None
    error_mm = error * mm_per_px[:, None, None]
    result: ByJoint = {}
    for i, name in enumerate(KEYPOINTS):
        chosen = error_mm[hit[:, i], i]
        value = None if len(chosen) < 2 else statistic(chosen, axis=0)  # type: ignore[operator]
        result[name] = None if value is None else (float(value[0]), float(value[1]))
    return result


def _difference(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def _headline(bias: ByJoint, spread: ByJoint) -> dict[str, dict[str, float | str]]:
    result: dict[str, dict[str, float | str]] = {}
    for group, parts in GROUPS.items():
        names = [f"{side}_{part}" for part in parts for side in ("left", "right")]
        sds = {n: sd for n in names if (sd := spread[n]) is not None}
        biases = [abs(v) for n in names for v in bias[n] or ()]
        if sds:
            worst = max(sds, key=lambda n: max(sds[n]))
            result[group] = {
                "largest_bias": max(biases),
                "sd": float(np.sqrt(np.mean(np.square(list(sds.values()))))),
                "largest_sd": max(sds[worst]),
                "largest_sd_joint": worst,
            }
    return result
