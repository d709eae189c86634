"""What can be wrong with the input: one clear line or a quality reason, nothing half-written."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from host import cli, pipeline
from host.codes import ErrorCode, QualityCode
from host.errors import InputError, MachineError
from host.gait.types import Person
from host.pipeline import analyze_file
from host.pose.estimate import Estimate
from host.pose.recording import load_recording, save_recording
from host.settings import OutputSettings, Settings
from tests.recordings import recording_of, walk
from tests.videos import (
    draw_walker,
    set_rotation,
    textured_room,
    walk_pictures,
    walker_points,
    write_video,
)

WIDTH, HEIGHT, FLOOR, TALL = 640, 360, 340.0, 240.0
LEAN = Settings(output=OutputSettings(overlay=False))


class Known:
    """Stands for the network: names the points of the walkers it was told of, if the box is right.

    ``people``: for each walker, hip x per frame (None = absent).
    """

    def __init__(self, *people):
        self.people = people
        self.pictures = []

    def __call__(self, _accelerator, **_options):
        return self

    def estimate(self, picture, boxes):
        if not any(picture is known for known in self.pictures):
            self.pictures.append(picture)
        number = next(i for i, known in enumerate(self.pictures) if picture is known)
        there = [
            walker_points(xs[number], FLOOR, TALL, number / 32)
            for xs in self.people
            if xs[number] is not None
        ]
        points = np.zeros((len(boxes), 23, 2))
        score = np.full((len(boxes), 23), 0.05, np.float32)
        for row, box in enumerate(boxes):
            for person in there:
                if np.all(box[:2] < person[11]) and np.all(person[11] < box[2:]):
                    points[row], score[row] = person, 0.8
        return Estimate(points, score)


def _pictures(*people):
    for number in range(len(people[0])):
        picture = textured_room(WIDTH, HEIGHT)
        for xs in people:
            if xs[number] is not None:
                draw_walker(picture, xs[number], FLOOR, TALL, number / 32)
        yield picture


def _analyse_known(tmp_path, monkeypatch, *people, rate_hz=30.0):
    path = write_video(tmp_path / "walk.mp4", _pictures(*people), rate_hz=rate_hz)
    monkeypatch.setattr(pipeline, "PoseEstimator", Known(*people))
    return analyze_file(path, tmp_path / "out", LEAN)


def _refused(tmp_path, source, kind=InputError):
    before = sorted(tmp_path.iterdir())
    with pytest.raises(kind) as caught:
        analyze_file(source, tmp_path / "out", LEAN)
    assert sorted(tmp_path.iterdir()) == before
    assert "\n" not in str(caught.value)
    return caught.value.code


def _failed(assessment):
    return {check.code for check in assessment.quality.checks if not check.passed}


def _has_no_number(assessment):
    return all(
        entry.value is None and entry.absent_reason for entry in assessment.parameters.values()
    )


def test_missing_file(tmp_path):
    assert _refused(tmp_path, tmp_path / "none.mp4") is ErrorCode.FILE_MISSING


def test_text_renamed_to_mp4(tmp_path):
    (tmp_path / "v.mp4").write_text("Dear colleague, please find attached\n" * 20)
    assert _refused(tmp_path, tmp_path / "v.mp4") is ErrorCode.NOT_A_VIDEO


def test_truncated_mp4(tmp_path):
    path = write_video(tmp_path / "v.mp4", walk_pictures(60))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert _refused(tmp_path, path) is ErrorCode.VIDEO_TRUNCATED


def test_one_frame_video(tmp_path):
    path = write_video(tmp_path / "v.mp4", walk_pictures(1))
    assert _refused(tmp_path, path) is ErrorCode.VIDEO_TOO_SHORT


def test_a_video_cut_off_behind_its_index_says_so(tmp_path):
    path = write_video(tmp_path / "v.mp4", walk_pictures(90), key_every=10, faststart=True)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assessment = analyze_file(path, tmp_path / "out", LEAN)
    assert QualityCode.VIDEO_TRUNCATED in _failed(assessment)
    assert QualityCode.DROPPED_FRAMES not in _failed(assessment)


def test_empty_room(tmp_path):
    path = write_video(tmp_path / "v.mp4", [textured_room(WIDTH, HEIGHT)] * 60)
    assessment = analyze_file(path, tmp_path / "out")
    assert assessment.quality.grade == "unusable"
    assert assessment.subject.track is None
    assert _has_no_number(assessment)
    assert QualityCode.SUBJECT_FOUND in _failed(assessment)
    assert QualityCode.FEET_GIVEN not in {check.code for check in assessment.quality.checks}
    assert (tmp_path / "out" / "report.html").stat().st_size > 1000
    assert (tmp_path / "out" / "overlay.mp4").stat().st_size > 1000


def test_five_frames_per_second(tmp_path, monkeypatch):
    xs = list(20 + 40.0 * np.arange(16))
    assessment = _analyse_known(tmp_path, monkeypatch, xs, rate_hz=5.0)
    assert assessment.quality.grade == "unusable"
    assert QualityCode.FRAME_RATE in _failed(assessment)
    assert _has_no_number(assessment)


def test_portrait_rotation_tag(tmp_path):
    room = [np.ascontiguousarray(np.rot90(p)) for p in walk_pictures(30, 200, 320)]
    path = set_rotation(write_video(tmp_path / "v.mp4", room), 90)
    source = analyze_file(path, tmp_path / "out").source
    assert (source.rotation_deg, source.width_px, source.height_px) == (90, 200, 320)


def test_of_two_people_the_one_who_walks(tmp_path, monkeypatch):
    walker = list(60 + 5.0 * np.arange(100))
    waiting = [560.0 + (n % 3) for n in range(100)]
    assessment = _analyse_known(tmp_path, monkeypatch, waiting, walker)
    recording = load_recording(tmp_path / "out" / "keypoints.npz")
    subject = list(recording.track).index(assessment.subject.track)
    hips = recording.xy_px[:, subject, 11, 0]
    found = np.isfinite(hips)
    assert found.sum() > 80
    np.testing.assert_allclose(hips[found], np.array(walker)[found], atol=1)


def test_a_subject_who_leaves_ends_and_nobody_takes_his_place(tmp_path, monkeypatch):
    gone = 90
    walker = [60 + 7.0 * n if n < gone else None for n in range(150)]
    waiting = [150.0 + (n % 3) if n > 60 else None for n in range(150)]
    assessment = _analyse_known(tmp_path, monkeypatch, walker, waiting)
    recording = load_recording(tmp_path / "out" / "keypoints.npz")
    subject = list(recording.track).index(assessment.subject.track)
    seen = np.isfinite(recording.xy_px[:, subject, 11, 0])
    assert seen[20:80].all()
    assert not seen[gone:].any()
    assert all(event.time_s < gone / 30 for event in assessment.events)


def test_output_below_a_file(tmp_path):
    path = write_video(tmp_path / "v.mp4", walk_pictures(30))
    (tmp_path / "notes").write_text("not a folder")
    with pytest.raises(InputError) as caught:
        analyze_file(path, tmp_path / "notes" / "out", LEAN)
    assert caught.value.code is ErrorCode.OUTPUT_NOT_WRITABLE


def test_output_that_holds_other_files(tmp_path):
    path = write_video(tmp_path / "v.mp4", walk_pictures(30))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    assert _refused(tmp_path, path) is ErrorCode.OUTPUT_EXISTS
    assert (tmp_path / "out" / "thesis.txt").read_text() == "years of work"


def test_disk_full_while_writing(tmp_path, monkeypatch):
    path = write_video(tmp_path / "v.mp4", walk_pictures(30))

    def full(_recording, target):
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pipeline, "save_recording", full)
    assert _refused(tmp_path, path, MachineError) is ErrorCode.DISK_FULL


def _hear_signals():
    """What whoever runs the tests ignores, as a shell does in its background, is not ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _ended_in_the_middle(tmp_path, number):
    path = write_video(tmp_path / "v.mp4", walk_pictures(1500, 640, 480))
    command = [sys.executable, "-m", "host.cli", "analyze", str(path), "--out"]
    process = subprocess.Popen(
        [*command, str(tmp_path / "out")], stderr=subprocess.PIPE, preexec_fn=_hear_signals
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".out.*")):
        assert time.monotonic() < deadline, "the analysis did not begin"
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    os.kill(process.pid, number)
    _, told = process.communicate(timeout=30)
    return process.returncode, told.decode()


