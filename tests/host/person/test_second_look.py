"""Two looks at each person: places carried back exactly, scores of both, runs that are saved."""

import cv2
import numpy as np
import pytest

from host.person.decode import BoxCentreDecoder
from host.person.letterbox import Letterbox
from host.person.second_look import SecondLook
from model_zoo.package import load_released

MODEL = load_released("person-s")
ROWS, COLUMNS, CHANNELS = MODEL.output.shape
HEAD = next(h for h in MODEL.output.heads if h.kind == "box_centre")
CELL, LEVEL = 8, 200


class _Eye:
    """In place of the network: tells the boxes of what is bright, each look with its own score."""

    def __init__(self, *scores, wide=1.0):
        self.scores = scores
        self.wide = wide
        self.runs = []

    def __call__(self, inputs):
        score = self.scores[min(len(self.runs), len(self.scores) - 1)]
        self.runs.append(inputs)
        return np.stack([self._tell(picture, score) for picture in inputs])

    def _tell(self, picture, score):
        values = np.zeros((ROWS, COLUMNS, CHANNELS))
        values[..., 0] = -20.0
        shown = (picture[..., 0] >= LEVEL / 2).astype(np.uint8)
        _, _, places, _ = cv2.connectedComponentsWithStats(shown)
        for x0, y0, wide, high in places[1:, :4]:
            x1, y1 = x0 + wide, y0 + high
            centre = np.array([x0 + x1, y0 + y1]) / 2
            column, row = (centre / CELL).astype(int)
            offset = centre / CELL - (column + 0.5, row + 0.5)
            size = np.log([(x1 - x0) * self.wide, y1 - y0])
            values[row, column] = [np.log(score / (1 - score)), *offset, *size]
        return np.rint(values / HEAD.scale).astype(np.int32) - np.array(HEAD.bias)


def _picture(*boxes):
    """1344 x 784, seven times the input: boxes on black."""
    picture = np.zeros((784, 1344, 3), np.uint8)
    for x0, y0, x1, y1 in boxes:
        picture[y0:y1, x0:x1] = LEVEL
    return picture


SMALL = (910, 350, 966, 490)  # 20 px high in the input
LARGE = (308, 84, 504, 700)  # 88 px


@pytest.mark.parametrize("box", [SMALL, LARGE, (0, 630, 70, 784), (1274, 7, 1344, 161)])
def test_both_looks_tell_the_same_place_also_at_the_picture_s_edges(box):
    eye = _Eye(0.8, 0.6)
    found = SecondLook(MODEL).find(_picture(box), eye)
    assert [len(r) for r in eye.runs] == [1, 1]
    assert found.score == pytest.approx([0.7], abs=5e-3)
    # A pixel of the first look is seven of the picture; one of the second less.
    np.testing.assert_allclose(found.box_px[0], box, atol=7)


def test_who_is_small_is_shown_48_px_high_and_who_is_large_with_the_whole_picture():
    eye = _Eye(0.8)
    SecondLook(MODEL).find(_picture(SMALL, LARGE), eye)
    heights = [int((p[..., 0] >= LEVEL / 2).any(axis=1).sum()) for p in eye.runs[1]]
    assert sorted(heights) == pytest.approx([48, 88], abs=1)


def test_the_second_look_is_mirrored():
    eye = _Eye(0.8)
    SecondLook(MODEL).find(_picture(LARGE), eye)
    np.testing.assert_array_equal(eye.runs[1][0], eye.runs[0][0][:, ::-1])


def test_people_as_high_as_wanted_share_one_second_picture():
    eye = _Eye(0.8)
    others = [(700, 84, 896, 700), (1000, 84, 1196, 700)]
    found = SecondLook(MODEL).find(_picture(LARGE, *others), eye)
    assert [len(r) for r in eye.runs] == [1, 1]
    assert len(found.score) == 3


def test_whom_the_second_look_does_not_see_counts_half():
    found = SecondLook(MODEL, sure=0.15).find(_picture(SMALL), _Eye(0.8, 0.01))
    assert found.score == pytest.approx([0.4], abs=5e-3)
    assert not len(SecondLook(MODEL).find(_picture(SMALL), _Eye(0.8, 0.01)).score)


def test_a_doubt_becomes_sure_by_the_second_look_and_the_box_lies_between():
    class _Wider(_Eye):
        def __call__(self, inputs):
            self.wide = 1.4 if self.runs else 1.0
            return super().__call__(inputs)

    found = SecondLook(MODEL).find(_picture(SMALL), _Wider(0.3, 0.9))
    assert found.score == pytest.approx([0.6], abs=5e-3)
    width = found.box_px[0, 2] - found.box_px[0, 0]
    assert width == pytest.approx(56 * (0.3 * 1.0 + 0.9 * 1.4) / 1.2, rel=0.06)


def test_nobody_and_hardly_anybody_is_looked_at_once():
    for picture, score in ((_picture(), 0.8), (_picture(SMALL), 0.15)):
        eye = _Eye(score)
        assert not len(SecondLook(MODEL).find(picture, eye).score)
        assert [len(r) for r in eye.runs] == [1]


def test_at_most_four_are_looked_at_again():
    eye = _Eye(0.8)
    boxes = [(100 + 200 * i, 350, 156 + 200 * i, 490) for i in range(6)]
    found = SecondLook(MODEL).find(_picture(*boxes), eye)
    assert [len(r) for r in eye.runs] == [1, 4]
    assert len(found.score) == 6


class _Doubling(_Eye):
    """Tells at its first look a second box, shifted by two fifths of the width."""

    def __call__(self, inputs):
        told = super().__call__(inputs)
        if len(self.runs) == 1:
            row, column = np.unravel_index(int(told[0, ..., 0].argmax()), told.shape[1:3])
            shift = 0.4 * (LARGE[2] - LARGE[0]) / 7 / CELL - 1
            told[0, row, column + 1] = told[0, row, column]
            told[0, row, column + 1, 1] += round(shift / HEAD.scale[1])
        return told


def test_two_boxes_that_the_second_look_makes_one_are_one_person():
    seen_once = BoxCentreDecoder(HEAD, MODEL.output.shape, (112, 192))
    inputs = Letterbox(112, 192).fit(_picture(LARGE))[None]
    assert len(seen_once.decode(_Doubling(0.8)(inputs))[0].score) == 2
    assert len(SecondLook(MODEL).find(_picture(LARGE), _Doubling(0.8)).score) == 1
