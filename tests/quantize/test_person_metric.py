"""What counts as found and as false, by hand-made frames."""

import numpy as np
import pytest

from host.person.decode import Boxes
from quantize.person_metric import LabelledFrame, PersonMetric

NOBODY = np.empty((0, 4))
A, B = [10.0, 10, 30, 70], [50.0, 10, 70, 70]


def label(*people: list[float], subject: int | None = 0, others: object = NOBODY) -> LabelledFrame:
    boxes = np.array(people, dtype=float).reshape(-1, 4)
    fakes = np.array(others, dtype=float).reshape(-1, 4)
    return LabelledFrame(boxes, subject if len(people) else None, fakes)


def boxes(*told: list[float]) -> Boxes:
    return Boxes(np.array(told, dtype=float).reshape(-1, 4), np.linspace(0.9, 0.6, len(told)))


def test_perfect_boxes() -> None:
    scores = PersonMetric().score([label(A, B), label()], [boxes(B, A), boxes()])
    assert (scores.subject_found, scores.people_found, scores.false_boxes) == (100.0, 100.0, 0.0)
    assert scores.subject_overlap == pytest.approx(100.0)


def test_frames_without_people_count_for_false_boxes_only() -> None:
    scores = PersonMetric().score([label(), label(A)], [boxes(B), boxes(A)])
    assert (scores.subject_found, scores.false_boxes, scores.false_nobody) == (100.0, 0.5, 0.5)


def test_the_subject_is_the_one_that_the_label_names() -> None:
    scores = PersonMetric().score([label(A, B, subject=1)], [boxes(A)])
    assert (scores.subject_found, scores.people_found, scores.false_boxes) == (0.0, 50.0, 0.0)


def test_a_second_box_of_one_person_is_false_but_not_nobody() -> None:
    near = [10.0, 10, 31, 71]
    scores = PersonMetric().score([label(A)], [boxes(A, near)])
    assert (scores.subject_found, scores.false_boxes, scores.false_nobody) == (100.0, 1.0, 0.0)


def test_a_badly_placed_box_finds_nobody() -> None:
    low = [10.0, 45, 30, 105]  # a third of the union
    scores = PersonMetric().score([label(A)], [boxes(low)])
    assert (scores.subject_found, scores.false_boxes, scores.false_nobody) == (0.0, 1.0, 0.0)


def test_a_box_on_a_reflection_is_told_apart() -> None:
    scores = PersonMetric().score([label(A, others=[B])], [boxes(A, B)])
    assert (scores.false_boxes, scores.false_others) == (1.0, 1.0)


def test_the_threshold_keeps_to_the_false_boxes_allowed() -> None:
    labels = [label(A)] * 20
    found = [Boxes(np.array([A, B]), np.array([0.8, 0.3 + 0.01 * i])) for i in range(20)]
    threshold, scores = PersonMetric(resamples=1).best_threshold(labels, found, 0.05)
    assert scores.false_boxes <= 0.05
    assert 0.47 < threshold <= 0.8
    assert scores.subject_found == 100.0


def test_nothing_labelled_is_absent_and_not_zero() -> None:
    scores = PersonMetric().score([label()], [boxes()])
    assert (scores.subject_found, scores.interval_95, scores.people_found) == (None, None, None)


def test_labels_and_boxes_must_match() -> None:
    with pytest.raises(ValueError, match="argument"):
        PersonMetric().score([label(A)], [])
