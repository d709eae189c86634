"""Both legs read together: two hills are two legs, one hill is two legs that overlap."""

from __future__ import annotations

import numpy as np

from host.pose.decode import CellsDecoder
from host.pose.leg_pairs import LEG_PARTS, LegPairs
from model_zoo.package import Head
from model_zoo.skeleton import KEYPOINTS, Side, part

FRONT = {"knee": (52, 76), "ankle": (62, 100), "heel": (58, 106), "big_toe": (74, 104)}
FRONT["small_toe"] = (72, 106)
BACK = {name: (x - 30, y - 2) for name, (x, y) in FRONT.items()}
FAR_BELOW = -4000


def decode(hills: dict[tuple[str, Side], list[tuple[tuple[float, float], float]]]) -> np.ndarray:
    """Points [23, 2] of maps that are mixtures of Gaussian hills (place in pixels, weight)."""
    ys, xs = (np.mgrid[0:32, 0:24] + 0.5) * 4
    maps = np.full((len(KEYPOINTS), 32, 24), float(FAR_BELOW))
    for (name, side), mixture in hills.items():
        p = sum(
            weight * np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * 3.2**2))
            for (x, y), weight in mixture
        )
        maps[part(name, side)] = np.maximum(100 * np.log(np.maximum(p, 1e-30)), FAR_BELOW)
    out = np.zeros((1, 8, 6, len(KEYPOINTS) * 16), np.int32)
    for k in range(len(KEYPOINTS)):
        for i in range(4):
            for j in range(4):
                out[0, ..., k * 16 + i * 4 + j] = np.rint(maps[k, i::4, j::4])
    head = Head("keypoints", "cells", (0, len(KEYPOINTS) * 16), (0.01,), (0,), 4)
    return CellsDecoder(head, out.shape[1:], (128, 96), LegPairs()).decode(out).xy_px[0]


def assert_near(points: np.ndarray, side: Side, places: dict[str, tuple[float, float]]) -> None:
    for name in LEG_PARTS:
        assert np.linalg.norm(points[part(name, side)] - places[name]) < 2.5, (side, name)


def test_two_legs_that_look_alike_are_both_found() -> None:
    # Both maps are highest on the front leg; the left one is less sure of it.
    hills = {}
    for name in LEG_PARTS:
        hills[name, Side.LEFT] = [(FRONT[name], 0.55), (BACK[name], 0.45)]
        hills[name, Side.RIGHT] = [(FRONT[name], 0.7), (BACK[name], 0.3)]
    points = decode(hills)
    assert_near(points, Side.RIGHT, FRONT)
    assert_near(points, Side.LEFT, BACK)


def test_mirrored_names_give_mirrored_legs() -> None:
    hills = {}
    for name in LEG_PARTS:
        hills[name, Side.RIGHT] = [(FRONT[name], 0.55), (BACK[name], 0.45)]
        hills[name, Side.LEFT] = [(FRONT[name], 0.7), (BACK[name], 0.3)]
    points = decode(hills)
    assert_near(points, Side.LEFT, FRONT)
    assert_near(points, Side.RIGHT, BACK)


def test_legs_that_overlap_stay_together() -> None:
    hills = {(name, side): [(FRONT[name], 1.0)] for name in LEG_PARTS for side in Side}
    points = decode(hills)
    assert_near(points, Side.LEFT, FRONT)
    assert_near(points, Side.RIGHT, FRONT)


def test_a_faint_second_hill_is_no_leg() -> None:
    hills = {}
    for name in LEG_PARTS:
        hills[name, Side.LEFT] = [(FRONT[name], 0.97), (BACK[name], 0.03)]
        hills[name, Side.RIGHT] = [(FRONT[name], 0.97), (BACK[name], 0.03)]
    points = decode(hills)
    assert_near(points, Side.LEFT, FRONT)
    assert_near(points, Side.RIGHT, FRONT)


def test_one_foot_is_not_torn_apart() -> None:
    # Only the left heel leans, by a little, to the other leg; its ankle and toes know better.
    hills = {}
    for name in LEG_PARTS:
        hills[name, Side.LEFT] = [(BACK[name], 0.8), (FRONT[name], 0.2)]
        hills[name, Side.RIGHT] = [(FRONT[name], 0.8), (BACK[name], 0.2)]
    hills["heel", Side.LEFT] = [(FRONT["heel"], 0.52), (BACK["heel"], 0.48)]
    hills["heel", Side.RIGHT] = [(FRONT["heel"], 0.9), (BACK["heel"], 0.1)]
    points = decode(hills)
    assert_near(points, Side.LEFT, BACK)
    assert_near(points, Side.RIGHT, FRONT)
