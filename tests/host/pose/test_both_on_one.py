import numpy as np

from host.pose.both_on_one import BothOnOne
from model_zoo.skeleton import INDEX, LEG_NAMES, Side, part
from tests.recordings import walk

LEFT = [part(name, Side.LEFT) for name in LEG_NAMES]
RIGHT = [part(name, Side.RIGHT) for name in LEG_NAMES]


def test_legs_that_pass_each_other_stay():
    points = walk()
    assert not BothOnOne().find(np.arange(150) / 30, points, 300.0).any()


def test_a_leg_drawn_on_the_other_is_taken_away():
    points = walk()
    # At the widest stance the network draws the left leg on the right one for 8 frames.
    phase = np.abs(points[:, INDEX["left_ankle"], 0] - points[:, INDEX["right_ankle"], 0])
    widest = 40 + int(phase[40:70].argmax())
    rows = np.arange(widest - 4, widest + 4)
    points[np.ix_(rows, LEFT)] = points[np.ix_(rows, RIGHT)]
    strayed = BothOnOne().find(np.arange(150) / 30, points, 300.0)
    assert strayed[np.ix_(rows, LEFT)].all()
    assert not strayed[:, RIGHT].any()
    assert not np.delete(strayed, rows, axis=0).any()
