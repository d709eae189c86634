"""Boxes from hand-made integers: place, size, threshold, ties, two people side by side."""

import numpy as np
import pytest

from host.person.decode import BoxCentreDecoder, intersection_over_union
from model_zoo.package import Head

STEP = 1 / 64
HEAD = Head("people", "box_centre", (0, 5), (STEP,) * 5, (-128, 0, 0, 0, 0))
SHAPE, SIZE = (14, 24, 5), (112, 192)


def integers(*people: tuple[int, int, float, float, float, float, float]) -> np.ndarray:
    """Output with (row, column, logit, x, y in cells, width, height px) in chosen cells."""
    out = np.zeros((1, *SHAPE), np.int32)
    out[..., 0] = -1000
    for row, column, logit, x, y, width, height in people:
        values = [logit, x, y, np.log(width), np.log(height)]
        out[0, row, column] = np.rint(np.array(values) / STEP).astype(int) - HEAD.bias
    return out


def test_one_cell_tells_one_box() -> None:
    found = BoxCentreDecoder(HEAD, SHAPE, SIZE).decode(integers((5, 10, 2.0, 0.25, -0.5, 20, 60)))
    centre = np.array([(10.5 + 0.25) * 8, (5.5 - 0.5) * 8])
    np.testing.assert_allclose(found[0].box_px[0, :2], np.subtract(centre, [10, 30]), atol=0.4)
    np.testing.assert_allclose(found[0].box_px[0, 2:], np.add(centre, [10, 30]), atol=0.4)
    assert found[0].score[0] == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-3)


def test_the_bias_makes_one_half_the_threshold() -> None:
    decoder = BoxCentreDecoder(HEAD, SHAPE, SIZE)
    below = integers((5, 10, 0.0, 0, 0, 20, 60))
    below[0, 5, 10, 0] -= 1
    assert len(decoder.decode(below)[0].score) == 0
    at = integers((5, 10, 0.0, 0, 0, 20, 60))
    assert decoder.decode(at)[0].score.tolist() == [0.5]


@pytest.mark.parametrize(("doubt", "width"), [(1.0, 21.2), (-0.9, 21.6), (-1.5, 22.0)])
def test_cells_of_one_person_agree_on_one_box(doubt: float, width: float) -> None:
    """By their scores; one of less than a quarter is not heard."""
    cells = [(5, 10, doubt, 0.0, 0.0, 20, 60), (6, 10, 3.0, 0.0, -1.0, 22, 60)]
    found = BoxCentreDecoder(HEAD, SHAPE, SIZE).decode(integers(*cells))[0]
    assert found.score.tolist() == pytest.approx([1 / (1 + np.exp(-3))], abs=1e-3)
    assert found.box_px[0, 2] - found.box_px[0, 0] == pytest.approx(width, abs=0.15)


def test_a_cell_that_tells_another_box_changes_none() -> None:
    cells = [(5, 10, 1.0, 0.0, 0.0, 14, 60), (6, 10, 3.0, 0.0, -1.0, 22, 60)]
    found = BoxCentreDecoder(HEAD, SHAPE, SIZE).decode(integers(*cells))[0]
    assert len(found.score) == 1
    assert found.box_px[0, 2] - found.box_px[0, 0] == pytest.approx(22, rel=0.02)


def test_all_cells_that_are_heard_can_be_asked_for() -> None:
    cells = [
        (5, 10, -0.9, 0.0, 0.0, 20, 60),
        (6, 10, 3.0, 0.0, -1.0, 22, 60),
        (6, 9, -1.5, 1, 0, 20, 60),
    ]
    decoder = BoxCentreDecoder(HEAD, SHAPE, SIZE)
    [told] = decoder.told(integers(*cells))
    assert told.score.tolist() == pytest.approx(1 / (1 + np.exp([-3, 0.9])), abs=5e-3)
    assert (told.box_px[:, 2] - told.box_px[:, 0]).tolist() == pytest.approx([22, 20], rel=0.02)
    assert len(decoder.decode(integers(*cells))[0].score) == 1


@pytest.mark.parametrize("apart", [0.0, 0.4])
def test_a_crowd_is_the_same_in_the_mirror(apart: float) -> None:
    """One person in four cells, or two who cross: as many, at mirrored places."""
    cells = [
        (6, 10, 3.0, 0.2 - apart, 0.1, 22, 60),
        (6, 11, 1.0, -0.8 - apart, 0.1, 21, 60),
        (7, 10, 2.5, 0.2 + apart * 4, -0.9, 22, 62),
        (7, 11, 2.0, -0.8 + apart * 4, -0.9, 23, 62),
    ]
    turned = [(r, SHAPE[1] - 1 - c, s, -x, y, w, h) for r, c, s, x, y, w, h in cells]
    decoder = BoxCentreDecoder(HEAD, SHAPE, SIZE)
    [plain], [mirrored] = decoder.decode(integers(*cells)), decoder.decode(integers(*turned))
    assert len(plain.score) == (2 if apart else 1)
    np.testing.assert_allclose(mirrored.score, plain.score)
    back = SIZE[1] - mirrored.box_px[:, [2, 0]]
    np.testing.assert_allclose(back, plain.box_px[:, [0, 2]], atol=1e-9)


def test_two_people_side_by_side_stay_two() -> None:
    people = [(6, 10, 2.0, 0, 0, 14, 60), (6, 11, 1.0, 0.3, 0, 14, 60)]
    found = BoxCentreDecoder(HEAD, SHAPE, SIZE).decode(integers(*people))[0]
    assert len(found.score) == 2
    assert found.score[0] > found.score[1]


def test_of_equal_cells_the_first_row_by_row_stays() -> None:
    cells = [(6, 10, 2.0, 0, -1.0, 32, 60), (5, 10, 2.0, 0, 0, 20, 60)]
    found = BoxCentreDecoder(HEAD, SHAPE, SIZE).decode(integers(*cells))[0]
    assert found.box_px[0, 2] - found.box_px[0, 0] == pytest.approx(20, rel=0.02)


def test_every_picture_of_a_batch_has_its_own_people() -> None:
    two = np.concatenate([integers(), integers((5, 10, 2.0, 0, 0, 20, 60))])
    assert [len(b.score) for b in BoxCentreDecoder(HEAD, SHAPE, SIZE).decode(two)] == [0, 1]


def test_extreme_integers_give_finite_boxes() -> None:
    out = np.full((1, *SHAPE), 32767, np.int32)
    found = BoxCentreDecoder(HEAD, SHAPE, SIZE).decode(out)[0]
    assert np.isfinite(found.box_px).all()


def test_a_head_of_other_channels_is_refused() -> None:
    with pytest.raises(ValueError, match="4 channels"):
        BoxCentreDecoder(Head("p", "box_centre", (0, 4), (1.0,), (0,)), SHAPE, SIZE)


def test_overlap_of_known_boxes() -> None:
    a = np.array([[0.0, 0, 10, 10]])
    b = np.array([[0.0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]])
    np.testing.assert_allclose(intersection_over_union(a, b), [[1, 1 / 3, 0]])
