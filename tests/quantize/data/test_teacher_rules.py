"""Which machine-made labels are learned from: agreement, sides, visibility, posture, edges."""

from __future__ import annotations

import numpy as np
import pytest

from model_zoo.skeleton import INDEX, MIRROR, N_KEYPOINTS
from quantize.data.teacher_rules import (
    Refusal,
    Rules,
    apart,
    body_box,
    hips_as_labelled_by_hand,
    judge,
    mirrored,
    stands,
    torso_px,
    view_of,
    visibility_codes,
    worth_labelling,
)

RULES = Rules()
SIZE = (200, 400)
_PLACES = {
    "nose": (0, 50), "eye": (4, 46), "ear": (8, 50), "shoulder": (20, 90), "elbow": (28, 130),
    "wrist": (30, 165), "hip": (12, 170), "knee": (13, 240), "ankle": (14, 310),
    "heel": (13, 318), "big_toe": (16, 325), "small_toe": (20, 324),
}  # fmt: skip


def standing(*, turned: float = 1.0) -> np.ndarray:
    """Somebody who stands at x = 100; ``turned``: 1 front, -1 back, near 0 side."""
    points = np.ones((N_KEYPOINTS, 3))
    for name, k in INDEX.items():
        side, _, part = name.partition("_")
        across, y = _PLACES[part or side]
        sign = {"left": turned, "right": -turned}.get(side, 0)
        points[k, :2] = (100 + sign * across, y)
    return points


def moved(points: np.ndarray, name: str, by_px: tuple[float, float]) -> np.ndarray:
    out = points.copy()
    out[INDEX[name], :2] += by_px
    return out


def unseen(points: np.ndarray, *names: str, visibility: float = 0.05) -> np.ndarray:
    out = points.copy()
    out[[INDEX[n] for n in names], 2] = visibility
    return out


def test_somebody_whose_labels_agree_is_learned_from() -> None:
    person = standing()
    assert worth_labelling(person, RULES)
    assert judge(person, person, person, SIZE, RULES) is None


@pytest.mark.parametrize(
    ("mirror", "second", "refusal"),
    [
        (moved(standing(), "left_knee", (26, 0)), standing(), Refusal.UNSTEADY),
        (standing() + np.array([11, 0, 0]), standing(), Refusal.UNSTEADY),
        (standing(), standing() + np.array([30, 0, 0]), Refusal.DOUBTED),
    ],
)
def test_disagreement_is_refused(mirror: np.ndarray, second: np.ndarray, refusal: Refusal) -> None:
    person = standing()
    assert torso_px(person) == pytest.approx(86, abs=1)
    assert judge(person, mirror, second, SIZE, RULES) is refusal


def test_one_pair_with_exchanged_sides_is_refused() -> None:
    person = standing(turned=0.3)
    other = person.copy()
    knees = [INDEX["left_knee"], INDEX["right_knee"]]
    other[knees] = person[knees[::-1]]
    assert judge(person, other, person, SIZE, RULES) is Refusal.EXCHANGED


def test_hidden_legs_are_allowed_from_the_side_only() -> None:
    hidden = ("right_knee", "right_ankle")
    front = unseen(standing(), *hidden, visibility=0.15)
    side = unseen(standing(turned=0.2), *hidden, visibility=0.15)
    assert judge(front, front, front, SIZE, RULES) is Refusal.UNSEEN
    assert judge(side, side, side, SIZE, RULES) is None
    both = unseen(side, "left_knee", visibility=0.15)
    assert judge(both, both, both, SIZE, RULES) is Refusal.UNSEEN
    trunk = unseen(standing(), "left_hip", visibility=0.6)
    assert judge(trunk, trunk, trunk, SIZE, RULES) is Refusal.UNSEEN


def test_sitting_and_leaning_bodies_are_refused() -> None:
    sitting = standing()
    for part, y in (("knee", 185), ("ankle", 240)):
        sitting[[INDEX[f"left_{part}"], INDEX[f"right_{part}"]], 1] = y
    assert judge(sitting, sitting, sitting, SIZE, RULES) is Refusal.NOT_UPRIGHT
    leaning = standing()
    leaning[:, 0] += 0.8 * (200 - leaning[:, 1])
    assert judge(leaning, leaning, leaning, (400, 400), RULES) is Refusal.NOT_UPRIGHT
    lying = standing()[:, [1, 0, 2]]
    assert not worth_labelling(lying, RULES)


def test_riders_do_not_stand_but_walkers_on_one_leg_do() -> None:
    rider = standing()
    for side, out_px in (("left", 40), ("right", -40)):
        rider[INDEX[f"{side}_knee"], :2] = (100 + out_px, 215)
        rider[INDEX[f"{side}_ankle"], :2] = (100 + 0.3 * out_px, 275)
    assert not stands(rider, RULES)
    walker = standing()
    walker[INDEX["left_knee"], :2] = (150, 225)
    walker[INDEX["left_ankle"], :2] = (130, 270)
    assert stands(walker, RULES)


def test_feet_outside_the_picture_are_refused() -> None:
    person = standing()
    assert judge(person, person, person, (200, 320), RULES) is Refusal.CUT


def test_points_of_a_mirror_image_come_back() -> None:
    person = standing(turned=0.7)
    seen = person.copy()
    seen[:, 0] = 200 - seen[:, 0]
    assert np.allclose(mirrored(seen[MIRROR], 200), person)


@pytest.mark.parametrize(("turned", "view"), [(1.0, "front"), (-1.0, "back"), (0.2, "side")])
def test_views(turned: float, view: str) -> None:
    assert view_of(standing(turned=turned), RULES) == view


@pytest.mark.parametrize("turned", [1.0, -1.0])
def test_hips_go_up_and_outwards(turned: float) -> None:
    person = standing(turned=turned)
    hips = hips_as_labelled_by_hand(person, RULES)
    torso = torso_px(person)
    shift = hips[INDEX["left_hip"], :2] - person[INDEX["left_hip"], :2]
    assert shift == pytest.approx([turned * 0.06 * torso, -0.07 * torso])
    same = np.delete(np.arange(N_KEYPOINTS), [INDEX["left_hip"], INDEX["right_hip"]])
    assert np.array_equal(hips[same], person[same])


def test_visibility_codes_say_what_is_seen_guessed_and_unknown() -> None:
    person = unseen(standing(turned=-1.0), "left_elbow", visibility=0.3)
    person = unseen(person, "left_wrist", visibility=0.1)
    far = moved(person, "right_elbow", (40, 0))
    codes = visibility_codes(person, apart(person, far, torso_px(person)), "back")
    by_name = {name: int(codes[k]) for name, k in INDEX.items()}
    assert by_name["left_elbow"] == by_name["nose"] == 1
    assert by_name["left_wrist"] == by_name["right_elbow"] == 0
    assert by_name["left_small_toe"] == 0
    assert by_name["right_knee"] == by_name["left_heel"] == 2


def test_a_hidden_leg_that_both_labels_place_alike_is_a_guess() -> None:
    person = unseen(standing(turned=0.2), "right_knee", visibility=0.12)
    codes = visibility_codes(person, np.zeros(N_KEYPOINTS), "side")
    assert codes[INDEX["right_knee"]] == 1


def test_the_box_holds_all_points_and_the_head() -> None:
    person = standing()
    x0, y0, x1, y1 = body_box(person)
    assert (person[:, :2] > [x0, y0]).all()
    assert (person[:, :2] < [x1, y1]).all()
    assert 10 < y0 < 25
