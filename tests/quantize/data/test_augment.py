"""Training crops: points stay on what they mark, and the same seed gives the same crops."""

import cv2
import numpy as np
import pytest

from host.pose.crop import ArrayPicture, Cropper
from model_zoo.skeleton import INDEX, N_KEYPOINTS
from quantize.data.augment import Augmentation, Augmenter

SIZE = (128, 96)
STILL_COLOURS = Augmentation(
    colour=0.0, blur_share=0.0, noise_sd=0.0, occluder_share=0.0, cut_share=0.0
)


def picture_with_dots() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A dark picture with one bright dot a keypoint, the left ones red and the right ones green."""
    image = np.zeros((260, 200, 3), np.uint8)
    keypoints = np.zeros((N_KEYPOINTS, 3), np.float32)
    for i, name in enumerate(INDEX):
        x, y = 70 + 12 * (i % 5), 40 + 38 * (i // 5)
        colour = (255, 0, 0) if name.startswith("left") else (0, 255, 0)
        cv2.circle(image, (x, y), 4, colour, -1)
        keypoints[i] = (x + 0.5, y + 0.5, 1)
    return image, keypoints, np.array([50, 30, 140, 220], np.float32)


def brightest(crop: np.ndarray, point: np.ndarray) -> np.ndarray:
    x, y = int(point[0]), int(point[1])
    return crop[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].reshape(-1, 3).max(0)


def test_points_lie_on_their_dots_after_every_change() -> None:
    image, keypoints, box = picture_with_dots()
    augment = Augmenter(SIZE, STILL_COLOURS, np.random.default_rng(3))
    checked = 0
    for _ in range(40):
        crop, points = augment(image, keypoints, box)
        assert crop.shape == (128, 96, 3)
        assert crop.dtype == np.uint8
        for name, i in INDEX.items():
            x, y, weight = points[i]
            if weight == 0 or not (3 < x < 93 and 3 < y < 125):
                continue
            red, green, _ = brightest(crop, points[i])
            # A mirrored crop exchanges the names, so the colour tells that sides were kept right:
            # red dots are the picture's left-named points, which become right ones when mirrored.
            assert max(red, green) > 90, (name, points[i])
            checked += 1
    assert checked > 500


def test_mirrored_crops_exchange_sides() -> None:
    image, keypoints, box = picture_with_dots()
    augment = Augmenter(SIZE, STILL_COLOURS, np.random.default_rng(5))
    kept = mirrored = 0
    for _ in range(30):
        crop, points = augment(image, keypoints, box)
        seen = [
            brightest(crop, points[i])
            for name, i in INDEX.items()
            if name.startswith("left") and points[i, 2] > 0
        ]
        red = sum(int(s[0]) > int(s[1]) for s in seen)
        if red > len(seen) / 2:
            kept += 1
        else:
            mirrored += 1
    assert kept > 5
    assert mirrored > 5


def test_the_same_seed_gives_the_same_crops() -> None:
    image, keypoints, box = picture_with_dots()
    a = Augmenter(SIZE, Augmentation(), np.random.default_rng(1))
    b = Augmenter(SIZE, Augmentation(), np.random.default_rng(1))
    for _ in range(10):
        crop_a, points_a = a(image, keypoints, box)
        crop_b, points_b = b(image, keypoints, box)
        np.testing.assert_array_equal(crop_a, crop_b)
        np.testing.assert_array_equal(points_a, points_b)


@pytest.mark.parametrize("box", [(50, 30, 140, 220), (60, 100, 160, 130)])
def test_without_changes_the_crop_is_the_hosts(box: tuple[int, ...]) -> None:
    image, keypoints, _ = picture_with_dots()
    image = cv2.GaussianBlur(image, (0, 0), 3)
    nothing = Augmentation(
        enlarge=(1.25, 1.25), shift=0.0, turn_share=0.0, stretch=0.0, colour=0.0,
        blur_share=0.0, noise_sd=0.0, occluder_share=0.0, cut_share=0.0,
    )  # fmt: skip
    augment = Augmenter(SIZE, nothing, np.random.default_rng(0))
    cropper = Cropper(*SIZE)
    window = cropper.window(box)
    expected = cropper.to_crop(keypoints[:, :2], window)
    picture = cropper.cut(ArrayPicture(image), window).astype(int)
    differences = []
    for _ in range(12):
        crop, points = augment(image, keypoints, np.array(box, np.float32))
        inside = points[:, 2] > 0
        # The host rounds its window to whole pixels, hence the tolerance; mirrored crops differ.
        if np.abs(points[inside, :2] - expected[inside]).max() < 1.0:
            differences.append(np.abs(crop.astype(int) - picture).mean())
    # Of the three borders that are drawn, black is the host's.
    assert min(differences) < 3.0
