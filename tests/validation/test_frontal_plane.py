"""Angles across the walk: known answers, and the properties that any body must keep."""

import numpy as np
import pytest

from model_zoo.skeleton import KEYPOINTS, Side, part
from tests.validation.frontal_plane import (
    ADDUCTION,
    ANGLES,
    LEAN,
    OBLIQUITY,
    across_angles,
    judge,
    mean_curve,
)


def body(obliquity_deg=0.0, adduction_deg=0.0, lean_deg=0.0, yaw_deg=0.0):
    """One moment of a body that walks along x; angles of the right side."""
    xyz = np.zeros((1, len(KEYPOINTS), 3))
    up, out = np.radians(obliquity_deg), np.radians(adduction_deg - obliquity_deg)
    to_right = np.array([0.0, -np.cos(up), np.sin(up)])  # the right lies at negative y
    inward_thigh = np.array([0.0, np.sin(out), -np.cos(out)])
    for side, sign in ((Side.RIGHT, 1.0), (Side.LEFT, -1.0)):
        hip = sign * 0.1 * to_right + [0.0, 0.0, 1.0]
        xyz[0, part("hip", side)] = hip
        xyz[0, part("knee", side)] = hip + 0.4 * inward_thigh + [0.2, 0.0, 0.0]
        lean = np.radians(lean_deg)
        shoulder = 0.5 * np.array([0.1, -np.sin(lean), np.cos(lean)]) + [0.0, -0.2 * sign, 1.0]
        xyz[0, part("shoulder", side)] = shoulder
    turn = np.radians(yaw_deg)
    spin = [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    return xyz @ np.array(spin).T


def of_right(xyz):
    return {name: float(v[0]) for name, v in across_angles(xyz, Side.RIGHT).items()}


def mirrored(xyz):
    """The mirror image: left is right, and y turns its sign."""
    swapped = xyz.copy()
    for name in ("hip", "knee", "shoulder"):
        left, right = part(name, Side.LEFT), part(name, Side.RIGHT)
        swapped[:, [left, right]] = xyz[:, [right, left]]
    return swapped * (1.0, -1.0, 1.0)


@pytest.mark.parametrize("yaw_deg", [0.0, 50.0, 180.0])
def test_known_angles_come_back_whatever_way_the_body_faces(yaw_deg):
    told = of_right(body(obliquity_deg=5.0, lean_deg=3.0, yaw_deg=yaw_deg))
    assert told[OBLIQUITY] == pytest.approx(5.0)
    assert told[LEAN] == pytest.approx(3.0, abs=1e-6)
    other = across_angles(body(obliquity_deg=5.0, lean_deg=3.0, yaw_deg=yaw_deg), Side.LEFT)
    assert other[OBLIQUITY][0] == pytest.approx(-5.0)
    assert other[LEAN][0] == pytest.approx(-3.0, abs=1e-6)


def test_adduction_is_positive_towards_the_midline_and_counts_from_the_pelvis():
    level = of_right(body(adduction_deg=8.0))[ADDUCTION]
    # The thigh that also swings forward is longer than its shadow on the frontal plane.
    assert level == pytest.approx(np.degrees(np.arcsin(0.4 * np.sin(np.radians(8)) / 0.2**0.5)))
    assert of_right(body(adduction_deg=-8.0))[ADDUCTION] == pytest.approx(-level)
    tilted = of_right(body(obliquity_deg=6.0, adduction_deg=8.0))
    assert tilted[ADDUCTION] == pytest.approx(level)


def test_the_mirror_image_exchanges_the_sides_and_size_changes_nothing():
    xyz = body(obliquity_deg=4.0, adduction_deg=6.0, lean_deg=2.0, yaw_deg=20.0)
    for side in Side:
        seen, there = across_angles(xyz, side), across_angles(mirrored(xyz), side.other)
        small = across_angles(3.7 * xyz, side)
        for name in ANGLES:
            np.testing.assert_allclose(there[name], seen[name], atol=1e-9)
            np.testing.assert_allclose(small[name], seen[name], atol=1e-9)


def test_strides_seen_too_little_do_not_count():
    time_s = np.arange(300) / 100
    angle = 5 * np.sin(2 * np.pi * time_s)
    spans = [(0.0, 1.0), (1.0, 2.0)]
    curve = mean_curve(time_s, angle, spans)
    np.testing.assert_allclose(curve, 5 * np.sin(2 * np.pi * np.arange(101) / 100), atol=0.01)
    wrong = np.where(time_s < 1.0, 40.0, angle)
    wrong[:50] = np.nan
    np.testing.assert_allclose(mean_curve(time_s, wrong, spans), curve, atol=0.01)
    assert np.isnan(mean_curve(time_s, np.full(300, np.nan), spans)).all()


def test_a_constant_error_is_fitted_and_a_guess_knows_the_others_only():
    cycle = np.linspace(0, 2 * np.pi, 101)
    true = {(f"clip-{k}", OBLIQUITY, Side.LEFT): k * np.sin(cycle) for k in range(1, 5)}
    judged = judge({key: values + 3.0 for key, values in true.items()}, true, OBLIQUITY)
    assert judged.raw_deg == pytest.approx(3.0)
    assert judged.fitted_deg == pytest.approx(0.0, abs=1e-9)
    assert judged.guess_deg > 0.5
    assert judged.range_r == pytest.approx(1.0)
    few = dict(list(true.items())[:2])
    assert judge(few, true, OBLIQUITY) is None
