"""Frames, mosaics and their people stay together whatever is cut, turned and pasted."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from model_zoo.skeleton import N_KEYPOINTS
from quantize.data.frame_mixture import (
    FrameAugmentation,
    FrameAugmenter,
    FrameMixture,
    FrameShares,
    empty_parts,
)
from quantize.data.frames import read_frames, split_scenes
from quantize.data.pictures import LabelledPicture
from tests.frames import RED, write_frames

PLAIN = FrameAugmentation(colour=0.0, blur_share=0.0, noise_sd=0.0)
SIZE = (112, 192)


def person(seed: int) -> LabelledPicture:
    """A red rectangle as somebody's photograph."""
    rng = np.random.default_rng(seed)
    picture = np.full((150, 90, 3), 160, np.uint8)
    picture[15:135, 20:70] = RED
    keypoints = np.c_[rng.uniform([20, 15], [70, 135], (N_KEYPOINTS, 2)), np.ones(N_KEYPOINTS)]
    return LabelledPicture(
        jpeg=cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1],
        box_px=np.array([20, 15, 70, 135], np.float32),
        keypoints=keypoints.astype(np.float32),
        item={"width": 90, "height": 150},
    )


def red_bounds(picture: np.ndarray) -> np.ndarray | None:
    """Box of the red pixels of uint8[H, W, 3]."""
    there = np.argwhere(np.abs(picture.astype(int) - RED).max(axis=2) < 60)
    if not len(there):
        return None
    return np.concatenate([there.min(0)[::-1], there.max(0)[::-1] + 1]).astype(float)


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_frames(tmp_path_factory.mktemp("frames"), 60)


def test_boxes_follow_their_person_through_every_cut(frames: Path) -> None:
    augmenter = FrameAugmenter(SIZE, PLAIN, np.random.default_rng(1))
    checked = 0
    for frame in read_frames(frames) * 3:
        picture, people = augmenter.frame(frame)
        assert picture.shape == (*SIZE, 3)
        if len(people) == 1 and people[0][4] > 0:
            np.testing.assert_allclose(red_bounds(picture), people[0][:4], atol=2.0)
            checked += 1
    assert checked > 80


def test_close_parts_show_somebody_as_high_as_a_second_look(frames: Path) -> None:
    ranges = replace(PLAIN, close_share=1.0, close_px=(44.0, 50.0))
    augmenter = FrameAugmenter(SIZE, ranges, np.random.default_rng(1))
    heights = []
    for frame in read_frames(frames) * 3:
        box = frame.label.people_px
        picture, people = augmenter.frame(frame)
        if len(people) == 1 and people[0][4] > 0:
            np.testing.assert_allclose(red_bounds(picture), people[0][:4], atol=2.0)
            high = (box[0, 3] - box[0, 1]) / frame.item["height"] * SIZE[0]
            heights.append((people[0][3] - people[0][1], high))
    shown, whole = np.array(heights).T
    small = whole < 40
    assert small.sum() > 20
    assert np.all((shown[small] > 42) & (shown[small] < 52))
    large = whole > 52
    np.testing.assert_allclose(shown[large], whole[large], rtol=0.06)  # all of the frame


def test_reflections_follow_the_cut_and_are_nobody(frames: Path) -> None:
    augmenter = FrameAugmenter(SIZE, PLAIN, np.random.default_rng(1))
    checked = 0
    for frame in read_frames(frames) * 2:
        told = frame.label
        nobody = replace(told, people_px=np.zeros((0, 4)), subject=None, others_px=told.people_px)
        drawn = replace(frame, label=nobody, keypoints=np.zeros((0, N_KEYPOINTS, 3)))
        picture, people = augmenter.frame(drawn)
        assert all(p[4] == -2.0 for p in people)
        if people:
            np.testing.assert_allclose(red_bounds(picture), people[0][:4], atol=2.0)
            checked += 1
    assert checked > 50


def test_an_empty_frame_has_nobody(frames: Path) -> None:
    augmenter = FrameAugmenter(SIZE, PLAIN, np.random.default_rng(1))
    picture, people = augmenter.frame(read_frames(frames)[0])
    assert people == []
    assert red_bounds(picture) is None


