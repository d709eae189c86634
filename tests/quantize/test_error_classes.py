"""Every missed point has one cause, found on a person of whom all is known."""

import numpy as np
import pytest

from model_zoo.skeleton import BODY, INDEX, KEYPOINTS, MIRROR, mirrored_name
from quantize.error_classes import CAUSES, Miss, Misses, classify
from quantize.pose_metric import PoseMetric

TORSO = 100.0
WIDE = 60.0


def person() -> np.ndarray:
    """One standing person, float[1, 23, 3]; the left side 60 px right of the right one."""
    y = {"shoulder": 0, "elbow": 60, "wrist": 120, "hip": 80, "knee": 180, "ankle": 280}
    labels = np.zeros((1, 23, 3))
    for i, name in enumerate(KEYPOINTS):
        part = name.split("_", 1)[-1]
        paired = mirrored_name(name) != name
        x = WIDE * name.startswith("left") if paired else WIDE / 2
        labels[0, i] = (x, y.get(part, 320 if i > 16 else -40), 2)
    return labels


def cause(labels: np.ndarray, points: np.ndarray, hidden: np.ndarray | None = None) -> list[str]:
    """Cause of each point of the first person; '' where it is found."""
    found = classify(labels, points, hidden).cause[0]
    return ["" if c == -1 else CAUSES[c].value if c >= 0 else "unknown" for c in found]


def only(told: list[str], expected: dict[str, str]) -> bool:
    return {KEYPOINTS[i]: c for i, c in enumerate(told) if c} == expected


def test_a_person_seen_from_the_other_side_is_exchanged_as_a_whole() -> None:
    labels = person()
    told = cause(labels, labels[:, MIRROR, :2])
    assert all(c == "person" for n, c in zip(KEYPOINTS, told, strict=True) if n != "nose")
    assert told[INDEX["nose"]] == ""


def test_legs_alone_are_exchanged_in_pairs_and_one_limb_may_hold_both() -> None:
    labels = person()
    points = labels[..., :2].copy()
    knees = [INDEX["left_knee"], INDEX["right_knee"]]
    points[0, knees] = points[0, knees[::-1]]
    points[0, INDEX["left_ankle"]] = points[0, INDEX["right_ankle"]]
    expected = {"left_knee": "pair", "right_knee": "pair", "left_ankle": "limb"}
    assert only(cause(labels, points), expected)


@pytest.mark.parametrize(("shift", "expected"), [(0.19, ""), (0.39, "near"), (0.41, "elsewhere")])
def test_the_rest_is_told_by_its_distance(shift: float, expected: str) -> None:
    labels = person()
    points = labels[..., :2].copy()
    points[0, INDEX["right_wrist"], 0] -= shift * TORSO
    assert cause(labels, points)[INDEX["right_wrist"]] == expected


def test_what_is_hidden_is_told_where_the_set_knows_it() -> None:
    labels = person()
    points = labels[..., :2].copy()
    points[0, INDEX["right_wrist"], 0] -= TORSO
    hidden = np.zeros((1, 23), dtype=bool)
    hidden[0, INDEX["right_wrist"]] = True
    assert only(cause(labels, points, hidden), {"right_wrist": "hidden"})
    assert only(cause(labels, points), {"right_wrist": "elsewhere"})


def test_sides_that_lie_together_cannot_be_exchanged() -> None:
    labels = person()
    labels[0, INDEX["left_ankle"], 0] = labels[0, INDEX["right_ankle"], 0] + 0.15 * TORSO
    points = labels[..., :2].copy()
    points[0, INDEX["left_ankle"], 0] -= 0.25 * TORSO  # within 0.2 of the right one's label
    assert only(cause(labels, points), {"left_ankle": "near"})


def test_shares_add_up_to_what_the_metric_misses() -> None:
    rng = np.random.default_rng(3)
    labels = np.repeat(person(), 200, axis=0)
    labels[rng.random((200, 23)) < 0.1] = 0
    points = labels[..., :2] + rng.normal(0, 12, (200, 23, 2))
    points[:50] = points[:50][:, MIRROR]
    misses = classify(labels, points)
    missed = sum(misses.shares(BODY).values())
    assert missed == pytest.approx(100 - PoseMetric().score(labels, points).pck_02)
    assert misses.shares(BODY)["person"] > 15
    assert np.all(misses.cause[labels[..., 2] == 0] == -2)


def test_the_main_cause_of_a_person_takes_most_joints() -> None:
    labels = np.repeat(person(), 2, axis=0)
    points = labels[..., :2].copy()
    points[1, INDEX["left_wrist"]] += 0.3 * TORSO / np.sqrt(2)
    points[1, [INDEX["left_knee"], INDEX["left_ankle"]]] += TORSO
    main, most = classify(labels, points).of_persons()
    assert main.tolist() == [-1, CAUSES.index(Miss.ELSEWHERE)]
    assert most.tolist() == [0, 2]


def test_nothing_labelled_has_no_share() -> None:
    misses = classify(person() * 0, person()[..., :2])
    assert isinstance(misses, Misses)
    assert set(misses.shares(BODY).values()) == {0.0}
