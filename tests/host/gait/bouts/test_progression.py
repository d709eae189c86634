from dataclasses import replace

import numpy as np
import pytest

from host.gait.body import BodyHeight
from host.gait.bouts import ProgressionBouts
from host.gait.track import Resampler
from tests.host.gait.walker import Walker, regular


def bouts_of(points):
    track = Resampler().resample(points)
    return ProgressionBouts().find(track, BodyHeight().measure(track))


@pytest.mark.parametrize(("step_s", "length"), [(0.4, 0.5), (0.55, 0.4), (1.0, 0.1)])
@pytest.mark.parametrize("direction", [1, -1])
def test_fast_and_very_slow_walks_are_one_bout(step_s, length, direction):
    walker = Walker((step_s, step_s), (length, length), start_s=1.0, direction=direction)
    found = bouts_of(walker.trajectories(regular(walker.end_s() + 1.5, 30)))
    assert [b.direction for b in found] == [direction]
    assert found[0].start_s == pytest.approx(1.0, abs=0.8)
    assert found[0].end_s == pytest.approx(walker.end_s(), abs=0.8)


def test_going_over_to_another_person_splits():
    walker = Walker(start_s=0.3, n_steps=14)
    points = walker.trajectories(regular(walker.end_s(), 30))
    xyz = points.xyz.copy()
    xyz[120:, :, 0] += 900
    found = bouts_of(replace(points, xyz=xyz))
    assert len(found) == 2
    assert found[0].end_s <= 4.0 <= found[1].start_s + 0.1


@pytest.mark.parametrize(("hidden_s", "n"), [(0.3, 1), (1.0, 2)])
def test_short_holes_are_bridged_long_ones_are_not(hidden_s, n):
    walker = Walker(start_s=0.3, n_steps=14)
    points = walker.trajectories(regular(walker.end_s(), 30))
    xyz = points.xyz.copy()
    xyz[(points.time_s > 3.5) & (points.time_s < 3.5 + hidden_s)] = np.nan
    assert len(bouts_of(replace(points, xyz=xyz))) == n
