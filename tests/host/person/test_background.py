import cv2
import numpy as np

from host.person.background import Background
from host.person.blobs import person_blobs, silhouette_signals
from tests.videos import draw_walker, textured_room, walk_pictures


def _grey(picture):
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def _primed():
    background = Background()
    background.prime(np.array([_grey(p) for p in walk_pictures(90)][::4]))
    return background


def test_the_walker_differs_and_the_room_does_not():
    background = _primed()
    room = textured_room()
    assert not background.mask(_grey(room)).any()
    draw_walker(room, 150, 221, 130, 0.2)
    boxes = person_blobs(background.mask(_grey(room)), 40)
    assert len(boxes) == 1
    x0, y0, x1, y1 = boxes[0]
    assert 221 - 130 - 6 <= y0 <= 221 - 130 + 10
    assert 216 <= y1 <= 228
    assert x0 < 150 < x1


def test_exposure_and_shake_are_forgiven():
    background = _primed()
    room = _grey(textured_room())
    assert not background.mask(np.clip(room + 15, 0, 255).astype(np.uint8)).any()
    striped = np.tile(np.repeat([60, 200], 12), (240, 14))[:, :320].astype(np.uint8)
    background.prime(np.array([striped] * 5))
    assert not background.mask(np.roll(striped, 1, axis=1)).any()
    assert background.mask(np.roll(striped, 4, axis=1)).any()


def test_without_priming_the_first_picture_is_the_room_and_its_ghost_fades():
    background = Background(learn_s=1.0)
    first = textured_room()
    draw_walker(first, 100, 221, 130, 0.2)
    nobody = np.zeros((240, 320), np.uint8)
    assert not background.mask(_grey(first)).any()
    empty = _grey(textured_room())
    assert background.mask(empty).any()
    for _ in range(120):
        background.learn(empty, nobody, 1 / 30)
    assert not background.mask(empty).any()


def test_people_are_not_learned():
    background = _primed()
    picture = textured_room()
    draw_walker(picture, 150, 221, 130, 0.2)
    person = background.mask(_grey(picture))
    keep = cv2.dilate(person, np.ones((9, 9), np.uint8))
    for _ in range(600):
        background.learn(_grey(picture), keep, 1 / 30)
    assert np.count_nonzero(background.mask(_grey(picture))) > 0.9 * np.count_nonzero(person)


def test_two_people_are_two_boxes_and_a_ball_is_none():
    mask = np.zeros((240, 320), np.uint8)
    mask[60:200, 40:80] = 255
    mask[80:210, 200:240] = 255
    mask[200:212, 120:132] = 255
    boxes = person_blobs(mask, 40)
    np.testing.assert_array_equal(boxes, [[40, 60, 80, 200], [200, 80, 240, 210]])
    assert person_blobs(np.zeros_like(mask), 40).shape == (0, 4)


def test_a_body_with_a_missing_belt_is_one_box():
    mask = np.zeros((180, 320), np.uint8)
    mask[40:90, 100:120] = 255
    mask[100:160, 100:120] = 255
    np.testing.assert_array_equal(person_blobs(mask, 40), [[100, 40, 120, 160]])


def test_silhouette_signals_are_in_pixels_of_the_picture():
    mask = np.zeros((180, 320), np.uint8)
    mask[40:140, 100:120] = 255
    luma = np.full((180, 320), 90, np.uint8)
    area, width, height, x, y, grey = silhouette_signals(
        mask, luma, np.array([90.0, 30, 130, 150]), 4.0
    )
    assert (area, width, height, grey) == (20 * 100 * 16, 80, 400, 90)
    assert (x, y) == (440, 360)
    empty = silhouette_signals(np.zeros_like(mask), luma, np.array([90.0, 30, 130, 150]), 4.0)
    assert np.isnan(empty[:5]).all()
    outside = silhouette_signals(mask, luma, np.array([-90.0, -30, -10, -5]), 4.0)
    assert np.isnan(outside).all()


def test_boxes_are_tight_around_speckled_bodies_the_largest_first():
    random, mask = np.random.default_rng(2), np.zeros((180, 320), np.uint8)
    places = [(20, 30, 50, 120), (100, 10, 150, 160), (200, 60, 230, 130), (260, 20, 280, 90)]
    for x0, y0, x1, y1 in places:
        mask[y0:y1, x0:x1] = 255 * (random.random((y1 - y0, x1 - x0)) < 0.6)
        mask[[y0, y1 - 1], x0 : x1 - 1] = mask[y0 : y1 - 1, [[x0], [x1 - 1]]] = 255
    found = person_blobs(mask, 40)
    area = [(box[2] - box[0]) * (box[3] - box[1]) for box in found]
    assert sorted(map(tuple, found.tolist())) == sorted(places)
    assert area == sorted(area, reverse=True)


def test_of_an_even_number_of_pictures_the_room_lies_between_the_middle_two():
    pictures = np.full((4, 60, 80), 50, np.uint8)
    pictures[:, :, 60:] = np.array([10, 31, 90, 20])[:, None, None]
    background = Background(contrast=1.0, noise_factor=0.0, shake_px=0.0)
    background.prime(pictures)
    room = pictures[0].copy()
    for grey, differs in ((23, True), (25, False), (26, False), (28, True)):  # the room is 25.5
        room[:, 60:] = grey
        assert background.mask(room)[30, 70].astype(bool) == differs
