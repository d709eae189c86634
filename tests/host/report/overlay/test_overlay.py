"""The overlay has the frames and times of its source, and shows what was found."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

from host.capture.file import FileSource
from host.codes import ErrorCode
from host.errors import MachineError
from host.pose.recording import Recording
from host.report.assessment import Assessment
from host.report.footfalls import stances
from host.report.overlay.canvas import blank
from host.report.overlay.strip import DARK, SIDE_COLOUR, Strip, state
from host.report.overlay.writer import write_overlay
from host.report.write import OVERLAY, output_folder
from model_zoo.skeleton import INDEX, Side
from tests.videos import set_rotation, write_video

GREY = np.full((360, 640, 3), 128, dtype=np.uint8)


def decode(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def times_s(frames: list[av.VideoFrame]) -> np.ndarray:
    return np.array([float(frame.pts * frame.time_base) for frame in frames])


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 30000 / 1001, 60.0])
def test_same_frames_at_the_same_times(
    tmp_path: Path, recording: Recording, assessment: Assessment, rate_hz: float
) -> None:
    source = FileSource(write_video(tmp_path / "a.mp4", [GREY] * 50, rate_hz=rate_hz))
    write_overlay(tmp_path / "o.mp4", source.open(), recording, assessment)
    before, after = decode(tmp_path / "a.mp4"), decode(tmp_path / "o.mp4")
    assert len(after) == len(before) == 50
    np.testing.assert_allclose(times_s(after), times_s(before), atol=6e-6)


def test_irregular_times_are_kept(
    tmp_path: Path, recording: Recording, assessment: Assessment
) -> None:
    steps = np.random.default_rng(1).integers(8, 120, 59) / 1000
    times = np.concatenate([[0], np.cumsum(steps)])
    source = FileSource(write_video(tmp_path / "a.mp4", [GREY] * 60, times))
    write_overlay(tmp_path / "o.mp4", source.open(), recording, assessment)
    after = decode(tmp_path / "o.mp4")
    assert len(after) == 60
    np.testing.assert_allclose(times_s(after), times, atol=6e-6)


def test_turned_and_odd_pictures(
    tmp_path: Path, recording: Recording, assessment: Assessment
) -> None:
    turned = set_rotation(write_video(tmp_path / "a.mp4", [GREY] * 3), 90)
    write_overlay(tmp_path / "o.mp4", FileSource(turned).open(), recording, assessment)
    frame = decode(tmp_path / "o.mp4")[0]
    assert frame.width == 360
    assert frame.height == 640 + 58
    assert frame.rotation == 0


def drawn(tmp_path: Path, recording: Recording, assessment: Assessment) -> list[np.ndarray]:
    source = FileSource(write_video(tmp_path / "a.mp4", [GREY] * 60))
    calls: list[None] = []
    write_overlay(
        tmp_path / "o.mp4", source.open(), recording, assessment, lambda: calls.append(None)
    )
    assert len(calls) == 60
    return [frame.to_ndarray(format="rgb24").astype(int) for frame in decode(tmp_path / "o.mp4")]


def test_left_is_blue_right_is_orange_even_where_the_network_exchanged_them(
    tmp_path: Path, recording: Recording, assessment: Assessment
) -> None:
    pictures = drawn(tmp_path, recording, assessment)
    for row, swapped in ((30, False), (42, True)):
        assert recording.exchanged[row, 1] == swapped
        for side in Side:
            source = side.other if swapped else side
            knee, ankle = (
                recording.xy_px[row, 1, INDEX[f"{source.value}_{name}"]]
                for name in ("knee", "ankle")
            )
            x, y = np.rint((knee + ankle) / 2).astype(int)
            red, _, blue = pictures[row][y, x]
            assert (blue > red) == (side is Side.LEFT), (row, side)
            assert abs(blue - red) > 60


def test_before_the_person_appears_only_the_bystander_is_drawn(
    tmp_path: Path, recording: Recording, assessment: Assessment
) -> None:
    pictures = drawn(tmp_path, recording, assessment)
    left_half = np.abs(pictures[2][:356, :450] - 128).max()
    right_half = np.abs(pictures[2][:356, 450:] - 128).max()
    assert left_half < 12 < right_half
    assert np.abs(pictures[30][:356, :450] - 128).max() > 60


def test_a_contact_flashes_at_the_heel(
    tmp_path: Path, recording: Recording, assessment: Assessment
) -> None:
    contact = next(e for e in assessment.events if e.kind == "initial_contact")
    row = int(np.ceil(contact.time_s * 30)) + 2
    pictures = drawn(tmp_path, recording, assessment)
    near = int(np.abs(recording.time_s - contact.time_s).argmin())
    x, y = np.rint(recording.xy_px[near, 1, INDEX[f"{contact.foot.value}_heel"]]).astype(int)
    window = (slice(y - 14, min(y + 14, 356)), slice(x - 14, x + 14))
    assert contact.foot is Side.RIGHT
    orange = (pictures[row][window][..., 0] - pictures[row][window][..., 2]) > 60
    earlier = (pictures[row - 4][window][..., 0] - pictures[row - 4][window][..., 2]) > 60
    assert orange.sum() > earlier.sum() + 15


def test_no_frames_no_file(tmp_path: Path, recording: Recording, assessment: Assessment) -> None:
    write_overlay(tmp_path / "o.mp4", [], recording, assessment)
    assert not (tmp_path / "o.mp4").exists()


def test_an_unusable_recording_is_shown_all_the_same(
    tmp_path: Path, recording: Recording, unusable_assessment: Assessment
) -> None:
    source = FileSource(write_video(tmp_path / "a.mp4", [GREY] * 10))
    write_overlay(tmp_path / "o.mp4", source.open(), recording, unusable_assessment)
    assert len(decode(tmp_path / "o.mp4")) == 10


def test_without_a_subject_everybody_is_grey(
    tmp_path: Path, recording: Recording, assessment: Assessment
) -> None:
    nobody = assessment.subject.model_copy(update={"track": None})
    pictures = drawn(tmp_path, recording, assessment.model_copy(update={"subject": nobody}))
    shown = pictures[30][:356]
    assert np.abs(shown - 128).max() > 15
    assert (shown.max(axis=2) - shown.min(axis=2)).max() < 25


def test_a_missing_encoder_is_told(
    tmp_path: Path,
    recording: Recording,
    assessment: Assessment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("host.report.overlay.encoder.CODEC", "no_such_encoder")
    source = FileSource(write_video(tmp_path / "a.mp4", [GREY] * 3))
    with pytest.raises(MachineError) as told:
        write_overlay(tmp_path / "o.mp4", source.open(), recording, assessment)
    assert told.value.code is ErrorCode.ENCODER_MISSING


def test_the_strip_shows_contacts_so_far_and_no_further(assessment: Assessment) -> None:
    strip = Strip(assessment, 640, 60)
    early, late = blank(640, 60, DARK), blank(640, 60, DARK)
    strip.draw(early, 0.5)
    strip.draw(late, assessment.source.duration_s)

    def coloured(canvas: object) -> int:
        return int((np.abs(canvas.u[12:].astype(int) - 128) > 10)[:, 20:].sum())  # type: ignore[attr-defined]

    assert coloured(early) == 0
    assert coloured(late) > 500
    assert len(SIDE_COLOUR) == 2


def test_the_state_in_words(assessment: Assessment) -> None:
    assert state(assessment, 0.1) == "not measured here"
    assert state(assessment, 6.0) == "not measured here"
    assert state(assessment, 1.0) == "left out: start or end of the walk"
    included = [s for s in assessment.strides if not s.excluded and s.bout == 0]
    assert state(assessment, included[-1].end_s - 0.05) == "walking to the right"
    second = [s for s in assessment.strides if not s.excluded and s.bout == 1]
    assert state(assessment, second[-1].end_s - 0.05) == "walking to the left"


def test_stances_pair_each_contact_with_its_own_foot_off(assessment: Assessment) -> None:
    found = stances(assessment)
    contacts = [e for e in assessment.events if e.kind == "initial_contact"]
    assert [s.start_s for s in found] == sorted(e.time_s for e in contacts)
    for stance in found:
        if stance.end_s is not None:
            assert 0.5 < stance.end_s - stance.start_s < 1.0
    last = {(s.foot, s.bout): s for s in found}
    assert all(stance.end_s is None for stance in last.values())
    table = json.loads(assessment.to_json())
    table["events"] = [e for e in table["events"] if e["kind"] == "initial_contact"]
    assert all(s.end_s is None for s in stances(Assessment.model_validate(table)))


def test_a_full_disk_is_told_as_such(
    tmp_path: Path, recording: Recording, assessment: Assessment
) -> None:
    source = FileSource(write_video(tmp_path / "a.mp4", [GREY] * 60))
    with pytest.raises(MachineError) as told, output_folder(tmp_path / "out") as folder:  # noqa: PT012
        (folder / OVERLAY).symlink_to("/dev/full")
        write_overlay(folder / OVERLAY, source.open(), recording, assessment)
    assert told.value.code is ErrorCode.DISK_FULL
    assert not (tmp_path / "out").exists()
