"""Crops in, keypoints out; read twice, a mirrored crop gives exactly the mirrored keypoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from host import accelerator
from host.pose.crop import ArrayPicture
from host.pose.estimate import CropReader, PoseEstimator, integers_hash
from model_zoo.skeleton import MIRROR
from tests.networks import write_random_release


@pytest.fixture
def network(tmp_path: Path) -> accelerator.Accelerator:
    return accelerator.open(write_random_release(tmp_path / "tiny-pose"))


def random_crops(network: accelerator.Accelerator, n: int = 6) -> np.ndarray:
    shape = (n, *network.model.input.shape)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_read_twice_a_mirrored_crop_gives_mirrored_keypoints(
    network: accelerator.Accelerator,
) -> None:
    crops = random_crops(network)
    width = crops.shape[2]
    reader = CropReader(network, mirror=True)
    plain, turned = reader.read(crops), reader.read(np.ascontiguousarray(crops[:, :, ::-1]))
    back = turned.xy_px[:, MIRROR] * [-1, 1] + [width, 0]
    # Two equal hills may be read the other way round; a random network has few of them.
    same = np.abs(back - plain.xy_px).max(axis=-1) < 1e-3
    assert same.mean() > 0.9
    np.testing.assert_allclose(turned.score[:, MIRROR][same], plain.score[same], rtol=1e-4)


def test_read_once_it_does_not(network: accelerator.Accelerator) -> None:
    crops = random_crops(network)
    reader = CropReader(network, mirror=False)
    plain, turned = reader.read(crops), reader.read(np.ascontiguousarray(crops[:, :, ::-1]))
    back = turned.xy_px[:, MIRROR] * [-1, 1] + [crops.shape[2], 0]
    assert (np.abs(back - plain.xy_px).max(axis=-1) < 1e-3).mean() < 0.5


@pytest.mark.parametrize("mirror", [True, False])
def test_many_batches_are_read_as_one_by_one(
    network: accelerator.Accelerator, mirror: bool
) -> None:
    reader = CropReader(network, mirror=mirror)
    crops = random_crops(network, 7)
    batches = [crops[:3], crops[3:4], crops[4:]]
    together = list(reader.read_all(batches))
    for batch, keypoints in zip(batches, together, strict=True):
        np.testing.assert_array_equal(keypoints.xy_px, reader.read(batch).xy_px)


def test_several_people_and_none(network: accelerator.Accelerator) -> None:
    picture = ArrayPicture(random_crops(network, 1)[0])
    height, width = picture.array.shape[:2]
    estimator = PoseEstimator(network)
    two = estimator.estimate(picture, np.array([[0, 0, width, height], [1, 1, 9, 12]]))
    assert two.xy_px.shape == (2, 23, 2)
    assert two.score.shape == (2, 23)
    nobody = estimator.estimate(picture, np.empty((0, 4)))
    assert nobody.xy_px.shape == (0, 23, 2)
    assert nobody.integers == 0


def test_the_hash_of_the_integers_tells_every_difference() -> None:
    x = np.arange(24, dtype=np.int32).reshape(2, 3, 4)
    same = {
        integers_hash(x),
        integers_hash(x.astype(np.int64)),
        integers_hash(np.asfortranarray(x)),
    }
    assert len(same) == 1
    changed = x.copy()
    changed[1, 2, 3] += 1
    assert integers_hash(changed) not in same
    assert integers_hash(x[::-1]) not in same
    # Stored recordings hold it: it must not change between versions or machines.
    assert integers_hash(np.arange(3)) == 494276218


def test_the_network_sees_each_crop_and_each_mirrored_one(
    network: accelerator.Accelerator,
) -> None:
    crops = random_crops(network)
    seen = CropReader(network, mirror=True).run(crops)
    turned = np.ascontiguousarray(crops[:, :, ::-1])
    np.testing.assert_array_equal(seen, np.concatenate([network.run(crops), network.run(turned)]))
