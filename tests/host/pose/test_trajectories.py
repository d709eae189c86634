from dataclasses import replace

import numpy as np

from host.codes import Withheld
from host.pose.plausible import REASONS
from host.pose.trajectories import empty_trajectories, to_trajectories
from model_zoo.skeleton import INDEX, LEG_NAMES, Side, part
from tests.recordings import recording_of, walk

LEFT = [part(name, Side.LEFT) for name in LEG_NAMES]
RIGHT = [part(name, Side.RIGHT) for name in LEG_NAMES]


def test_pixels_become_x_and_up():
    recording = recording_of([walk()])
    trajectories = to_trajectories(recording, 1, "net")
    assert (trajectories.unit, trajectories.source) == ("px", "net")
    xyz = trajectories.xyz
    nose = INDEX["nose"]
    np.testing.assert_allclose(xyz[:, nose, 0], recording.xy_px[:, 0, nose, 0])
    np.testing.assert_allclose(xyz[:, nose, 2], -recording.xy_px[:, 0, nose, 1])
    assert np.isnan(xyz[..., 1]).all()
    assert np.all(xyz[:, nose, 2] > xyz[:, INDEX["left_heel"], 2])


def test_exchanged_frames_are_put_right_in_the_legs_alone():
    recording = recording_of([walk()])
    rows = np.zeros((150, 1), bool)
    rows[20:40] = True
    trajectories = to_trajectories(replace(recording, exchanged=rows), 1, "net")
    xy = recording.xy_px[:, 0].astype(float)
    np.testing.assert_allclose(trajectories.xyz[20:40][:, LEFT, 0], xy[20:40][:, RIGHT, 0])
    np.testing.assert_allclose(trajectories.xyz[50:60][:, LEFT, 0], xy[50:60][:, LEFT, 0])
    wrist = INDEX["left_wrist"]
    np.testing.assert_allclose(trajectories.xyz[:, wrist, 0], xy[:, wrist, 0])


def test_absent_frames_are_missing_with_score_0():
    points = walk()
    points[30:60] = np.nan
    trajectories = to_trajectories(recording_of([points]), 1, "net")
    assert len(trajectories.time_s) == 150
    assert np.isnan(trajectories.xyz[30:60]).all()
    assert np.all(trajectories.score[30:60] == 0)
    assert trajectories.side_confidence is not None
    assert np.isfinite(trajectories.side_confidence).all()


def test_withheld_points_are_missing_with_score_0():
    recording = recording_of([walk()])
    withheld = np.zeros((150, 1, 23), np.uint8)
    withheld[20:40, 0, INDEX["left_wrist"]] = 1
    trajectories = to_trajectories(replace(recording, withheld=withheld), 1, "net")
    missing = np.isnan(trajectories.xyz[..., 0])
    assert np.array_equal(missing, withheld[:, 0] > 0)
    assert np.array_equal(trajectories.score == 0, missing)


def test_unsure_arms_stay_with_their_scores_and_unsure_legs_do_not():
    recording = recording_of([walk()])
    withheld = np.zeros((150, 1, 23), np.uint8)
    arm, leg = INDEX["left_wrist"], INDEX["left_knee"]
    withheld[20:40, 0, [arm, leg]] = REASONS.index(Withheld.UNSURE) + 1
    trajectories = to_trajectories(replace(recording, withheld=withheld), 1, "net")
    assert np.isnan(trajectories.xyz[20:40, leg, 0]).all()
    np.testing.assert_allclose(trajectories.xyz[:, arm, 0], recording.xy_px[:, 0, arm, 0])
    np.testing.assert_allclose(trajectories.score[:, arm], 0.8)


def test_nobody_has_empty_trajectories():
    trajectories = empty_trajectories(np.arange(5) / 30, "net")
    assert np.isnan(trajectories.xyz).all()
    assert not trajectories.score.any()


def test_one_of_two_people_is_read_with_the_edges_of_the_feet():
    both = recording_of([walk(), walk(start_x=300.0)])
    edges = np.zeros((len(both.time_s), 2, 2), np.float32)
    found = to_trajectories(replace(both, foot_edges=edges), 2, "test")
    alone = to_trajectories(recording_of([walk(start_x=300.0)]), 1, "test")
    np.testing.assert_array_equal(found.xyz, alone.xyz)
