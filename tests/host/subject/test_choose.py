from dataclasses import replace

import numpy as np
import pytest

from host.codes import SubjectReason
from host.subject.choose import SubjectChooser
from tests.recordings import recording_of, standing, walk


def _choose(*people):
    return SubjectChooser().choose(recording_of(people))


def test_the_only_person():
    choice = _choose(walk())
    assert (choice.track, choice.why) == (1, SubjectReason.ONLY_ONE)


def test_who_walks_and_not_who_stands_nearer():
    choice = _choose(standing(900, height=500), walk())
    assert (choice.track, choice.why) == (2, SubjectReason.WALKS_FURTHEST)


def test_who_waves_and_jumps_on_the_spot_is_not_chosen():
    jumping = standing(700, height=320)
    jumping[..., 1] -= 60 * np.abs(np.sin(np.arange(150) / 8))[:, None]
    jumping[:, 9:11, 0] += 80 * np.sin(np.arange(150) / 5)[:, None]
    assert _choose(jumping, walk()).track == 2


def test_who_walks_furthest_in_body_heights():
    choice = _choose(walk(speed_px_s=90), walk(speed_px_s=220, start_x=20))
    assert (choice.track, choice.why) == (2, SubjectReason.WALKS_FURTHEST)


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_a_reflection_is_never_chosen(way):
    man = walk()
    mirrored = walk(start_x=300, speed_px_s=0.7 * way * 200, height=150, floor_y=320)
    choice = _choose(mirrored, man)
    assert choice.track == 2
    assert choice.candidates[0].reflection_of == 2
    assert choice.why is SubjectReason.ONLY_ONE


def test_a_reflection_that_outlasts_the_person_is_not_chosen():
    man = walk(speed_px_s=260)
    man[110:] = np.nan
    mirrored = walk(start_x=300, speed_px_s=182, height=150, floor_y=320)
    assert _choose(mirrored, man).track == 2


def test_of_several_who_stand_the_largest():
    choice = _choose(standing(200, height=200), standing(700, height=400))
    assert (choice.track, choice.why) == (2, SubjectReason.LARGEST)


def test_a_glimpse_is_no_candidate():
    glimpse = np.full((150, 23, 2), np.nan)
    glimpse[:8] = walk()[:8]
    choice = _choose(glimpse)
    assert (choice.track, choice.why) == (None, SubjectReason.NONE)


def test_two_real_people_are_no_reflections():
    child = walk(start_x=1200, speed_px_s=-150, height=210, stride_s=0.8)
    choice = _choose(child, walk(stride_s=1.2, start_x=20))
    assert [c.reflection_of for c in choice.candidates] == [None, None]
    slower = walk(start_x=500, speed_px_s=90, height=150)
    slower[:, :, 0] += 60 * np.sin(np.arange(150) / 14)[:, None]
    assert _choose(slower, walk()).candidates[0].reflection_of is None


def test_a_way_through_the_picture_of_a_moving_camera_speaks_for_nobody():
    recording = recording_of((walk(height=200, floor_y=400), standing(700, height=400)))
    for speed, track, why in (
        (None, 1, SubjectReason.WALKS_FURTHEST),
        (10.0, 1, SubjectReason.WALKS_FURTHEST),
        (70.0, 2, SubjectReason.LARGEST),
    ):
        capture = {**recording.meta["capture"], "camera_motion_px_s": speed}
        choice = SubjectChooser().choose(
            replace(recording, meta={**recording.meta, "capture": capture})
        )
        assert (choice.track, choice.why) == (track, why)


def test_nobody():
    recording = recording_of([walk()])
    per_track = ("box_px", "xy_px", "score", "exchanged", "side_confidence", "silhouette")
    nobody = {name: getattr(recording, name)[:, :0] for name in per_track}
    choice = SubjectChooser().choose(replace(recording, track=recording.track[:0], **nobody))
    assert (choice.track, choice.why) == (None, SubjectReason.NONE)


def test_a_hole_does_not_count_as_seen():
    # A person seen for two seconds in two halves with a long hole between is seen for two seconds.
    points = walk()
    points[30:120] = np.nan
    assert _choose(points).candidates[0].seen_s == pytest.approx(2.5, abs=0.1)