def test_boxes_of_a_mosaic_lie_on_its_persons() -> None:
    ranges = FrameAugmentation(
        colour=0.0, blur_share=0.0, noise_sd=0.0, strips=(1.0,), person_share=(0.5, 0.7)
    )
    augmenter = FrameAugmenter(SIZE, ranges, np.random.default_rng(3))
    place = np.full((*SIZE, 3), 90, np.uint8)
    checked = 0
    for seed in range(40):
        picture, people = augmenter.mosaic(place, [person(seed)])
        if people and people[0][4] > 0:
            # Feet may end below the strip's edge, and a soft mask eats a little of the sides.
            np.testing.assert_allclose(red_bounds(picture), people[0][:4], atol=5.0)
            checked += 1
    assert checked > 20
    assert np.all(place == 90)


def test_batches_hold_both_kinds_and_repeat_with_the_seed(frames: Path) -> None:
    def batch(share: float) -> tuple[np.ndarray, np.ndarray]:
        augmenter = FrameAugmenter(SIZE, FrameAugmentation(), np.random.default_rng(4))
        places = [np.full((*SIZE, 3), 30, np.uint8)]
        mixture = FrameMixture(
            read_frames(frames), [person(0)], places, FrameShares(share), augmenter
        )
        pictures, people = mixture.batch(12)
        return pictures.numpy(), people.numpy()

    pictures, people = batch(0.5)
    assert pictures.shape == (12, 3, *SIZE)
    assert people.shape == (12, 12, 5)
    assert set(np.unique(people[..., 4])) <= {-1.0, 0.0, 1.0}
    again = batch(0.5)
    assert np.array_equal(again[0], pictures)
    assert np.array_equal(again[1], people)
    assert (batch(1.0)[1][..., 4] != 0).sum() > (batch(0.0)[1][..., 4] != 0).sum()


def test_frames_with_covered_people_come_more_often(frames: Path) -> None:
    drawn = read_frames(frames)[:20]
    for k, frame in enumerate(drawn[:10]):  # the same person twice: they cover each other
        if frame.label.subject is not None:
            twice = replace(frame.label, people_px=np.tile(frame.label.people_px, (2, 1)))
            drawn[k] = replace(frame, label=twice, keypoints=np.tile(frame.keypoints, (2, 1, 1)))
    assert 0 < sum(f.label.covered() for f in drawn) < len(drawn)

    def people(weight: float) -> float:
        augmenter = FrameAugmenter(SIZE, FrameAugmentation(), np.random.default_rng(4))
        mixture = FrameMixture(drawn, [], [], FrameShares(0.0, 0.0, weight), augmenter)
        return float((mixture.batch(40)[1][..., 4] != 0).sum())

    assert people(1000.0) > people(1.0) > people(0.001)


def test_nobody_stands_in_an_empty_place(frames: Path) -> None:
    augmenter = FrameAugmenter(SIZE, FrameAugmentation(), np.random.default_rng(4))
    places = [np.full((*SIZE, 3), 30, np.uint8)]
    mixture = FrameMixture(
        read_frames(frames), [person(0)], places, FrameShares(0.0, 1.0), augmenter
    )
    pictures, people = mixture.batch(8)
    assert not people.any()
    assert len(pictures.numpy().reshape(8, -1)) == 8


@pytest.mark.parametrize("shape", [(240, 320), (320, 240), (60, 100)])
def test_parts_of_a_place_fill_the_input(shape: tuple[int, int], tmp_path: Path) -> None:
    image = np.zeros((*shape, 3), np.uint8)
    image[..., 2] = 200  # red as OpenCV stores it
    cv2.imwrite(str(tmp_path / "a.jpg"), image)
    parts = empty_parts(tmp_path / "a.jpg", SIZE, np.random.default_rng(1))
    assert len(parts) == 3
    for part in parts:
        assert part.shape == (*SIZE, 3)
        assert part[..., 0].min() > 180
        assert part[..., 1:].max() < 20


def test_no_picture_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("no picture")
    with pytest.raises(ValueError, match="no picture"):
        empty_parts(tmp_path / "a.jpg", SIZE, np.random.default_rng(1))


def test_no_scene_is_on_both_sides(frames: Path) -> None:
    training, held_out = split_scenes(read_frames(frames))
    scenes = [{int(f.item["file"][:6]) // 4 for f in part} for part in (training, held_out)]
    assert len(training) + len(held_out) == 60
    assert scenes[0].isdisjoint(scenes[1])
    assert scenes[1] == {0, 12}
