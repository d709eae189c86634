"""How good a finder is: the patient's box, everybody's, and boxes where nobody is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.person.decode import Boxes, intersection_over_union

Array = NDArray[np.float64]
FALSE_BOXES = 0.05
"""False boxes per frame that a threshold is chosen by."""
THRESHOLDS = np.round(np.arange(0.1, 0.901, 0.01), 2)


@dataclass(frozen=True)
class LabelledFrame:
    """What a finder should say about one frame.

    Attributes
    ----------
    people_px
        float64[N, 4], boxes of all people in the frame.
    subject
        Row of the patient in ``people_px``; None in a frame without people.
    others_px
        float64[M, 4]: reflections and pictures of people, which are nobody.
    """

    people_px: Array
    subject: int | None
    others_px: Array

    def covered(self) -> bool:
        """Whether the boxes of two people meet."""
        shares = intersection_over_union(self.people_px, self.people_px)
        return bool((np.triu(shares, 1) > 0).any())


@dataclass(frozen=True)
class PersonScores:
    """Results; shares in per cent, None where nothing was labelled.

    Attributes
    ----------
    frames
        Number of frames.
    subject_found
        Share of the frames with people in which a box overlaps the subject's.
    interval_95
        Of ``subject_found``, frames redrawn.
    subject_overlap
        Mean intersection over union of the subjects found, in per cent.
    people_found
        Share of all people.
    false_boxes
        Boxes per frame that overlap no person enough: nobody there, badly placed, or a second
        box of one person.
    false_nobody
        Of these, per frame, the ones that hardly touch anybody (less than 0.1).
    false_others
        Of these, per frame, the ones on a reflection or a picture.
    """

    frames: int
    subject_found: float | None
    interval_95: tuple[float, float] | None
    subject_overlap: float | None
    people_found: float | None
    false_boxes: float
    false_nobody: float
    false_others: float


class PersonMetric:
    """Boxes and people are paired one to one, the surest box first.

    Parameters
    ----------
    overlap
        Least intersection over union of a pair.
    resamples, seed
        Of the bootstrap over frames.
    """

    def __init__(self, overlap: float = 0.5, resamples: int = 1000, seed: int = 0) -> None:
        self.overlap = overlap
        self.resamples = resamples
        self.seed = seed

    def score(self, labels: list[LabelledFrame], found: list[Boxes]) -> PersonScores:
        """Figures of ``found`` against ``labels``, frame by frame.

        Raises
        ------
        ValueError
            When their numbers differ.
        """
        pairs = [self._frame(label, boxes) for label, boxes in zip(labels, found, strict=True)]
        subject = np.array([p.subject for p in pairs if p.subject is not None])
        hit = subject >= self.overlap
        people = sum(len(label.people_px) for label in labels)
        n = max(len(labels), 1)
        return PersonScores(
            frames=len(labels),
            subject_found=100.0 * float(hit.mean()) if len(hit) else None,
            interval_95=self._interval(hit),
            subject_overlap=100.0 * float(subject[hit].mean()) if hit.any() else None,
            people_found=100.0 * sum(p.people for p in pairs) / people if people else None,
            false_boxes=sum(p.false for p in pairs) / n,
            false_nobody=sum(p.nobody for p in pairs) / n,
            false_others=sum(p.others for p in pairs) / n,
        )

    def best_threshold(
        self, labels: list[LabelledFrame], found: list[Boxes], false_boxes: float = FALSE_BOXES
    ) -> tuple[float, PersonScores]:
        """Threshold that finds most subjects with at most so many false boxes, and its figures.

        For validation splits only. Where none keeps to the limit, the highest one is taken.
        """
        tried = []
        for threshold in THRESHOLDS:
            kept = [
                Boxes(b.box_px[b.score >= threshold], b.score[b.score >= threshold]) for b in found
            ]
            tried.append((float(threshold), self.score(labels, kept)))
        good = [t for t in tried if t[1].false_boxes <= false_boxes] or tried[-1:]
        return max(good, key=lambda t: (t[1].subject_found or 0.0, t[1].people_found or 0.0))

    def _frame(self, label: LabelledFrame, boxes: Boxes) -> _Pairs:
        shares = intersection_over_union(boxes.box_px, label.people_px)
        paired: dict[int, float] = {}
        false = []
        for i, row in enumerate(shares):  # surest first; a few at most
            row = row.copy()
            row[list(paired)] = 0.0
            best = int(row.argmax()) if len(row) else 0
            if row.max(initial=0.0) >= self.overlap:
                paired[best] = float(row[best])
            else:
                false.append(i)
        near = shares[false].max(axis=1, initial=0.0)
        fake = intersection_over_union(boxes.box_px[false], label.others_px)
        on_fake = (fake.max(axis=1, initial=0.0) >= 0.3) & (near < 0.1)
        subject = None if label.subject is None else paired.get(label.subject, 0.0)
        return _Pairs(subject, len(paired), len(false), int((near < 0.1).sum()), int(on_fake.sum()))

    def _interval(self, hit: NDArray[np.bool_]) -> tuple[float, float] | None:
        if not len(hit):
            return None
        rng = np.random.default_rng(self.seed)
        drawn = rng.integers(0, len(hit), (self.resamples, len(hit)))
        low, high = np.percentile(100.0 * hit[drawn].mean(axis=1), (2.5, 97.5))
        return float(low), float(high)


@dataclass(frozen=True)
class _Pairs:
    """One frame: the subject's overlap (None: there is none), people found, false boxes."""

    subject: float | None
    people: int
    false: int
    nobody: int
    others: int
