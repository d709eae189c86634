from dataclasses import replace

import numpy as np

from host.person.types import TrackedPerson
from host.pose.collect import MOST_PEOPLE, Collector, trace_sides
from host.pose.recording import load_recording, save_recording, sided
from model_zoo.skeleton import INDEX
from tests.recordings import SOURCE, recording_of, walk
from tests.videos import walker_points

META = {"source": dict(SOURCE)}


def _person(track, x):
    return TrackedPerson(track, np.array([x, 0.0, x + 50, 200]), np.arange(6.0))


def _collect(rows):
    """``rows``: for each frame the (track, x) that are there."""
    collector = Collector()
    for number, people in enumerate(rows):
        collector.frame(number / 30, number)
        for track, x in people:
            points = walker_points(x, 400, 200, number / 32)
            edges = np.array([track, x], np.float32)
            collector.person(_person(track, x), points, np.full(23, 0.7, np.float32), edges)
    return collector


def test_frames_without_a_person_are_missing_not_left_out():
    recording = _collect([[], [(4, 10.0)], [], [(4, 12.0)]]).recording({4: 4}, META)
    assert recording.xy_px.shape == (4, 1, 23, 2)
    np.testing.assert_array_equal(np.isfinite(recording.box_px[:, 0, 0]), [0, 1, 0, 1])
    np.testing.assert_array_equal(recording.track, [4])


def test_candidates_who_were_nobody_are_left_out():
    recording = _collect([[(1, 10.0), (2, 300.0)]] * 3).recording({2: 2}, META)
    assert recording.box_px.shape == (3, 1, 4)
    assert recording.box_px[0, 0, 0] == 300


def test_who_came_back_continues_his_track():
    rows = [[(1, 10.0)], [(1, 12.0)], [], [(7, 14.0)], [(7, 16.0)]]
    recording = _collect(rows).recording({1: 1, 7: 1}, META)
    np.testing.assert_array_equal(recording.track, [1])
    np.testing.assert_allclose(recording.box_px[:, 0, 0], [10, 12, np.nan, 14, 16])


def test_nobody_at_all_is_an_empty_recording():
    recording = _collect([[], []]).recording({}, META)
    assert recording.xy_px.shape == (2, 0, 23, 2)
    assert trace_sides(recording).exchanged.shape == (2, 0)


def test_hashes_of_the_integers_are_kept_and_may_be_absent(tmp_path):
    collector = Collector()
    for number, integers in enumerate([0, 2**32 - 1, 7]):
        collector.frame(number / 30, number, integers)
    recording = collector.recording({}, META)
    path = tmp_path / "keypoints.npz"
    save_recording(recording, path)
    np.testing.assert_array_equal(load_recording(path).integers, [0, 2**32 - 1, 7])
    with np.load(path) as stored:
        older = {name: stored[name] for name in stored if name != "integers"}
    np.savez_compressed(path, **older)
    assert load_recording(path).integers.shape == (0,)


def test_a_recording_survives_the_file(tmp_path):
    recording = trace_sides(recording_of([walk(), walk(start_x=900, speed_px_s=-150)]))
    save_recording(recording, tmp_path / "keypoints.npz")
    again = load_recording(tmp_path / "keypoints.npz")
    np.testing.assert_array_equal(again.xy_px, recording.xy_px)
    np.testing.assert_array_equal(trace_sides(again).exchanged, recording.exchanged)
    np.testing.assert_array_equal(trace_sides(again).side_confidence, recording.side_confidence)


def test_of_a_crowd_those_who_were_seen_longest_stay():
    rows = [
        [(track, 10.0 * track) for track in range(1, 45) if track >= frame] for frame in range(45)
    ]
    recording = _collect(rows).recording({track: track for track in range(1, 45)}, META)
    np.testing.assert_array_equal(recording.track, np.arange(29, 29 + MOST_PEOPLE))


def test_sharpness_of_the_feet_goes_with_their_names():
    recording = _collect([[(1, 10.0)], [(1, 12.0)]]).recording({1: 1}, META)
    np.testing.assert_array_equal(recording.foot_edges[:, 0], [[1, 10], [1, 12]])
    turned = sided(replace(recording, exchanged=np.array([[False], [True]])))
    np.testing.assert_array_equal(turned.foot_edges[:, 0], [[1, 10], [12, 1]])


def test_hips_and_knees_may_be_named_otherwise_than_the_feet(tmp_path):
    recording = recording_of([walk()])
    knee, ankle, hip = (
        [INDEX[f"{side}_{name}"] for side in ("left", "right")] for name in ("knee", "ankle", "hip")
    )
    exchanged = np.zeros((150, 1), bool)
    exchanged[10:20] = True
    crossed = np.zeros((150, 1, 2), bool)
    crossed[15:30, 0, 1] = True  # the knees stay in 15 to 20 and change in 20 to 30
    told = replace(recording, exchanged=exchanged, crossed=crossed)
    save_recording(told, tmp_path / "keypoints.npz")
    right = sided(load_recording(tmp_path / "keypoints.npz"))
    before, after = recording.xy_px[:, 0], right.xy_px[:, 0]
    for pair, rows in ((knee, [*range(10, 15), *range(20, 30)]), (ankle, range(10, 20))):
        turned = before[:, pair].copy()
        turned[rows] = turned[rows, ::-1]
        np.testing.assert_array_equal(after[:, pair], turned)
    np.testing.assert_array_equal(after[10:20][:, hip], before[10:20][:, hip[::-1]])
    np.testing.assert_array_equal(sided(right).xy_px, right.xy_px)
