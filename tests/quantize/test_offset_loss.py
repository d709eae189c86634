"""Cells with offsets: what the loss teaches is what the decoding reads."""

from __future__ import annotations

import pytest
import torch

from model_zoo.skeleton import N_KEYPOINTS
from quantize.offset_loss import OffsetLoss, decode_offsets

SUB, STRIDE, ROWS, COLUMNS = 2, 16, 4, 3


def some_points(people: int) -> torch.Tensor:
    """Labelled points inside the input, float[N, 23, 3]."""
    torch.manual_seed(3)
    xy = torch.rand(people, N_KEYPOINTS, 2) * torch.tensor([COLUMNS, ROWS]) * STRIDE
    return torch.cat([xy, torch.ones(people, N_KEYPOINTS, 1)], 2)


def learned(points: torch.Tensor, loss: OffsetLoss) -> torch.Tensor:
    """Head that gradient descent reaches from nothing."""
    channels = 3 * N_KEYPOINTS * SUB**2
    head = torch.zeros(len(points), channels, ROWS, COLUMNS, requires_grad=True)
    optimiser = torch.optim.Adam([head], 0.1)
    for _ in range(200):
        optimiser.zero_grad()
        loss(head, points, sub_cells=SUB, stride=STRIDE).backward()
        optimiser.step()
    return head.detach()


def test_what_is_learned_is_read_to_a_fraction_of_a_pixel() -> None:
    points = some_points(2)
    head = learned(points, OffsetLoss(sigma_cells=0.5))
    found = decode_offsets(head, sub_cells=SUB, stride=STRIDE)
    torch.testing.assert_close(found, points[..., :2], atol=0.1, rtol=0)


def test_cells_alone_are_coarse() -> None:
    points = some_points(2)
    head = learned(points, OffsetLoss(sigma_cells=0.5, offset=0.0))
    found = decode_offsets(head, sub_cells=SUB, stride=STRIDE)
    wrong = (found - points[..., :2]).abs()
    assert 1.0 < wrong.mean() < STRIDE / SUB / 2
    assert wrong.max() <= STRIDE / SUB / 2 + 1e-3


def test_ways_far_from_a_point_and_points_without_label_cost_nothing() -> None:
    points = some_points(1)
    head = learned(points, OffsetLoss())
    plain = float(OffsetLoss()(head, points, sub_cells=SUB, stride=STRIDE))
    alone = points.clone()
    alone[:, 1:, 2] = 0
    alone[0, 0, :2] = 1.0
    first = N_KEYPOINTS * SUB**2
    changed = head.clone()
    changed[:, first:, ROWS - 1] += 50.0
    one = (float(OffsetLoss()(h, alone, sub_cells=SUB, stride=STRIDE)) for h in (head, changed))
    assert next(one) == pytest.approx(next(one))
    assert float(OffsetLoss()(changed, points, sub_cells=SUB, stride=STRIDE)) > plain + 1
