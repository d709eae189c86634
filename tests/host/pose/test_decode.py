"""Decoding of cell heads: against a plain loop, at edges, with ties."""

from __future__ import annotations

import numpy as np
import pytest

from host.pose.decode import CellsDecoder, keypoint_decoder
from model_zoo.package import Head, ReleasedModel
from tests.networks import write_random_release

ROWS, COLUMNS, POINTS, SUB = 4, 3, 23, 4


def decoder(scale: tuple[float, ...] = (0.01,), bias: tuple[int, ...] = (0,)) -> CellsDecoder:
    head = Head("keypoints", "cells", (0, POINTS * SUB**2), scale, bias, SUB)
    return CellsDecoder(head, (ROWS, COLUMNS, POINTS * SUB**2), (64, 48))


def output_of(maps: np.ndarray) -> np.ndarray:
    """Network output of maps [N, K, rows * s, columns * s], by the pixel shuffle's definition."""
    n = len(maps)
    out = np.zeros((n, ROWS, COLUMNS, POINTS * SUB**2), dtype=np.int32)
    for k in range(POINTS):
        for i in range(SUB):
            for j in range(SUB):
                out[..., k * SUB**2 + i * SUB + j] = maps[:, k, i::SUB, j::SUB]
    return out


def plain_decode(logits: np.ndarray) -> tuple[float, float, float]:
    """One map of logits [rows, columns] to x, y in cells and the score, in the plainest way."""
    p = np.exp(logits - logits.max())
    p /= p.sum()
    row, column = divmod(int(np.argmax(logits)), logits.shape[1])
    mass = x = y = 0.0
    for r in range(max(row - 1, 0), min(row + 2, logits.shape[0])):
        for c in range(max(column - 1, 0), min(column + 2, logits.shape[1])):
            mass += p[r, c]
            x += p[r, c] * (c + 0.5)
            y += p[r, c] * (r + 0.5)
    return x / mass, y / mass, mass


def test_equals_the_plain_loop() -> None:
    rng = np.random.default_rng(0)
    maps = rng.integers(-400, 400, (5, POINTS, ROWS * SUB, COLUMNS * SUB))
    points = decoder().decode(output_of(maps))
    assert points.xy_px.shape == (5, POINTS, 2)
    assert points.xy_px.dtype == np.float64
    assert points.score.dtype == np.float32
    for n in range(5):
        for k in range(POINTS):
            x, y, score = plain_decode(maps[n, k] * 0.01)
            assert points.xy_px[n, k] == pytest.approx([4 * x, 4 * y], abs=1e-4)
            assert points.score[n, k] == pytest.approx(score, rel=1e-5)


@pytest.mark.parametrize("row", [0, 7, ROWS * SUB - 1])
@pytest.mark.parametrize("column", [0, 5, COLUMNS * SUB - 1])
def test_a_certain_peak_is_the_middle_of_its_cell(row: int, column: int) -> None:
    maps = np.full((1, POINTS, ROWS * SUB, COLUMNS * SUB), -9000)
    maps[:, :, row, column] = 9000
    points = decoder().decode(output_of(maps))
    assert np.allclose(points.xy_px, [4 * column + 2, 4 * row + 2])
    assert np.allclose(points.score, 1)


def test_of_equal_logits_the_first_row_by_row_wins() -> None:
    maps = np.full((1, POINTS, ROWS * SUB, COLUMNS * SUB), -9000)
    maps[:, :, 3, 9] = maps[:, :, 10, 1] = 5000
    # (10, 1) lies in a channel before (3, 9): the order after the shuffle decides, not the channel.
    points = decoder().decode(output_of(maps))
    assert np.allclose(points.xy_px, [4 * 9 + 2, 4 * 3 + 2])
    assert np.allclose(points.score, 0.5)


def test_neighbouring_integers_are_never_taken_for_equal() -> None:
    maps = np.full((1, POINTS, ROWS * SUB, COLUMNS * SUB), 30000)
    maps[:, :, 12, 8] += 1
    flat = decoder(scale=(1.2345e-7,)).decode(output_of(maps))
    assert np.allclose(flat.xy_px, [4 * 8 + 2, 4 * 12 + 2], atol=0.01)


def test_scale_and_bias_per_channel() -> None:
    rng = np.random.default_rng(1)
    maps = 2 * rng.integers(-150, 150, (2, POINTS, ROWS * SUB, COLUMNS * SUB))
    n = POINTS * SUB**2
    bias = rng.integers(-50, 50, n)
    together = decoder((0.01,) * n, tuple(int(b) for b in bias)).decode(output_of(maps) - bias)
    alone = decoder().decode(output_of(maps))
    assert np.allclose(together.xy_px, alone.xy_px, atol=1e-5)
    halved = decoder((0.02,) * n).decode(output_of(maps) // 2)
    assert np.allclose(halved.xy_px, alone.xy_px, atol=1e-5)


def test_the_model_chooses_its_decoder(tmp_path) -> None:
    model: ReleasedModel = write_random_release(tmp_path / "tiny-pose")
    _, y = model.golden()
    assert keypoint_decoder(model).decode(y).xy_px.shape == (len(y), 23, 2)
