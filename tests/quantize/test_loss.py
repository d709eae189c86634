"""The loss points at the labelled cell, and decoding finds it again to a fraction of a cell."""

import pytest
import torch

from quantize.loss import CellLoss, cell_logits, decode_cells, with_mirror_images

K, SUB, STRIDE = 3, 4, 16


def head_for(points: torch.Tensor) -> torch.Tensor:
    """Head output whose maps are the log of a Gaussian at the points."""
    ys = (torch.arange(32) + 0.5) * 4
    xs = (torch.arange(24) + 0.5) * 4
    d = (ys[:, None] - points[..., 1, None, None]) ** 2 + (xs - points[..., 0, None, None]) ** 2
    maps = -d / (2 * 3.2**2)
    return torch.nn.functional.pixel_unshuffle(maps, SUB)


def test_decoding_returns_the_points_to_a_fraction_of_a_pixel() -> None:
    torch.manual_seed(0)
    points = torch.rand(8, K, 2) * torch.tensor([80.0, 110.0]) + 8
    found = decode_cells(head_for(points), sub_cells=SUB, stride=STRIDE)
    assert (found - points).abs().max() < 0.6


def test_loss_is_lowest_at_the_truth_and_ignores_what_is_not_labelled() -> None:
    points = torch.tensor([[[20.0, 30.0, 1.0], [60.0, 90.0, 1.0], [5.0, 5.0, 0.0]]])
    head = head_for(points[..., :2])
    here = CellLoss()(head, points, sub_cells=SUB, stride=STRIDE)
    moved = points.clone()
    moved[0, 0, 0] += 12
    assert CellLoss()(head, moved, sub_cells=SUB, stride=STRIDE) > here + 1
    hidden = points.clone()
    hidden[0, 2, :2] = 70
    assert CellLoss()(head, hidden, sub_cells=SUB, stride=STRIDE) == pytest.approx(float(here))


def test_pixel_shuffle_order_is_channel_row_column() -> None:
    head = torch.zeros(1, K * 16, 8, 6)
    head[0, 1 * 16 + 2 * 4 + 3, 5, 4] = 1  # keypoint 1, sub-row 2, sub-column 3
    maps = cell_logits(head, SUB)
    assert maps.shape == (1, K, 32, 24)
    assert maps[0, 1, 5 * 4 + 2, 4 * 4 + 3] == 1
