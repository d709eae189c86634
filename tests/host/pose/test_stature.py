import numpy as np

from host.pose.stature import bridged, in_statures, stature_px
from model_zoo.skeleton import INDEX
from tests.recordings import walk

TIME = np.arange(150) / 30
FEET = np.array([INDEX["left_ankle"], INDEX["right_ankle"]])


def test_stature_follows_who_comes_nearer():
    grown = walk() * np.linspace(1.0, 2.0, 150)[:, None, None]
    tall = stature_px(TIME, grown)
    alone = stature_px(TIME, walk())
    np.testing.assert_allclose(tall / alone, np.linspace(1.0, 2.0, 150), rtol=0.06)


def test_at_a_constant_height_points_are_divided_by_it():
    points = walk()
    points[40:45] = np.nan
    np.testing.assert_allclose(in_statures(points, np.full(150, 250.0), FEET), points / 250)


def test_who_comes_nearer_keeps_his_size_and_speed():
    """A picture that grows threefold around the place of the feet: sizes and steps stay."""
    points, grows = walk(), np.linspace(1.0, 3.0, 150)
    middle = points[:, FEET].mean(axis=1)
    steps = np.diff(middle, axis=0) * ((grows[1:] + grows[:-1]) / 2)[:, None]
    way = np.concatenate([middle[:1], middle[:1] + np.cumsum(steps, axis=0)])
    nearer = way[:, None] + grows[:, None, None] * (points - middle[:, None])
    np.testing.assert_allclose(in_statures(nearer, 250 * grows, FEET), points / 250)


def test_gaps_are_bridged_by_straight_lines_and_nothing_stays_nothing():
    values = np.array([[np.nan, np.nan], [1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]])
    np.testing.assert_array_equal(bridged(values), [[1, 0], [1, 0], [2, 0], [3, 0]])