def test_killed_in_the_middle_leaves_nothing_under_the_name(tmp_path):
    _ended_in_the_middle(tmp_path, signal.SIGKILL)
    assert not (tmp_path / "out").exists()
    short = write_video(tmp_path / "short.mp4", walk_pictures(20))
    analyze_file(short, tmp_path / "out", LEAN)
    assert json.loads((tmp_path / "out" / "assessment.json").read_text())["source"]["frames"] == 20


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ended_in_the_middle_leaves_nothing_at_all(tmp_path, number):
    code, told = _ended_in_the_middle(tmp_path, number)
    assert code == 128 + number
    assert "Traceback" not in told
    assert [entry.name for entry in tmp_path.iterdir()] == ["v.mp4"]


def test_keypoints_of_another_schema(tmp_path):
    path = tmp_path / "keypoints.npz"
    save_recording(recording_of([walk()]), path)
    with np.load(path) as stored:
        arrays = dict(stored)
    meta = json.loads(str(arrays["meta"]))
    arrays["meta"] = np.array(json.dumps({**meta, "schema_version": 99}))
    np.savez_compressed(path, **arrays)
    assert _refused(tmp_path, path) is ErrorCode.KEYPOINTS_SCHEMA


def test_another_archive_is_no_keypoints_file(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.arange(3))
    assert _refused(tmp_path, tmp_path / "other.npz") is ErrorCode.NOT_KEYPOINTS


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped"])
def test_a_damaged_keypoints_file_is_told_as_one(tmp_path, damage):
    whole = tmp_path / "whole.npz"
    save_recording(recording_of([walk()]), whole)
    data = whole.read_bytes()
    middle = bytes(255 - b for b in data[300 : len(data) // 2])
    kept = {
        "empty": b"",
        "cut": data[:3000],
        "flipped": data[:300] + middle + data[300 + len(middle) :],
    }
    (tmp_path / "k.npz").write_bytes(kept[damage])
    assert _refused(tmp_path, tmp_path / "k.npz") is ErrorCode.NOT_KEYPOINTS


def test_keypoints_give_the_same_assessment_as_the_video(tmp_path, monkeypatch):
    xs = list(-20 + 5.0 * np.arange(140))
    first = _analyse_known(tmp_path, monkeypatch, xs)
    second = analyze_file(
        tmp_path / "out" / "keypoints.npz", tmp_path / "again", LEAN, Person(None)
    )
    assert second.to_json() == first.to_json()
    assert first.subject.track is not None


def _command(*words):
    return subprocess.run(
        [sys.executable, "-m", "host.cli", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command_tells_one_line_and_ends_with_2(tmp_path):
    ended = _command("analyze", tmp_path / "none [take 2].mp4", "--out", tmp_path / "out")
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "none [take 2].mp4" in ended.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("where", ["source", "out", "settings"])
def test_a_folder_that_must_not_be_looked_into_is_told_in_one_line(tmp_path, monkeypatch, where):
    """As a clinic's share refuses; whoever runs the tests may be allowed everything."""
    hidden, plain = tmp_path / "hidden", Path.stat

    def stat(path, **options):
        if hidden in path.parents:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return plain(path, **options)

    paths = {name: tmp_path / name for name in ("source", "out", "settings")}
    paths["source"] = write_video(tmp_path / "v.mp4", walk_pictures(10))
    paths["settings"].write_text("")
    paths[where] = hidden / "x"
    monkeypatch.setattr(Path, "stat", stat)
    words = ["analyze", paths["source"], "--out", paths["out"], "--settings", paths["settings"]]
    monkeypatch.setattr(sys, "argv", ["footfall", *map(str, words)])
    console = io.StringIO()
    monkeypatch.setattr(sys, "stderr", console)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert len(console.getvalue().strip().splitlines()) == 1
    assert str(hidden / "x") in console.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        ["--height-m", "165"],
        ["--age", "-3"],
        ["--sex", "x"],
        ["--backend", "abacus"],
        ["--model", "nothing"],
        ["--model", "person-s"],
        ["--settings", "nothing.toml"],
    ],
)
def test_wrong_options_end_with_2(tmp_path, options):
    path = write_video(tmp_path / "v.mp4", walk_pictures(10))
    ended = _command("analyze", path, "--out", tmp_path / "out", *options)
    assert ended.returncode == 2, ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_the_command_prints_the_assessment_on_request(tmp_path):
    path = write_video(tmp_path / "v.mp4", walk_pictures(20))
    ended = _command("analyze", path, "--out", tmp_path / "out", "--json", "--no-overlay")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == json.loads((tmp_path / "out/assessment.json").read_text())
    assert not (tmp_path / "out" / "overlay.mp4").exists()
