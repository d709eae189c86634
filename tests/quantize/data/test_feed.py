"""Workers cut different crops, in the shape that training expects, and end when told."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from model_zoo.skeleton import N_KEYPOINTS
from quantize.data.augment import Augmentation, Augmenter
from quantize.data.feed import Feed
from quantize.data.mixture import Kind, Mixture
from quantize.data.pictures import LabelledPicture


def _picture() -> LabelledPicture:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (96, 72, 3), dtype=np.uint8)
    keypoints = np.concatenate(
        [rng.uniform(10, 60, (N_KEYPOINTS, 2)), np.ones((N_KEYPOINTS, 1))], 1
    )
    return LabelledPicture(
        jpeg=cv2.imencode(".jpg", image)[1],
        box_px=np.array([5, 5, 65, 90], np.float32),
        keypoints=keypoints.astype(np.float32),
        item={},
    )


def _mixture(number: int) -> Mixture:
    kind = Kind("renders", 1.0)
    kind.add([_picture()])
    return Mixture([kind], Augmenter((64, 48), Augmentation(), np.random.default_rng(number)))


def check_workers_cut_different_crops() -> None:
    batches = Feed(_mixture, batch=3, workers=2).start()
    first, second = next(batches), next(batches)
    for crops, points in (first, second):
        assert crops.shape == (3, 3, 64, 48)
        assert points.shape == (3, N_KEYPOINTS, 3)
    assert not torch.equal(first[0], second[0])


def check_one_worker_gives_what_its_mixture_gives() -> None:
    crops, points = next(Feed(_mixture, batch=2, workers=1).start())
    expected_crops, expected_points = _mixture(0).batch(2)
    assert crops.dtype == torch.uint8
    assert torch.equal(crops.float(), expected_crops)
    assert torch.equal(points, expected_points)


@pytest.mark.parametrize(
    "check",
    ["check_workers_cut_different_crops", "check_one_worker_gives_what_its_mixture_gives"],
)
def test_feed(check: str) -> None:
    """In a process of its own: a fork of one that has used many threads may hang."""
    command = [sys.executable, __file__, check]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=Path.cwd())
    assert ended.returncode == 0, ended.stderr


if __name__ == "__main__":
    torch.set_num_threads(1)
    globals()[sys.argv[1]]()
