import numpy as np
import pytest

from host.capture.file import FileSource
from host.codes import ErrorCode
from host.errors import InputError
from tests.videos import set_rotation, textured_room, walk_pictures, write_video


def _numbered(count, width=64, height=48):
    for number in range(count):
        yield np.full((height, width, 3), 20 + 5 * number % 200, dtype=np.uint8)


def _read(path):
    source = FileSource(path)
    return list(source.open()), source.info()


def _code_of(path):
    with pytest.raises(InputError) as caught:
        _read(path)
    return caught.value.code


def test_frames_come_in_order_with_their_presentation_times(tmp_path):
    times = [0.0, 0.030, 0.070, 0.100, 0.180, 0.200, 0.300]
    path = write_video(tmp_path / "v.mp4", _numbered(7), times)
    source = FileSource(path)
    frames = list(source.open())
    assert [f.time_s for f in frames] == pytest.approx(times, abs=1e-4)
    assert [f.sequence for f in frames] == list(range(7))
    assert source.info().variable_frame_rate


def test_times_start_at_zero_when_the_container_does_not(tmp_path):
    path = write_video(tmp_path / "v.mp4", _numbered(4), [2.0, 2.1, 2.2, 2.3])
    assert [f.time_s for f in FileSource(path).open()] == pytest.approx([0, 0.1, 0.2, 0.3])


def test_info_counts_dropped_frames_and_keeps_the_rate_regular(tmp_path):
    times = np.delete(np.arange(40) / 25.0, [7, 20, 21])
    path = write_video(tmp_path / "v.mp4", _numbered(37), times)
    source = FileSource(path)
    assert len(list(source.open())) == 37
    info = source.info()
    assert (info.frames, info.dropped_frames, info.variable_frame_rate) == (37, 3, False)
    assert info.duration_s == pytest.approx(39 / 25)
    assert info.frame_rate_hz == pytest.approx(36 / (39 / 25))
    assert (info.width_px, info.height_px, info.rotation_deg) == (64, 48, 0)
    assert source.counters.gaps == 3


def test_a_second_open_gives_the_same_frames(tmp_path):
    source = FileSource(write_video(tmp_path / "v.mp4", _numbered(5)))
    first = [f.time_s for f in source.open()]
    assert [f.time_s for f in source.open()] == first
    assert source.info().frames == 5


def test_window_colours_equal_those_of_the_whole_picture(tmp_path):
    rng = np.random.default_rng(1)
    blocks = rng.integers(0, 255, (12, 16, 3)).repeat(8, 0).repeat(8, 1).astype(np.uint8)
    path = write_video(tmp_path / "v.mp4", [blocks] * 2)
    picture = next(FileSource(path).open()).image
    whole = picture.rgb(0, 0, 128, 96)
    # Inside the blocks the colours are those that were written, within the codec's loss.
    inner = (slice(3, None, 8), slice(3, None, 8))
    assert np.abs(whole[inner].astype(int) - blocks[inner]).mean() < 4
    for window in ((8, 8, 40, 40), (7, 9, 33, 50), (3, 2, 4, 3)):
        x0, y0, x1, y1 = window
        np.testing.assert_array_equal(picture.rgb(*window), whole[y0:y1, x0:x1])


def test_window_is_black_outside_the_picture(tmp_path):
    path = write_video(tmp_path / "v.mp4", [np.full((48, 64, 3), 200, np.uint8)] * 2)
    picture = next(FileSource(path).open()).image
    out = picture.rgb(-10, -6, 80, 60)
    assert out.shape == (66, 90, 3)
    assert np.all(out[:6] == 0)
    assert np.all(out[:, :10] == 0)
    assert np.all(out[54:] == 0)
    assert np.all(out[6:54, 10:74] > 190)
    assert not picture.rgb(100, 100, 120, 110).any()


@pytest.mark.parametrize("clockwise_deg", [90, 180, 270])
def test_rotation_tag_is_honoured_once(tmp_path, clockwise_deg):
    upright = textured_room(96, 128)
    upright[:40, :30] = (250, 20, 20)  # a red corner, top left
    upright[100:, 70:] = (20, 20, 250)  # a blue one, bottom right
    stored = np.ascontiguousarray(np.rot90(upright, clockwise_deg // 90))
    path = set_rotation(write_video(tmp_path / "v.mp4", [stored] * 3), clockwise_deg)
    source = FileSource(path)
    frames = list(source.open())
    picture = frames[0].image
    assert (picture.width, picture.height) == (96, 128)
    assert picture.luma().shape == (128, 96)
    red, blue = picture.rgb(2, 3, 21, 33), picture.rgb(75, 105, 95, 127)
    assert red[..., 0].mean() > 200 > 60 > red[..., 2].mean()
    assert blue[..., 2].mean() > 200 > 60 > blue[..., 0].mean()
    assert source.info().rotation_deg == clockwise_deg
    assert (source.info().width_px, source.info().height_px) == (96, 128)


def test_survey_sees_the_whole_length_with_fewer_frames(tmp_path):
    path = write_video(tmp_path / "v.mp4", walk_pictures(120), key_every=5)
    frames = list(FileSource(path).survey())
    assert 16 <= len(frames) <= 40
    assert frames[0].time_s == 0
    assert frames[-1].time_s > 3.5


def test_missing_file(tmp_path):
    assert _code_of(tmp_path / "none.mp4") is ErrorCode.FILE_MISSING


def test_a_folder_is_no_file(tmp_path):
    assert _code_of(tmp_path) is ErrorCode.FILE_IS_FOLDER


def test_text_renamed_to_mp4(tmp_path):
    path = tmp_path / "notes.mp4"
    path.write_text("a letter, not a video\n" * 50)
    assert _code_of(path) is ErrorCode.NOT_A_VIDEO


def test_mp4_cut_before_its_index(tmp_path):
    path = write_video(tmp_path / "v.mp4", walk_pictures(60))
    path.write_bytes(path.read_bytes()[:20000])
    assert _code_of(path) is ErrorCode.VIDEO_TRUNCATED


def test_cut_file_with_its_index_in_front_gives_what_can_be_read(tmp_path):
    path = write_video(tmp_path / "v.mp4", walk_pictures(60), key_every=10, faststart=True)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    source = FileSource(path)
    frames = list(source.open())
    assert 20 < len(frames) < 60
    info = source.info()
    assert info.unreadable_frames == info.cut_off_frames == 60 - len(frames)


def test_damage_in_the_middle_is_skipped(tmp_path):
    path = write_video(tmp_path / "v.mp4", walk_pictures(60), key_every=10, faststart=True)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    path.write_bytes(data)
    source = FileSource(path)
    times = [f.time_s for f in source.open()]
    assert source.info().cut_off_frames == 0  # it ends where it should
    assert len(times) > 30
    assert np.all(np.diff(times) > 0)


def test_one_frame_is_too_short(tmp_path):
    path = write_video(tmp_path / "v.mp4", _numbered(1))
    assert _code_of(path) is ErrorCode.VIDEO_TOO_SHORT
