"""Gait energy images: shapes with known places, and pairs of them."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from host.person.outline import OUTLINE_BYTES, OUTLINE_HEIGHT, OUTLINE_WIDTH, aligned_outline
from host.subject.likeness import GaitEnergy, LikenessDoubt, Walks, likeness, walking_spans
from tests.recordings import recording_of, walk


def figure(x: int, tall: int, lean: float = 0.0, wide: float = 0.22) -> np.ndarray:
    """A standing shape in a picture of 320 x 180: head, trunk that leans, two legs."""
    mask = np.zeros((180, 320), np.uint8)
    foot, top = 170, 170 - tall
    neck = x + int(lean * tall)
    half = int(wide * tall / 2)
    cv2.circle(mask, (neck, top + tall // 14), tall // 14, 255, -1)
    trunk = [(x - half, foot - tall // 2), (x + half, foot - tall // 2)]
    shoulders = [(neck + half, top + tall // 7), (neck - half, top + tall // 7)]
    cv2.fillPoly(mask, [np.array(trunk + shoulders)], 255)
    for side in (-1, 1):
        cv2.line(mask, (x, foot - tall // 2), (x + side * tall // 6, foot), 255, max(tall // 16, 1))
    return mask


def bits(packed: np.ndarray) -> np.ndarray:
    return np.unpackbits(packed).reshape(OUTLINE_HEIGHT, OUTLINE_WIDTH)


BOX = np.array([0.0, 0.0, 320.0, 180.0])


@pytest.mark.parametrize(("x", "tall"), [(60, 120), (160, 120), (250, 160), (160, 80)])
def test_place_and_size_do_not_change_the_shape(x, tall):
    usual = bits(aligned_outline(figure(160, 140), BOX))
    other = bits(aligned_outline(figure(x, tall), BOX))
    assert (usual != other).mean() < 0.05
    assert usual[0].any()
    assert usual[-1].any()


@pytest.mark.parametrize(
    "mask",
    [np.zeros((180, 320), np.uint8), figure(4, 140), figure(160, 12)],
    ids=["no", "cut", "tiny"],
)
def test_no_shape_a_cut_one_and_a_tiny_one_are_nothing(mask):
    assert not aligned_outline(mask, BOX).any()
    assert aligned_outline(mask, BOX).shape == (OUTLINE_BYTES,)
    assert not aligned_outline(mask, np.array([400.0, 300, 410, 320])).any()


def person(lean: float, wide: float, direction: int = 1) -> Walks:
    """Somebody of that build who walks to one side, and when."""
    plain = recording_of([walk()])
    shapes = []
    for row in range(len(plain.time_s)):
        shape = bits(aligned_outline(figure(100 + row % 50, 130 + row % 7, lean, wide), BOX))
        shapes.append(np.packbits(shape[:, ::direction]))
    subject = {"track": int(plain.track[0])}
    kept = replace(
        plain, outline=np.stack(shapes)[:, None], meta={**plain.meta, "subject": subject}
    )
    return kept, [(0.5, 2.0, direction), (2.5, 4.0, direction)]


def walked(lean: float, wide: float, direction: int = 1) -> np.ndarray | None:
    """Energy image of that person."""
    return GaitEnergy().image(*person(lean, wide, direction))


def test_the_same_build_is_alike_in_both_directions_and_another_is_not():
    usual, back = walked(0.05, 0.22), walked(0.05, 0.22, direction=-1)
    bent = walked(0.25, 0.35)
    assert usual is not None
    assert back is not None
    assert bent is not None
    assert usual.shape == (OUTLINE_HEIGHT, OUTLINE_WIDTH)
    assert likeness(usual, usual) == pytest.approx(1.0)
    assert likeness(usual, back) > 0.98
    assert likeness(usual, bent) < likeness(usual, back) - 0.1


def test_two_recordings_are_doubted_only_where_both_are_clear():
    doubt = LikenessDoubt()
    usual, again, other = (person(*build) for build in ((0.05, 0.22), (0.055, 0.22), (0.3, 0.5)))
    assert doubt.judge(usual, again) is False
    assert doubt.judge(usual, other) is True
    torn = np.random.default_rng(0).integers(0, 256, usual[0].outline.shape, np.uint8)
    assert doubt.judge(usual, (replace(usual[0], outline=torn), usual[1])) is None
    assert doubt.judge(usual, (recording_of([walk()]), [])) is None


def test_the_way_of_each_bout_is_found():
    recording, _ = person(0.05, 0.22)
    back = replace(recording, box_px=recording.box_px[::-1])
    events = [(0, 0.5), (0, 2.0), (3, 2.5), (3, 4.0), (4, 4.5)]
    assert walking_spans(recording, events) == [(0.5, 2.0, 1), (2.5, 4.0, 1)]
    assert walking_spans(back, events) == [(0.5, 2.0, -1), (2.5, 4.0, -1)]


def test_without_outlines_subject_or_walking_there_is_no_image():
    plain = recording_of([walk()])
    chosen = replace(plain, meta={**plain.meta, "subject": {"track": 1}})
    nobody = replace(plain, meta={**plain.meta, "subject": {"track": None}})
    assert GaitEnergy().image(chosen, [(0.0, 5.0, 1)]) is None
    kept = np.full((150, 1, OUTLINE_BYTES), 255, np.uint8)
    assert GaitEnergy().image(replace(nobody, outline=kept), [(0.0, 5.0, 1)]) is None
    assert GaitEnergy().image(replace(chosen, outline=kept), []) is None
    assert GaitEnergy().image(replace(chosen, outline=kept), [(0.0, 0.3, 1)]) is None
    assert GaitEnergy().image(replace(chosen, outline=kept), [(0.0, 5.0, 1)]) is not None
