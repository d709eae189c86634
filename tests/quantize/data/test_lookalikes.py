"""The same photograph is known again: recoded, mirrored, cut otherwise; another one is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from quantize.data.lookalikes import Album, look, mirrored_look

BOX = np.array([20.0, 20.0, 100.0, 170.0])


def a_picture(seed: int) -> np.ndarray:
    """Smooth random colours."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (24, 15, 3), dtype=np.uint8)
    return cv2.resize(coarse, (120, 192), interpolation=cv2.INTER_CUBIC)


def recoded(image: np.ndarray) -> np.ndarray:
    coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)


@pytest.fixture
def album() -> Album:
    album = Album()
    album.add(look(a_picture(seed), BOX) for seed in range(20))
    return album


def test_an_empty_album_knows_nobody() -> None:
    assert not Album().knows(look(a_picture(0), BOX))


def test_other_pictures_are_not_known(album: Album) -> None:
    for seed in range(100, 140):
        image = a_picture(seed)
        assert not album.knows(look(image, BOX), mirrored_look(image, BOX))


def test_a_recoded_and_brightened_copy_is_known(album: Album) -> None:
    image = cv2.convertScaleAbs(recoded(a_picture(7)), alpha=0.8, beta=20)
    assert album.knows(look(image, BOX))


def test_a_mirror_image_is_known(album: Album) -> None:
    image = np.ascontiguousarray(a_picture(7)[:, ::-1])
    box = np.array([20.0, 20.0, 100.0, 170.0])
    assert album.knows(look(image, box), mirrored_look(image, box))


def test_another_cut_of_the_same_body_is_known_by_its_box(album: Album) -> None:
    image = a_picture(7)[10:, 12:]
    assert album.knows(look(image, BOX - [12, 10, 12, 10]))
