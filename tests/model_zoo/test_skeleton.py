"""Conversions between keypoint conventions go by name, both ways; left and right are exchanged
as a whole.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from model_zoo.skeleton import (
    BONES,
    CONVENTIONS,
    INDEX,
    KEYPOINTS,
    LEG_NAMES,
    MIRROR,
    N_KEYPOINTS,
    Side,
    from_convention,
    mirrored_name,
    part,
    to_convention,
)

FOREIGN = sorted(set(CONVENTIONS) - {"footfall_23", "anny_23"})
OFFICIAL_COCO_17 = (
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear"),
    *("left_shoulder", "right_shoulder", "left_elbow", "right_elbow"),
    *("left_wrist", "right_wrist", "left_hip", "right_hip"),
    *("left_knee", "right_knee", "left_ankle", "right_ankle"),
)


def numbered(n: int, seed: int = 3) -> NDArray[np.float64]:
    """Points that all differ, so that an exchange of two shows."""
    return np.random.default_rng(seed).uniform(0, 1000, (4, n, 2))


def test_ours_are_23_different_names_and_coco_comes_first() -> None:
    assert N_KEYPOINTS == len(set(KEYPOINTS)) == 23
    assert KEYPOINTS[:17] == OFFICIAL_COCO_17
    assert [INDEX[name] for name in KEYPOINTS] == list(range(23))


@pytest.mark.parametrize(
    ("convention", "points"),
    [
        ("coco_17", 17),
        ("coco_18_openpose", 18),
        ("body_25", 25),
        ("lsp_14", 14),
        ("mpii_16", 16),
        ("blazepose_33", 33),
    ],
)
def test_convention_has_its_number_of_different_points(convention: str, points: int) -> None:
    names = CONVENTIONS[convention]
    assert len(names) == len(set(names)) == points


# Numbers printed in each convention's own documentation, as anchors against a shifted table.
@pytest.mark.parametrize(
    ("convention", "index", "name"),
    [
        ("body_25", 8, "mid_hip"),
        ("body_25", 11, "right_ankle"),
        ("body_25", 19, "left_big_toe"),
        ("body_25", 21, "left_heel"),
        ("body_25", 24, "right_heel"),
        ("coco_18_openpose", 1, "neck"),
        ("coco_18_openpose", 13, "left_ankle"),
        ("lsp_14", 0, "right_ankle"),
        ("lsp_14", 5, "left_ankle"),
        ("mpii_16", 6, "mid_hip"),
        ("mpii_16", 9, "head_top"),
        ("blazepose_33", 23, "left_hip"),
        ("blazepose_33", 28, "right_ankle"),
        ("blazepose_33", 29, "left_heel"),
        ("blazepose_33", 32, "right_big_toe"),
    ],
)
def test_convention_order(convention: str, index: int, name: str) -> None:
    assert CONVENTIONS[convention][index] == name


@pytest.mark.parametrize("convention", FOREIGN)
def test_there_and_back_keeps_every_common_point(convention: str) -> None:
    names = CONVENTIONS[convention]
    theirs = numbered(len(names))
    back = to_convention(from_convention(theirs, convention), convention)
    common = [i for i, name in enumerate(names) if name in INDEX]
    np.testing.assert_array_equal(back[:, common], theirs[:, common])


@pytest.mark.parametrize("convention", FOREIGN)
def test_here_and_back_keeps_common_points_and_marks_the_others_missing(convention: str) -> None:
    ours = numbered(N_KEYPOINTS)
    back = from_convention(to_convention(ours, convention), convention)
    known = np.array([name in CONVENTIONS[convention] for name in KEYPOINTS])
    assert known.any()
    np.testing.assert_array_equal(back[:, known], ours[:, known])
    assert np.isnan(back[:, ~known]).all()


def test_derived_points_are_means_and_underivable_ones_missing() -> None:
    ours = numbered(N_KEYPOINTS)
    body = to_convention(ours, "body_25")
    shoulders = ours[:, [INDEX["left_shoulder"], INDEX["right_shoulder"]]].mean(axis=1)
    hips = ours[:, [INDEX["left_hip"], INDEX["right_hip"]]].mean(axis=1)
    np.testing.assert_allclose(body[:, 1], shoulders)
    np.testing.assert_allclose(body[:, 8], hips)
    assert np.isnan(to_convention(ours, "mpii_16")[:, 9]).all(), "head_top cannot be derived"


def test_missing_stays_missing() -> None:
    ours = numbered(N_KEYPOINTS)
    ours[:, INDEX["left_hip"]] = np.nan
    assert np.isnan(to_convention(ours, "body_25")[:, 8]).all(), "half a mean is no mid-hip"


@pytest.mark.parametrize("convention", [*FOREIGN, "footfall_23"])
def test_wrong_number_of_points_is_refused(convention: str) -> None:
    with pytest.raises(ValueError, match="points"):
        from_convention(np.zeros((len(CONVENTIONS[convention]) + 1, 2)), convention)
    with pytest.raises(ValueError, match="points"):
        to_convention(np.zeros((22, 2)), convention)


def test_unknown_convention_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="coco_17"):
        from_convention(np.zeros((17, 2)), "coco17")


@given(hnp.arrays(np.float64, (N_KEYPOINTS, 2), elements=st.floats(-1e6, 1e6)))
def test_mirror_is_an_involution(points: NDArray[np.float64]) -> None:
    np.testing.assert_array_equal(points[MIRROR][MIRROR], points)


def test_mirror_exchanges_every_pair_and_nothing_else() -> None:
    for i, name in enumerate(KEYPOINTS):
        partner = KEYPOINTS[MIRROR[i]]
        assert partner == mirrored_name(name)
        assert (partner == name) == (name == "nose")
        assert partner.split("_")[1:] == name.split("_")[1:]


@pytest.mark.parametrize("convention", sorted(CONVENTIONS))
def test_every_convention_has_both_sides(convention: str) -> None:
    names = set(CONVENTIONS[convention])
    assert {mirrored_name(name) for name in names & set(KEYPOINTS)} <= names


def test_bones_join_known_points_symmetrically() -> None:
    bones = {frozenset(bone) for bone in BONES}
    assert len(bones) == len(BONES)
    assert set().union(*bones) == set(KEYPOINTS)
    assert {frozenset(map(mirrored_name, bone)) for bone in bones} == bones


@pytest.mark.parametrize("side", list(Side))
def test_part_finds_the_leg(side: Side) -> None:
    assert [KEYPOINTS[part(n, side)] for n in LEG_NAMES] == [f"{side.value}_{n}" for n in LEG_NAMES]
    assert side.other.other is side
    assert side.other is not side
